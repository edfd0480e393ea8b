// `allowtrace diff` as a reviewer runs it.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import test from 'ava';
import { allowtrace, fixture, root } from '../support/fixtures.ts';

const dir = mkdtempSync(join(tmpdir(), 'allowtrace-diff-'));

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

const run = (...lines: string[]): string =>
  `${['execve("/usr/bin/d", ["d"], 0x7f /* 1 var */) = 0', ...lines].map(line => `7 ${line}`).join('\n')}\n`;

const OLD = file(
  'old.strace',
  run('openat(AT_FDCWD</>, "/etc/a.conf", O_RDONLY) = 3</etc/a.conf>', 'close(3</etc/a.conf>) = 0'),
);
const NEW = file(
  'new.strace',
  run(
    'openat(AT_FDCWD</>, "/etc/a.conf", O_RDWR) = 3</etc/a.conf>',
    'close(3</etc/a.conf>) = 0',
    'mkdir("/var/lib/d", 0700) = 0',
    ...Array.from(
      { length: 20 },
      (_, i) =>
        `openat(AT_FDCWD</>, "/etc/conf.d/part${'abcdefghijklmnopqrst'[i]}", O_RDONLY) = 3</etc/conf.d/part${'abcdefghijklmnopqrst'[i]}>`,
    ),
    'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 4<socket:[1]>',
  ),
);

test('what a new run uses: paths as a tree, many alike summed up, other kinds by name', async t => {
  const { exitCode, stdout } = await allowtrace(['diff', '--other-host', OLD, NEW]);
  t.is(exitCode, 1);
  t.regex(stdout, /^\S+old\.strace → \S+new\.strace: /);
  t.regex(stdout, /a\.conf +~ {2}.*\+write/);
  t.regex(stdout, /\(20 names, such as parta, partb, partc\) +\+ {2}read/);
  t.regex(stdout, /\nsystem calls\n(?: {2}.*\n)* {2}\+ mkdir/);
  t.regex(stdout, /\nsockets\n {2}\+ AF_INET/);
  const back = await allowtrace(['diff', NEW, OLD]);
  t.regex(back.stdout, /\n {2}- mkdir/);
});

test('the same run: no difference, exit 0', async t => {
  const { exitCode, stdout } = await allowtrace(['diff', NEW, NEW]);
  t.is(exitCode, 0);
  t.regex(stdout, /: no difference\n?$/);
});

const BEFORE = `[Service]
ProtectSystem=strict
ReadWritePaths=/var/lib/d /var/log/d
SystemCallFilter=@system-service
SystemCallFilter=~@resources
CapabilityBoundingSet=CAP_CHOWN
RestrictAddressFamilies=AF_UNIX
NoNewPrivileges=yes
InaccessiblePaths=/srv
`;
const AFTER = `[Service]
ProtectSystem=full
ReadWritePaths=/var/log/d
ReadWritePaths=/var/lib/d
SystemCallFilter=@system-service @mount
SystemCallFilter=~@resources
CapabilityBoundingSet=
RestrictAddressFamilies=AF_UNIX AF_INET
NoNewPrivileges=true
InaccessiblePaths=/srv /opt
`;

test('units: what was widened comes first, and only what means something else is told', async t => {
  const [before, after] = [file('before.conf', BEFORE), file('after.conf', AFTER)];
  const { exitCode, stdout } = await allowtrace(['diff', before, after]);
  t.is(exitCode, 1);
  t.regex(
    stdout,
    /: 3 directives widened, 2 directives narrowed\n\nwidened\n {2}ProtectSystem= {2}strict → full\n {2}\+ RestrictAddressFamilies= {2}allows AF_INET\n {2}\+ SystemCallFilter= {2}allows @mount\n\nnarrowed\n/,
  );
  t.regex(stdout, /- CapabilityBoundingSet= {2}no longer allows CAP_CHOWN\n/);
  t.regex(stdout, /- InaccessiblePaths= {2}no longer allows \/opt/);
  t.notRegex(stdout, /NoNewPrivileges|ReadWritePaths/);
  t.is((await allowtrace(['diff', before, before])).exitCode, 0);
});

test('the JSON of both fits its schema; a proposal is compared with a unit', async t => {
  const valid = new Ajv({ strict: false }).compile(
    JSON.parse(readFileSync(`${root}docs/schemas/diff.schema.json`, 'utf8')),
  );
  const policy = file(
    'policy.json',
    (await allowtrace(['replay', '--format', 'json', fixture('vfork/y.strace')])).stdout,
  );
  for (const pair of [
    [OLD, NEW],
    [file('b.conf', BEFORE), policy],
  ]) {
    const { stdout } = await allowtrace(['diff', '--format', 'json', ...pair]);
    const answer = JSON.parse(stdout);
    t.true(valid(answer), JSON.stringify(valid.errors));
    t.false(answer.same);
  }
});

test('what cannot be compared: exit 2', async t => {
  const unit = file('u.conf', BEFORE);
  for (const [args, message] of [
    [[OLD, unit], /cannot be compared/],
    [[OLD], /diff compares two things/],
    [[OLD, NEW, OLD], /diff compares two things/],
    [[OLD, '/no/such'], /\/no\/such: no such file/],
  ] as const) {
    const { exitCode, stdout, stderr } = await allowtrace(['diff', ...args]);
    t.is(exitCode, 2, args.join(' '));
    t.is(stdout, '');
    t.regex(stderr, message);
  }
});

test('a line that systemd ignores is said, and the rest compared', async t => {
  const bad = file('bad.conf', '[Service]\n!\n');
  const { exitCode, stderr } = await allowtrace(['diff', file('u.conf', BEFORE), bad]);
  t.is(exitCode, 1);
  t.regex(stderr, /bad\.conf:2: no '=', so systemd ignores the line/);
});
