// The answer of a check as JUnit XML: one test case a denied access, named so that it is the same case in the next run.
// Source: the schema of the Jenkins xUnit plugin (junit-10.xsd), which GitLab and others read too. XML 1.0 forbids control characters.

import type { Verdict } from '../policy/check/verdict.ts';
import type { Violation } from '../policy/findings.ts';
import { describe } from './access-text.ts';
import { incompleteText } from './incomplete.ts';
import { printable } from './printable.ts';
import { assignmentText, fixText, originText, placeText, programsText } from './violations.ts';

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

function violationCase(violation: Violation, accepted: boolean): string {
  const { access, outcome, by, origin, fix } = violation;
  const open = `  <testcase classname="${xml(by.name)}" name="${xml(describe(access))}">`;
  const programs = programsText(violation);
  const detail = block([
    `${placeText(by.at)}: ${assignmentText(by)}`,
    `observed: ${originText(origin)}${programs === '' ? '' : ` by ${programs}`}`,
    `fix: ${fixText(fix)}`,
  ]);
  return accepted
    ? `${open}\n    <skipped message="accepted by the baseline"/>\n  </testcase>`
    : `${open}\n    <failure type="${xml(outcome)}" message="${xml(`${by.name}= denies it with ${outcome}`)}">${detail}</failure>\n  </testcase>`;
}

export function checkJunit(verdict: Verdict): string {
  const { unit, incomplete, violations, accepted, unused, tooMuchUnused, stale, fits } = verdict;
  const cases = [
    ...violations.map(violation => violationCase(violation, false)),
    ...accepted.map(violation => violationCase(violation, true)),
  ];
  let failures = violations.length;
  const verdictCase = (name: string, message: string | null, detail: readonly string[]): void => {
    const open = `  <testcase classname="check" name="${xml(name)}"`;
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
      'what is allowed is used',
      `${unused.length} things are allowed that were never observed`,
      unused.map(({ by, allows }) => `${placeText(by.at)}: ${by.name}= ${allows}`),
    );
  else if (!fits && violations.length === 0)
    verdictCase(
      'the baseline is up to date',
      `${stale.length} entries did not occur any more`,
      stale.map(entry => Object.values(entry).join(' ')),
    );
  const doubt = incompleteText(incomplete);
  const output = doubt === null ? '' : `\n  <system-err>${xml(doubt)}</system-err>`;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="allowtrace check" ${counts}>
 <testsuite name="${xml(unit)}" ${counts} skipped="${accepted.length}">
${cases.join('\n')}${output}
 </testsuite>
</testsuites>
`;
}
