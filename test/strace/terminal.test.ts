// Logs without -o: strace writes to the terminal that the traced program writes to, and into its own lines. The shapes are those of strace
// 5.10 to 7.2 on a terminal.

import test from 'ava';
import { Observer } from '../../src/profile/observer.ts';
import { accessOf } from '../../src/profile/order.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { eventsOf, pathsOf } from '../support/events.ts';

function observe(text: string, fast = true): Profile {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay', cwd: '/srv', fast });
  observer.push(Buffer.from(text, 'latin1'));
  observer.end();
  return observer.snapshot();
}

const accesses = ({ facts }: Profile): string[] => facts.map(fact => JSON.stringify(accessOf(fact)));

/** The same in both ways of reading. */
const seen = (text: string): string[] => {
  const [fast, plain] = [true, false].map(way => accesses(observe(text, way)));
  if (JSON.stringify(fast) !== JSON.stringify(plain)) throw new Error('the two ways of reading differ');
  return fast ?? [];
};

/** What stands before a line, by the options of strace. */
const TIMES: Readonly<Record<string, (line: number) => string>> = {
  none: () => '',
  '-t': i => `10:00:0${i} `,
  '-tt': i => `10:00:0${i}.000123 `,
  '-ttt': i => `179603745${i}.000123 `,
  '-r': i => `     0.00000${i} `,
  '-r -t': i => `10:00:0${i} (+     0.00000${i}) `,
  '-n': i => `[  5${i}] `,
  '-i': i => `[00007f487b9e501${i}] `,
  '-tt -n -i': i => `10:00:0${i}.000123 [  5${i}] [00007f487b9e501${i}] `,
};

for (const [options, time] of Object.entries(TIMES))
  test(`a notice, or output of the program, in the middle of lines: ${options}`, t => {
    const whole = `${time(0)}execve("/usr/sbin/exampled", ["exampled"], 0x7ffd /* 9 vars */) = 0
${time(1)}geteuid()                               = 0
${time(2)}clone(child_stack=NULL, flags=CLONE_FS|CLONE_NEWNS|SIGCHLD, child_tidptr=0x7fb7) = 4101
[pid  4100] ${time(3)}vfork( <unfinished ...>
[pid  4102] ${time(4)}openat(AT_FDCWD, "vforked", O_RDONLY) = 3
[pid  4100] ${time(4)}<... vfork resumed>)              = 4102
[pid  4101] ${time(5)}write(1, "said\\n", 5)                 = 5
[pid  4101] ${time(5)}newfstatat(AT_FDCWD, "looked", {st_mode=S_IFREG|0644, st_size=1, ...}, 0) = 0
[pid  4101] ${time(6)}chdir("/usr")                     = 0
[pid  4101] ${time(6)}openat(AT_FDCWD, "below", O_RDWR) = 4
[pid  4101] ${time(7)}+++ exited with 0 +++
[pid  4100] ${time(8)}openat(AT_FDCWD, "moved", O_RDONLY) = 5
`;
    const cut = `${time(0)}execve("/usr/sbin/exampled", ["exampled"], 0x7ffd /* 9 vars */) = 0
${time(1)}geteuid()                               = 0
${time(2)}clone(child_stack=NULL, flags=CLONE_FS|CLONE_NEWNS|SIGCHLDstrace: Process 4101 attached
, child_tidptr=0x7fb7) = 4101
[pid  4100] ${time(3)}vfork(/usr/bin/strace: Process 4102 attached
 <unfinished ...>
[pid  4102] ${time(4)}openat(AT_FDCWD, "vforked", O_RDONLY) = 3
no newline[pid  4100] ${time(4)}<... vfork resumed>)              = 4102
[pid  4101] ${time(5)}write(1, "said\\n", 5said
)                 = 5
[pid  4101] ${time(5)}newfstatat(AT_FDCWD, "looked", two
lines
 <unfinished ...>
[pid  4100] ${time(5)}wait4(-1,  <unfinished ...>
x [pid [pid  4101] ${time(5)}<... newfstatat resumed>{st_mode=S_IFREG|0644, st_size=1, ...}, 0) = 0
[pid  4101] ${time(6)}chdir("/usr")                     = 0
[pid  4101] ${time(6)}openat(AT_FDCWD, "below", O_RDWR) = 4
[pid  4101] ${time(7)}+++ exited with 0 +++
[pid  4100] ${time(7)}<... wait4 resumed>NULL, 0, NULL) = 4101
[pid  4100] ${time(8)}openat(AT_FDCWD, "moved", O_RDONLY) = 5
`;
    const more = ['{"kind":"syscall","name":"wait4"}'];
    // Of so short a log, what the program itself said is more than 1 %.
    const isMore = (access: string): boolean => more.includes(access) || access.includes('lines are not from strace');
    t.deepEqual(
      seen(cut).filter(access => !isMore(access)),
      seen(whole),
    );
    t.true(seen(whole).includes('{"kind":"namespace","type":"mnt","call":"clone"}'));
  });

