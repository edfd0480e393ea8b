// Where constants stand in the arguments of calls, as far as they decide about something. The flags beside a path are in the rows of
// syscalls.ts already. Sources: the section 2 man pages; the names of fields as strace prints them.

import { SYSCALLS, type SyscallRow } from '../syscalls.ts';
import type { SetName } from './sets.ts';

/** One place. */
export interface Place {
  readonly arg: number;
  readonly set: SetName;
  /** In a struct: what stands before the number: `sa_family=`. */
  readonly field?: string;
  /** Only where this word stands in that argument, which comes first. */
  readonly when?: readonly [arg: number, word: string];
}

const at = (arg: number, set: SetName): Place => ({ arg, set });
const field = (arg: number, name: string, set: SetName): Place => ({ arg, set, field: `${name}=` });
const when = (other: number, word: string, place: Place): Place => ({ ...place, when: [other, word] });

const family = (arg: number): Place => field(arg, 'sa_family', 'family');
const message: readonly Place[] = [
  family(1),
  field(1, 'cmsg_level', 'socket-level'),
  field(1, 'cmsg_level=SOL_SOCKET, cmsg_type', 'control-message'),
];
const options = (which: 'set' | 'get'): readonly Place[] => [
  at(1, 'socket-level'),
  when(1, 'SOL_SOCKET', at(2, 'socket-option')),
  when(1, 'SOL_IP', at(2, `ip-${which}-option`)),
  when(1, 'SOL_IPV6', at(2, `ip6-${which}-option`)),
  when(1, 'SOL_TCP', at(2, 'tcp-option')),
  when(1, 'SOL_NETLINK', at(2, 'netlink-option')),
];
const duplicates: readonly Place[] = [
  at(1, 'file-command'),
  when(1, 'F_SETFD', at(2, 'fd-flags')),
  when(1, 'F_SETFL', at(2, 'open')),
  when(1, 'F_SETLEASE', at(2, 'lock')),
];
const found: readonly Place[] = [at(0, 'ipc-key'), at(2, 'ipc-flags')];

const PLACES: Readonly<Partial<Record<keyof typeof SYSCALLS, readonly Place[]>>> = {
  openat2: [field(2, 'flags', 'open'), field(2, 'resolve', 'resolve')],
  mknod: [at(1, 'mode')],
  mknodat: [at(2, 'mode')],
  renameat2: [at(4, 'rename')],
  fcntl: duplicates,
  fcntl64: duplicates,
  dup3: [at(2, 'cloexec-flags')],
  pipe2: [at(1, 'cloexec-flags')],
  close_range: [at(2, 'close-range')],
  ioctl: [at(1, 'request')],
  epoll_create1: [at(0, 'cloexec-flags')],
  eventfd2: [at(1, 'cloexec-flags')],
  signalfd4: [at(3, 'cloexec-flags')],
  timerfd_create: [at(0, 'clock'), at(1, 'cloexec-flags')],
  inotify_init1: [at(0, 'cloexec-flags')],
  fanotify_init: [at(0, 'first-bit-cloexec')],
  memfd_create: [at(1, 'memfd-flags')],
  memfd_secret: [at(0, 'cloexec-flags')],
  userfaultfd: [at(0, 'cloexec-flags')],
  perf_event_open: [at(4, 'perf-flags')],
  mq_open: [at(1, 'open')],
  clone: [at(1, 'clone')],
  clone2: [at(1, 'clone')],
  clone3: [field(0, 'flags', 'clone')],
  unshare: [at(0, 'clone')],
  setns: [at(1, 'clone')],
  personality: [at(0, 'personality')],
  prctl: [at(0, 'prctl'), when(0, 'PR_CAP_AMBIENT', at(1, 'ambient')), when(0, 'PR_CAP_AMBIENT', at(2, 'capability'))],
  seccomp: [at(0, 'seccomp')],
  capset: [
    field(1, 'effective', 'capabilities'),
    field(1, 'permitted', 'capabilities'),
    field(1, 'inheritable', 'capabilities'),
  ],
  sched_setscheduler: [at(1, 'scheduler')],
  sched_setattr: [field(1, 'sched_policy', 'scheduler')],
  setpriority: [at(0, 'priority-of')],
  ioprio_set: [at(0, 'io-priority-of'), at(2, 'io-priority')],
  getrlimit: [at(0, 'limit')],
  ugetrlimit: [at(0, 'limit')],
  setrlimit: [at(0, 'limit')],
  prlimit64: [at(1, 'limit')],
  timer_create: [at(0, 'clock')],
  mmap: [at(2, 'protection'), at(3, 'mapping')],
  mmap2: [at(2, 'protection'), at(3, 'mapping')],
  mprotect: [at(2, 'protection')],
  pkey_mprotect: [at(2, 'protection')],
  shmat: [at(2, 'shared-memory')],
  shmctl: [at(1, 'shared-memory-command')],
  shmget: found,
  msgget: [at(0, 'ipc-key'), at(1, 'ipc-flags')],
  semget: found,
  socket: [
    at(0, 'family'),
    at(1, 'socket-type'),
    when(0, 'AF_INET', at(2, 'internet-protocol')),
    when(0, 'AF_INET6', at(2, 'internet-protocol')),
    when(0, 'AF_NETLINK', at(2, 'netlink-protocol')),
    when(0, 'AF_PACKET', at(2, 'packet-protocol')),
    when(0, 'AF_CAN', at(2, 'can-protocol')),
    when(0, 'AF_BLUETOOTH', at(2, 'bluetooth-protocol')),
  ],
  socketpair: [at(0, 'family'), at(1, 'socket-type')],
  accept4: [at(3, 'socket-type')],
  bind: [family(1)],
  connect: [family(1)],
  sendto: [family(4)],
  sendmsg: message,
  sendmmsg: message,
  recvmsg: [...message, at(2, 'message-flags')],
  recvmmsg: [...message, at(3, 'message-flags')],
  recvmmsg_time64: [...message, at(3, 'message-flags')],
  getsockopt: options('get'),
  setsockopt: options('set'),
  mount: [at(3, 'mount')],
  open_tree: [at(2, 'open-tree')],
  open_tree_attr: [at(2, 'open-tree')],
  move_mount: [at(4, 'move-mount')],
  fspick: [at(2, 'fspick')],
  fsopen: [at(1, 'first-bit-cloexec')],
  fsmount: [at(1, 'first-bit-cloexec')],
  fsconfig: [at(1, 'fsconfig')],
  quotactl: [at(0, 'quota')],
  bpf: [at(0, 'bpf'), field(1, 'prog_type', 'bpf-program'), field(1, 'file_flags', 'bpf-file')],
};

/** The flags beside the paths of a row: of open(2), or those that begin with AT_. */
const beside = (row: SyscallRow): Place[] =>
  (row.at ?? []).flatMap(([word, , , flags]) => {
    if (flags < 0 || word === 'open2' || word === 'mount') return [];
    return [at(flags, word === 'open' ? 'open' : 'at')];
  });

/** All places, by the name of the call. */
export const PLACES_OF: ReadonlyMap<string, readonly Place[]> = new Map(
  Object.entries<SyscallRow>(SYSCALLS).flatMap(([name, row]): [string, readonly Place[]][] => {
    const own = Object.entries(PLACES).find(([one]) => one === name)?.[1] ?? [];
    const places = [...beside(row), ...own];
    return places.length === 0 ? [] : [[name, places]];
  }),
);
