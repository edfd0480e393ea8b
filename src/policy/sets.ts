// Looks up named sets of system calls: those of the target's systemd when it was asked, else the shipped ones.

import type { SyscallSets } from './effects.ts';
import { SYSCALL_SETS } from './syscall-sets.ts';

const NOTHING: ReadonlySet<string> = new Set();

/** A look-up over `table` (set → members separated by blanks; members may be sets). */
export function syscallSets(table: Readonly<Record<string, string>> = SYSCALL_SETS): SyscallSets {
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
