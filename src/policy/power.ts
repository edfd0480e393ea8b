// What a system call may bring about, in words that can be compared: what it does to objects with names, the capabilities it may use, what
// other directives decide about it, and the sets of systemd that hold calls with a danger of their own. From the table of system calls. What
// a call does to the memory, the signals and the descriptors of its own process is no power.

import { type PathWord, ROWS, type SyscallRow, type Tell } from '../process/syscalls.ts';
import { rowOf } from '../row.ts';
import type { SyscallSets } from './effects.ts';
import type { Directive } from './policy.ts';

/** Sets of systemd whose members belong together by their danger, and not by what they are for: those that `systemd-analyze security` counts, and a few. */
export const DANGERS = [
  '@clock',
  '@cpu-emulation',
  '@debug',
  '@keyring',
  '@module',
  '@mount',
  '@obsolete',
  '@pkey',
  '@privileged',
  '@raw-io',
  '@reboot',
  '@resources',
  '@swap',
] as const;

/** What a call does to its process that gives it more than it had. */
const ACTS = [
  'chroot',
  'pivot_root',
  'unshare',
  'setns',
  'mount',
  'pidfd_getfd',
  'ioctl',
] as const satisfies readonly SyscallRow['does'][];

/** Words of the table that stand for one power; null: what is bound is an object already, and the others only ask. */
const TOLD = {
  'sockaddr-bind': null,
  'sockaddr-connect': 'address',
  'sockaddr-send': 'address',
  'sockaddr-msg': 'address',
  shmat: 'memory',
  map: null,
  'peer-credentials': null,
  handler: null,
  grandchild: null,
} as const satisfies Partial<Record<Tell, string | null>>;

/** `connect`, `address`, `CAP_CHOWN`, `CAP_* if sender`, `@clock`, `signal` … */
export type Power = string;

/** Capabilities by which a call may do more that has `CAP_*` in the table, for those conditions that not every call of a family has: unix(7), xattr(7). */
const ANY_OF: Readonly<Record<string, readonly string[]>> = {
  // Who has CAP_SETUID or CAP_SETGID became another user, and may send as one.
  'CAP_* if sender': ['CAP_SYS_ADMIN'],
  'CAP_* if attribute': ['CAP_SYS_ADMIN', 'CAP_SETFCAP'],
};

/** The directive of a proposal that holds back what was not seen of a power. */
const HELD_BY: Readonly<Record<Power, string>> = {
  namespace: 'RestrictNamespaces',
  mode: 'RestrictSUIDSGID',
  memory: 'MemoryDenyWriteExecute',
  realtime: 'RestrictRealtime',
};

/** What is done to a path; which of it an open(2) does, its flags say. */
const usesOf = (word: PathWord): string[] =>
  word === 'open' || word === 'open2' ? ['read', 'write', 'create'] : word.split('+');

/** The powers of a call, by the kernel's name. */
export function powersOf(call: string, sets: SyscallSets): ReadonlySet<Power> {
  const row = ROWS.get(call);
  const powers = new Set<Power>(DANGERS.filter(set => sets(set).has(call)));
  for (const [word] of row?.at ?? []) for (const use of usesOf(word)) powers.add(use);
  for (const need of row?.needs ?? []) powers.add(need.startsWith('CAP_*') ? need : need.replace(/ if .*/, ''));
  for (const tell of row?.tells ?? []) {
    const told = rowOf<string | null>(TOLD, tell);
    if (told !== null) powers.add(told ?? tell);
  }
  if (row?.fd === 'socket') powers.add('socket');
  if (ACTS.some(act => act === row?.does)) powers.add(`${row?.does}`);
  return powers;
}

/** Does another line of the proposal hold this power back, as far as it was not seen? */
export function isHeld(power: Power, proposal: readonly Directive[]): boolean {
  const value = (name: string): string | undefined => proposal.find(directive => directive.name === name)?.value;
  if (power.startsWith('CAP_')) {
    const bounding = value('CapabilityBoundingSet')?.split(' ');
    const names = power.startsWith('CAP_*') ? rowOf(ANY_OF, power) : [power];
    return bounding !== undefined && names?.every(name => !bounding.includes(name)) === true;
  }
  const holder = rowOf(HELD_BY, power);
  return holder !== undefined && (value(holder) ?? 'no') !== 'no';
}
