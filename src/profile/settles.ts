// Calls that are settled without a look at their arguments: the `settled` column of the table of system calls, as rules.

import { cloneFlagsOf } from '../process/read-call.ts';
import { ROWS } from '../process/syscalls.ts';
import { isFinished } from '../strace/finished.ts';
import type { Settle } from '../strace/records.ts';
import type { Begun } from './memo.ts';

export const SETTLES: readonly Settle[] = [...ROWS].flatMap(([name, { settled, shows }]) =>
  settled === undefined ? [] : [{ name, unless: settled, shows }],
);
const BY_NAME: ReadonlyMap<string, Settle> = new Map(SETTLES.map(rule => [rule.name, rule]));

const nameOf = (text: string): string => text.slice(0, Math.max(0, text.indexOf('(')));

/** What `-y` shows beside descriptors is not strace's own word. */
const shown = (text: string, word: string): boolean =>
  text.includes(word) && (!text.includes('<') || text.replace(/<[^>]*>?/g, '<>').includes(word));

/** Is a call of this name settled, its text being so? The scanner asks the same: strace/scan/settled-names.ts. */
export function isSettled(name: string, text: string): boolean {
  const rule = BY_NAME.get(name);
  if (rule === undefined || !rule.unless.every(word => !text.includes(word))) return false;
  return rule.shows === undefined || shown(text, rule.shows);
}

/** The rule that settles a call whose arguments cannot be read; null when they are wanted. */
export function settledBy(text: string): Settle | null {
  const rule = BY_NAME.get(nameOf(text));
  return rule !== undefined && isFinished(text) && isSettled(rule.name, text) ? rule : null;
}

/** What the first half of a call tells. Calls that are settled always look at no state, so that theirs need not be kept. */
export const readBegun = (head: string): Begun => ({
  keepsEntry: BY_NAME.get(nameOf(head))?.unless.length !== 0,
  cloneFlags: cloneFlagsOf(head),
});
