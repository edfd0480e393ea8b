// `allowtrace replay`, `merge` and `events` as a user runs them: good input, bad input, hostile names.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { execa } from 'execa';
import { allowtrace, bin, fixture, fixtureText } from '../support/fixtures.ts';

const scratch = (): string => mkdtempSync(join(tmpdir(), 'allowtrace-test-'));

function file(name: string, content: string | Uint8Array): string {
  const path = join(scratch(), name);
  writeFileSync(path, content);
  return path;
}

test('OpenSMTPD: the proposal names its spool, its chroot and its port, with evidence', async t => {
  const { exitCode, stdout, stderr } = await allowtrace([
    'replay',
    '--format',
    'full',
    fixture('opensmtpd/y.strace.gz'),
  ]);
  t.is(exitCode, 0);
  t.regex(stdout, /^ReadWritePaths=-?\/var\/spool\/smtpd$/m);
  t.regex(stdout, /^CapabilityBoundingSet=.*CAP_NET_BIND_SERVICE/m);
  t.regex(stdout, /^CapabilityBoundingSet=.*CAP_SYS_CHROOT/m);
  t.regex(stdout, /# .*y\.strace\.gz:\d+ openat/);
  t.regex(stderr, /lines, .* processes, .* system calls, .* paths/);
});

test('what the unit itself denies and the proposal allows is said: its lines take the place of those of the unit', async t => {
  const units = scratch();
  const own =
    'SystemCallFilter=@system-service\nSystemCallFilter=~@privileged\nInaccessiblePaths=-/etc/passwd\nUMask=0027';
  writeFileSync(join(units, 'd.service'), `[Service]\nExecStart=/usr/sbin/d\n${own}\n`);
  writeFileSync(join(units, 'free.service'), '[Service]\nExecStart=/usr/sbin/d\n');
  const log = file(
    'd.strace',
    '1 execve("/usr/sbin/d", ["d"], 0x1 /* 9 vars */) = 0\n1 chown("/srv/x", 0, 0) = 0\n1 openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3\n',
  );
  const said = async (unit: string): Promise<string[]> => {
    const args = ['replay', '--no-verify', '--format', 'full', '--unit', unit, log];
    const { stdout } = await execa(bin, args, { env: { SYSTEMD_UNIT_PATH: units } });
    return stdout.split('\n').filter(line => line.includes('of the unit denies'));
  };
  t.deepEqual(await said('d'), [
    '#   open: SystemCallFilter=~@privileged of the unit denies chown; it was observed, so the proposal overrides the line and allows it',
    '#   open: InaccessiblePaths=-/etc/passwd of the unit denies read /etc/passwd; it was observed, so the proposal overrides the line and allows it',
  ]);
  t.deepEqual(await said('free'), []);
});

test('a log from standard input, from a folder of -ff files, packed with zstd', async t => {
  const { stdout } = await allowtrace(
    ['replay', '--other-host', '--profile', join(scratch(), 'p.json'), '-'],
    fixtureText('vfork/y.strace'),
  );
  t.regex(stdout, /SystemCallFilter=/);
  for (const name of ['shell-cd/ff', 'shell-cd/ff/log', 'shell-cd/xx.strace.zst']) {
    const { exitCode, stderr } = await allowtrace(['replay', fixture(name)]);
    t.is(exitCode, 0, name);
    t.notRegex(stderr, /not understood/, name);
  }
});

test('the same log twice is one run; merging is written atomically and is the same in any order', async t => {
  const dir = scratch();
  const [a, b] = [join(dir, 'a.json'), join(dir, 'b.json')];
  await allowtrace(['replay', '--profile', a, fixture('chroot/y.strace')]);
  await allowtrace(['replay', '--profile', b, fixture('vfork/y.strace')]);
  const merge = async (...names: string[]): Promise<string> => (await allowtrace(['merge', ...names])).stdout;
  t.is(await merge(a, b), await merge(b, a));
  t.is(await merge(a, b, a), await merge(a, b));
  const reduced = await allowtrace(
    ['merge', '-'],
    [a, b].map(name => readFileSync(name, 'utf8').replace(/\n/g, '')).join('\n'),
  );
  t.is(reduced.stdout.split('\n').length, 1);
  t.is(reduced.stdout, (await merge(a, b)).replace(/\n/g, ''));
});

test('a log is the same run however it is packed, and piped in', async t => {
  const line = (i: number): string => `7 openat(AT_FDCWD, "/srv/${i % 50}", O_RDONLY) = ${i}\n`;
  const random = Array.from({ length: 200_000 }, (_, i) => line(Math.imul(i, 2_654_435_761) >>> 0)).join('');
  // Shorter than what is kept of it, a little longer, and so large that a thread unpacks it.
  for (const text of [line(1), line(1).repeat(2500), random]) {
    const plain = file('plain.strace', text);
    const gzip = file('packed.strace.gz', gzipSync(text));
    const { stdout } = await execa('zstd', ['-qc', plain], { encoding: 'buffer' });
    const profile = join(scratch(), 'p.json');
    const words = ['replay', '--no-verify', '--profile', profile, plain, gzip, file('packed.zst', stdout), '-'];
    t.is((await allowtrace([...words, '--allow-incomplete'], text)).exitCode, 0);
    t.is(JSON.parse(readFileSync(profile, 'utf8')).runs.length, 1, text.slice(0, 100));
    await allowtrace(['replay', '--no-verify', '--profile', profile, gzip, file('other', `${text}${line(2)}`)]);
    t.is(JSON.parse(readFileSync(profile, 'utf8')).runs.length, 2);
  }
  t.true(gzipSync(random).length > 1 << 19);
});

test('bad input: exit 2, a message that names the file, no stack trace', async t => {
  const cases: [string, RegExp][] = [
    [file('empty', ''), /empty: is empty/],
    [file('binary', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1)), /binary: is a binary file/],
    [
      file('other.log', 'Nov 24 10:00:00 host sshd[1]: hello\nsecond line\n'),
      /other\.log:1: is not strace output .*: Nov 24/,
    ],
    [
      file(
        'table',
        '% time     seconds  usecs/call     calls    errors syscall\n------ ----------- ----------- --------- --------- ----------------\n100.00    0.000000                     0           total\n',
      ),
      /no system calls/,
    ],
    [file('half.json', '{"format":"allowtrace-profile","version":1,'), /half\.json:1: is not JSON/],
    [file('utf-16', Buffer.from('\ufeff7 close(3) = 0\n', 'utf16le')), /utf-16: is text in UTF-16/],
    ['/no/such/log', /\/no\/such\/log: no such file/],
  ];
  for (const [name, message] of cases) {
    const { exitCode, stdout, stderr } = await allowtrace(['replay', name]);
    t.is(exitCode, 2, name);
    t.is(stdout, '', name);
    t.regex(stderr, message);
    t.notRegex(stderr, /\n\s+at /, name);
  }
});

