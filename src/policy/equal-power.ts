// THE TABLE of system calls of equal power: calls that do the same to the same objects, and differ in how they are asked to. Whoever may make
// one of a family gains nothing by the others, and which of them is made is chosen by libc, its version, the kernel or the load. Closed: a
// call that is in no family stands for itself. A test holds each family against the table of system calls (process/syscalls.ts).
//
//   calls      they follow once the family is shown; where libc falls back from one to another, the older stand first
//   shown      the calls that show it, in place of those of `calls`; `always`: the start of any program does
//   with       one of these calls must have been made too
//   elsewhere  calls of other machines (32 bit, old) that do the same: they are written down only where such a call was made
//   beyond     powers (policy/power.ts) that the calls have beyond those that show the family, and no other line of a proposal holds back;
//              `why` says why they follow all the same
//   exact      they belong to an exact list too: libc alone picks among them, or no log shows them
//   why        in what they differ
//   source     man page (section 2 unless said otherwise)

import type { Power } from './power.ts';

export interface Family {
  calls: string;
  shown?: string;
  with?: string;
  elsewhere?: string;
  beyond?: readonly Power[];
  exact?: true;
  why: string;
  source: string;
}

const SOCKETS = 'socket socketpair accept accept4 bind listen connect';

// biome-ignore format: one family a row
export const EQUAL_POWER = {
  // whatever a program does
  crash:        { exact: true, calls: 'rt_sigaction rt_sigprocmask tkill tgkill', elsewhere: 'sigaction sigprocmask', shown: 'always', beyond: ['signal'], why: 'how a program ends itself when it crashes; other processes of its user it can signal with them too', source: 'abort(3), raise(3)' },
  waiting:      { exact: true, calls: 'select pselect6 poll ppoll', elsewhere: '_newselect pselect6_time64 ppoll_time64', shown: 'always', why: 'whether a program has to wait for what it has open is a matter of time, not of what it does', source: 'poll, select' },
  'own state':  { calls: 'getcwd uname sysinfo getrusage times getpriority ioprio_get getcpu capget sched_getparam sched_getscheduler sched_getattr sched_get_priority_max sched_get_priority_min sched_rr_get_interval', elsewhere: 'olduname oldolduname sched_rr_get_interval_time64', shown: 'always', why: 'ask about the process and the machine, change nothing', source: 'getcwd, uname, getrusage, sched(7)' },
  'own memory': { calls: 'madvise mremap mincore', shown: 'always', why: 'memory of its own, which mmap and mprotect manage already', source: 'madvise, mremap' },
  'own signals':{ calls: 'rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack signalfd signalfd4', elsewhere: 'rt_sigtimedwait_time64 sigpending sigsuspend signal', shown: 'always', why: 'signals that come to the process itself', source: 'signal(7), signalfd' },
  timers:       { calls: 'alarm getitimer setitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete timerfd_create timerfd_settime timerfd_gettime', elsewhere: 'timer_settime64 timer_gettime64 timerfd_settime64 timerfd_gettime64', shown: 'always', why: 'wake the process itself later, as nanosleep does, which every filter allows', source: 'timer_create, timerfd_create, setitimer' },
  descriptors:  { calls: 'close close_range dup dup2 dup3 fcntl flock', elsewhere: 'fcntl64', shown: 'always', why: 'what is open already: its number, its flags, a lock on it', source: 'close, dup, fcntl, flock' },
  program:      { calls: 'execveat', shown: 'always', why: 'execve with a directory or an open file', source: 'execveat' },
  // processes and signals
  process:      { exact: true, calls: 'fork vfork clone clone3', why: 'libc picks by version and kernel; RestrictNamespaces= holds back the namespaces that two of them can make', source: 'clone' },
  children:     { calls: 'wait4 waitid', elsewhere: 'waitpid', shown: 'wait4 waitid waitpid fork vfork clone clone3', why: 'the end of a process of its own is waited for', source: 'wait, wait4' },
  signal:       { calls: 'kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open pidfd_send_signal', shown: 'kill', why: 'a signal to a process, or to a thread of it', source: 'kill, sigqueue(3), pidfd_send_signal' },
  session:      { calls: 'setsid setpgid', why: 'a session and process group of its own', source: 'setsid, setpgid' },
  // files by name
  open:         { exact: true, calls: 'open openat openat2', why: 'libc picks; openat2 can only ask for more restrictions', source: 'open, openat2' },
  creat:        { calls: 'creat', shown: 'open openat openat2', why: 'open with fixed flags', source: 'open' },
  'look up':    { exact: true, calls: 'stat lstat fstat newfstatat statx access faccessat faccessat2 readlink readlinkat statfs fstatfs', shown: 'stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat statfs stat64 lstat64 fstatat64', elsewhere: 'oldstat oldlstat oldfstat stat64 lstat64 fstat64 fstatat64 statfs64 fstatfs64', why: 'libc picks; what a name stands for, without its content', source: 'stat, access, readlink, statfs' },
  'open files': { exact: true, calls: 'fstat fstatfs', elsewhere: 'oldfstat fstat64 fstatfs64', shown: 'open openat openat2 creat fstat fstatfs fstat64', why: 'what an open file is', source: 'stat, statfs' },
  'read attributes': { calls: 'getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr', shown: 'getxattr lgetxattr listxattr llistxattr', why: 'extended attributes, by name or of an open file', source: 'getxattr, listxattr' },
  'set attributes': { calls: 'setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr', why: 'extended attributes, by name or of an open file', source: 'setxattr, removexattr' },
  directory:    { calls: 'getdents getdents64', elsewhere: 'readdir', why: 'the entries of an open directory', source: 'getdents' },
  'current directory': { calls: 'chdir fchdir', why: 'by name or by descriptor', source: 'chdir' },
  mkdir:        { calls: 'mkdir mkdirat', why: 'relative to a directory or not', source: 'mkdir' },
  mknod:        { calls: 'mknod mknodat', why: 'relative to a directory or not', source: 'mknod' },
  remove:       { calls: 'unlink unlinkat rmdir', why: 'unlinkat does both', source: 'unlink, rmdir' },
  rename:       { calls: 'rename renameat renameat2', why: 'relative to a directory or not, with flags or not', source: 'rename' },
  link:         { calls: 'link linkat', why: 'relative to a directory or not', source: 'link' },
  symlink:      { calls: 'symlink symlinkat', why: 'relative to a directory or not', source: 'symlink' },
  mode:         { calls: 'chmod fchmod fchmodat fchmodat2', why: 'by name or of an open file', source: 'chmod' },
  owner:        { calls: 'chown lchown fchown fchownat', elsewhere: 'chown32 lchown32 fchown32', why: 'by name or of an open file', source: 'chown' },
  times:        { calls: 'utime utimes futimesat utimensat', elsewhere: 'utimensat_time64', why: 'more or less exactly', source: 'utime, utimensat' },
  truncate:     { calls: 'truncate ftruncate', elsewhere: 'truncate64 ftruncate64', shown: 'truncate truncate64', why: 'by name or of an open file', source: 'truncate' },
  watch:        { calls: 'inotify_init inotify_init1 inotify_add_watch inotify_rm_watch', why: 'parts of one interface: changes of files are reported', source: 'inotify(7)' },
  // what is open already
  read:         { calls: 'read readv pread64 preadv preadv2 lseek readahead fadvise64', elsewhere: '_llseek fadvise64_64', shown: 'read readv pread64 preadv preadv2', why: 'the same bytes into one buffer or several, at a position or the next', source: 'read, readv, lseek, posix_fadvise' },
  write:        { calls: 'write writev pwrite64 pwritev pwritev2 lseek ftruncate fallocate fsync fdatasync sync_file_range msync', elsewhere: '_llseek ftruncate64', shown: 'write writev pwrite64 pwritev pwritev2', why: 'the content of what is open for writing, and that it reaches the disk', source: 'write, writev, fsync, fallocate' },
  copy:         { calls: 'sendfile copy_file_range splice tee', elsewhere: 'sendfile64', shown: 'read readv pread64 preadv preadv2', with: 'write writev pwrite64 pwritev pwritev2', why: 'a read and a write in one', source: 'sendfile, copy_file_range, splice' },
  sync:         { calls: 'syncfs', shown: 'sync', why: 'one file system in place of all', source: 'sync' },
  pipe:         { calls: 'pipe pipe2', why: 'with flags or not', source: 'pipe' },
  event:        { calls: 'eventfd eventfd2', why: 'with flags or not', source: 'eventfd' },
  epoll:        { calls: 'epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2', why: 'what is open is waited for', source: 'epoll(7)' },
  aio:          { calls: 'io_setup io_submit io_getevents io_pgetevents io_cancel io_destroy', why: 'parts of one interface: reads and writes that go on by themselves', source: 'io_setup' },
  'io_uring':   { calls: 'io_uring_setup io_uring_enter io_uring_register', shown: 'io_uring_setup', why: 'parts of one interface', source: 'io_uring(7)' },
  // sockets
  accept:       { calls: 'accept accept4', shown: 'listen accept accept4', why: 'a socket that listens is there to accept', source: 'listen, accept' },
  'own sockets':{ calls: 'getsockname getpeername getsockopt setsockopt shutdown', shown: SOCKETS, why: 'what a socket of its own is, and how it works', source: 'socket, getsockopt, shutdown' },
  receive:      { calls: 'recvfrom recvmsg recvmmsg', elsewhere: 'recv recvmmsg_time64', shown: `${SOCKETS} recvfrom recvmsg recvmmsg recv recvmmsg_time64`, why: 'what others send to a socket of its own', source: 'recv, recvmmsg' },
  send:         { calls: 'sendto sendmsg sendmmsg', elsewhere: 'send', shown: 'sendto sendmsg sendmmsg send connect', why: 'one message or several, to the address that is given or was connected to', source: 'send, sendmmsg' },
  answer:       { calls: 'sendto sendmsg sendmmsg', elsewhere: 'send', shown: 'bind listen accept accept4', beyond: ['connect', 'address'], why: 'whoever serves answers; a filter cannot tell that from sending elsewhere', source: 'send' },
  // who it is
  uid:          { calls: 'setuid setreuid setresuid setfsuid', elsewhere: 'setuid32 setreuid32 setresuid32', why: 'libc and programs pick', source: 'setuid, setresuid' },
  gid:          { calls: 'setgid setregid setresgid setfsgid', elsewhere: 'setgid32 setregid32 setresgid32', why: 'libc and programs pick', source: 'setgid, setresgid' },
  groups:       { calls: 'setgroups', elsewhere: 'setgroups32', why: 'the same call', source: 'setgroups' },
  restrict:     { calls: 'landlock_create_ruleset landlock_add_rule landlock_restrict_self', why: 'parts of one interface, by which it only loses rights', source: 'landlock(7)' },
  // resources and clocks
  priority:     { exact: true, calls: 'setpriority', elsewhere: 'nice', why: 'libc picks', source: 'nice, setpriority' },
  scheduler:    { calls: 'sched_setscheduler sched_setparam sched_setattr', shown: 'sched_setscheduler sched_setattr', why: 'how a thread is scheduled', source: 'sched(7)' },
  lock_memory:  { calls: 'mlock mlock2 mlockall munlock munlockall', shown: 'mlock mlock2 mlockall', why: 'a part of its memory, or all', source: 'mlock' },
  numa:         { calls: 'get_mempolicy set_mempolicy mbind set_mempolicy_home_node', shown: 'set_mempolicy mbind', why: 'where memory of its own lies', source: 'mbind, set_mempolicy' },
  'adjust clock': { exact: true, calls: 'adjtimex clock_adjtime', elsewhere: 'clock_adjtime64', why: 'libc picks by version', source: 'adjtimex' },
  'set clock':  { exact: true, calls: 'settimeofday clock_settime', elsewhere: 'clock_settime64', why: 'libc picks by version', source: 'clock_settime' },
  // objects shared between processes
  'shared memory': { calls: 'shmget shmat shmdt shmctl', shown: 'shmget', why: 'parts of one interface', source: 'sysvipc(7)' },
  semaphores:   { calls: 'semget semop semtimedop semctl', elsewhere: 'semtimedop_time64', shown: 'semget', why: 'parts of one interface', source: 'sysvipc(7)' },
  messages:     { calls: 'msgget msgsnd msgrcv msgctl', shown: 'msgget', why: 'parts of one interface', source: 'sysvipc(7)' },
  queues:       { calls: 'mq_open mq_timedsend mq_timedreceive mq_notify mq_getsetattr', elsewhere: 'mq_timedsend_time64 mq_timedreceive_time64', shown: 'mq_open', why: 'parts of one interface', source: 'mq_overview(7)' },
} as const satisfies Readonly<Record<string, Family>>;
