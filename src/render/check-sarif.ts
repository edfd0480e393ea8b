// The answer of a check as SARIF 2.1.0, for code scanning. One rule a directive, one result a cause: the line of the unit is its location, lines
// of the log related ones. A fingerprint names the directive and its value, so it survives edits elsewhere in both files.
// Source: OASIS «Static Analysis Results Interchange Format (SARIF) Version 2.1.0».

import { createHash } from 'node:crypto';
import { toJson } from '../json.ts';
import type { Verdict } from '../policy/check/verdict.ts';
import type { Assignment, UnitLine } from '../policy/findings.ts';
import { describe } from './access-text.ts';
import { fileUri, relativeFile } from './artifact.ts';
import { incompleteText } from './incomplete.ts';
import { printable } from './printable.ts';
import { type Cause, causeLines, causes, causeTitle, idleLines, idleText } from './violations.ts';

/** Where the code and the documentation live. */
const HOME = 'https://github.com/allowtrace/allowtrace';

interface Result {
  ruleId: string;
  level: 'error' | 'warning' | 'note';
  text: string;
  at: UnitLine;
  related: { at: UnitLine; text: string }[];
  key: string;
  accepted?: true;
}

/** Rules that are about no directive of their own. */
const UNUSED = 'unused';
const UNSUPPORTED = 'unsupported';
const NOT_JUDGED = 'not-judged';
const IGNORED = 'ignored';

function ruleText(id: string): { says: string; help: string } {
  if (id === UNUSED)
    return {
      says: 'The unit has unused permissions',
      help: 'Remove them, or record the situation that needs them.',
    };
  if (id === UNSUPPORTED)
    return {
      says: 'allowtrace does not support this directive',
      help: 'Review its effect by hand.',
    };
  if (id === NOT_JUDGED)
    return { says: 'The start may fail with this line.', help: 'Look at what it names on the machine of the service.' };
  if (id === IGNORED)
    return {
      says: 'systemd ignores this with a warning.',
      help: 'Correct it: the sandbox is not what the lines of the unit say.',
    };
  return {
    says: `${id}= denies observed accesses`,
    help: `Apply the fix of the message, or find out why the service does what it should not. See ${id}= in systemd.exec(5).`,
  };
}

/** Lines of logs named for one cause. */
const RELATED = 10;

function causeResult(cause: Cause, accepted: boolean): Result {
  const { by, parts } = cause;
  const violations = parts.flatMap(part => part.violations);
  return {
    ruleId: by.name,
    level: 'error',
    // The first sentence is the title of the alert.
    text: [`${causeTitle(cause)}.`, ...causeLines(cause)].join('\n'),
    at: by.at,
    related: violations.slice(0, RELATED).map(({ access, outcome, origin }) => ({
      at: { file: origin.trace, line: origin.line },
      text: `${outcome}: ${printable(describe(access))}`,
    })),
    key: `${by.name}\0${by.value}`,
    ...(accepted ? { accepted } : {}),
  };
}

const ruleResult = (ruleId: string, level: Result['level'], by: Assignment, text: string): Result => ({
  ruleId,
  level,
  text,
  at: by.at,
  related: [],
  key: `${ruleId}\0${by.name}\0${by.value}`,
});

const fingerprint = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 32);

export interface SarifOptions {
  version: string;
  cwd: string;
  listUnused: boolean;
  /** Is a log there to be opened? */
  isFile: (path: string) => boolean;
}

export function checkSarif(verdict: Verdict, { version, cwd, listUnused, isFile }: SarifOptions): string {
  const results = [
    ...causes(verdict.violations).map(cause => causeResult(cause, false)),
    ...causes(verdict.accepted).map(cause => causeResult(cause, true)),
    ...(listUnused || verdict.tooMuchUnused
      ? idleLines(verdict.unused).map(idle => ruleResult(UNUSED, 'warning', idle.by, `${idleText(idle)}.`))
      : []),
    ...verdict.unknown.map(by =>
      ruleResult(UNSUPPORTED, 'note', by, `Ignored ${printable(by.name)}=: allowtrace does not support it.`),
    ),
    ...verdict.unjudged.map(({ by, why }) =>
      ruleResult(NOT_JUDGED, 'note', by, `${printable(`${by.name}=${by.value}: ${why}`)}.`),
    ),
    ...verdict.ignored.map(({ at, message }): Result => {
      const text = `${printable(message)}.`;
      return { ruleId: IGNORED, level: 'warning', text, at, related: [], key: `${IGNORED}\0${text}` };
    }),
  ];
  const ids = [...new Set(results.map(({ ruleId }) => ruleId))].sort();
  const location = ({ file, line }: UnitLine) => ({
    artifactLocation: { uri: fileUri(relativeFile(file, cwd)) },
    region: { startLine: Math.max(1, line) },
  });
  // A log that is not there is no place a reader can go to: the text names it.
  const locationsOf = (related: Result['related']) => {
    const there = related.filter(({ at }) => isFile(at.file));
    const relatedLocations = there.map(({ at, text }, i) => ({
      id: i + 1,
      physicalLocation: location(at),
      message: { text },
    }));
    return there.length === 0 ? {} : { relatedLocations };
  };
  const doubt = incompleteText(verdict.incomplete);
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'allowtrace',
            version,
            informationUri: HOME,
            rules: ids.map(id => {
              const { says, help } = ruleText(id);
              return {
                id,
                shortDescription: { text: says },
                help: { text: help },
                properties: { tags: ['security', 'systemd'] },
              };
            }),
          },
        },
        results: results.map(({ ruleId, level, text, at, related, key, accepted }) => ({
          ruleId,
          ruleIndex: ids.indexOf(ruleId),
          level,
          message: { text },
          locations: [{ physicalLocation: location(at) }],
          ...locationsOf(related),
          partialFingerprints: { 'allowtraceCause/v1': fingerprint(key) },
          ...(accepted === true
            ? { suppressions: [{ kind: 'external', justification: 'accepted by the baseline' }] }
            : {}),
        })),
        ...(doubt === null
          ? {}
          : {
              invocations: [
                {
                  executionSuccessful: true,
                  toolExecutionNotifications: [{ level: 'warning', message: { text: doubt } }],
                },
              ],
            }),
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
  return `${toJson(log, 1)}\n`;
}
