// From the text of a log to a profile: time slices, what is kept of names, bounds. (Both ways through a log: ways.test.ts.)

import test from 'ava';
import { Observer } from '../../src/profile/observer.ts';
import type { Profile } from '../../src/profile/profile.ts';

function observe(text: string): Profile {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay', cwd: '/srv/fixture' });
  observer.push(Buffer.from(text, 'latin1'));
  observer.end();
  return observer.snapshot();
}

test('time stamps give each fact its first and last time', t => {
  const { facts, runs } = observe(
    '7 1795520395.25 getpid() = 7\n7 1795520397.5 openat(AT_FDCWD, "/x", O_RDONLY) = 3\n7 1795520399.5 openat(AT_FDCWD, "/x", O_RDONLY) = 3\n',
  );
  t.like(runs[0], { start: 1795520395.25, end: 1795520399.5 });
  t.like(facts.find(fact => fact.kind === 'path')?.evidence, { first: 1795520397.5, last: 1795520399.5 });
});

test('symlinks: the name that was asked for and the kernel’s answer are both kept', t => {
  const { facts } = observe(
    '7 openat(AT_FDCWD</>, "/etc/localtime", O_RDONLY|O_CLOEXEC) = 3</usr/share/zoneinfo/Etc/UTC>\n',
  );
  t.true(
    facts.some(
      fact => fact.kind === 'path' && fact.path === '/usr/share/zoneinfo/Etc/UTC' && fact.asked === '/etc/localtime',
    ),
  );
});

test('fstat(2) by any name tells nothing: standard output may be the file of whoever started the trace', t => {
  const { facts } =
    observe(`1 newfstatat(1</home/me/out>, "", {st_mode=S_IFREG|0644, st_size=0, ...}, AT_EMPTY_PATH) = 0
1 statx(1</home/me/out>, NULL, AT_EMPTY_PATH, STATX_ALL, {stx_mask=STATX_ALL, ...}) = 0
1 newfstatat(AT_FDCWD</srv>, "x", {st_mode=S_IFREG|0644, st_size=0, ...}, 0) = 0
`);
  t.deepEqual(
    facts.flatMap(fact => (fact.kind === 'path' ? [fact.path] : [])),
    ['/srv/x'],
  );
});

test('a name that reads like a flag is none', t => {
  const { facts } = observe(`7 openat(AT_FDCWD</>, "/d/O_TMPFILE", O_RDONLY) = 3</d/O_TMPFILE>
7 openat(AT_FDCWD</>, "/d/CLOEXEC", O_RDONLY) = 4</d/CLOEXEC>
7 openat(AT_FDCWD</>, "/d", O_RDWR|O_TMPFILE|O_CLOEXEC, 0600) = 5</d/#12>
7 execve("/bin/x", ["x"], 0x1 /* 3 vars */) = 0
7 openat(4, "below", O_RDONLY) = 6
`);
  const paths = facts.flatMap(fact => (fact.kind === 'path' ? [`${fact.mode} ${fact.path}`] : []));
  t.true(paths.includes('read /d/O_TMPFILE'));
  t.true(paths.includes('create /d/#*'));
  t.true(paths.includes('read /d/CLOEXEC/below'));
});

test('numbers of processes and descriptors never become part of a path', t => {
  const { facts } = observe(`7 openat(AT_FDCWD, "/proc/self/status", O_RDONLY) = 3</proc/7/status>
7 openat(AT_FDCWD, "/proc/7/maps", O_RDONLY) = 4</proc/7/maps>
7 openat(AT_FDCWD, "/proc/12/stat", O_RDONLY) = 5</proc/12/stat>
7 openat(AT_FDCWD, "/etc/hosts", O_RDONLY) = 6
7 openat(AT_FDCWD, "/dev/fd/6", O_RDONLY) = 8
7 openat(AT_FDCWD, "/proc/self/fd/9", O_RDONLY) = 10
`);
  const paths = facts.flatMap(fact => (fact.kind === 'path' ? [fact.path] : []));
  t.deepEqual([...new Set(paths)].sort(), ['/etc/hosts', '/proc/[pid]/stat', '/proc/self/maps', '/proc/self/status']);
});

