// Two ways lead through a log, the plain one and the fast one (src/strace/fast.ts). They must come to the same profile:
// on every recorded log, on logs made of all that strace prints and of names chosen to mislead, however the bytes are cut.

import test from 'ava';
import { formatProfile } from '../../src/profile/file.ts';
import { Observer } from '../../src/profile/observer.ts';
import { detectLayout } from '../../src/strace/layout.ts';
import { decodeBytes, escapeText } from '../../src/strace/text.ts';
import fc from '../support/fast-check.ts';
import { allFixtures, fixtureText } from '../support/fixtures.ts';

/** All that a log comes to, as text. */
function outcome(observer: Observer): string[] {
  observer.end();
  return [...formatProfile(observer.snapshot()).split('\n'), JSON.stringify(observer.stats), String(observer.pids)];
}

function observe(text: string, fast: boolean, chunk = text.length): string[] {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay', cwd: '/srv/fixture', fast });
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += chunk) observer.push(bytes.subarray(at, at + chunk));
  return outcome(observer);
}

/** Lines of the outcomes that are not in both. */
function differences(left: string[], right: string[]): string[] {
  return [...left.filter(line => !right.includes(line)), ...right.filter(line => !left.includes(line))];
}

test('every fixture', t => {
  for (const name of allFixtures()) {
    const text = fixtureText(name);
    t.deepEqual(differences(observe(text, true), observe(text, false)), [], name);
  }
});

const bait = fc.constantFrom(
  '") = 3',
  ' <unfinished ...>',
  '\n7 openat(AT_FDCWD, "/etc/shadow", O_RDWR) = 3',
  '<... openat resumed>',
  '>) = 0</x>',
  'PROT_EXEC',
  'SCM_RIGHTS',
  'sa_family=',
  '[pid 2] ',
  'strace: Process 3 attached',
  '\x1b[2J',
  '\xff',
);
const name = fc
  .array(fc.oneof(bait, fc.string({ maxLength: 4 })), { minLength: 1, maxLength: 3 })
  .map(parts => `/d/${escapeText(decodeBytes(Buffer.from(parts.join('').replace(/\0/g, ''), 'latin1')))}`);
const known = fc.constantFrom('/etc/passwd', '/proc/2/stat', '/dev/fd/3', 'relative', '/d/../e//f', '/usr/bin/env');
const path = fc.oneof({ weight: 3, arbitrary: known }, name);
const pid = fc.integer({ min: 1, max: 4 });
const fd = fc.integer({ min: 0, max: 5 });
const result = fc.constantFrom(
  '0',
  '3',
  '-1 ENOENT (No such file or directory)',
  '? ERESTARTSYS (To be restarted)',
  '?',
);

/** A call as [what stands before its result, result]. */
const call: fc.Arbitrary<[string, string]> = fc.oneof(
  fc.tuple(
    path.map(p => `openat(AT_FDCWD, "${p}", O_RDONLY|O_CLOEXEC)`),
    result,
  ),
  fc.tuple(
    path.map(p => `openat(AT_FDCWD</proc/3>, "${p}", O_RDWR|O_CREAT, 0600)`),
    fc.constantFrom('3</proc/3/x>', '3'),
  ),
  fc.tuple(
    path.map(p => `newfstatat(3</d>, "${p}", {st_mode=S_IFREG|0644, st_size=1, ...}, 0)`),
    result,
  ),
  fc.tuple(
    path.map(p => `chdir("${p}")`),
    result,
  ),
  fc.tuple(
    path.map(p => `execve("${p}", ["x"], 0x1 /* 3 vars */)`),
    result,
  ),
  fc.tuple(
    path.map(p => `write(1, "${p}", 12)`),
    result,
  ),
  fc.tuple(
    path.map(p => `sendto(3, "${p}", 2, 0, NULL, 0)`),
    result,
  ),
  fc.tuple(
    path.map(p => `sendto(3, "x", 2, 0, {sa_family=AF_UNIX, sun_path="${p}"}, 12)`),
    result,
  ),
  fc.tuple(
    fd.map(n => `close(${n}<socket:[1234]>)`),
    fc.constantFrom('0', '-1 EBADF (Bad file descriptor)'),
  ),
  fc.tuple(
    fd.map(n => `dup2(${n}, 5)`),
    fc.constant('5'),
  ),
  fc.tuple(
    fd.map(n => `fcntl(${n}, F_DUPFD, 0)`),
    fc.constant('4</etc>'),
  ),
  fc.tuple(
    fd.map(n => `fcntl(${n}, F_GETFL)`),
    fc.constant('0x2 (flags O_RDWR)'),
  ),
  fc.tuple(
    fd.map(n => `fcntl(${n}, F_SETFD, FD_CLOEXEC)`),
    fc.constant('0'),
  ),
  fc.tuple(
    fd.map(n => `dup3(${n}</d>, 5, O_CLOEXEC)`),
    fc.constant('5</d>'),
  ),
  fc.tuple(
    fd.map(n => `pipe2([${n}<pipe:[71]>, ${n + 1}<pipe:[71]>], O_CLOEXEC)`),
    fc.constant('0'),
  ),
  fc.tuple(
    fd.map(n => `recvmsg(3, {msg_control=[{cmsg_type=SCM_RIGHTS, cmsg_data=[${n}</d/sent>]}]}, 0)`),
    fc.constant('1'),
  ),
  fc.tuple(fc.constantFrom('getcwd("/srv", 4096)', 'fchdir(3</d>)', 'fchdir(3)', 'chroot("/jail")'), result),
  fc.tuple(fc.constantFrom('umask(077)', 'umask(022)'), fc.constant('022')),
  fc.tuple(
    fd.map(n => `mmap(NULL, 4096, PROT_READ|PROT_EXEC, MAP_PRIVATE, ${n}</lib/x.so>, 0)`),
    fc.constant('0x7f00'),
  ),
  // -X raw, -X verbose, -xx; and names that look like constants where the real ones are numbers.
  fc.tuple(
    fc.constantFrom(
      'fcntl(3</d, F_GETFD>, 0x406, 4)',
      'fcntl(3</d>, 0x406 /* F_DUPFD_CLOEXEC */, 4)',
      'fcntl(3, 0x3 /* F_GETFL */)',
      'mmap(NULL, 4096, 0x5, 0x2, 3</d/PROT_NONE>, 0)',
      'mprotect(0x7f0000000000, 4096, 0x4 /* PROT_EXEC */)',
      'setsockopt(3<socket:[71]>, 0x1, 0x24, [7], 4)',
      'recvmsg(3, {msg_control=[{cmsg_len=20, cmsg_level=0x1, cmsg_type=0x1, cmsg_data=[5</d/sent>]}]}, 0)',
      'openat(-100, "\\x2f\\x64", 0x241, 0644)',
    ),
    fc.constantFrom('4', '0x4'),
  ),
  fc.tuple(
    fc.constantFrom(
      'clone(child_stack=NULL, flags=0x600|17)',
      'clone(child_stack=NULL, flags=SIGCHLD)',
      'vfork()',
      'clone3({flags=CLONE_FS|CLONE_FILES}, 88)',
    ),
    pid.map(String),
  ),
  fc.tuple(fc.constantFrom('setuid(33)', 'geteuid()', 'getpid()', 'kill(2, SIGTERM)', 'exit_group(0)'), result),
  fc.tuple(fc.constantFrom('nosuchcall(1)', 'read(3, "x" garbage', 'futex(0x7f, FUTEX_WAIT'), result),
);

