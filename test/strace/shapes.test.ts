// Every prefix and every odd line that strace 4.10 to 7.x prints; the shapes are from its manual page and from real logs.

import test from 'ava';
import { eventsOf, pathsOf } from '../support/events.ts';

const kinds = (text: string): string[] => eventsOf(text).map(({ kind }) => kind);

test('prefixes: pid column, bracket, time stamps, relative times, numbers, instruction pointers, command names, contexts', t => {
  const lines = [
    '5591  11:39:55.213199 openat(AT_FDCWD</srv>, "/dev/null", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3</dev/null> <0.000012>',
    '5601  1795520395.230090 (+     0.000028) [ 257] [00007f487b9e5011] openat(AT_FDCWD</srv>, "/dev/null", O_RDONLY) = 3</dev/null<char 1:3>>',
    '8427<a b\\76) = 3> openat(AT_FDCWD, "/dev/null", O_RDONLY) = 3',
    '[pid  5469<cat>] openat(AT_FDCWD, "/dev/null", O_RDONLY) = 3',
    '[pid  5469] openat(AT_FDCWD, "/dev/null", O_RDONLY) = 3',
    '     0.000082 openat(AT_FDCWD, "/dev/null", O_RDWR|O_CREAT|O_TRUNC|O_CLOEXEC, 0644) = 3',
    '123   [unconfined_t] 11:39:55 openat(AT_FDCWD, "/dev/null" [null_device_t], O_RDONLY) = 3</dev/null> [null_device_t]',
    '1795520395 openat(AT_FDCWD, "/dev/null", O_RDONLY) = 3',
    '99999 1795520395 openat(AT_FDCWD, "/dev/null", O_RDONLY) = 3',
    '7       0.000000 openat(AT_FDCWD, "/dev/null", O_RDONLY) = 3',
    'openat(AT_FDCWD, "/dev/null", O_RDONLY) = 3',
    '\x1b[33m7\x1b[0m openat(AT_FDCWD, "/dev/null", O_RDONLY) = 3',
  ];
  for (const line of lines) t.deepEqual(pathsOf(eventsOf(`${line}\n`)), ['openat /dev/null'], line);
});

test('resumed lines of strace 4.26 and of 5.0; a call that never returns', t => {
  t.deepEqual(
    pathsOf(
      eventsOf(
        '1 openat(AT_FDCWD, "/a", O_RDONLY <unfinished ...>\n2 getpid() = 2\n1 <... openat resumed> )            = 4</a>\n',
      ),
    ),
    ['openat /a'],
  );
  t.deepEqual(
    pathsOf(eventsOf('1 openat(AT_FDCWD, "/a", O_RDONLY <unfinished ...>\n1 <... openat resumed>)             = 4\n')),
    ['openat /a'],
  );
  const [event] = eventsOf('1 openat(AT_FDCWD, "/fifo", O_RDONLY <unfinished ...>) = ?\n');
  t.like(event, { kind: 'syscall', ret: null });
  t.is(event?.paths?.[0]?.path, '/fifo');
});

test('a file name that looks like the mark of a split call', t => {
  const log =
    '1 openat(AT_FDCWD, "/fifo <unfinished ...>", O_RDONLY <unfinished ...>\n1 <... openat resumed>) = 3\n1 openat(AT_FDCWD, "/fifo <unfinished ...>", O_RDONLY) = 3\n';
  t.deepEqual(pathsOf(eventsOf(log)), ['openat /fifo <unfinished ...>', 'openat /fifo <unfinished ...>']);
});

test('the end of a call whose beginning is not in the log (strace -p)', t => {
  const [event] = eventsOf('5 <... read resumed>"x", 1) = 1\n');
  t.like(event, { kind: 'syscall', syscall: 'read', resumed: true, ret: 1 });
});

