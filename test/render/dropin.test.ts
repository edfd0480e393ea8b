// The drop-in that is read at a glance: three lines of header, at most one line a directive, nothing of the machine unless it is asked for.

import test from 'ava';
import { NO_COMMANDS } from '../../src/policy/check/unconfined.ts';
import { type HostView, UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { derive } from '../../src/policy/propose/derive.ts';
import type { Target } from '../../src/policy/propose/target.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { renderDropin } from '../../src/render/dropin.ts';
import { renderFullDropin } from '../../src/render/full-dropin.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import { allowtrace, fixture } from '../support/fixtures.ts';

const FIXTURES = ['opensmtpd/y.strace.gz', 'nginx/y.strace', 'redis/y.strace', 'python-start/y.strace'];

const target: Target = {
  systemd: 252,
  paths: ['strict'],
  syscalls: 'equal',
  sets: syscallSets(252),
  host: UNKNOWN_HOST,
};

function learn(log: string): Profile {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'complete', cwd: '/' });
  observer.push(Buffer.from(log));
  observer.end();
  return observer.snapshot();
}

/** A machine with a shell, a set-id program and a secret. */
const HOST: HostView = {
  known: true,
  realpath: path => path,
  type: path => (/^\/(?:usr\/bin\/\w+|etc\/shadow)$/.test(path) ? 'file' : 'directory'),
  link: () => null,
  entries: path => (path === '/usr/bin' ? ['bash', 'passwd'] : path === '/run' ? ['other'] : []),
  owner: path => ({ uid: 0, gid: 0, mode: path.endsWith('passwd') ? 0o4755 : 0o755 }),
  isAbsent: () => false,
  isMadeAtBoot: () => true,
  user: () => null,
  group: () => null,
};

const LOG = `1 execve("/usr/sbin/d", ["d"], 0x1 /* 0 vars */) = 0
1 openat(AT_FDCWD, "/run/d.pid", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 3
`;
const named = ({ directives }: Policy): string =>
  directives.flatMap(({ name, value }) => (/^(?:Inaccessible|ReadOnly)Paths$/.test(name) ? [value] : [])).join(' ');
const propose = (more: Partial<Target>): Policy => derive(learn(LOG), { ...target, host: HOST, ...more });

test('A typical daemon fits on one screen of 80 columns, with at most one line of comment a directive', async t => {
  for (const name of FIXTURES) {
    const { stdout } = await allowtrace(['replay', '--other-host', '--allow-incomplete', fixture(name)]);
    const lines = stdout.split('\n');
    const body = lines.slice(lines.indexOf('[Service]'), lines.findLastIndex(line => /^\w+=/.test(line)) + 1);
    t.true(lines.length <= 90, `${name}: ${lines.length} lines`);
    t.deepEqual(
      lines.filter(line => line.length > 80),
      [],
      name,
    );
    t.deepEqual(
      body.filter((line, i) => line.startsWith('#') && body[i + 1]?.startsWith('#')),
      [],
      name,
    );
    t.regex(
      stdout,
      /^# Proposed by allowtrace for systemd .*\n# Allows what was observed: 1 run on 1 host, .*\n# Next: save in .*\n\n\[Service\]\n/,
    );
  }
});

test('The full form holds the same directives, with the evidence of each', async t => {
  const assignments = (text: string): string[] =>
    readUnitText(Buffer.from(text), 'x').map(({ section, name, value }) => `${section} ${name}=${value}`);
  for (const name of FIXTURES) {
    const args = ['replay', '--other-host', '--allow-incomplete', fixture(name)];
    const [short, full] = await Promise.all([allowtrace(args), allowtrace([...args, '--format', 'full'])]);
    t.deepEqual(assignments(short.stdout), assignments(full.stdout), name);
    t.regex(full.stdout, /^# {3}\w+ .* · .*strace(?:\.gz)?:\d+ /m);
    t.notRegex(short.stdout, /strace(?:\.gz)?:\d+/);
  }
});

test('What this machine holds is listed on request, or for its own unit as far as that restricts more', t => {
  t.notRegex(named(propose({})), /bash|passwd|shadow|other/);
  const asked = named(propose({ blockList: true }));
  for (const path of ['-/usr/bin/bash', '-/usr/bin/passwd', '-/etc/shadow', '-/run/other'])
    t.true(asked.includes(path));
  const own = propose({ installed: { assignments: [], commands: NO_COMMANDS } });
  t.true(own.directives.some(({ name }) => name === 'NoNewPrivileges'));
  t.regex(named(own), /bash.*shadow/);
  t.notRegex(named(own), /bin\/passwd/, 'NoNewPrivileges= takes the set-id bit off it');
});

test('Every rule that is broader than observed says so in its line, however long the reason is', t => {
  const policy = derive(learn(LOG), target);
  const [first] = policy.directives;
  if (first === undefined) return t.fail();
  const wider = `all of it, ${'because of a long story '.repeat(9)}`;
  const text = renderDropin({ ...policy, directives: [{ ...first, wider }] });
  t.regex(text, /^# broader than observed: all of it, because .* …$/m);
  t.true(text.split('\n').every(line => line.length <= 80));
  t.true(renderFullDropin({ ...policy, directives: [{ ...first, wider }] }).includes(wider.trim()));
});

test('Names that look like lines of a unit stay in their comment', t => {
  const policy = derive(learn(LOG), target);
  const notes = [
    { kind: 'open' as const, text: 'x\nReadWritePaths=/\n[Service]' },
    { kind: 'warning' as const, text: 'y\nUser=root' },
  ];
  const read = (text: string): number => readUnitText(Buffer.from(text), 'x').length;
  t.is(read(renderDropin({ ...policy, notes })), read(renderDropin({ ...policy, notes: [] })));
});
