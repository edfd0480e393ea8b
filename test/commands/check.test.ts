// `allowtrace check` as a user runs it: what it says, how it exits, what it writes.

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import test from 'ava';
import { execa } from 'execa';
import { fixTarget } from '../../src/commands/check/fix.ts';
import { allowtrace, bin, fixture, root } from '../support/fixtures.ts';

const LOG = fixture('opensmtpd/y.strace.gz');
const HARD = `# hardening of mail
[Service]
ProtectSystem=strict
# kept
ReadWritePaths=/var/spool/smtpd /run \\
  /var/mail
SystemCallFilter=@system-service
CapabilityBoundingSet=CAP_CHOWN CAP_SETUID CAP_SETGID CAP_NET_BIND_SERVICE CAP_SYS_CHROOT
IPAddressDeny=any
RestrictFileSystems=ext4
`;

const scratch = (): string => mkdtempSync(join(tmpdir(), 'allowtrace-check-'));

/** A drop-in of its own directory. */
function dropin(text = HARD): string {
  const path = join(scratch(), 'hard.conf');
  writeFileSync(path, text);
  return path;
}

const json = async (args: readonly string[]) =>
  JSON.parse((await allowtrace(['check', '--format', 'json', ...args])).stdout);

test('a unit that does not fit: exit 1, summary first, then the line, the access, its origin and the fix', async t => {
  const unit = dropin();
  const { exitCode, stdout, stderr } = await allowtrace(['check', unit, '--', LOG]);
  t.is(exitCode, 1);
  const [first = ''] = stdout.split('\n');
  t.regex(first, /^does not fit: .*hard\.conf denies \d+ of \d+ observed accesses$/);
  t.true(stdout.includes(`✗ ${unit}:7: SystemCallFilter=@system-service denies 1\n`));
  t.regex(
    stdout,
    /SIGSYS {2}chroot {2}smtpd {2}\S*y\.strace\.gz:\d+ chroot \(\d×\)\n {4}→ add SystemCallFilter=chroot\n/,
  );
  t.regex(stdout, /EROFS {2}create \/tmp\/smtpd\.out\.\S+ {2,}smtpd/);
  t.regex(stdout, /:9: IPAddressDeny=any denies 3\n {4}apart {2}bind 127\.0\.0\.1 port 25 /);
  t.regex(stdout, /ignored: .*\n {4}.*hard\.conf:10: RestrictFileSystems=ext4/);
  t.regex(stderr, /lines, .* processes/);
});

test('JSON: one violation a denied access, the line of the log where it ends, and the schema that ships', async t => {
  const unit = dropin();
  const answer = await json([unit, '--', LOG]);
  const schema = JSON.parse(readFileSync(`${root}docs/schemas/check.schema.json`, 'utf8'));
  const valid = new Ajv({ strict: false }).compile(schema);
  t.true(valid(answer), JSON.stringify(valid.errors));
  t.deepEqual(Object.keys(answer), ['fits', 'violations', 'unused', 'unknownDirectives', 'notJudged', 'ignored']);
  t.false(answer.fits);
  const chroot = answer.violations.find(({ syscall }: { syscall?: string }) => syscall === 'chroot');
  t.deepEqual(
    { ...chroot, origin: { ...chroot.origin, line: 0, pid: 0 } },
    {
      access: 'syscall',
      syscall: 'chroot',
      outcome: 'SIGSYS',
      directive: 'SystemCallFilter',
      unit: { file: unit, line: 7 },
      origin: { trace: LOG, line: 0, pid: 0, syscall: 'chroot' },
      fix: { text: 'add SystemCallFilter=chroot', edits: [{ action: 'add', line: 'SystemCallFilter=chroot' }] },
    },
  );
  const events = await allowtrace(['events', '--raw', LOG]);
  const line = JSON.parse(events.stdout.split('\n')[chroot.origin.line - 1] ?? '');
  t.is(line.syscall, 'chroot');
  t.deepEqual(answer.unknownDirectives, [
    { directive: 'RestrictFileSystems', value: 'ext4', unit: { file: unit, line: 10 } },
  ]);
  const [first] = answer.violations.filter(({ directive }: { directive: string }) => directive === 'IPAddressDeny');
  t.deepEqual([first.access, first.address, first.outcome], ['address', '127.0.0.1', 'apart']);
});

