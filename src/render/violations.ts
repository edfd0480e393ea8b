// Violations in words, and sorted for a reader: by the line that denies, and below it by the fix.
// Shared by the forms in which a check is printed; all of it is printable.

import type { Assignment, Edit, Fix, UnitLine, Unused, Violation } from '../policy/findings.ts';
import type { Origin } from '../process/access.ts';
import { describe, sourceText } from './access-text.ts';
import { counted, grouped } from './number.ts';
import { printable } from './printable.ts';

/** Violations with the same way out. */
interface Part {
  fix: Fix | null;
  violations: Violation[];
}

/** Everything that one line of the unit denies. */
export interface Cause {
  by: Assignment;
  parts: Part[];
  count: number;
}

const placeKey = ({ by }: Violation): string => `${by.at.file}\0${by.at.line}\0${by.name}\0${by.value}`;

/** Causes, those that deny most first; the order within is that of the violations. */
export function causes(violations: readonly Violation[]): Cause[] {
  const found = new Map<string, Cause & { index: Map<string, Part> }>();
  for (const violation of violations) {
    const key = placeKey(violation);
    const cause = found.get(key) ?? { by: violation.by, parts: [], count: 0, index: new Map<string, Part>() };
    found.set(key, cause);
    const way = JSON.stringify(violation.fix?.edits ?? null);
    let part = cause.index.get(way);
    if (part === undefined) {
      part = { fix: violation.fix, violations: [] };
      cause.index.set(way, part);
      cause.parts.push(part);
    }
    part.violations.push(violation);
    cause.count++;
  }
  return [...found.values()].sort((a, b) => b.count - a.count).map(({ by, parts, count }) => ({ by, parts, count }));
}

/** `unit.conf:4`. */
export const placeText = ({ file, line }: UnitLine): string => printable(`${file}:${line}`);

/** `ProtectSystem=strict`. */
export const assignmentText = ({ name, value }: { name: string; value: string }): string =>
  printable(`${name}=${value}`);

/** `mail.strace:120 openat`. */
export const originText = (origin: Origin): string => printable(sourceText(origin));

/** The programs that did it, by their short names. */
export const programsText = ({ programs }: Violation): string =>
  printable(programs.map(path => path.slice(path.lastIndexOf('/') + 1)).join(', '));

export function editText(edit: Edit): string {
  switch (edit.action) {
    case 'add':
      return `add ${assignmentText(edit)}`;
    case 'replace':
      return `change ${placeText(edit.at)} to ${assignmentText(edit)}`;
    case 'remove':
      return `remove ${printable(edit.value)} from ${edit.name}= in ${placeText(edit.at)}`;
  }
}

/** What has to be done, and what that allows beyond what was observed; a sentence also when nothing helps. */
export function fixText(fix: Fix | null): string {
  if (fix === null) return 'no drop-in alone can allow this';
  const text = fix.edits.map(editText).join(', ');
  return fix.wider === undefined ? text : `${text} (broader than observed: ${printable(fix.wider)})`;
}

/** `SystemCallFilter= denies 12 observed accesses`: a title, so without the value. */
export const causeTitle = ({ by, count }: Cause): string =>
  `${printable(by.name)}= denies ${counted(count, 'observed access', 'observed accesses')}`;

/** Accesses named for one fix. */
const SHOWN = 5;

/** What a line denies and what would allow it, fix by fix; each line printable. */
export const causeLines = ({ by, parts }: Cause): string[] => [
  `${placeText(by.at)}: ${assignmentText(by)}`,
  ...parts.flatMap(({ fix, violations }) => {
    const lines = violations.slice(0, SHOWN).map(violation => {
      const programs = programsText(violation);
      return `${violation.outcome}: ${printable(describe(violation.access))}${programs === '' ? '' : ` by ${programs}`} (${originText(violation.origin)})`;
    });
    if (violations.length > SHOWN) lines.push(`… and ${grouped(violations.length - SHOWN)} more`);
    return [...lines, `Fix: ${fixText(fix)}`];
  }),
];

/** Unused permissions of one line. */
export interface Idle {
  by: Assignment;
  allows: string[];
}

/** The unused permissions, line by line. */
export function idleLines(unused: readonly Unused[]): Idle[] {
  const found = new Map<Assignment, Idle>();
  for (const { by, allows } of unused) {
    const known = found.get(by);
    if (known === undefined) found.set(by, { by, allows: [allows] });
    else known.allows.push(allows);
  }
  return [...found.values()];
}

/** `ReadWritePaths= allows 2 unused: /srv, /opt`. */
export function idleText({ by, allows }: Idle): string {
  const more = allows.length > SHOWN ? ', …' : '';
  return `${printable(by.name)}= has ${counted(allows.length, 'unused permission')}: ${printable(allows.slice(0, SHOWN).join(', '))}${more}`;
}
