// What lines mean: split calls, inherited and changed state, paths as the host sees them.

import test from 'ava';
import { eventsOf, pathsOf } from '../support/events.ts';
import fc from '../support/fast-check.ts';
import { allFixtures, fixtureText } from '../support/fixtures.ts';

test('every line of every fixture is one event, whatever the chunks', t => {
  for (const name of allFixtures()) {
    const text = fixtureText(name);
    const events = eventsOf(text);
    t.deepEqual(
      events.map(({ line }) => line),
      Array.from({ length: events.length }, (_, i) => i + 1),
      name,
    );
    t.is(events.length, text.split('\n').length - 1, name);
    if (!name.includes('stderr'))
      t.deepEqual(
        events.filter(({ kind }) => kind === 'unrecognised'),
        [],
        name,
      );
    if (text.length < 100_000) t.deepEqual(eventsOf(text, { chunk: 777 }), events, name);
  }
});

test('[law] any chunking gives the same events', t => {
  const text = fixtureText('vfork/y.strace');
  const whole = eventsOf(text);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), chunk => {
      t.deepEqual(eventsOf(text, { chunk }), whole);
    }),
    { numRuns: 20 },
  );
});

test('in a chroot, absolute names are below it, and .. does not leave it', t => {
  const paths = pathsOf(eventsOf(fixtureText('chroot/plain.strace')));
  t.true(paths.includes('open /srv/fixture/jail/data/file') || paths.includes('openat /srv/fixture/jail/data/file'));
  t.true(paths.includes('openat /srv/fixture/jail/etc/passwd'));
  t.true(paths.includes('rename /srv/fixture/jail/moved'));
  t.false(paths.some(path => path.endsWith('/srv/fixture/moved')));
});

test('a child of vfork that changes its directory does not move its parent', t => {
  const paths = pathsOf(eventsOf(fixtureText('vfork/plain.strace')));
  t.true(paths.includes('openat /srv/fixture/child/there'));
  t.true(paths.includes('openat /srv/fixture/here'));
});

test('a failed chdir changes nothing; a subshell has a directory of its own', t => {
  const paths = pathsOf(eventsOf(fixtureText('shell-cd/plain.strace'), { cwd: '/srv/fixture' }));
  t.true(paths.includes('openat /srv/fixture/one/a.txt'));
  t.true(paths.includes('openat /srv/fixture/one/two/b.txt'));
  t.true(paths.includes('openat /srv/fixture/one/d.txt'));
});

test('names that go through links of /proc are those of what is open, of the directory and of the root', t => {
  const paths = pathsOf(
    eventsOf(
      `1 chdir("/srv/c") = 0
1 openat(AT_FDCWD, "/srv/d", O_RDONLY|O_DIRECTORY) = 3
1 mkdir("/proc/self/fd/3/one", 0777) = 0
1 rmdir("/dev/fd/3/../two") = 0
1 unlink("/proc/thread-self/cwd/three") = 0
1 unlink("/proc/self/root/srv/four") = 0
1 openat(AT_FDCWD, "/srv/e", O_RDONLY|O_DIRECTORY) = 3
1 mkdir("/proc/self/fd/3/one", 0777) = 0
1 unlink("/proc/self/fd/9/unknown") = 0
`,
    ),
  );
  for (const path of [
    'mkdir /srv/d/one',
    'rmdir /srv/two',
    'unlink /srv/c/three',
    'unlink /srv/four',
    'mkdir /srv/e/one',
    'unlink /proc/self/fd/9/unknown',
  ])
    t.true(paths.includes(path), `${path} in ${paths.join(', ')}`);
});

test('with and without -y the same script names the same files', t => {
  const named = (name: string): Set<string> =>
    new Set(
      pathsOf(eventsOf(fixtureText(`shell-cd/${name}`), { cwd: '/srv/fixture' })).filter(path =>
        path.includes('/srv/fixture/one/'),
      ),
    );
  const expected = named('y.strace');
  for (const name of [
    'plain.strace',
    'yy.strace',
    'relative.strace',
    'xx.strace.zst',
    'summary.strace',
    'stderr.strace',
    'stack.strace',
  ])
    t.deepEqual(named(name), expected, name);
});

