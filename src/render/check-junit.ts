// The answer of a check as JUnit XML: one test case a cause, named so that it is the same case in the next run.
// Source: the schema of the Jenkins xUnit plugin (junit-10.xsd), which GitLab and others read too. XML 1.0 forbids control characters.

import type { Verdict } from '../policy/check/verdict.ts';
import { incompleteText } from './incomplete.ts';
import { counted } from './number.ts';
import { printable } from './printable.ts';
import {
  assignmentText,
  type Cause,
  causeLines,
  causes,
  causeTitle,
  idleLines,
  idleText,
  placeText,
} from './violations.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text that is allowed in XML, in an attribute too. */
const xml = (text: string): string =>
  printable(text)
    .replace(/[\ufffe\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16)}`)
    .replace(/[&<>"']/g, char => ENTITIES[char] ?? char);

const block = (lines: readonly string[]): string => lines.map(xml).join('\n');

/** Without the place, so that it is the same case in the next run. */
const NAME = 100;
const caseName = (text: string): string => (text.length > NAME ? `${text.slice(0, NAME - 1)}…` : text);

function causeCase(unit: string, cause: Cause, accepted: boolean): string {
  const outcomes = [...new Set(cause.parts.flatMap(({ violations }) => violations.map(({ outcome }) => outcome)))];
  const open = `  <testcase classname="${xml(unit)}" name="${xml(caseName(assignmentText(cause.by)))}">`;
  return accepted
    ? `${open}\n    <skipped message="accepted by the baseline"/>\n  </testcase>`
    : `${open}\n    <failure type="${xml(outcomes.join(' '))}" message="${xml(causeTitle(cause))}">${block(causeLines(cause))}</failure>\n  </testcase>`;
}

/** What the verdict leaves out is no failure, and is not passed over. */
const skippedCase = (unit: string, name: string, message: string): string =>
  `  <testcase classname="${xml(unit)}" name="${xml(`${name}: ${message}`)}">\n    <skipped message="${xml(message)}"/>\n  </testcase>`;

export function checkJunit(verdict: Verdict): string {
  const { unit, incomplete, violations, accepted, ignored, unjudged, unused, tooMuchUnused, stale, fits } = verdict;
  const denied = causes(violations);
  const known = causes(accepted);
  const cases = [
    ...denied.map(cause => causeCase(unit, cause, false)),
    ...known.map(cause => causeCase(unit, cause, true)),
    ...ignored.map(({ message }) => skippedCase(unit, 'ignored by systemd', message)),
    ...unjudged.map(({ by, why }) => skippedCase(unit, 'not judged', `${assignmentText(by)}: ${why}`)),
  ];
  const skipped = known.length + ignored.length + unjudged.length;
  let failures = denied.length;
  const verdictCase = (name: string, message: string | null, detail: readonly string[]): void => {
    const open = `  <testcase classname="${xml(unit)}" name="${xml(name)}"`;
    if (message === null) cases.push(`${open}/>`);
    else {
      failures++;
      cases.push(
        `${open}>\n    <failure type="check" message="${xml(message)}">${block(detail)}</failure>\n  </testcase>`,
      );
    }
  };
  if (violations.length === 0) verdictCase('every observed access is allowed', null, []);
  if (tooMuchUnused)
    verdictCase(
      'no unused permissions',
      counted(unused.length, 'unused permission'),
      idleLines(unused).map(idle => `${placeText(idle.by.at)}: ${idleText(idle)}`),
    );
  else if (!fits && violations.length === 0)
    verdictCase(
      'no stale baseline entries',
      counted(stale.length, 'stale baseline entry', 'stale baseline entries'),
      stale.map(entry => Object.values(entry).join(' ')),
    );
  const doubt = incompleteText(incomplete);
  const output = doubt === null ? '' : `\n  <system-err>${xml(doubt)}</system-err>`;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="allowtrace check" ${counts}>
 <testsuite name="${xml(unit)}" ${counts} skipped="${skipped}">
${cases.join('\n')}${output}
 </testsuite>
</testsuites>
`;
}
