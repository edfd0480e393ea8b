// Fixes: each case as a reviewer would want it, and the law that a fix fixes, through the text of the unit and its reader.

import test from 'ava';
import { check } from '../../src/policy/check/check.ts';
import { editsWithin } from '../../src/policy/check/edits.ts';
import { Fixer } from '../../src/policy/check/fix.ts';
import type { Assignment, Edit, Violation } from '../../src/policy/findings.ts';
import { UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import { judge } from '../../src/policy/sandbox/judge.ts';
import { type SandboxContext, sandboxOf } from '../../src/policy/sandbox/sandbox.ts';
import { inForce } from '../../src/policy/sandbox/settings.ts';
import { traceHost } from '../../src/policy/sandbox/trace-host.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import type { Access } from '../../src/process/access.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { fixText } from '../../src/render/violations.ts';
import { editUnit } from '../../src/systemd/unit-edit.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import fc from '../support/fast-check.ts';

const FILE = 'hard.conf';
const CONTEXT: SandboxContext = { systemd: 252, sets: syscallSets(), host: UNKNOWN_HOST };

const profileOf = (accesses: readonly Access[]): Profile => ({
  format: 'allowtrace-profile',
  version: 2,
  runs: [],
  facts: accesses.map((access, i) => ({
    ...access,
    evidence: { count: 1, runs: [], origin: { trace: 'x.strace', line: i + 1, pid: 1, syscall: 'x' }, by: ['/bin/x'] },
  })),
  unrecognised: { count: 0, samples: [] },
  overflow: [],
});

/** The lines in force of a drop-in's text. */
const read = (text: string): Assignment[] => inForce(readUnitText(Buffer.from(text), FILE));

function fixed(assignments: readonly Assignment[], profile: Profile): { violations: Violation[]; fixer: Fixer } {
  const known = traceHost(CONTEXT.host, profile);
  const fixer = new Fixer(
    { systemd: CONTEXT.systemd, assignments, host: CONTEXT.host, accesses: profile.facts, replaced: known.replaced },
    lines => {
      const sandbox = sandboxOf(lines, { ...CONTEXT, host: known.host });
      return {
        failures: sandbox.mounts.failures.map(({ by }) => by),
        denies: access => judge(access, sandbox, known)?.by ?? null,
      };
    },
  );
  return { violations: fixer.fixAll(check(profile, sandboxOf(assignments, CONTEXT)).violations), fixer };
}

const dropin = (...lines: string[]): string => `[Service]\n${lines.join('\n')}\n`;
const path = (mode: 'read' | 'write' | 'create' | 'exec' | 'stat' | 'delete', name: string): Access => ({
  kind: 'path',
  mode,
  path: name,
});
const address = (op: 'bind' | 'connect', host: string, port: number): Access => ({
  kind: 'address',
  op,
  family: 'AF_INET',
  address: host,
  port,
  transport: 'tcp',
});

const CASES: readonly [lines: string[], access: Access, fix: RegExp][] = [
  [['ProtectSystem=strict'], path('write', '/srv/x'), /^add ReadWritePaths=-\/srv\/x$/],
  [['ProtectSystem=strict'], path('write', '/srv/a b'), /^add ReadWritePaths="-\/srv\/a b"$/],
  [
    ['ProtectSystem=strict'],
    path('create', '/srv/x'),
    /^add ReadWritePaths=-\/srv \(broader than observed: all of \/srv, because entries are made or removed in it\)$/,
  ],
  [
    ['ReadOnlyPaths=/srv/x'],
    path('write', '/srv/x'),
    /^(?:add BindPaths=-\/srv\/x|remove \/srv\/x from ReadOnlyPaths=)/,
  ],
  [['TemporaryFileSystem=/srv:ro'], path('read', '/srv/x'), /^add BindReadOnlyPaths=-\/srv\/x$/],
  [['TemporaryFileSystem=/srv:ro'], path('write', '/srv/x'), /^add BindPaths=-\/srv\/x$/],
  [
    ['InaccessiblePaths=/srv /opt'],
    path('read', '/srv/a/b'),
    /^remove \/srv from InaccessiblePaths= in hard\.conf:2, add TemporaryFileSystem=\/srv:ro, add BindReadOnlyPaths=-\/srv\/a\/b$/,
  ],
  [
    ['ProtectHome=yes'],
    path('read', '/home/u/x'),
    /^change hard\.conf:2 to ProtectHome=tmpfs, add BindReadOnlyPaths=-\/home\/u\/x$/,
  ],
  [['NoExecPaths=/'], path('exec', '/usr/bin/d'), /^add ExecPaths=-\/usr\/bin\/d$/],
  [['SystemCallFilter=@system-service'], { kind: 'syscall', name: 'chroot' }, /^add SystemCallFilter=chroot$/],
  [['SystemCallFilter=~@mount'], { kind: 'syscall', name: 'mount' }, /^add SystemCallFilter=mount$/],
  [
    ['ProtectClock=yes'],
    { kind: 'syscall', name: 'clock_settime' },
    /^change hard\.conf:2 to ProtectClock=no \(broader than observed: everything that ProtectClock=yes denies/,
  ],
  [
    ['CapabilityBoundingSet=~CAP_CHOWN'],
    { kind: 'capability', name: 'CAP_CHOWN', syscall: 'chown', certain: true },
    /^add CapabilityBoundingSet=CAP_CHOWN$/,
  ],
  [
    ['RestrictAddressFamilies=none'],
    { kind: 'socket', family: 'AF_INET', type: 'SOCK_STREAM' },
    /^add RestrictAddressFamilies=AF_INET$/,
  ],
  [['RestrictNamespaces=yes'], { kind: 'namespace', type: 'mnt', call: 'unshare' }, /^add RestrictNamespaces=mnt$/],
  [
    ['MemoryDenyWriteExecute=yes'],
    { kind: 'memory', what: 'protect' },
    /^change hard\.conf:2 to MemoryDenyWriteExecute=no/,
  ],
  [
    ['UMask=0077'],
    { kind: 'feature', name: 'made-for-others', value: '060', certain: false },
    /^change hard\.conf:2 to UMask=0017$/,
  ],
  [['IPAddressDeny=any'], address('connect', '10.1.2.3', 53), /^add IPAddressAllow=10\.1\.2\.3$/],
  [['IPAddressDeny=any'], address('bind', '127.0.0.1', 25), /^add IPAddressAllow=localhost \(broader than observed: /],
  [['IPAddressDeny=any'], address('bind', '0.0.0.0', 25), /^add IPAddressAllow=any \(broader than observed: /],
  [['SocketBindDeny=any'], address('bind', '0.0.0.0', 25), /^add SocketBindAllow=ipv4:tcp:25$/],
];

for (const [lines, access, expected] of CASES)
  test(`${lines.join(' ')} and ${JSON.stringify(access)}`, t => {
    const { violations } = fixed(read(dropin(...lines)), profileOf([access]));
    t.is(violations.length, 1);
    t.regex(fixText(violations[0]?.fix ?? null), expected);
  });

const rename: Access = { kind: 'move', call: 'rename', from: '/srv/a/one', to: '/srv/b/one' };

test('a fix takes nothing away that was observed and passes', t => {
  const lines = read(dropin('NoExecPaths=/'));
  const { violations } = fixed(lines, profileOf([rename, path('exec', '/srv/b/one')]));
  t.deepEqual(
    violations.map(({ fix }) => fixText(fix)),
    ['add ExecPaths=-/srv (broader than observed: all of /srv, because a mount below it would block moves into it)'],
  );
});

test('two lines that deny one access, one behind the other, are fixed together', t => {
  const lines = read(dropin('SystemCallFilter=@basic-io', 'ProtectClock=yes'));
  const [violation] = fixed(lines, profileOf([{ kind: 'syscall', name: 'clock_settime' }])).violations;
  const text = fixText(violation?.fix ?? null);
  t.regex(text, /ProtectClock=no/);
  t.regex(text, /add SystemCallFilter=clock_settime/);
});

test('many names of one directory are fixed by the directory, and that is said', t => {
  const accesses = Array.from({ length: 40 }, (_, i) => path('write', `/srv/data/${i}`));
  const { violations } = fixed(read(dropin('ProtectSystem=strict')), profileOf(accesses));
  const texts = new Set(violations.map(({ fix }) => fixText(fix)));
  t.deepEqual(
    [...texts],
    ['add ReadWritePaths=-/srv/data (broader than observed: all of /srv/data, because 40 names in it were denied)'],
  );
});

const LINES = [
  'ProtectSystem=strict',
  'ProtectSystem=full',
  'ProtectHome=yes',
  'ProtectHome=read-only',
  'ReadWritePaths=/srv/a /srv/b',
  'ReadWritePaths=/srv',
  'ReadOnlyPaths=/srv/a',
  'InaccessiblePaths=/srv/b /home',
  'TemporaryFileSystem=/srv:ro',
  'TemporaryFileSystem=/:ro',
  'BindReadOnlyPaths=/srv/a',
  'BindPaths=/srv/b/one',
  'NoExecPaths=/srv',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'ProtectClock=yes',
  'PrivateNetwork=yes',
  'IPAddressDeny=any',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@mount @clock',
  'CapabilityBoundingSet=CAP_CHOWN',
  'RestrictAddressFamilies=AF_UNIX',
  'RestrictNamespaces=yes',
  'MemoryDenyWriteExecute=yes',
  'LockPersonality=yes',
];

const PATHS = [
  '/srv/a/one',
  '/srv/a/two words',
  '/srv/b/one',
  '/srv/b',
  '/home/u/x',
  '/etc/conf',
  '/tmp/x',
  '/usr/bin/d',
  '/srv/a/q"u\\o',
];
const ACCESSES: readonly Access[] = [
  ...PATHS.flatMap(name => (['read', 'write', 'create', 'stat', 'delete'] as const).map(mode => path(mode, name))),
  ...['/usr/bin/d', '/srv/b', '/srv/a/two words', '/srv/b/one'].map(name => path('exec', name)),
  rename,
  { kind: 'address', op: 'connect', family: 'AF_INET', address: '10.1.2.3', port: 53 },
  { kind: 'syscall', name: 'chroot' },
  { kind: 'syscall', name: 'mount' },
  { kind: 'syscall', name: 'clock_settime' },
  { kind: 'capability', name: 'CAP_SYS_TIME', syscall: 'clock_settime', certain: true },
  { kind: 'socket', family: 'AF_INET', type: 'SOCK_STREAM' },
  { kind: 'namespace', type: 'net', call: 'unshare' },
  { kind: 'memory', what: 'map' },
  { kind: 'feature', name: 'personality', value: 'PER_LINUX32' },
];

/** Here a fix of one access once took another one away, which took the first one away when it was fixed. */
const EXAMPLES: readonly [lines: string[], accesses: Access[]][] = [
  [
    ['ReadWritePaths=/srv/a /srv/b', 'NoExecPaths=/srv'],
    [path('delete', '/srv/b'), path('exec', '/srv/b'), path('exec', '/srv/a/two words')],
  ],
  [['NoExecPaths=/srv'], [rename, path('exec', '/srv/b'), path('exec', '/srv/b/one')]],
  [
    ['ReadOnlyPaths=/srv/a', 'TemporaryFileSystem=/srv:ro', 'BindReadOnlyPaths=/srv/a'],
    [path('delete', '/srv/a/two words')],
  ],
  [
    ['ProtectSystem=strict', 'NoExecPaths=/srv'],
    [path('delete', '/srv/b'), path('exec', '/srv/b')],
  ],
  [
    ['BindReadOnlyPaths=/srv/a', 'NoExecPaths=/srv'],
    [path('create', '/srv/a/one'), path('exec', '/srv/a/two words')],
  ],
];

const rewritten = (text: string, edits: readonly Edit[]): string => {
  const within = editsWithin(FILE, read(text), edits, 'Service').map(edit => ({ edit, because: ['a reason'] }));
  return editUnit(text, within, 'Service');
};

/** What is read, written or executed is a file. A line that names something below it ends the start, and no fix can help. */
const namesBelowFile = (lines: readonly string[], accesses: readonly Access[]): boolean =>
  accesses.some(
    access =>
      access.kind === 'path' &&
      ['read', 'write', 'exec'].includes(access.mode) &&
      lines.some(line => line.includes(`${access.path}/`)),
  );

test('[law] each fix, written into the text and read again, lets its access pass; all of them end with a unit that fits', t => {
  const law = fc.property(
    fc.subarray(LINES, { minLength: 1, maxLength: 6 }),
    fc.subarray([...ACCESSES], { minLength: 1, maxLength: 8 }),
    (lines, accesses) => {
      fc.pre(!namesBelowFile(lines, accesses));
      const profile = profileOf(accesses);
      let text = `# by hand\n${dropin(...lines)}# the end\n`;
      const { violations } = fixed(read(text), profile);
      for (const { access, fix, outcome } of violations) {
        if (fix === null || outcome === '226/NAMESPACE') continue;
        const after = check(profile, sandboxOf(read(rewritten(text, fix.edits)), CONTEXT)).violations;
        if (after.some(one => one.outcome !== '226/NAMESPACE' && JSON.stringify(one.access) === JSON.stringify(access)))
          return false;
      }
      for (let round = 0; round < 8; round++) {
        const { violations: left, fixer } = fixed(read(text), profile);
        const plan = fixer.plan(left);
        if (plan.length === 0) return left.length === 0 && text.startsWith('# by hand\n') && text.includes('# the end');
        text = rewritten(
          text,
          plan.flatMap(({ fix }) => fix.edits),
        );
      }
      return false;
    },
  );
  t.notThrows(() => fc.assert(law, { numRuns: 200, examples: EXAMPLES.map(([lines, accesses]) => [lines, accesses]) }));
});
