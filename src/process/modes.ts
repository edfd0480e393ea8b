// The mode that a call gives a file, as it is printed. Sources: the section 2 man pages.

import { rowOf } from '../row.ts';
import type { Call } from '../strace/parse.ts';

/** Where the mode argument of a call stands. */
const MODE_INDEX: Readonly<Record<string, number>> = {
  open: 2,
  openat: 3,
  creat: 1,
  mkdir: 1,
  mkdirat: 2,
  mknod: 1,
  mknodat: 2,
  chmod: 1,
  fchmod: 1,
  fchmodat: 2,
  fchmodat2: 2,
};

export const modeOf = (call: Call): string | undefined =>
  call.name === 'openat2'
    ? /mode=(0[0-7]*)/.exec(call.args[2] ?? '')?.[1]
    : call.args[rowOf(MODE_INDEX, call.name) ?? -1];