/** The lines of a call, whole or split; other lines may come between its halves. */
const callLines: fc.Arbitrary<string[]> = fc
  .tuple(call, fc.nat({ max: 40 }), fc.boolean(), fc.boolean(), fc.integer({ min: 0, max: 5 }))
  .map(([[text, value], at, split, timed, one]) => {
    const never = one === 0;
    const end = `${text.length < 20 ? '    ' : ''} = ${value}${timed ? ' <0.000012>' : ''}`;
    if (!split) return [`${text}${end}`];
    const open = text.indexOf('(') + 1;
    const cut = Math.min(text.length, open + at);
    return [
      `${text.slice(0, cut)} <unfinished ...>`,
      never
        ? `<... ${text.slice(0, open - 1)} resumed>${text.slice(cut, -1)} <unfinished ...>) = ?`
        : `<... ${text.slice(0, open - 1)} resumed>${text.slice(cut)}${end}`,
    ];
  });
const other = fc.constantFrom(
  '--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=2, si_uid=0, si_status=0} ---',
  '+++ exited with 0 +++',
  '+++ killed by SIGKILL +++',
  '+++ superseded by execve in pid 3 +++',
  '[ Process PID=2 runs in 32 bit mode. ]',
  'exit_group(0 <unfinished ...>) = ?',
  'execve("/bin/x", ["x"], 0x1 /* 3 vars */ <pid changed to 2 ...>',
  'read(3 <detached ...>',
  ' > /lib/libc.so.6(open+0x1) [0x2]',
  '<... openat resumed>) = 3',
  'strace: Process 3 attached',
  'clone(child_stack=NULL, flags=SIGCHLDstrace: Process 3 attached',
  ', child_tidptr=0x7f0000000000) = 3',
  'write(1, "x\\n", 2x',
  ')                  = 2',
  ' <unfinished ...>',
  'said[pid     2] openat(AT_FDCWD, "said", O_RDWR) = 3',
  '???( <unfinished ...>',
  '<... ??? resumed>) = ?',
  ' = 2 buffers in vector 0',
  'web_1  | getpid() = 1',
  '\x1b[31mgetpid()\x1b[0m = 1',
  '',
  'x'.repeat(500),
);
const body = fc.oneof({ weight: 6, arbitrary: callLines }, { weight: 1, arbitrary: other.map(line => [line]) });