test('interleaved lines of strace -z before 6.2', t => {
  const log =
    '1 getpid() = 1\n1 write(1, "total"..., 117 <unfinished ...>\n)                                       = 117\n1 openat(AT_FDCWD, "/a", O_RDONLY) = 3\n';
  t.deepEqual(kinds(log), ['syscall', 'unfinished', 'syscall', 'syscall']);
});

test('messages of strace inside a line of a terminal log', t => {
  const log = `clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLDstrace: Process 8364 attached
, child_tidptr=0x7f427db02a10) = 8364
[pid  8363] wait4(-1,  <unfinished ...>
[pid  8364] openat(AT_FDCWD, "/a", O_RDONLY) = 3
[pid  8364] +++ exited with 0 +++
<... wait4 resumed>NULL, 0, NULL) = 8364
`;
  const events = eventsOf(log);
  t.deepEqual(
    events.map(({ kind }) => kind),
    ['split', 'syscall', 'unfinished', 'syscall', 'exit', 'syscall'],
  );
  t.like(events[1], { syscall: 'clone', child_pid: 8364 });
  t.like(events[5], { syscall: 'wait4', resumed: true, ret: 8364 });
});

test('notices: signals, exits, personalities, stacks, dumps, tables', t => {
  t.deepEqual(
    kinds(`1 getpid() = 1
1 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=5399, si_uid=0, si_status=1, si_utime=0, si_stime=1 /* 0.01 s */} ---
1 --- stopped by SIGSTOP ---
1 [ Process PID=8426 runs in 32 bit mode. ]
 > /usr/lib/libc.so.6(_exit+0x29) [0xd4409]
 | 00000  48 65 6c 6c 6f                                    Hello            |
 * 5 bytes in buffer 0
1 +++ killed by SIGSEGV (core dumped) +++
% time     seconds  usecs/call     calls    errors syscall
`),
    ['syscall', 'signal', 'signal', 'personality', 'stack', 'dump', 'dump', 'killed', 'summary'],
  );
});

test('results that mislead: a descriptor that is no file, a detached mount, a child in another PID namespace', t => {
  const [mount, fsmount, clone] = eventsOf(`1 mount_setattr(3, "", AT_EMPTY_PATH, {attr_set=0}, 32) = 0</dev/null>
1 fsmount(3, 0, 0) = 4</>
1 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 2 /* 18974 in strace's PID NS */
`);
  t.is(mount?.ret, 0);
  t.is(fsmount?.syscall, 'fsmount');
  t.is(clone?.child_pid, 18974);
});

test('-X raw and -X verbose', t => {
  t.deepEqual(
    pathsOf(
      eventsOf(
        '1 openat(-100</cwd>, "x", 0x80000) = 3</cwd/x>\n1 openat(-100 /* AT_FDCWD */</cwd>, "x", 0x80000 /* O_RDONLY|O_CLOEXEC */) = 3</cwd/x>\n',
      ),
    ),
    ['openat /cwd/x', 'openat /cwd/x'],
  );
});

test('a deleted directory is still where it was', t => {
  t.deepEqual(
    pathsOf(
      eventsOf('1 openat(AT_FDCWD</tmp/d/gone (deleted)>, "x", O_RDONLY) = -1 ENOENT (No such file or directory)\n'),
    ),
    ['openat /tmp/d/gone/x'],
  );
});

test('sockets with names, datagrams, abstract names', t => {
  const log = `1 bind(3, {sa_family=AF_UNIX, sun_path="/run/a.sock"}, 14) = 0
1 connect(3, {sa_family=AF_UNIX, sun_path=@"hidden"}, 14) = 0
1 sendto(3, "READY=1", 7, MSG_NOSIGNAL, {sa_family=AF_UNIX, sun_path="/run/systemd/notify"}, 21) = 7
1 sendmsg(3, {msg_name={sa_family=AF_UNIX, sun_path="/dev/log"}, msg_namelen=11, msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0) = 1
`;
  t.deepEqual(pathsOf(eventsOf(log)), ['bind /run/a.sock', 'sendto /run/systemd/notify', 'sendmsg /dev/log']);
});
