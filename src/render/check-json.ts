// The answer of a check for machines. Its schema is docs/schemas/check.schema.json.

import { toJson } from '../json.ts';
import { type AccessFields, accessFields } from '../policy/check/access-fields.ts';
import type { Verdict } from '../policy/check/verdict.ts';
import type { Fix, UnitLine, Violation } from '../policy/findings.ts';
import type { Origin } from '../process/access.ts';
import { fixText } from './violations.ts';

/** One change: the line as it has to stand, or for `remove` the word that has to go from the list at `unit`. */
interface EditJson {
  action: 'add' | 'replace' | 'remove';
  line: string;
  unit?: UnitLine;
}

export interface FixJson {
  text: string;
  edits: EditJson[];
  wider?: string;
}

export type ViolationJson = AccessFields & {
  outcome: string;
  directive: string;
  unit: UnitLine;
  /** The call was not traced: it may have been made. */
  assumed?: true;
  origin: Origin;
  fix: FixJson | null;
};

function fixJson(fix: Fix | null): FixJson | null {
  if (fix === null) return null;
  const edits = fix.edits.map(edit => ({
    action: edit.action,
    line: `${edit.name}=${edit.value}`,
    ...(edit.action === 'add' ? {} : { unit: edit.at }),
  }));
  return { text: fixText(fix), edits, ...(fix.wider === undefined ? {} : { wider: fix.wider }) };
}

const violationJson = ({ access, outcome, by, origin, fix }: Violation): ViolationJson => {
  const { trace, line, pid, syscall } = origin;
  return {
    ...accessFields(access),
    outcome,
    directive: by.name,
    unit: by.at,
    ...(access.kind === 'syscall' && access.assumed === true ? { assumed: true } : {}),
    origin: { trace, line, pid, syscall },
    fix: fixJson(fix),
  };
};

export function checkJson({ fits, incomplete, violations, unused, unknown, unjudged, ignored }: Verdict): string {
  const answer = {
    fits,
    violations: violations.map(violationJson),
    unused: unused.map(({ by, allows }) => ({ directive: by.name, allows, unit: by.at })),
    unknownDirectives: unknown.map(by => ({ directive: by.name, value: by.value, unit: by.at })),
    notJudged: unjudged.map(({ by, why }) => ({ directive: by.name, value: by.value, why, unit: by.at })),
    ignored: ignored.map(({ at, message, hint }) => ({ message, ...(hint === null ? {} : { hint }), unit: at })),
    ...(incomplete.length === 0 ? {} : { incomplete }),
  };
  return `${toJson(answer, 1)}\n`;
}