test('--fix writes into the drop-in, keeps comments, mode and symlink, and then it fits', async t => {
  const unit = dropin();
  chmodSync(unit, 0o600);
  const link = join(scratch(), 'link.conf');
  symlinkSync(unit, link);
  const { exitCode, stdout, stderr } = await allowtrace(['check', '--fix', link, '--', LOG]);
  t.is(exitCode, 0, stdout);
  t.regex(stdout, /^fits/);
  t.regex(stderr, /link\.conf: add SystemCallFilter=chroot/);
  const text = readFileSync(unit, 'utf8');
  t.true(text.startsWith(HARD.trimEnd()));
  t.regex(text, /\n# allowtrace check --fix: chroot · .*\nSystemCallFilter=chroot\n/);
  t.is(statSync(unit).mode & 0o777, 0o600);
  t.is((await allowtrace(['check', '--fix', unit, '--', LOG])).exitCode, 0);
  t.is(readFileSync(unit, 'utf8'), text, 'nothing is left to fix');
});

test('--fix of a unit without a drop-in makes one beside it; what does not start is fixed too', async t => {
  const dir = scratch();
  const unit = join(dir, 'mail.service');
  const text =
    '[Unit]\nDescription=Mail\n[Service]\nExecStart=/usr/sbin/smtpd -F\nProtectSystem=strict\nReadWritePaths=/no/such/place\nReadWritePaths=/var/spool/smtpd/incoming /var/spool/smtpd/queue\n';
  writeFileSync(unit, text);
  const before = await json([unit, '--', LOG]);
  const outcomes = new Set(before.violations.map(({ outcome }: { outcome: string }) => outcome));
  t.true(outcomes.has('226/NAMESPACE'));
  t.true(outcomes.has('EXDEV'));
  const { exitCode, stdout } = await allowtrace(['check', '--fix', unit, '--', LOG]);
  t.is(exitCode, 0, stdout);
  t.is(readFileSync(unit, 'utf8'), text);
  const fixed = readFileSync(join(dir, 'mail.service.d/allowtrace-fix.conf'), 'utf8');
  t.regex(fixed, /^ReadWritePaths=$/m, 'the list is reset, because words of it must go');
  t.regex(fixed, /^ReadWritePaths=-\/no\/such\/place$/m);
});

test('files of packages are not touched: their drop-in goes to /etc', async t => {
  const unit = (files: string[]) => ({ name: 'mail.service', files, assignments: [], ignored: [] });
  const at = '/etc/systemd/system/mail.service.d';
  t.is(await fixTarget(unit(['/usr/lib/systemd/system/mail.service']), false), `${at}/allowtrace-fix.conf`);
  t.is(await fixTarget(unit(['/lib/systemd/system/mail.service']), false), `${at}/allowtrace-fix.conf`);
  const shipped = ['/usr/lib/systemd/system/mail.service', '/usr/lib/systemd/system/mail.service.d/vendor.conf'];
  t.is(await fixTarget(unit(shipped), false), `${at}/zz-allowtrace-fix.conf`);
  t.is(await fixTarget(unit([...shipped, `${at}/own.conf`]), false), `${at}/own.conf`);
  t.regex(await fixTarget(unit(['/usr/lib/systemd/user/mail.service']), true), /^\/etc\/systemd\/user\//);
});

test('--fix: a unit of the current directory, a drop-in of another name; the JSON of a proposal is refused', async t => {
  const dir = scratch();
  const lines = '[Service]\nSystemCallFilter=@system-service\n';
  writeFileSync(join(dir, 'mail.service'), lines);
  writeFileSync(join(dir, 'hardening'), lines);
  const run = (unit: string) =>
    execa(bin, ['check', '--fix', unit, '--', LOG], { cwd: dir, reject: false, stdin: 'ignore' });
  t.is((await run('mail.service')).exitCode, 0);
  t.regex(readFileSync(join(dir, 'mail.service.d/allowtrace-fix.conf'), 'utf8'), /^SystemCallFilter=chroot$/m);
  t.is((await run('hardening')).exitCode, 0);
  t.regex(readFileSync(join(dir, 'hardening'), 'utf8'), /^SystemCallFilter=chroot$/m);
  const { stdout } = await allowtrace(['replay', '--format', 'json', fixture('vfork/y.strace')]);
  for (const name of ['policy.json', 'policy']) {
    writeFileSync(join(dir, name), stdout);
    const refused = await run(name);
    t.is(refused.exitCode, 2, name);
    t.regex(refused.stderr, /^allowtrace: --fix: policy/m);
    t.is(readFileSync(join(dir, name), 'utf8'), stdout);
  }
});

test('a baseline accepts what is known, by no line number, and tells what is stale', async t => {
  const unit = dropin();
  const known = join(scratch(), 'baseline.json');
  const written = await allowtrace(['check', '--write-baseline', known, unit, '--', LOG]);
  t.is(written.exitCode, 0);
  t.regex(written.stderr, /accepts \d+ violations/);
  const moved = dropin(`# one line more\n\n${HARD}`);
  const accepted = await allowtrace(['check', '--baseline', known, moved, '--', LOG]);
  t.is(accepted.exitCode, 0, accepted.stdout);
  t.regex(accepted.stdout, /accepted by the baseline: \d+ violations/);
  const fixed = dropin(`${HARD}SystemCallFilter=chroot\n`);
  const stale = await allowtrace(['check', '--baseline', known, fixed, '--', LOG]);
  t.is(stale.exitCode, 0);
  t.regex(stale.stdout, /stale: 1 baseline entry\n {4}syscall chroot SystemCallFilter SIGSYS/);
  t.is((await allowtrace(['check', '--strict', '--baseline', known, fixed, '--', LOG])).exitCode, 1);
  const other = dropin(`${HARD}RestrictAddressFamilies=AF_UNIX\n`);
  const found = await allowtrace(['check', '--baseline', known, other, '--', LOG]);
  t.is(found.exitCode, 1);
  t.notRegex(found.stdout, /SystemCallFilter/);
  const broken = dropin('{"format":"allowtrace-baseline","version":1,"violations":[{"access":1}]}');
  const { exitCode, stderr } = await allowtrace(['check', '--baseline', broken, unit, '--', LOG]);
  t.is(exitCode, 2);
  t.regex(stderr, /hard\.conf: entry 1 is no violation/);
});

test('what is allowed and was not used: listed, counted, failed', async t => {
  const unit = dropin(
    '[Service]\nReadWritePaths=/var/spool/smtpd -/srv/never\nSystemCallFilter=@system-service chroot bpf\n',
  );
  const { exitCode, stdout } = await allowtrace(['check', '--unused', unit, '--', LOG]);
  t.is(exitCode, 0);
  t.regex(stdout, /:2: ReadWritePaths= {2}\/srv\/never\n/);
  t.regex(stdout, /:3: SystemCallFilter= {2}bpf/);
  t.is((await allowtrace(['check', '--max-unused', '2', unit, '--', LOG])).exitCode, 0);
  const many = await allowtrace(['check', '--max-unused', '1', unit, '--', LOG]);
  t.is(many.exitCode, 1);
  t.regex(many.stdout, /^does not fit: .* has 2 unused permissions/);
  t.is((await allowtrace(['check', '--strict', unit, '--', LOG])).exitCode, 1);
  const answer = await json([unit, '--', LOG]);
  t.deepEqual(
    answer.unused.map(({ allows }: { allows: string }) => allows),
    ['/srv/never', 'bpf'],
  );
});

test('its own proposal fits: as a drop-in, as JSON, from a pipe, with a profile and a log', async t => {
  const dir = scratch();
  const [profile, conf, policy] = ['p.json', 'p.conf', 'policy.json'].map(name => join(dir, name));
  if (profile === undefined || conf === undefined || policy === undefined) return t.fail();
  const { stdout } = await allowtrace(['replay', '--profile', profile, LOG]);
  writeFileSync(conf, stdout);
  writeFileSync(policy, (await allowtrace(['propose', '--format', 'json', profile])).stdout);
  for (const unit of [conf, policy]) {
    const checked = await allowtrace(['check', unit, '--', profile]);
    t.is(checked.exitCode, 0, checked.stdout);
    t.regex(checked.stdout, /^fits: \S+ allows all \d+ observed accesses/);
  }
  t.is((await allowtrace(['check', '-', '--', profile, LOG], stdout)).exitCode, 0);
});

test('what systemctl cat prints: lines of the files that it names', async t => {
  const piped = `# /lib/systemd/system/mail.service\n[Service]\nExecStart=/usr/sbin/smtpd\n\n# /etc/systemd/system/mail.service.d/hard.conf\n${HARD}`;
  const { exitCode, stdout } = await allowtrace(['check', '-', '--', LOG], piped);
  t.is(exitCode, 1);
  t.regex(stdout, /^does not fit: mail\.service /);
  t.regex(stdout, /✗ \/etc\/systemd\/system\/mail\.service\.d\/hard\.conf:7: SystemCallFilter=/);
});

test('machine forms go to a file; relative names in a checkout', async t => {
  const dir = scratch();
  const out = join(dir, 'check.sarif');
  const { exitCode, stdout } = await allowtrace(['check', '--format', 'sarif', '-o', out, dropin(), '--', LOG]);
  t.is(exitCode, 1);
  t.is(stdout, '');
  t.is(JSON.parse(readFileSync(out, 'utf8')).version, '2.1.0');
  const github = await allowtrace(['check', '--format', 'github', dropin(), '--', LOG]);
  t.regex(github.stdout, /^::error file=\S+hard\.conf,line=\d+,title=/m);
  const junit = await allowtrace(['check', '--format', 'junit', dropin(), '--', LOG]);
  t.regex(junit.stdout, /<testcase classname="[^"]*hard\.conf" name="SystemCallFilter=@system-service">/);
});

test('what cannot be checked: exit 2, file and line, no result, no stack trace', async t => {
  const dir = scratch();
  mkdirSync(join(dir, 'folder.service'));
  const cases: [string[], RegExp][] = [
    [[dropin('[Service]\nProtectSystem=stict\n'), '--', LOG], /hard\.conf:2: ProtectSystem=stict/],
    [[dropin('[Service\nProtectSystem=strict\n'), '--', LOG], /hard\.conf:1: .*section/],
    [[dropin('[Service]\nReadWritePaths=%i/x\n'), '--', LOG], /hard\.conf:2: /],
    [[dropin('[Service]\nReadWritePaths=var/lib\n'), '--', LOG], /hard\.conf:2: .*absolute/],
    [[dropin('no unit at all\n'), '--', LOG], /hard\.conf:1: /],
    [[dropin('\0\x01\x02'), '--', LOG], /hard\.conf/],
    [[join(dir, 'folder.service'), '--', LOG], /folder\.service: a directory/],
    [[join(dir, 'none.service'), '--', LOG], /none\.service: no such file/],
    [['no-such-unit-anywhere', '--', LOG], /no-such-unit-anywhere\.service/],
    [[dropin(), '--', '/no/such/log'], /\/no\/such\/log: no such file/],
    [[dropin()], /no input files/],
    [['--', LOG], /no unit/],
    [['--max-unused', 'few', dropin(), '--', LOG], /--max-unused/],
    [['--systemd', 'new', dropin(), '--', LOG], /--systemd new/],
    [['--systemd', '0', dropin(), '--', LOG], /--systemd 0: no release/],
    [['--systemd', '9999', dropin(), '--', LOG], /--systemd 9999: no release/],
    [['--baseline', '/no/such/baseline', dropin(), '--', LOG], /\/no\/such\/baseline: no such file/],
    [['--fix', '-', '--', LOG], /--fix cannot write to standard input/],
    [['-', '--', '-'], /cannot both come from standard input/],
  ];
  for (const [args, message] of cases) {
    const { exitCode, stdout, stderr } = await allowtrace(['check', ...args], HARD);
    t.is(exitCode, 2, args.join(' '));
    t.is(stdout, '', args.join(' '));
    t.regex(stderr, message);
    t.notRegex(stderr, /\n\s+at /, args.join(' '));
  }
});

test('what systemd ignores with a warning is said first, and the rest of the unit is judged', async t => {
  const unit = dropin(`[Servcie]\nUser=x\n${HARD}no equals sign\nProtectHome=maybe\nSystemCallFilter=@nosuch\n`);
  const { exitCode, stdout } = await allowtrace(['check', '--systemd', '252', unit, '--', LOG]);
  t.is(exitCode, 1);
  t.regex(stdout, /^does not fit: /);
  t.regex(stdout, /\nignored by systemd: 4 parts of the unit, so the sandbox is not what its lines say\n/);
  t.regex(stdout, /hard\.conf:1: systemd knows no section \[Servcie\]/);
  t.regex(stdout, /hard\.conf:\d+: no '='/);
  t.regex(stdout, /ProtectHome=maybe: 'maybe' is not a valid value/);
  t.regex(stdout, /systemd knows no group @nosuch/);
  const all = dropin('[Service]\nProtectSystem=stict\nLockPersonality=yes\n');
  const fits = await allowtrace(['check', '--systemd', '263', all, '--', LOG]);
  t.is(fits.exitCode, 0, fits.stderr);
  t.regex(fits.stdout, /^fits as far as it could be judged: /);
  t.regex(fits.stderr, /systemd 263 is newer than the newest release whose rules are known \(262\)/);
});

test('--run: a command is run, its output goes to stderr, and what it did is checked', async t => {
  const dir = scratch();
  const script = join(dir, 'service');
  writeFileSync(script, `#!/bin/sh\necho hello\n: > ${dir}/made\nexit \${1:-0}\n`);
  chmodSync(script, 0o755);
  const unit = dropin(`[Service]\nReadOnlyPaths=${dir}\n`);
  const { exitCode, stdout, stderr } = await allowtrace(['check', '--run', '--format', 'json', unit, '--', script]);
  t.is(exitCode, 1, stderr);
  t.regex(stderr, /^hello$/m);
  const { violations } = JSON.parse(stdout);
  const [made] = violations.filter(({ access }: { access: string }) => access === 'create');
  t.is(made.path, `${dir}/made`);
  t.is(made.outcome, 'EROFS');
  t.is((await allowtrace(['check', '--run', dropin('[Service]\nPrivateDevices=yes\n'), '--', script])).exitCode, 0);
  const failed = await allowtrace(['check', '--run', unit, '--', script, '3']);
  t.is(failed.exitCode, 2);
  t.is(failed.stdout, '', 'no verdict that was not reached');
  t.regex(failed.stderr, /the command failed: exit status 3/);
  const missing = await allowtrace(['check', '--run', unit, '--', '/no/such/program']);
  t.is(missing.exitCode, 2);
  t.regex(missing.stderr, /\/no\/such\/program: no such program/);
  const bad = await allowtrace(['check', '--run', dropin('[Service]\nProtectSystem=stict\n'), '--', script]);
  t.is(bad.exitCode, 2);
  t.notRegex(bad.stderr, /hello/, 'a bad unit is told before the command runs');
});

test('a unit that denies nothing is not confined, which is no verdict about what was observed', async t => {
  const log = fixture('vfork/y.strace');
  for (const text of [
    '[Service]\nExecStart=/bin/x\n',
    '[Service]\nUser=app\nProtectSystem=no\nStateDirectory=app\n',
    '[Service]\nRootImage=/x.img\n',
  ]) {
    const { exitCode, stdout, stderr } = await allowtrace(['check', dropin(text), '--', log]);
    t.is(exitCode, 2, text);
    t.is(stdout, '');
    t.regex(stderr, /is not confined: none of its supported directives denies anything/);
  }
  t.not((await allowtrace(['check', dropin('[Service]\nLockPersonality=yes\n'), '--', log])).exitCode, 2);
});
