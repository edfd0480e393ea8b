// The answer of a check as SARIF 2.1.0, for code scanning. One rule a directive, one result a denied access: the line of the unit is
// its location, the line of the log a related one. Fingerprints are those of a baseline, so they survive edits of both files.
// Source: OASIS «Static Analysis Results Interchange Format (SARIF) Version 2.1.0».

import { createHash } from 'node:crypto';
import { toJson } from '../json.ts';
import { type Known, knownKey } from '../policy/check/baseline.ts';
import type { Verdict } from '../policy/check/verdict.ts';
import { DIRECTIVE_ROWS } from '../policy/directives/table.ts';
import type { Assignment, UnitLine, Violation } from '../policy/findings.ts';
import { describe } from './access-text.ts';
import { fileUri, relativeFile } from './artifact.ts';
import { incompleteText } from './incomplete.ts';
import { printable } from './printable.ts';
import { assignmentText, fixText, originText, programsText } from './violations.ts';

interface Result {
  ruleId: string;
  level: 'error' | 'warning' | 'note';
  text: string;
  at: UnitLine;
  related?: { at: UnitLine; text: string };
  key: string;
  accepted?: true;
}

/** Rules that are about no directive of their own. */
const UNUSED = 'unused';
const NOT_MODELLED = 'not-modelled';

function ruleText(id: string): { says: string; help: string } {
  if (id === UNUSED)
    return {
      says: 'The unit allows what was never observed.',
      help: 'Remove it, or record the situation in which it is needed.',
    };
  if (id === NOT_MODELLED)
    return {
      says: 'Nothing was concluded from this directive.',
      help: 'Its effect is not modelled: look at it by hand.',
    };
  const says = DIRECTIVE_ROWS.get(id)?.says;
  return {
    says: `${id}= denies an access that was observed${says === undefined ? '' : `: ${says}`}.`,
    help: `Change ${id}= as the message says, or find out why the service does what it should not. See systemd.exec(5).`,
  };
}

function violationResult(violation: Violation, known: Known, accepted: boolean): Result {
  const { access, outcome, by, origin, fix } = violation;
  const programs = programsText(violation);
  return {
    ruleId: by.name,
    level: 'error',
    text: `${assignmentText(by)} denies ${printable(describe(access))} with ${outcome}${programs === '' ? '' : ` (${programs})`}. Fix: ${fixText(fix)}.`,
    at: by.at,
    related: { at: { file: origin.trace, line: origin.line }, text: `observed: ${originText(origin)}` },
    key: knownKey(known),
    ...(accepted ? { accepted } : {}),
  };
}

const ruleResult = (ruleId: string, level: Result['level'], by: Assignment, text: string): Result => ({
  ruleId,
  level,
  text,
  at: by.at,
  key: `${ruleId}\0${by.name}\0${text}`,
});

const fingerprint = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 32);

export function checkSarif(
  verdict: Verdict,
  { version, cwd, listUnused }: { version: string; cwd: string; listUnused: boolean },
): string {
  const results = [
    ...verdict.violations.map(violation => violationResult(violation, verdict.known.get(violation) ?? {}, false)),
    ...verdict.accepted.map(violation => violationResult(violation, verdict.known.get(violation) ?? {}, true)),
    ...(listUnused || verdict.tooMuchUnused
      ? verdict.unused.map(({ by, allows }) =>
          ruleResult(UNUSED, 'warning', by, `${by.name}= allows ${printable(allows)}, which was never observed.`),
        )
      : []),
    ...verdict.unknown.map(by =>
      ruleResult(NOT_MODELLED, 'note', by, `${assignmentText(by)} is not modelled: nothing was concluded from it.`),
    ),
  ];
  const ids = [...new Set(results.map(({ ruleId }) => ruleId))].sort();
  const location = ({ file, line }: UnitLine) => ({
    artifactLocation: { uri: fileUri(relativeFile(file, cwd)) },
    region: { startLine: Math.max(1, line) },
  });
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
          ...(related === undefined
            ? {}
            : {
                relatedLocations: [{ id: 1, physicalLocation: location(related.at), message: { text: related.text } }],
              }),
          partialFingerprints: { 'allowtraceAccess/v1': fingerprint(key) },
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