test('without a known directory relative paths stay unresolved', t => {
  const events = eventsOf('1 openat(AT_FDCWD, "x", O_RDONLY) = 3\n1 openat(AT_FDCWD, "/y", O_RDONLY) = 4\n');
  t.deepEqual(pathsOf(events), ['openat null', 'openat /y']);
});

test('a split call is resolved with the directory of its beginning', t => {
  const log = `1 chdir("/a") = 0
1 clone(child_stack=0x1, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 2
1 openat(AT_FDCWD, "f", O_RDONLY <unfinished ...>
2 chdir("/b") = 0
1 <... openat resumed>) = 3
1 openat(AT_FDCWD, "g", O_RDONLY) = 4
`;
  t.deepEqual(pathsOf(eventsOf(log)), ['chdir /a', 'chdir /b', 'openat /a/f', 'openat /b/g']);
});

test('a child that prints before its parent has returned from clone inherits', t => {
  const log = `1 chdir("/srv") = 0
1 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD <unfinished ...>
2 openat(AT_FDCWD, "early", O_RDONLY) = 3
1 <... clone resumed>, child_tidptr=0x1) = 2
2 chdir("/elsewhere") = 0
1 openat(AT_FDCWD, "late", O_RDONLY) = 3
`;
  t.deepEqual(pathsOf(eventsOf(log)).slice(1), ['openat /srv/early', 'chdir /elsewhere', 'openat /srv/late']);
});

test('the execve of a thread ends under the pid of its leader', t => {
  const log = `5 clone(child_stack=0x1, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_THREAD) = 6
6 execve("/bin/sh", ["sh"], 0x1 /* 3 vars */ <unfinished ...>
5 read(3,  <unfinished ...>) = ?
5 +++ superseded by execve in pid 6 +++
5 <... execve resumed>) = 0
5 openat(AT_FDCWD, "/x", O_RDONLY) = 3
`;
  const events = eventsOf(log);
  t.deepEqual(
    events.map(({ kind }) => kind),
    ['syscall', 'unfinished', 'syscall', 'superseded', 'syscall', 'syscall'],
  );
  t.like(events[4], { syscall: 'execve', pid: 5, resumed: true, ret: 0 });
  t.like(events[3], { old_pid: 6 });
});

test('descriptors: dup, fchdir, close-on-exec, relative to a directory', t => {
  const log = `1 openat(AT_FDCWD, "/d", O_RDONLY|O_DIRECTORY|O_CLOEXEC) = 3
1 dup(3) = 4
1 openat(4, "x", O_WRONLY|O_CREAT, 0600) = 5
1 fchdir(3) = 0
1 unlink("y") = 0
1 execve("/bin/true", ["true"], 0x1 /* 1 var */) = 0
1 openat(3, "gone", O_RDONLY) = 6
1 openat(4, "kept", O_RDONLY) = 6
`;
  t.deepEqual(pathsOf(eventsOf(log)), [
    'openat /d',
    'openat /d/x',
    'fchdir /d',
    'unlink /d/y',
    'execve /bin/true',
    'openat null',
    'openat /d/kept',
  ]);
});

test('names chosen to mislead come out as the bytes they are', t => {
  const names = eventsOf(fixtureText('names/y.strace'))
    .flatMap(({ syscall, paths }) => (syscall === 'unlink' || syscall === 'unlinkat' ? (paths ?? []) : []))
    .map(({ arg, path_hex }) => [arg, path_hex] as const);
  const args = names.map(([arg]) => arg);
  for (const name of [
    'line\nbreak',
    'x") = 3',
    'fifo <unfinished ...>',
    'esc\x1b[31mred',
    '<img src=x onerror=alert(1)>',
    '1\n4242  openat(AT_FDCWD, "%etc%shadow", O_RDWR) = 3',
  ])
    t.true(
      args.some(arg => arg?.endsWith(name)),
      name,
    );
  t.true(names.some(([, hex]) => hex?.endsWith(Buffer.from('latin-\xe9', 'latin1').toString('hex'))));
});

test('[law] anything at all as a log: no exception, one event a line', t => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'binary' }).map(line => Buffer.from(line).toString('latin1').replace(/\n/g, ' ')),
        { maxLength: 12 },
      ),
      lines => {
        const text = lines.map(line => `${line}\n`).join('');
        t.is(eventsOf(text).length, lines.length);
      },
    ),
    { numRuns: 300 },
  );
});
