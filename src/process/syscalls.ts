// THE TABLE of system calls: which arguments are paths, what a call does to the process, what it tells about directives.
// Rows hold indices and words; access.ts, state.ts and privileges.ts give the words their meaning.
// Sources: the section 2 man page of each call; argument order as strace prints it (strace 4.8–7.2).
//
//   at       paths: [access, path index, dirfd index, flags index]
//              access: `open` (by flags) · `open2` (openat2's struct) · an access class or several joined by `+`
//              path index -1: the dirfd itself is the object (via fd) · dirfd -1: relative to the cwd
//              flags: where AT_EMPTY_PATH, O_… or AT_SYMLINK_… stand; -1: none
//   fd       the result is a new file descriptor; `cloexec`: always close-on-exec
//   does     what it does to the state of the process on success
//   tells    what its arguments tell about directives (features, sockets, addresses, namespaces …)
//   needs    the capability a successful call needs, always or under a condition: `CAP_CHOWN` or `CAP_NET_BIND_SERVICE if low-port`
//   settled  the arguments matter only when the text holds one of these words (an empty list: never)
//   shows    and when it does not hold this one, outside of annotations: then numbers stand in the place of the words (-X raw)

import type { Mode } from './access.ts';
import { NAMED_ONLY } from './named-only.ts';
import type { Need } from './need-words.ts';

export type PathWord = 'open' | 'open2' | Mode | 'create+bind' | 'read+write' | 'write+create';
export type PathSpec = readonly [access: PathWord, path: number, dirfd: number, flags: number];

export interface SyscallRow {
  at?: readonly PathSpec[];
  fd?: 'open' | 'cloexec' | 'socket';
  does?:
    | 'clone'
    | 'exec'
    | 'chdir'
    | 'fchdir'
    | 'chroot'
    | 'pivot_root'
    | 'getcwd'
    | 'unshare'
    | 'setns'
    | 'dup'
    | 'dup2'
    | 'fcntl'
    | 'close'
    | 'close_range'
    | 'pipe'
    | 'recvmsg'
    | 'ioctl'
    | 'rename'
    | 'link'
    | 'pidfd_getfd'
    | 'mount'
    | 'uid'
    | 'setuid'
    | 'umask'
    | 'limit';
  tells?: readonly Tell[];
  needs?: readonly Need[];
  settled?: readonly string[];
  shows?: string;
}

/** A row as it is read: a column that is not filled in is undefined. */
export type Row = { readonly [Column in keyof SyscallRow]-?: SyscallRow[Column] | undefined };

export type Tell =
  | 'socket'
  | 'sockaddr-bind'
  | 'sockaddr-connect'
  | 'sockaddr-send'
  | 'sockaddr-msg'
  | 'listen'
  | 'namespace'
  | 'memory'
  | 'map'
  | 'realtime'
  | 'mode'
  | 'identity'
  | 'personality'
  | 'prctl'
  | 'mknod'
  | 'io-uring'
  | 'ipc-sysv'
  | 'ipc-mq'
  | 'keyring'
  | 'seccomp'
  | 'signal'
  | 'bpf-path'
  | 'mount-data'
  | 'fsconfig'
  | 'quota-file'
  | 'shmat'
  | 'ioctl-path'
  | 'peer-credentials'
  | 'handler'
  | 'grandchild';

const meta = (path: number, dirfd = -1, flags = -1): PathSpec => ['meta', path, dirfd, flags];
const stat = (path: number, dirfd = -1, flags = -1): PathSpec => ['stat', path, dirfd, flags];
const S = { at: [stat(0)] } as const;

