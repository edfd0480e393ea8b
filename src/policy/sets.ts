// Looks up named sets of system calls: those of a release of systemd as shipped here, or those that a machine lists.

import type { SyscallSets } from './effects.ts';
import { FIRST_SETS, SET_CHANGES, SYSCALL_SETS_VERSION } from './syscall-sets.ts';

/** Set → members separated by blanks; members may be sets. */
type SetTable = Readonly<Record<string, string>>;

const NOTHING: ReadonlySet<string> = new Set();

/** Every set that some release knows. */
export const SET_NAMES: readonly string[] = [
  ...new Set([...Object.keys(FIRST_SETS), ...SET_CHANGES.map(([, set]) => set)]),
];

/** A look-up over a table. */
export function setsIn(table: SetTable): SyscallSets {
  const resolved = new Map<string, ReadonlySet<string>>();
  const resolve = (name: string): ReadonlySet<string> => {
    const known = resolved.get(name);
    if (known !== undefined) return known;
    const members = table[name];
    if (members === undefined) return NOTHING;
    const set = new Set<string>();
    resolved.set(name, set);
    for (const member of members.split(' ')) {
      if (member.startsWith('@')) for (const inner of resolve(member)) set.add(inner);
      else set.add(member);
    }
    return set;
  };
  return resolve;
}

/** The sets of a release; of one between two that were read, those of the older, and of one before the first, the first's. */
function tableOf(systemd: number): SetTable {
  const sets = new Map<string, Set<string>>(
    Object.entries(FIRST_SETS).map(([name, members]) => [name, new Set(members.split(' '))]),
  );
  for (const [since, name, change] of SET_CHANGES) {
    if (since > systemd) continue;
    const set = sets.get(name) ?? new Set();
    sets.set(name, set);
    for (const word of change.split(' '))
      if (word.startsWith('+')) set.add(word.slice(1));
      else set.delete(word.slice(1));
  }
  return Object.fromEntries([...sets].map(([name, members]) => [name, [...members].join(' ')]));
}

const made = new Map<number, SyscallSets>();

/** What the first release allows to every service: a drop-in that counts on more does not work there. */
export const FIRST_DEFAULT: ReadonlySet<string> = setsIn(FIRST_SETS)('@default');

/** The look-up over the sets that this release of systemd has. */
export function syscallSets(systemd: number = SYSCALL_SETS_VERSION): SyscallSets {
  const known = made.get(systemd) ?? setsIn(tableOf(systemd));
  made.set(systemd, known);
  return known;
}
