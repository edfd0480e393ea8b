// Known violations, accepted until they are fixed: a file of them, and how a violation is recognised again.
// An entry names the access, the directive and the outcome, never a line, so that editing a unit or recording again keeps it true.

import { UsageError } from '../../errors.ts';
import { isRecord } from '../../json.ts';
import type { Access } from '../../process/access.ts';
import type { Violation } from '../findings.ts';
import { accessFields } from './access-fields.ts';

const VERSION = 1;

/** An accepted violation as it stands in the file: flat fields, `directive` and `outcome` among them. */
export type Known = Readonly<Record<string, string | number>>;

/** The entry for a violation. `fold` replaces volatile names, which will be others in the next run. */
export function knownOf({ access, by, outcome }: Violation, fold: (access: Access) => Access): Known {
  return { ...accessFields(fold(access)), directive: by.name, outcome };
}

/** Equal exactly for entries with equal fields, in whatever order they stand. */
export function knownKey(known: Known): string {
  return JSON.stringify(Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The text of a baseline: one entry a line, sorted, so that `git diff` shows what was accepted and what was fixed. */
export function formatBaseline(known: readonly Known[]): string {
  const entries = new Map(known.map(entry => [knownKey(entry), JSON.stringify(entry)]));
  const lines = [...entries.values()].sort().map(line => `\n${line}`);
  return `{"format":"allowtrace-baseline","version":${VERSION},\n"violations":[${lines.join(',')}\n]}\n`;
}

function isKnown(value: unknown): value is Known {
  return (
    isRecord(value) &&
    ['access', 'directive', 'outcome'].every(field => typeof value[field] === 'string') &&
    Object.values(value).every(field => typeof field === 'string' || typeof field === 'number')
  );
}

/** Reads the text of a baseline; `name` is used in errors. */
export function parseBaseline(text: string, name: string): Known[] {
  const bad = (what: string): never => {
    throw new UsageError(
      'bad-baseline',
      `${name}: ${what}`,
      'write one with: allowtrace check --write-baseline FILE …',
    );
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return bad(`is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  if (!isRecord(value) || value.format !== 'allowtrace-baseline')
    return bad('is JSON, but not a baseline of allowtrace');
  if (value.version !== VERSION)
    return bad(`has baseline version ${String(value.version)}; this allowtrace reads version ${VERSION}`);
  const { violations } = value;
  if (!Array.isArray(violations)) return bad('has no list of violations');
  return violations.map((entry: unknown, i) =>
    isKnown(entry) ? entry : bad(`entry ${i + 1} is no violation: ${JSON.stringify(entry).slice(0, 80)}`),
  );
}
