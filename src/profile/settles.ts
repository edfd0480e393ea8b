// Calls that are settled without a look at their arguments: the `settled` column of the table of system calls, as rules.

import { cloneFlags } from '../process/effects.ts';
import { ROWS } from '../process/syscalls.ts';
import { isFinished } from '../strace/finished.ts';
import type { Settle } from '../strace/records.ts';
import type { Begun } from './memo.ts';

export const SETTLES: readonly Settle[] = [...ROWS].flatMap(([name, { settled }]) =>
  settled === undefined ? [] : [{ name, unless: settled }],
);
const BY_NAME: ReadonlyMap<string, Settle> = new Map(SETTLES.map(rule => [rule.name, rule]));

const nameOf = (text: string): string => text.slice(0, Math.max(0, text.indexOf('(')));

/** Is a call of this name settled, its text being so? */
export const isSettled = (name: string, text: string): boolean =>
  BY_NAME.get(name)?.unless.every(word => !text.includes(word)) ?? false;

/** The rule that settles a call whose arguments cannot be read; null when they are wanted. */
export function settledBy(text: string): Settle | null {
  const rule = BY_NAME.get(nameOf(text));
  return rule !== undefined && isFinished(text) && isSettled(rule.name, text) ? rule : null;
}

/** What the first half of a call tells. Calls that are settled always look at no state, so that theirs need not be kept. */
export const readBegun = (head: string): Begun => ({
  keepsEntry: BY_NAME.get(nameOf(head))?.unless.length !== 0,
  cloneFlags: /^(?:clone|fork|vfork)/.test(head) ? cloneFlags(head) : null,
});