/** What stands before a body, by the options of strace. */
const leaders: Readonly<Record<string, (pid: number, line: number) => string>> = {
  'column, Unix time': (of, line) => `${of}     ${1_795_500_000 + line * 3}.12345${line % 10} `,
  'column, Unix time, command name': (of, line) => `${of}<${line % 3 === 0 ? 'a> 1' : 'b'}> ${1_795_500_000 + line}.5 `,
  'column, Unix time in full seconds': (of, line) => `${of}     ${1_795_500_000 + line} `,
  'column, Unix time, damaged': (of, line) =>
    `${of}     ${['1795500000.', '1795500000.1.2', '179550000', '12345678901234567890', '1795500000.12345678901234567890', ''][line % 6]} `,
  'column, numbers that are no pids, Unix time': (of, line) =>
    `${['', '4194304', '4194305', '99999999999'][line % 4]}${of} 1795500000.000000 `,
  'column, time of day, number': (of, line) => `${of}     23:59:${String(line % 60).padStart(2, '0')} [ 257] `,
  column: of => `${of}     `,
  'column, relative, command name': of => `${of}<a b>      0.000012 `,
  stderr: of => (of === 1 ? '' : `[pid     ${of}] `),
  none: () => '',
};

/** Mixed: second halves somewhere behind first ones, as several processes make them. */
const log = fc
  .tuple(
    fc.constantFrom(...Object.keys(leaders)),
    fc.array(fc.tuple(pid, body, fc.nat({ max: 3 })), { minLength: 1, maxLength: 50 }),
    fc.integer({ min: 1, max: 4 }),
    fc.boolean(),
  )
  .map(([leader, items, repeats, others]) => {
    const lines: string[] = [];
    const waiting: { due: number; line: string }[] = [];
    const prefix = leaders[leader] ?? (() => '');
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const [one, [first = '', second], delay] of items) {
        // Again by the same process, or by another one.
        const of = others ? ((one + repeat) % 4) + 1 : one;
        lines.push(prefix(of, lines.length) + first);
        if (second !== undefined) waiting.push({ due: lines.length + delay, line: prefix(of, lines.length) + second });
        while (waiting[0] !== undefined && waiting[0].due <= lines.length) lines.push(waiting.shift()?.line ?? '');
      }
    }
    return lines.map(line => `${line}\n`).join('');
  });

test('more different lines than are remembered at once', t => {
  const line = (i: number): string => `7     1795500000.000001 access("/srv/${i % 9}", 0x${i}) = 0\n`;
  const distinct = Array.from({ length: 140_000 }, (_, i) => line(i % 30_000) + line(i)).join('');
  const text = distinct + distinct;
  t.deepEqual(differences(observe(text, true, 1 << 16), observe(text, false, 1 << 16)), []);
});

test('[law] generated logs, cut anywhere', t => {
  fc.assert(
    fc.property(log, fc.integer({ min: 1, max: 300 }), (text, chunk) => {
      const plain = observe(text, false);
      t.deepEqual(differences(observe(text, true), plain), []);
      t.deepEqual(differences(observe(text, true, chunk), plain), []);
      t.deepEqual(differences(observe(text, false, chunk), plain), []);
    }),
    { numRuns: 400 },
  );
});

test('whatever byte a line begins with behind its prefix', t => {
  const bytes = Array.from({ length: 255 }, (_, i) => String.fromCharCode(i + 1)).filter(byte => byte !== '\n');
  const lines = bytes.map(
    byte => `1 ${byte}x(1) = 0\n1 read(3 <unfinished ...>\n1 ${byte}x(1 <unfinished ...>
1 <... read resumed>) = 0\n1 <... ${byte}x resumed>) = 0\n`,
  );
  for (const line of lines) {
    const text = `1 getpid() = 1\n${line}`;
    t.deepEqual(differences(observe(text, true), observe(text, false)), [], line);
  }
});

test('what is not understood is shown as it stands in its line', t => {
  const text = ['0x7f8ffd249990', '0x7f8ffe24b990', '0x7f8ffe24b990']
    .map(address => `1 clone3({child_tid=${address} <unfinished ...>\n1 <... clone3 resumed>) = 3\n`)
    .join('');
  t.deepEqual(differences(observe(text, true), observe(text, false)), []);
});

test('[law] lines of recorded logs in any order', t => {
  const lines = [
    ...new Set(
      [
        'threads/y.strace',
        'vfork/plain.strace',
        'redis/y.strace',
        'nginx/plain.strace',
        'shell-cd/stderr.strace',
      ].flatMap(fixture => fixtureText(fixture).split('\n')),
    ),
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 60 }), picked => {
      const text = [...picked, ...picked].map(line => `${line}\n`).join('');
      t.deepEqual(differences(observe(text, true), observe(text, false)), []);
    }),
    { numRuns: 150 },
  );
});

test('[law] the files of a -ff set', t => {
  const sets = fc.array(fc.tuple(pid, fc.array(callLines, { maxLength: 12 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(sets, files => {
      const [fast, plain] = [true, false].map(way => {
        const observer = new Observer({ id: 'run', trace: 'log', mode: 'replay', fast: way });
        const layout = detectLayout(['getpid() = 1']);
        if (layout === null) return [];
        for (const [of, calls] of files) {
          const file = observer.file(`log.${of}`, of, layout);
          for (const line of calls.flat()) file.line(line);
        }
        return outcome(observer);
      });
      t.deepEqual(fast, plain);
    }),
    { numRuns: 100 },
  );
});