test('damaged gzip is an error, not half a result', async t => {
  const whole = readFileSync(fixture('opensmtpd/y.strace.gz'));
  const { exitCode, stderr } = await allowtrace(['replay', file('cut.gz', whole.subarray(0, whole.length / 2))]);
  t.is(exitCode, 2);
  t.regex(stderr, /cut\.gz: cannot be read to its end/);
});

test('a place for temporary files that is none is told in words', async t => {
  const env = { TMPDIR: '/no/such' };
  const { exitCode, stderr } = await execa(bin, ['replay', fixture('vfork/y.strace')], { reject: false, env });
  // Where systemd-analyze is missing, nothing is asked of it.
  if (exitCode !== 0) t.regex(stderr, /^allowtrace: \/no\/such: no such file or directory$/m);
  t.notRegex(stderr, /^ +at /m);
});

test('a log cut in mid-line is used up to there, and that is said', async t => {
  const text = fixtureText('vfork/y.strace');
  const { exitCode, stderr } = await allowtrace([
    'replay',
    '--other-host',
    file('cut', Buffer.from(text.slice(0, text.length * 0.7), 'latin1')),
  ]);
  t.is(exitCode, 0);
  t.regex(stderr, /not understood: 1 line/);
});

test('hostile names: no forged directive, no terminal escape, on either stream', async t => {
  const { stdout, stderr } = await allowtrace(['replay', fixture('names/y.strace')]);
  for (const text of [stdout, stderr]) t.notRegex(text, /[\u0000-\u0008\u000b-\u001f\u007f\u202e]/);
  const known = /^(?:#.*|\[Service\]|[A-Z][A-Za-z]+=.*|)$/;
  for (const line of stdout.split('\n')) t.regex(line, known);
  t.notRegex(stdout, /^(?!InaccessiblePaths)[A-Za-z]+=.*shadow/m);
});

test('names behind -- may begin with a dash; --cwd is meant as seen from here', async t => {
  const cwd = scratch();
  writeFileSync(
    join(cwd, '-odd.strace'),
    '7 execve("/srv/d", ["d"], 0x1 /* 0 vars */) = 0\n7 openat(AT_FDCWD, "x", O_RDONLY) = 3\n',
  );
  const run = (...words: string[]): Promise<{ stdout: string }> => execa(bin, words, { cwd });
  const { stdout } = await run('events', '--cwd', 'sub', '--', '-odd.strace');
  t.is(JSON.parse(stdout.split('\n')[1] ?? '').paths[0].path, join(cwd, 'sub/x'));
  t.regex(
    (await run('replay', '--no-verify', '--format', 'full', '--', '-odd.strace')).stdout,
    /-odd\.strace:1 execve/,
  );
});

test('--profile writes over no log, and --write-baseline over no unit', async t => {
  const log = file('daemon.strace', '7 openat(AT_FDCWD, "/x", O_RDONLY) = 3\n');
  const unit = file('daemon.service', '[Service]\nExecStart=/bin/true\n');
  for (const [path, ...words] of [
    [log, 'replay', '--no-verify', '--profile', log, log],
    [unit, 'check', '--write-baseline', unit, unit, '--', log],
  ] as const) {
    const before = readFileSync(path, 'utf8');
    const { exitCode, stdout, stderr } = await allowtrace(words);
    t.is(exitCode, 2);
    t.is(stdout, '');
    t.regex(stderr, /: not an allowtrace \w+; not overwritten\n/);
    t.is(readFileSync(path, 'utf8'), before);
  }
});

test('a --fold or --ignore that is for nothing that was seen is told by every command that takes it', async t => {
  const log = file(
    'd.strace',
    '7 execve("/usr/sbin/d", ["d"], 0x1 /* 9 vars */) = 0\n7 rename("/srv/a", "/srv/b") = 0\n',
  );
  const other = file('other.strace', '7 openat(AT_FDCWD, "/etc/only", O_RDONLY) = 3\n');
  const unit = file('d.service', '[Service]\nExecStart=/usr/sbin/d\nLockPersonality=yes\n');
  const good = ['--fold', '/srv/*', '--ignore', '/usr/sbin/*'];
  for (const words of [
    ['replay', '--no-verify', log],
    ['replay', '--no-verify', '--explain', '/srv', log],
    ['explain', '/srv', log],
    ['report', '-o', join(scratch(), 'page.html'), log],
    ['check', unit, '--', log],
    ['diff', log, other],
  ]) {
    const [verb = '', ...operands] = words;
    const run = async (...rules: string[]): Promise<string> => (await allowtrace([verb, ...rules, ...operands])).stderr;
    t.notRegex(await run(...good), /matches it/, verb);
    const said = await run(...good, '--ignore=/srb/**', '--fold=/srv/x*', '--ignore=/bin/\u202e');
    t.deepEqual(
      said.match(/^.* matches it$/gm),
      [
        '--fold /srv/x*: no observed path matches it',
        '--ignore /srb/**: no observed path matches it',
        '--ignore /bin/\\u202e: no observed path matches it',
      ],
      verb,
    );
  }
  t.notRegex((await allowtrace(['diff', '--ignore=/etc/only', log, other])).stderr, /matches it/);
});

test('an unknown option and a missing operand are errors with a hint', async t => {
  t.is((await allowtrace(['replay', '--frobnicate', 'x'])).exitCode, 2);
  const { exitCode, stderr } = await allowtrace(['replay']);
  t.is(exitCode, 2);
  t.regex(stderr, /no input files/);
});

test('events --raw adds the text of each line', async t => {
  const { stdout } = await allowtrace(['events', '--raw', fixture('vfork/plain.strace')]);
  const texts = stdout.split('\n').map(line => JSON.parse(line).text);
  t.deepEqual(texts, fixtureText('vfork/plain.strace').trimEnd().split('\n'));
});

test('events of something else than a log ends as replay does, and shows what it took each line for', async t => {
  const other = file('other.log', 'Nov 24 10:00:00 host sshd[1]: hello\nopenat(\n');
  const [events, replay] = [await allowtrace(['events', other]), await allowtrace(['replay', other])];
  t.is(events.exitCode, 2);
  t.regex(events.stderr, /other\.log:1: is not strace output .*: Nov 24/);
  t.is(events.stderr, replay.stderr);
  t.deepEqual(
    events.stdout.split('\n').map(line => JSON.parse(line).kind),
    ['unrecognised', 'unrecognised'],
  );
  const later = await allowtrace(['events', fixture('vfork/plain.strace'), other]);
  t.is(later.exitCode, 2);
  const table = '% time     seconds  usecs/call     calls    errors syscall\n';
  for (const text of [table, 'Nov 24\n7 close(3) = 0\n'])
    t.is((await allowtrace(['events', file('strace', text)])).exitCode, 0, text);
});