// biome-ignore format: one row a line, columns aligned
export const SYSCALLS = {
  // files: open
  open:               { at: [['open', 0, -1, 1]], fd: 'open', tells: ['mode'], needs: ['CAP_* if open', 'CAP_FOWNER if noatime'] },
  openat:             { at: [['open', 1, 0, 2]], fd: 'open', tells: ['mode'], needs: ['CAP_* if open', 'CAP_FOWNER if noatime'] },
  openat2:            { at: [['open2', 1, 0, 2]], fd: 'open', tells: ['mode'], needs: ['CAP_* if open', 'CAP_FOWNER if noatime'] },
  creat:              { at: [['write+create', 0, -1, -1]], fd: 'open', tells: ['mode'] },
  open_by_handle_at:  { at: [['open', -1, -1, 2]], fd: 'open', needs: ['CAP_DAC_READ_SEARCH'] },
  // files: look
  stat:               S, lstat: S, stat64: S, lstat64: S, oldstat: S, oldlstat: S, statfs: S, statfs64: S, access: S, readlink: S,
  newfstatat:         { at: [stat(1, 0, 3)] },
  fstatat64:          { at: [stat(1, 0, 3)] },
  statx:              { at: [stat(1, 0, 2)] },
  faccessat:          { at: [stat(1, 0)] },
  faccessat2:         { at: [stat(1, 0, 3)] },
  readlinkat:         { at: [stat(1, 0)] },
  name_to_handle_at:  { at: [stat(1, 0, 4)] },
  getxattr:           { ...S, needs: ['CAP_* if attribute'] }, lgetxattr: { ...S, needs: ['CAP_* if attribute'] }, listxattr: S, llistxattr: S,
  fgetxattr:          { needs: ['CAP_* if attribute'], settled: ['trusted.', '\\x'] },
  getxattrat:         { at: [stat(1, 0, 2)], needs: ['CAP_* if attribute'] },
  listxattrat:        { at: [stat(1, 0, 2)] },
  file_getattr:       { at: [stat(1, 0, 4)] },
  getdents:           { at: [['list', -1, 0, -1]] },
  getdents64:         { at: [['list', -1, 0, -1]] },
  // files: change
  truncate:           { at: [['write', 0, -1, -1]] },
  truncate64:         { at: [['write', 0, -1, -1]] },
  mkdir:              { at: [['create', 0, -1, -1]], tells: ['mode'] },
  mkdirat:            { at: [['create', 1, 0, -1]], tells: ['mode'] },
  mknod:              { at: [['create', 0, -1, -1]], tells: ['mknod', 'mode'], needs: ['CAP_MKNOD if device'] },
  mknodat:            { at: [['create', 1, 0, -1]], tells: ['mknod', 'mode'], needs: ['CAP_MKNOD if device'] },
  rmdir:              { at: [['delete', 0, -1, -1]] },
  unlink:             { at: [['delete', 0, -1, -1]] },
  unlinkat:           { at: [['delete', 1, 0, -1]] },
  rename:             { at: [['delete', 0, -1, -1], ['create', 1, -1, -1]], does: 'rename' },
  renameat:           { at: [['delete', 1, 0, -1], ['create', 3, 2, -1]], does: 'rename' },
  renameat2:          { at: [['delete', 1, 0, -1], ['create', 3, 2, -1]], does: 'rename' },
  link:               { at: [['meta', 0, -1, -1], ['create', 1, -1, -1]], does: 'link' },
  linkat:             { at: [['meta', 1, 0, 4], ['create', 3, 2, -1]], does: 'link', needs: ['CAP_DAC_READ_SEARCH if by-descriptor'] },
  symlink:            { at: [['create', 1, -1, -1]] },
  symlinkat:          { at: [['create', 2, 1, -1]] },
  chmod:              { at: [meta(0)], tells: ['mode'], needs: ['CAP_FSETID if set-gid'] },
  fchmod:             { at: [meta(-1, 0)], tells: ['mode'], needs: ['CAP_FSETID if set-gid'] },
  fchmodat:           { at: [meta(1, 0)], tells: ['mode'], needs: ['CAP_FSETID if set-gid'] },
  fchmodat2:          { at: [meta(1, 0, 3)], tells: ['mode'], needs: ['CAP_FSETID if set-gid'] },
  chown:              { at: [meta(0)], needs: ['CAP_CHOWN if other-owner'] },
  lchown:             { at: [meta(0)], needs: ['CAP_CHOWN if other-owner'] },
  fchown:             { at: [meta(-1, 0)], needs: ['CAP_CHOWN if other-owner'] },
  fchownat:           { at: [meta(1, 0, 4)], needs: ['CAP_CHOWN if other-owner'] },
  chown32:            { at: [meta(0)], needs: ['CAP_CHOWN if other-owner'] },
  lchown32:           { at: [meta(0)], needs: ['CAP_CHOWN if other-owner'] },
  fchown32:           { at: [meta(-1, 0)], needs: ['CAP_CHOWN if other-owner'] },
  utime:              { at: [meta(0)] },
  utimes:             { at: [meta(0)] },
  futimesat:          { at: [meta(1, 0)] },
  utimensat:          { at: [meta(1, 0, 3)] },
  utimensat_time64:   { at: [meta(1, 0, 3)] },
  setxattr:           { at: [meta(0)], needs: ['CAP_* if attribute'] },
  lsetxattr:          { at: [meta(0)], needs: ['CAP_* if attribute'] },
  removexattr:        { at: [meta(0)], needs: ['CAP_* if attribute'] },
  lremovexattr:       { at: [meta(0)], needs: ['CAP_* if attribute'] },
  fsetxattr:          { at: [meta(-1, 0)], needs: ['CAP_* if attribute'] },
  fremovexattr:       { at: [meta(-1, 0)], needs: ['CAP_* if attribute'] },
  setxattrat:         { at: [meta(1, 0, 2)], needs: ['CAP_* if attribute'] },
  removexattrat:      { at: [meta(1, 0, 2)], needs: ['CAP_* if attribute'] },
  file_setattr:       { at: [meta(1, 0, 4)], needs: ['CAP_LINUX_IMMUTABLE if maybe'] },
  swapon:             { at: [['read+write', 0, -1, -1]], needs: ['CAP_SYS_ADMIN'] },
  swapoff:            { at: [['read+write', 0, -1, -1]], needs: ['CAP_SYS_ADMIN'] },
  quotactl:           { at: [meta(1)], tells: ['quota-file'], needs: ['CAP_SYS_ADMIN'] },
  acct:               { at: [['write', 0, -1, -1]], needs: ['CAP_SYS_PACCT'] },
  inotify_add_watch:  { at: [['watch', 1, -1, -1]] },
  fanotify_mark:      { at: [['watch', 4, 3, -1]] },
  // programs and processes
  execve:             { at: [['exec', 0, -1, -1]], does: 'exec' },
  execveat:           { at: [['exec', 1, 0, 4]], does: 'exec' },
  uselib:             { at: [['exec', 0, -1, -1]] },
  fork:               { does: 'clone', tells: ['grandchild'] },
  vfork:              { does: 'clone', tells: ['grandchild'] },
  clone:              { does: 'clone', tells: ['namespace', 'grandchild'] },
  clone2:             { does: 'clone', tells: ['namespace', 'grandchild'] },
  clone3:             { does: 'clone', tells: ['namespace', 'grandchild'] },
  chdir:              { at: [['chdir', 0, -1, -1]], does: 'chdir' },
  fchdir:             { at: [['chdir', -1, 0, -1]], does: 'fchdir' },
  chroot:             { at: [['chroot', 0, -1, -1]], does: 'chroot', needs: ['CAP_SYS_CHROOT'] },
  getcwd:             { does: 'getcwd' },
  unshare:            { does: 'unshare', tells: ['namespace'] },
  setns:              { does: 'setns', tells: ['namespace'], needs: ['CAP_SYS_ADMIN', 'CAP_SYS_CHROOT if mount-namespace'] },
  personality:        { tells: ['personality'] },
  prctl:              { tells: ['prctl'] },
  seccomp:            { fd: 'cloexec', tells: ['seccomp'] },
  umask:              { does: 'umask' },
  rt_sigaction:       { tells: ['handler'], settled: ['(SIGTERM', '(SIGINT', '(SIGQUIT', '(SIGHUP', '(SIGUSR', '(SIGWINCH'] },
  kill:               { tells: ['signal'] },
  tkill:              { tells: ['signal'] },
  tgkill:             { tells: ['signal'] },
  pidfd_send_signal:  { tells: ['signal'] },
  rt_sigqueueinfo:    { tells: ['signal'] },
  rt_tgsigqueueinfo:  { tells: ['signal'] },
  ptrace:             { needs: ['CAP_SYS_PTRACE if maybe'] },
  process_vm_readv:   { needs: ['CAP_SYS_PTRACE if maybe'] },
  process_vm_writev:  { needs: ['CAP_SYS_PTRACE if maybe'] },
  kcmp:               { needs: ['CAP_SYS_PTRACE if maybe'] },
  pidfd_open:         { fd: 'cloexec' },
  pidfd_getfd:        { does: 'pidfd_getfd', needs: ['CAP_SYS_PTRACE if maybe'] },
  // identity
  getuid:             { does: 'uid' }, getuid32: { does: 'uid' },
  geteuid:            { does: 'uid' }, geteuid32: { does: 'uid' },
  setuid:             { does: 'setuid', tells: ['identity'], needs: ['CAP_SETUID if other-uid'] },
  setreuid:           { does: 'setuid', tells: ['identity'], needs: ['CAP_SETUID if other-uid'] },
  setresuid:          { does: 'setuid', tells: ['identity'], needs: ['CAP_SETUID if other-uid'] },
  setfsuid32:         { tells: ['identity'], needs: ['CAP_SETUID if other-uid'] },
  setfsgid32:         { tells: ['identity'], needs: ['CAP_SETGID if other-gid'] },
  setfsuid:           { tells: ['identity'], needs: ['CAP_SETUID if other-uid'] },
  setgid:             { tells: ['identity'], needs: ['CAP_SETGID if other-gid'] },
  setregid:           { tells: ['identity'], needs: ['CAP_SETGID if other-gid'] },
  setresgid:          { tells: ['identity'], needs: ['CAP_SETGID if other-gid'] },
  setfsgid:           { tells: ['identity'], needs: ['CAP_SETGID if other-gid'] },
  setgroups:          { tells: ['identity'], needs: ['CAP_SETGID'] },
  setuid32:           { does: 'setuid', tells: ['identity'], needs: ['CAP_SETUID if other-uid'] },
  setreuid32:         { does: 'setuid', tells: ['identity'], needs: ['CAP_SETUID if other-uid'] },
  setresuid32:        { does: 'setuid', tells: ['identity'], needs: ['CAP_SETUID if other-uid'] },
  setgid32:           { tells: ['identity'], needs: ['CAP_SETGID if other-gid'] },
  setregid32:         { tells: ['identity'], needs: ['CAP_SETGID if other-gid'] },
  setresgid32:        { tells: ['identity'], needs: ['CAP_SETGID if other-gid'] },
  setgroups32:        { tells: ['identity'], needs: ['CAP_SETGID'] },
  capset:             { needs: ['CAP_* if capset'] },
  // file descriptors
  dup:                { does: 'dup' },
  dup2:               { does: 'dup2' },
  dup3:               { does: 'dup2' },
  fcntl:              { does: 'fcntl', needs: ['CAP_LEASE if lease', 'CAP_SYS_RESOURCE if large-pipe', 'CAP_FOWNER if noatime'], settled: ['F_DUPFD', 'F_SETFD', 'F_SETLEASE', 'F_NOTIFY', 'F_SETPIPE_SZ', 'O_NOATIME'], shows: ', F_' },
  fcntl64:            { does: 'fcntl', needs: ['CAP_LEASE if lease', 'CAP_SYS_RESOURCE if large-pipe', 'CAP_FOWNER if noatime'], settled: ['F_DUPFD', 'F_SETFD', 'F_SETLEASE', 'F_NOTIFY', 'F_SETPIPE_SZ', 'O_NOATIME'], shows: ', F_' },
  close:              { does: 'close' },
  close_range:        { does: 'close_range' },
  pipe:               { does: 'pipe' },
  pipe2:              { does: 'pipe' },
  recvmsg:            { does: 'recvmsg', settled: ['cmsg_type='] },
  recvmmsg:           { does: 'recvmsg', settled: ['cmsg_type='] },
  recvmmsg_time64:    { does: 'recvmsg', settled: ['cmsg_type='] },
  ioctl:              { does: 'ioctl', tells: ['ioctl-path'], needs: ['CAP_* if ioctl'] },
  epoll_create:       { fd: 'open' }, epoll_create1: { fd: 'open' }, eventfd: { fd: 'open' }, eventfd2: { fd: 'open' },
  timerfd:            { fd: 'open' },
  timerfd_create:     { fd: 'open', needs: ['CAP_WAKE_ALARM if alarm'] }, signalfd: { fd: 'open', tells: ['handler'] }, signalfd4: { fd: 'open', tells: ['handler'] }, inotify_init: { fd: 'open' }, inotify_init1: { fd: 'open' },
  fanotify_init:      { fd: 'open', needs: ['CAP_SYS_ADMIN if maybe'] },
  memfd_create:       { fd: 'open' }, memfd_secret: { fd: 'open' }, userfaultfd: { fd: 'open', needs: ['CAP_SYS_PTRACE if maybe'] },
  perf_event_open:    { fd: 'open', needs: ['CAP_PERFMON if maybe'] },
  landlock_create_ruleset: { fd: 'cloexec' },
  // sockets
  socket:             { fd: 'socket', tells: ['socket'], needs: ['CAP_NET_RAW if raw', 'CAP_AUDIT_WRITE if audit', 'CAP_NET_ADMIN if netfilter'] },
  // RestrictAddressFamilies= leaves socketpair(2) alone, systemd.exec(5), so its family tells nothing.
  socketpair:         { does: 'pipe' },
  bind:               { at: [['create+bind', 1, -1, -1]], tells: ['sockaddr-bind'], needs: ['CAP_NET_BIND_SERVICE if low-port', 'CAP_AUDIT_READ if audit-group'] },
  listen:             { tells: ['listen'] },
  connect:            { at: [['connect', 1, -1, -1]], tells: ['sockaddr-connect'] },
  accept:             { fd: 'open' },
  accept4:            { fd: 'open' },
  sendto:             { at: [['connect', 4, -1, -1]], tells: ['sockaddr-send'], needs: ['CAP_NET_ADMIN if route-change', 'CAP_NET_ADMIN if generic', 'CAP_AUDIT_CONTROL if audit-rules'], settled: ['sa_family=', 'nlmsg_type=', '{len=', ', ...,'] },
  sendmsg:            { at: [['connect', 1, -1, -1]], tells: ['sockaddr-msg'], needs: ['CAP_NET_ADMIN if route-change', 'CAP_NET_ADMIN if generic', 'CAP_AUDIT_CONTROL if audit-rules', 'CAP_* if sender'], settled: ['sa_family=', 'nlmsg_type=', '{len=', 'msg_iov=[...]', 'cmsg_type='] },
  sendmmsg:           { at: [['connect', 1, -1, -1]], tells: ['sockaddr-msg'], settled: ['sa_family='] },
  getsockopt:         { tells: ['peer-credentials'], needs: ['CAP_NET_ADMIN if packet-tables'], settled: ['SO_PEERCRED', 'SO_PEERGROUPS', 'T_SO_GET'], shows: ', SOL_' },
  setsockopt:         { tells: ['peer-credentials'], needs: ['CAP_NET_ADMIN if sockopt-admin', 'CAP_NET_ADMIN if packet-tables', 'CAP_NET_ADMIN if high-priority', 'CAP_NET_RAW if sockopt-raw', 'CAP_AUDIT_READ if audit-group', 'CAP_NET_BROADCAST if all-namespaces'], settled: ['FORCE', 'SO_MARK', 'SO_PRIORITY', 'SO_BINDTODEVICE', 'TRANSPARENT', 'SO_DEBUG', 'SO_BUSY_POLL', 'IP_OPTIONS', 'XFRM_POLICY', 'TCP_REPAIR', 'SO_PASSCRED', 'T_SO_SET', 'ADD_MEMBERSHIP', 'ALL_NSID'], shows: ', SOL_' },
  // memory
  mmap:               { tells: ['memory', 'map'], needs: ['CAP_IPC_LOCK if locked'], settled: ['PROT_EXEC', 'MAP_LOCKED'], shows: 'PROT_' },
  mmap2:              { tells: ['memory', 'map'], needs: ['CAP_IPC_LOCK if locked'], settled: ['PROT_EXEC', 'MAP_LOCKED'], shows: 'PROT_' },
  mprotect:           { tells: ['memory'], settled: ['PROT_EXEC'], shows: 'PROT_' },
  pkey_mprotect:      { tells: ['memory'], settled: ['PROT_EXEC'], shows: 'PROT_' },
  shmat:              { tells: ['shmat', 'ipc-sysv'] },
  mlock:              { needs: ['CAP_IPC_LOCK if maybe'] }, mlock2: { needs: ['CAP_IPC_LOCK if maybe'] }, mlockall: { needs: ['CAP_IPC_LOCK if maybe'] },
  io_uring_setup:     { fd: 'cloexec', tells: ['io-uring'] },
  // scheduling and limits
  sched_setscheduler: { tells: ['realtime'], needs: ['CAP_SYS_NICE if realtime', 'CAP_SYS_NICE if other-process'] },
  sched_setparam:     { needs: ['CAP_SYS_NICE if maybe'] },
  sched_setattr:      { tells: ['realtime'], needs: ['CAP_SYS_NICE if realtime', 'CAP_SYS_NICE if other-process'] },
  sched_setaffinity:  { needs: ['CAP_SYS_NICE if other-process'] },
  setpriority:        { needs: ['CAP_SYS_NICE if negative', 'CAP_SYS_NICE if other-process'] },
  nice:               { needs: ['CAP_SYS_NICE if negative'] },
  ioprio_set:         { needs: ['CAP_SYS_NICE if realtime-io', 'CAP_SYS_NICE if other-process'] },
  migrate_pages:      { needs: ['CAP_SYS_NICE if other-process', 'CAP_SYS_PTRACE if other-process'] },
  move_pages:         { needs: ['CAP_SYS_NICE if other-process', 'CAP_SYS_PTRACE if other-process'] },
  process_madvise:    { needs: ['CAP_SYS_NICE if maybe', 'CAP_SYS_PTRACE if maybe'] },
  timer_create:       { needs: ['CAP_WAKE_ALARM if alarm'], settled: ['_ALARM'], shows: 'CLOCK_' },
  getrlimit:          { does: 'limit' }, ugetrlimit: { does: 'limit' },
  setrlimit:          { does: 'limit', needs: ['CAP_SYS_RESOURCE if raise'] },
  prlimit64:          { does: 'limit', needs: ['CAP_SYS_RESOURCE if raise', 'CAP_SYS_RESOURCE if other-process'] },
  // mounts and namespaces
  pivot_root:         { at: [['mount', 0, -1, -1], ['mount', 1, -1, -1]], does: 'pivot_root', needs: ['CAP_SYS_ADMIN'] },
  mount:              { at: [['mount', 1, -1, -1]], does: 'mount', tells: ['mount-data'], needs: ['CAP_SYS_ADMIN'] },
  umount:             { at: [['mount', 0, -1, -1]], does: 'mount', needs: ['CAP_SYS_ADMIN'] },
  umount2:            { at: [['mount', 0, -1, -1]], does: 'mount', needs: ['CAP_SYS_ADMIN'] },
  open_tree:          { at: [['mount', 1, 0, 2]], fd: 'open', needs: ['CAP_SYS_ADMIN if clone-tree'] },
  open_tree_attr:     { at: [['mount', 1, 0, 2]], fd: 'open', needs: ['CAP_SYS_ADMIN if clone-tree'] },
  move_mount:         { at: [['mount', 1, 0, 4], ['mount', 3, 2, 4]], does: 'mount', needs: ['CAP_SYS_ADMIN'] },
  fspick:             { at: [['mount', 1, 0, 2]], fd: 'open', needs: ['CAP_SYS_ADMIN'] },
  mount_setattr:      { at: [['mount', 1, 0, 2]], does: 'mount', needs: ['CAP_SYS_ADMIN'] },
  fsconfig:           { tells: ['fsconfig'], needs: ['CAP_SYS_ADMIN'] },
  fsopen:             { fd: 'open', needs: ['CAP_SYS_ADMIN'] },
  fsmount:            { fd: 'open', needs: ['CAP_SYS_ADMIN'] },
  // the system
  bpf:                { fd: 'cloexec', tells: ['bpf-path'], needs: ['CAP_BPF if maybe', 'CAP_PERFMON if bpf-tracing', 'CAP_NET_ADMIN if bpf-network', 'CAP_SYS_ADMIN if bpf-by-id'] },
  sethostname:        { needs: ['CAP_SYS_ADMIN'] }, setdomainname: { needs: ['CAP_SYS_ADMIN'] },
  clock_settime:      { needs: ['CAP_SYS_TIME'] }, clock_settime64: { needs: ['CAP_SYS_TIME'] }, settimeofday: { needs: ['CAP_SYS_TIME'] }, stime: { needs: ['CAP_SYS_TIME'] },
  adjtimex:           { needs: ['CAP_SYS_TIME if adjust'] }, clock_adjtime: { needs: ['CAP_SYS_TIME if adjust'] }, clock_adjtime64: { needs: ['CAP_SYS_TIME if adjust'] },
  init_module:        { needs: ['CAP_SYS_MODULE'] }, delete_module: { needs: ['CAP_SYS_MODULE'] },
  create_module:      { needs: ['CAP_SYS_MODULE'] },
  finit_module:       { at: [['read', -1, 0, -1]], needs: ['CAP_SYS_MODULE'] },
  kexec_load:         { needs: ['CAP_SYS_BOOT'] },
  kexec_file_load:    { at: [['read', -1, 0, -1]], needs: ['CAP_SYS_BOOT'] },
  reboot:             { needs: ['CAP_SYS_BOOT'] },
  syslog:             { needs: ['CAP_SYSLOG'] },
  iopl:               { needs: ['CAP_SYS_RAWIO'] }, ioperm: { needs: ['CAP_SYS_RAWIO'] },
  // of single machines: POWER, IBM Z
  rtas:               { needs: ['CAP_SYS_ADMIN'] }, pciconfig_iobase: { needs: ['CAP_SYS_ADMIN'] },
  pciconfig_read:     { needs: ['CAP_SYS_ADMIN'] }, pciconfig_write: { needs: ['CAP_SYS_ADMIN'] },
  s390_pci_mmio_read: { needs: ['CAP_SYS_ADMIN if maybe'] }, s390_pci_mmio_write: { needs: ['CAP_SYS_ADMIN if maybe'] },
  spu_create:         { at: [['create', 0, -1, -1]], fd: 'open' },
  vhangup:            { needs: ['CAP_SYS_TTY_CONFIG'] },
  lookup_dcookie:     { needs: ['CAP_SYS_ADMIN'] },
  add_key:            { tells: ['keyring'] }, request_key: { tells: ['keyring'] }, keyctl: { tells: ['keyring'] },
  shmget:             { tells: ['ipc-sysv'], needs: ['CAP_IPC_OWNER if found-ipc'] }, msgget: { tells: ['ipc-sysv'], needs: ['CAP_IPC_OWNER if found-ipc'] }, semget: { tells: ['ipc-sysv'], needs: ['CAP_IPC_OWNER if found-ipc'] },
  shmctl:             { needs: ['CAP_IPC_LOCK if shm-lock'] },
  mq_open:            { fd: 'open', tells: ['ipc-mq'] },
  mq_unlink:          { tells: ['ipc-mq'] },
} as const satisfies Record<string, SyscallRow>;

/** With all columns, each row is the same kind of object: what reads one then reads them all, without asking which it is. */
const row = ({ at, fd, does, tells, needs, settled, shows }: SyscallRow): Row => ({
  at,
  fd,
  does,
  tells,
  needs,
  settled,
  shows,
});

/** The row of a call that only counts. */
export const NOTHING: Row = row({});

/** name → row. Names that are not here are unknown to allowtrace. */
export const ROWS: ReadonlyMap<string, Row> = new Map<string, Row>([
  ...NAMED_ONLY.map((name): [string, Row] => [name, row({ settled: [] })]),
  ...Object.entries(SYSCALLS).map(([name, columns]): [string, Row] => [name, row(columns)]),
]);