const open = (path: string): string => `7 openat(AT_FDCWD, "${path}", O_RDONLY|O_CLOEXEC) = 3<${path}>\n`;
const asksForTracer = open('/proc/sys/kernel/osrelease') + open('/proc/7/status') + open('/proc/12/comm');
/** The processes of others that were read. */
const others = (text: string): string[] =>
  observe(text).facts.flatMap(fact => (fact.kind === 'path' && fact.path.startsWith('/proc/[') ? [fact.path] : []));

test('libsystemd looks who traces it', t => {
  t.deepEqual(others(asksForTracer), ['/proc/[tracer]/comm']);
  t.deepEqual(others(asksForTracer.replaceAll('7 ', '[pid  7] ').replace('/7/', '/self/')), ['/proc/[tracer]/comm']);
});

test('whoever reads other processes in any other way reads them for reasons of his own', t => {
  for (const text of [
    open('/proc/7/status') + open('/proc/12/comm'),
    open('/proc/sys/kernel/osrelease') + open('/proc/12/comm'),
    asksForTracer.replaceAll('comm', 'stat'),
    asksForTracer.replace('7 openat(AT_FDCWD, "/proc/12', `${open('/proc/uptime')}7 openat(AT_FDCWD, "/proc/12`),
    `12 getpid() = 12\n${asksForTracer}`,
    asksForTracer.replace(/7 (.*comm)/, '8 $1'),
    asksForTracer.replace(/O_RDONLY(.*comm)/, 'O_RDWR$1'),
  ])
    t.false(others(text).includes('/proc/[tracer]/comm'), text);
  t.deepEqual(others(asksForTracer + open('/proc/12/comm')), ['/proc/[pid]/comm', '/proc/[tracer]/comm']);
});

test('capabilities: what certainly needed one, and what may have', t => {
  const { facts } = observe(`1 geteuid() = 0
1 chroot("/jail") = 0
1 bind(3, {sa_family=AF_INET, sin_port=htons(25), sin_addr=inet_addr("0.0.0.0")}, 16) = 0
1 bind(3, {sa_family=AF_INET, sin_port=htons(8025), sin_addr=inet_addr("0.0.0.0")}, 16) = 0
1 setresuid(110, 110, 110) = 0
1 mount("a", "/b", "tmpfs", 0, NULL) = -1 EPERM (Operation not permitted)
`);
  const needed = facts.flatMap(fact =>
    fact.kind === 'capability' && fact.errno === undefined ? [`${fact.name} ${fact.certain}`] : [],
  );
  t.deepEqual([...new Set(needed)].sort(), ['CAP_NET_BIND_SERVICE true', 'CAP_SETUID true', 'CAP_SYS_CHROOT true']);
});

test('a log made with -e trace=… is noticed', t => {
  const { facts } = observe(
    Array.from({ length: 30 }, (_, i) => `1 openat(AT_FDCWD, "/f${i}", O_RDONLY) = 3\n`).join(''),
  );
  t.true(facts.some(fact => fact.kind === 'blind' && fact.what.includes('-e trace')));
});

test('an attacker’s flood of names stays bounded and is reported', t => {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay' });
  for (let i = 0; i < 150_000; i++) observer.line(`1 openat(AT_FDCWD, "/var/flood/${i % 300}/${i}", O_RDONLY) = 3`);
  observer.end();
  const profile = observer.snapshot();
  t.true(profile.facts.length <= 60_001);
  t.true(profile.overflow.length > 0);
  t.true(
    profile.facts.some(fact => fact.kind === 'path' && fact.pattern === true && fact.path.startsWith('/var/flood/')),
  );
});

test('a line of many megabytes is counted, skipped and does no harm', t => {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay' });
  const long = Buffer.alloc(1 << 20, 'a');
  observer.push(Buffer.from('1 getpid() = 1\n1 openat(AT_FDCWD, "/'));
  for (let i = 0; i < 8; i++) observer.push(long);
  observer.push(Buffer.from('", O_RDONLY) = 3\n1 openat(AT_FDCWD, "/after", O_RDONLY) = 3\n'));
  observer.end();
  const { unrecognised, facts } = observer.snapshot();
  t.is(unrecognised.count, 1);
  t.true(facts.some(fact => fact.kind === 'path' && fact.path === '/after'));
});