test('a call whose rest never comes counts for what is certain of it', t => {
  const text = `brk(NULL)                               = 0x55
openat(AT_FDCWD, "lost", O_RDONLYsaid
getpid()                                = 7
printf("no call of the kernel", 3
getpid()                                = 7
`;
  const profile = observe(text);
  t.true(accesses(profile).includes('{"kind":"path","mode":"read","path":"/srv/lost"}'));
  t.true(profile.runs[0]?.truncated);
  t.is(profile.unrecognised.count, 1);
  t.false(accesses(profile).includes('{"kind":"syscall","name":"printf"}'));
});

test('a call that cannot be parsed counts by its name; socket forms without a name of strace 5.10 are parsed', t => {
  const found = seen(`1 getpid() = 1
1 listen(27<(null):[738538->738539]>, 3) = 0
1 chroot({broken) = 0
`);
  t.true(found.includes('{"kind":"syscall","name":"listen"}'));
  t.true(found.includes('{"kind":"syscall","name":"chroot"}'));
});

test('a call that was being waited in when strace came', t => {
  const [first, second] = eventsOf(`8427<sleep> restart_syscall(<... resuming interrupted clock_nanosleep ...>) = 0
8427<sleep> restart_syscall(<... resuming interrupted read ...> <unfinished ...>
`);
  t.like(first, { syscall: 'restart_syscall', ret: 0 });
  t.like(second, { kind: 'unfinished', syscall: 'restart_syscall' });
});

test('the execve of a thread whose leader has ended keeps its name and its directory', t => {
  const log = `8304 chdir("/usr") = 0
8304 clone(child_stack=0x7f, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 8305
8305 gettid() = 8305
8304 exit(0) = ?
8304 +++ exited with 0 +++
8305 execve("bin/env", ["env"], 0x7f /* 3 vars */ <pid changed to 8304 ...>
8304 +++ superseded by execve in pid 8305 +++
8304 <... execve resumed>) = 0
8304 openat(AT_FDCWD, "share", O_RDONLY) = 3
`;
  for (const text of [log, log.replace(/^.*superseded.*\n/m, '')]) {
    t.deepEqual(pathsOf(eventsOf(text)).slice(1), ['execve /usr/bin/env', 'openat /usr/share']);
    t.true(seen(text).some(access => access.includes('"exe":"/usr/bin/env"')));
  }
});

test('what strace prints of its own beside calls: dumps of vectors, calls of killed processes, its hints', t => {
  const profile = observe(`1 getpid() = 1
1 sendmmsg(1, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="01", iov_len=2}], msg_iovlen=1}, msg_len=2}], 1, 0) = 1
 = 1 buffers in vector 0
 * 2 bytes in buffer 0
 | 00000  30 31                                             01               |
1 connect(-1, {sa_family=AF_AX25, fsa_ax25={sax25_call=GB7SUT-13, sax25_ndigis=8}, fsa_digipeater=[{ax25_call="\\x58\\xfa\\xba\\x44\\xb8\\x4e\\x0a"} /* ,}]"\\'-5 */, *]}, 72) = -1 EBADF (Bad file descriptor)
2 ???( <unfinished ...>
2 <... ??? resumed>) = ?
2 +++ killed by SIGKILL +++
strace: invalid option
Try 'strace -h' for more information.
`);
  t.deepEqual(profile.unrecognised, { count: 0, samples: [] });
});
