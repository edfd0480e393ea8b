// THE TABLE of hot calls: those that the low-overhead mode does not trace, because busy programs make them all the time and
// their effect is known without looking. They are assumed instead, and every profile and proposal says so.
// A call may be here only if leaving it out loses nothing but its name: no path, no address, nothing that decides a directive.
// Descriptors need not be followed, since `-y` prints the path of each. Sources: section 2 of the manual, strace(1).
//
//   key      strace's name of the call; a name that a version or architecture lacks is skipped (`?name`)
//   why      why its effect is known
//   after    assumed only when one of these traced calls was seen: it cannot have succeeded before (absent: always assumed)
//   only     of 32-bit programs: assumed only for them

export interface HotCall {
  why: string;
  after?: readonly string[];
  only?: 'i386';
}

/** Any of them makes a socket, or is what a program asks first of a socket that it was given (sd_listen_fds(3), inetd). */
const SOCKETS = [
  'socket',
  'socketpair',
  'accept',
  'accept4',
  'getsockopt',
  'setsockopt',
  'getsockname',
  'getpeername',
  'connect',
  'bind',
  'listen',
  'shutdown',
] as const;
const EPOLLS = ['epoll_create', 'epoll_create1'] as const;
const TIMERS = ['timer_create'] as const;
const TIMER_FDS = ['timerfd_create'] as const;
const AIO = ['io_setup'] as const;
const RING = ['io_uring_setup'] as const;
const SEMAPHORES = ['semget'] as const;
const QUEUES = ['mq_open'] as const;

// biome-ignore format: one row a line, columns aligned
export const HOT_CALLS: Readonly<Record<string, HotCall>> = {
  // bytes through descriptors that a traced call opened: opening it told the path and the direction
  read:                    { why: 'the descriptor was opened by a traced call' },
  write:                   { why: 'the descriptor was opened for writing by a traced call' },
  readv:                   { why: 'as read' },
  writev:                  { why: 'as write' },
  pread64:                 { why: 'as read' },
  pwrite64:                { why: 'as write' },
  preadv:                  { why: 'as read' },
  pwritev:                 { why: 'as write' },
  preadv2:                 { why: 'as read' },
  pwritev2:                { why: 'as write' },
  lseek:                   { why: 'moves within an open file' },
  _llseek:                 { why: 'as lseek', only: 'i386' },
  sendfile:                { why: 'between two open descriptors' },
  sendfile64:              { why: 'as sendfile', only: 'i386' },
  splice:                  { why: 'between two open descriptors' },
  tee:                     { why: 'between two open descriptors' },
  fstat:                   { why: 'looks at an open descriptor' },
  fstat64:                 { why: 'as fstat', only: 'i386' },
  // sockets: the destination is known from connect or accept; see BLIND_SENDS for datagrams that name theirs
  recvfrom:                { why: 'takes from an open socket', after: SOCKETS },
  recvmsg:                 { why: 'takes from an open socket; -y tells the paths of descriptors that come with it', after: SOCKETS },
  recvmmsg:                { why: 'as recvmsg', after: SOCKETS },
  recv:                    { why: 'as recvfrom', after: SOCKETS, only: 'i386' },
  sendto:                  { why: 'gives to an open socket', after: SOCKETS },
  sendmsg:                 { why: 'as sendto', after: SOCKETS },
  sendmmsg:                { why: 'as sendto', after: SOCKETS },
  send:                    { why: 'as sendto', after: SOCKETS, only: 'i386' },
  // waiting
  epoll_wait:              { why: 'waits for open descriptors', after: EPOLLS },
  epoll_pwait:             { why: 'as epoll_wait', after: EPOLLS },
  epoll_pwait2:            { why: 'as epoll_wait', after: EPOLLS },
  epoll_ctl:               { why: 'names open descriptors only', after: EPOLLS },
  poll:                    { why: 'waits for open descriptors' },
  ppoll:                   { why: 'as poll' },
  ppoll_time64:            { why: 'as poll', only: 'i386' },
  select:                  { why: 'as poll' },
  _newselect:              { why: 'as poll', only: 'i386' },
  pselect6:                { why: 'as poll' },
  pselect6_time64:         { why: 'as poll', only: 'i386' },
  futex:                   { why: 'its own memory only' },
  futex_time64:            { why: 'as futex', only: 'i386' },
  futex_waitv:             { why: 'as futex' },
  nanosleep:               { why: 'sleeps' },
  clock_nanosleep:         { why: 'sleeps' },
  clock_nanosleep_time64:  { why: 'sleeps', only: 'i386' },
  sched_yield:             { why: 'gives up the processor' },
  timer_settime:           { why: 'arms its own timer', after: TIMERS },
  timer_gettime:           { why: 'asks its own timer', after: TIMERS },
  timerfd_settime:         { why: 'arms its own timer', after: TIMER_FDS },
  timerfd_gettime:         { why: 'asks its own timer', after: TIMER_FDS },
  setitimer:               { why: 'arms its own timer' },
  io_submit:               { why: 'names open descriptors only', after: AIO },
  io_getevents:            { why: 'waits for its own requests', after: AIO },
  io_pgetevents:           { why: 'as io_getevents', after: AIO },
  io_uring_enter:          { why: 'what goes through the ring is invisible in any mode, and reported as such', after: RING },
  semop:                   { why: 'its own semaphores', after: SEMAPHORES },
  semtimedop:              { why: 'as semop', after: SEMAPHORES },
  mq_timedsend:            { why: 'through an open queue', after: QUEUES },
  mq_timedreceive:         { why: 'through an open queue', after: QUEUES },
  // its own descriptors and memory
  close:                   { why: '-y makes following descriptors unnecessary' },
  fcntl:                   { why: 'flags, locks and copies of open descriptors; -y tells their paths' },
  fcntl64:                 { why: 'as fcntl', only: 'i386' },
  munmap:                  { why: 'gives memory back' },
  brk:                     { why: 'its own memory only; never executable' },
  madvise:                 { why: 'advice about its own memory' },
  // time, signals and itself
  clock_gettime:           { why: 'asks for the time' },
  clock_gettime64:         { why: 'asks for the time', only: 'i386' },
  gettimeofday:            { why: 'asks for the time' },
  time:                    { why: 'asks for the time' },
  times:                   { why: 'asks for its own times' },
  getrusage:               { why: 'asks for its own times' },
  getpid:                  { why: 'asks for its own number' },
  gettid:                  { why: 'asks for its own number' },
  getcpu:                  { why: 'asks for its own processor' },
  rt_sigprocmask:          { why: 'its own signal mask' },
  sigprocmask:             { why: 'its own signal mask', only: 'i386' },
  rt_sigreturn:            { why: 'ends its own signal handler; always allowed' },
  sigreturn:               { why: 'as rt_sigreturn', only: 'i386' },
};

/** Calls that may name a destination of their own, on a datagram socket that was never connected: that name is not seen. */
export const BLIND_SENDS: readonly string[] = ['sendto', 'sendmsg', 'sendmmsg'];
