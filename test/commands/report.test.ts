// `allowtrace report`: what the page says and what it is made of. How it looks and behaves: test/render/report-page.test.ts.

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { allowtrace, bin, fixture } from '../support/fixtures.ts';

const LOG = fixture('opensmtpd/y.strace.gz');

const text = (html: string): string =>
  html
    .replace(/<(style|script|template)\b.*?<\/\1>/gs, '')
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');

test('the page says what the issue of a policy depends on', async t => {
  const { stdout, stderr, exitCode } = await allowtrace(['report', '--other-host', '--paths', 'strict', LOG]);
  t.is(exitCode, 0);
  t.regex(stderr, /^8,860 lines, 11 processes/);
  const page = text(stdout);
  for (const said of [
    /What should I do now\?\s*Learn more before you install\s*The service may behave differently/,
    /a restart: record a second run/,
    /With the proposal, smtpd can write in \d+ places?, make \d+ of \d+ system calls \(75 observed\), use 7 of 41 capabilities/,
    /^The proposal keeps 7 of 41\./m,
    /2 names that change from run to run, combined in 2 patterns/,
    /UMask=0077\s*UMask=0027/,
    /NoNewPrivileges=yes.*denied: .*the set-id program \/usr\/libexec\/opensmtpd\/(?:mail\.local|lockspool)/s,
    /^ReadWritePaths=-?\/run$/m,
    /smtpd\.conf read 7 {2}ProtectSystem=strict/,
    /chroot 6/,
    /\/usr\/libexec\/opensmtpd\/lockspool *in \/home\/alice/,
    /bind *127\.0\.0\.125tcp1\/usr\/sbin\/smtpd/,
    /CAP_NET_BIND_SERVICEbindport 25yes1/,
    /Too few runs or time slices/,
    // The programs may be here or not.
    /Every line was understood|smtpd cannot be read on this machine: its interpreter is unknown/,
  ])
    t.true(said.test(page), String(said));
});

test('the same profile gives the same bytes, and the page names no other place', async t => {
  const [first, second] = await Promise.all([
    allowtrace(['report', '--other-host', LOG]),
    allowtrace(['report', '--other-host', LOG]),
  ]);
  t.true(first.stdout === second.stdout);
  t.false(/\b(?:src|href|action)="(?!#)|https?:|url\(|@import/.test(first.stdout));
});

test('its policy for content allows its own style and script by their hashes, and nothing else', async t => {
  const { stdout } = await allowtrace(['report', '--other-host', fixture('vfork/y.strace')]);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(stdout)?.[1] ?? '';
  const hash = (part: RegExp): string =>
    createHash('sha256')
      .update(part.exec(stdout)?.[1] ?? '')
      .digest('base64');
  const style = hash(/<style>(.*?)<\/style>/s);
  const script = hash(/<script type="module">(.*?)<\/script>/s);
  t.is(
    policy,
    `default-src 'none'; style-src 'sha256-${style}'; script-src 'sha256-${script}'; base-uri 'none'; form-action 'none'`,
  );
});

test('--unit checks the unit: violations with their lines, rules that nothing used', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-report-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const unit = join(dir, 'smtpd.service');
  writeFileSync(
    unit,
    '[Service]\nExecStart=/usr/sbin/smtpd\nSystemCallFilter=@system-service\nCapabilityBoundingSet=~CAP_SYS_TIME\nRestrictAddressFamilies=AF_INET AF_UNIX AF_NETLINK AF_CAN\n',
  );
  const output = join(dir, 'report.html');
  const { exitCode, stdout } = await allowtrace(['report', '--unit', unit, '-o', output, LOG]);
  t.is(exitCode, 0);
  t.is(stdout, '');
  const page = text(readFileSync(output, 'utf8'));
  t.regex(page, new RegExp(`SystemCallFilter=@system-service denies \\d+ ${unit}:3`));
  t.regex(page, /Fix: add SystemCallFilter=chroot/);
  t.true(/Unused permissions.*AF_CAN/s.test(page));
});

test('a unit that is not here is said to be left out', async t => {
  const { exitCode, stderr } = await allowtrace(['report', '--unit', 'no-such-unit', fixture('vfork/y.strace')]);
  t.is(exitCode, 0);
  t.regex(stderr, /no-such-unit is not installed here/);
});

test('--unit names an installed unit, whatever lies in the directory one is in', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'allowtrace-report-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, 'no-such-unit'));
  const words = ['replay', '--no-verify', '--unit', 'no-such-unit', fixture('vfork/y.strace')];
  const { exitCode, stderr } = await execa(bin, words, { cwd: dir, reject: false });
  t.is(exitCode, 0);
  t.regex(stderr, /no-such-unit is not installed here/);
});

test('many runs are reported with both curves, and with what leaving one out would have denied', async t => {
  const logs = ['y', 'y-pre', 'y-reload', 'y-stop'].map(name => fixture(`nginx/${name}.strace`));
  const { stdout } = await allowtrace(['report', '--other-host', ...logs]);
  t.is([...stdout.matchAll(/<svg class="curve"/g)].length, 2);
  t.true(/aria-label="Known facts by (?:runs|time slices)/.test(stdout));
  t.regex(text(stdout), /Leave-one-out\d of \d/);
});

test('a proposal that restricts nothing is not said to restrict anything, and is not to be installed', async t => {
  // An excerpt: nothing is proposed that rests on what is missing.
  const log = join(mkdtempSync(join(tmpdir(), 'allowtrace-report-')), 'part.strace');
  t.teardown(() => rmSync(join(log, '..'), { recursive: true }));
  writeFileSync(log, '7 1795537112.5 openat(AT_FDCWD, "/srv/a", O_RDONLY) = 3</srv/a>\n');
  const { stdout } = await allowtrace(['report', '--other-host', log]);
  const page = text(stdout);
  t.regex(page, /Learn more before you install/);
  t.regex(
    page,
    /The proposal restricts none of these for .*: where it writes, system calls, capabilities and kinds of sockets\./,
  );
  t.notRegex(page, /write nowhere|and no others/);
});
