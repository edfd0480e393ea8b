// System calls by the names of systemd's sets: sets that lie wholly inside a list, and sets of which at least half was seen.

import type { SyscallSets } from '../../effects.ts';
import { DANGERS } from '../../power.ts';
import { SET_NAMES } from '../../sets.ts';

/** Sets too broad, or too dangerous, to be taken whole whatever was observed of them. What @resources takes is a matter of load. */
const NEVER_WHOLE: ReadonlySet<string> = new Set([
  ...DANGERS.filter(set => set !== '@resources'),
  '@default',
  '@known',
  '@system-service',
]);
/** A set is taken whole when at least this share of it was seen. */
const SHARE = 0.5;

/** Set → its members without those that every filter allows. */
function candidates(sets: SyscallSets): [set: string, members: string[]][] {
  const always = sets('@default');
  return SET_NAMES.filter(set => !NEVER_WHOLE.has(set)).map(set => [
    set,
    [...sets(set)].filter(name => !always.has(name)),
  ]);
}

/** Sets of which enough was seen → their members. */
export const mostlySeen = (seen: ReadonlySet<string>, sets: SyscallSets): [set: string, members: string[]][] =>
  candidates(sets).filter(([, members]) => {
    const count = members.filter(name => seen.has(name)).length;
    return count >= 2 && count >= members.length * SHARE;
  });

/** The list in as few words as it takes. `silent`: calls that are allowed and need no word of their own. */
export function inWords(list: ReadonlySet<string>, silent: ReadonlySet<string>, sets: SyscallSets): string[] {
  const inside = candidates(sets).filter(([, members]) => members.every(name => list.has(name) || silent.has(name)));
  const worth = inside.filter(([, members]) => members.filter(name => list.has(name)).length > 1);
  const covered = new Set(worth.flatMap(([, members]) => members));
  return [...worth.map(([set]) => set), ...[...list].filter(name => !covered.has(name))].sort();
}
