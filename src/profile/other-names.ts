// Calls that a filter on some machines knows under another name than the one strace prints: what is allowed is the name that the kernel sees.
// strace shows what socketcall(2) and ipc(2) are asked to do; i386, s390x and other machines make the calls of sockets and of System V through
// them (socketcall(2), ipc(2)). ARM takes the arguments of fadvise64_64 in another order, and libseccomp calls that arm_fadvise64_64.

import type { SyscallAccess } from '../process/access.ts';
import type { Fact } from './profile.ts';

interface Row {
  readonly name: string;
  /** One of these was seen. */
  readonly through: ReadonlySet<string>;
  /** Only where the processes are of 32 bits. */
  readonly only32?: true;
}

const ROWS: readonly Row[] = [
  {
    name: 'socketcall',
    through: new Set(
      `socket bind connect listen accept accept4 getsockname getpeername socketpair send recv sendto recvfrom shutdown setsockopt getsockopt sendmsg
recvmsg recvmmsg sendmmsg`.split(/\s+/),
    ),
    only32: true,
  },
  {
    name: 'ipc',
    through: new Set('semop semget semctl semtimedop msgsnd msgrcv msgget msgctl shmat shmdt shmget shmctl'.split(' ')),
    only32: true,
  },
  { name: 'arm_fadvise64_64', through: new Set(['fadvise64_64']) },
];

/** Made by processes of 32 bits alone, and by nearly all of them: mmap2(2). */
const OF_32_BITS = 'mmap2';

/** The other names of what was seen. */
export function otherNames(seen: readonly Fact[]): SyscallAccess[] {
  const calls = seen.filter(fact => fact.kind === 'syscall');
  return [undefined, 'i386' as const].flatMap(abi => {
    const names = calls.filter(fact => fact.abi === abi).map(({ name }) => name);
    const is32 = abi === 'i386' || names.includes(OF_32_BITS);
    return ROWS.filter(
      ({ name, through, only32 }) =>
        (only32 !== true || is32) && !names.includes(name) && names.some(one => through.has(one)),
    ).map(
      ({ name }): SyscallAccess => ({ kind: 'syscall', name, ...(abi === undefined ? {} : { abi }), assumed: true }),
    );
  });
}
