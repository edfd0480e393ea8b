// Violations in words, and sorted for a reader: by the line that denies, and below it by the fix.
// Shared by the forms in which a check is printed; all of it is printable.

import type { Assignment, Edit, Fix, UnitLine, Violation } from '../policy/findings.ts';
import type { Origin } from '../process/access.ts';
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
export const originText = ({ trace, line, syscall }: Origin): string =>
  printable(`${trace}:${line}${syscall === '' ? '' : ` ${syscall}`}`);

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
      return `take ${printable(edit.value)} out of ${edit.name}= in ${placeText(edit.at)}`;
  }
}

/** What has to be done, and what that allows beyond what was seen; a sentence also when nothing helps. */
export function fixText(fix: Fix | null): string {
  if (fix === null) return 'no change of the drop-in alone allows this';
  const text = fix.edits.map(editText).join(', ');
  return fix.wider === undefined ? text : `${text} (broader than observed: ${printable(fix.wider)})`;
}

export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