test('a child whose place was taken by a stray line is who its parent was', t => {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay', cwd: '/srv', uid: 0 });
  for (const line of [
    '10 execve("/bin/sh", ["sh"], 0x1 /* 3 vars */) = 0',
    '10 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
    '99 getpid() = 99',
    '11 execve("/usr/bin/sleep", ["sleep"], 0x1 /* 3 vars */ <unfinished ...>',
    '10 <... clone resumed>) = 11',
    '11 <... execve resumed>) = 0',
  ])
    observer.line(line);
  observer.end();
  const { facts } = observer.snapshot();
  const ran = facts
    .filter(fact => fact.kind === 'path' && fact.mode === 'exec')
    .map(({ evidence: _, ...access }) => access);
  t.deepEqual(ran, [
    { kind: 'path', mode: 'exec', path: '/bin/sh', uid: 0 },
    { kind: 'path', mode: 'exec', path: '/usr/bin/sleep', uid: 0 },
  ]);
});

test('a program that starts while another one makes a thread leaves that one its threads', t => {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay', cwd: '/srv', uid: 0 });
  const thread = 'clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD, exit_signal=0}, 88';
  for (const line of [
    '10 execve("/bin/sh", ["sh"], 0x1 /* 3 vars */) = 0',
    '10 clone(child_stack=NULL, flags=SIGCHLD) = 20',
    `20 ${thread}) = 21`,
    `20 ${thread} <unfinished ...>`,
    '10 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
    '30 execve("/usr/bin/sleep", ["sleep"], 0x1 /* 3 vars */) = 0',
    '22 openat(AT_FDCWD, "/etc/hostname", O_RDONLY) = 3',
    '20 <... clone3 resumed>) = 22',
    '10 <... clone resumed>) = 30',
    '21 openat(AT_FDCWD, "/etc/shells", O_RDONLY) = 4',
  ])
    observer.line(line);
  observer.end();
  const users = new Map(
    observer.snapshot().facts.flatMap(fact => (fact.kind === 'path' ? [[fact.path, fact.uid] as const] : [])),
  );
  for (const path of ['/usr/bin/sleep', '/etc/hostname', '/etc/shells']) t.is(users.get(path), 0, path);
});

test('a thread that comes before the child of an older clone leaves that one its place', t => {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay', cwd: '/srv', uid: 0 });
  const thread = 'clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD, exit_signal=0}, 88';
  for (const line of [
    '10 execve("/bin/sh", ["sh"], 0x1 /* 3 vars */) = 0',
    '10 clone(child_stack=NULL, flags=SIGCHLD) = 20',
    '20 execve("/bin/python", ["python"], 0x1 /* 3 vars */) = 0',
    '10 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
    `20 ${thread} <unfinished ...>`,
    '21 getpid() = 20',
    '20 <... clone3 resumed>) = 21',
    '30 execve("/bin/sleep", ["sleep"], 0x1 /* 3 vars */) = 0',
    '10 <... clone resumed>) = 30',
    '21 openat(AT_FDCWD, "shells", O_RDONLY) = 4',
  ])
    observer.line(line);
  observer.end();
  const { facts } = observer.snapshot();
  const shells = facts.find(fact => fact.kind === 'path' && fact.path === '/srv/shells');
  t.deepEqual(shells?.evidence.by, ['/bin/python']);
  t.is(shells?.kind === 'path' ? shells.uid : undefined, 0);
  const process = facts.find(fact => fact.kind === 'process' && fact.exe === '/bin/sleep');
  t.is(process?.kind === 'process' ? process.parent : undefined, '/bin/sh');
});

test('A line that is not understood is kept without what was read or written', t => {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay', cwd: '/' });
  const lines = [
    '1 write(3, "hush \\" hush", 16 = 16',
    '1 <... recvfrom resumed>"hush hush',
    '1 openat(AT_FDCWD, "/etc/x" = 3',
  ];
  observer.push(Buffer.from(`${lines.join('\n')}\n`));
  observer.end();
  const texts = observer.snapshot().unrecognised.samples.map(({ text }) => text);
  t.true(texts.length > 0);
  t.false(texts.join().includes('hush'));
  t.true(texts.join().includes('/etc/x'), 'names of files tell what was not understood');
});
