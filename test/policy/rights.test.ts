// What owners and permission bits deny a service that is not root; all of it is compared with real systemds by differential.test.ts.

import test from 'ava';
import { check } from '../../src/policy/check/check.ts';
import type { Findings } from '../../src/policy/findings.ts';
import { type FileType, type HostView, UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import { sandboxOf } from '../../src/policy/sandbox/sandbox.ts';
import { inForce } from '../../src/policy/sandbox/settings.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { Observer } from '../../src/profile/observer.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';

const APP = { uid: 7, gid: 70, home: '/', groups: [71] };
/** path → type, owner, group, mode; what is not here is root's and may be read by all. */
const FILES: Readonly<Record<string, readonly [FileType, number, number, number]>> = {
  '/etc/secret': ['file', 0, 0, 0o600],
  '/etc/ours': ['file', 0, 71, 0o640],
  '/srv/mine': ['file', 7, 70, 0o600],
  '/srv/shut': ['directory', 0, 0, 0o700],
  '/srv/shut/x': ['file', 0, 0, 0o644],
  '/spool': ['directory', 0, 0, 0o1777],
  '/spool/other': ['file', 8, 8, 0o644],
};
const DIRECTORIES = [
  '/',
  '/etc',
  '/srv',
  '/usr',
  '/usr/bin',
  '/var',
  '/var/lib',
  '/tmp',
  '/var/tmp',
  '/proc',
  '/sys',
  '/dev',
  '/run',
];
const typeOf = (path: string): FileType | null =>
  FILES[path]?.[0] ?? (DIRECTORIES.includes(path) ? 'directory' : path === '/usr/bin/d' ? 'file' : null);
const HERE: HostView = {
  ...UNKNOWN_HOST,
  type: typeOf,
  realpath: path => (typeOf(path) === null ? null : path),
  owner: path => {
    const [, uid = 0, gid = 0, mode = 0o755] = FILES[path] ?? [];
    return { uid, gid, mode };
  },
  user: name => (name === 'app' ? APP : null),
  group: () => 70,
  isAbsent: path => typeOf(path) === null,
  known: true,
};

function checked(lines: string, calls: string, host: HostView = HERE, systemd = 252, uid: number | null = 0): Findings {
  const observer = new Observer({ id: 'r', trace: 't', mode: 'complete', cwd: '/', ...(uid === null ? {} : { uid }) });
  observer.push(Buffer.from(`1 execve("/usr/bin/d", ["d"], 0x7f /* 3 vars */) = 0\n${calls}`));
  observer.end();
  const unit = inForce(readUnitText(Buffer.from(`[Service]\n${lines}\n`), 'unit'));
  return check(observer.snapshot(), sandboxOf(unit, { systemd, sets: syscallSets(systemd), host }));
}
const outcomes = (...args: Parameters<typeof checked>): string[] =>
  checked(...args).violations.map(
    ({ outcome, by, access }) => `${outcome} ${by.name} ${'mode' in access ? access.mode : access.kind}`,
  );

const read = (path: string): string => `1 openat(AT_FDCWD, "${path}", O_RDONLY) = 3\n`;
const write = (path: string): string => `1 openat(AT_FDCWD, "${path}", O_WRONLY) = 3\n`;

test('what root passed and what nobody knows who passed are told apart below one directory', t => {
  const stranger = '2 openat(AT_FDCWD, "/srv/shut/NAME", O_RDONLY) = 3\n';
  for (const [known, unknown] of [
    ['a', 'b'],
    ['b', 'a'],
  ])
    t.deepEqual(
      checked('User=app', `${read(`/srv/shut/${known}`)}${stranger.replace('NAME', unknown ?? '')}`).violations.map(
        ({ access }) => ('path' in access ? access.path : ''),
      ),
      [`/srv/shut/${known}`],
    );
});

test('what root read and the user may not is denied by User=', t => {
  t.deepEqual(outcomes('User=app', read('/etc/secret')), ['EACCES User read']);
  t.deepEqual(outcomes('User=app', read('/etc/ours')), []);
  t.deepEqual(outcomes('User=app', write('/etc/ours')), ['EACCES User write']);
  t.deepEqual(outcomes('User=app', write('/srv/mine')), []);
  t.deepEqual(outcomes('User=app', read('/srv/shut/x')), ['EACCES User read']);
  t.deepEqual(outcomes('User=app', '1 mkdir("/srv/new", 0700) = 0\n'), ['EACCES User create']);
  t.deepEqual(outcomes('User=app', '1 unlink("/spool/other") = 0\n'), ['EPERM User delete']);
  t.deepEqual(outcomes('DynamicUser=yes', read('/srv/mine')), ['EACCES DynamicUser read']);
});

test('a capability passes over it, and root without one is like anybody else', t => {
  t.deepEqual(outcomes('User=app\nAmbientCapabilities=CAP_DAC_READ_SEARCH', read('/etc/secret')), []);
  t.deepEqual(outcomes('CapabilityBoundingSet=CAP_CHOWN', read('/srv/mine')), ['EACCES CapabilityBoundingSet read']);
  t.deepEqual(outcomes('CapabilityBoundingSet=CAP_DAC_OVERRIDE', read('/srv/mine')), []);
  t.deepEqual(outcomes('CapabilityBoundingSet=CAP_DAC_OVERRIDE', '1 chmod("/srv/mine", 0600) = 0\n'), [
    'EPERM CapabilityBoundingSet meta',
  ]);
});

test('who did it as that user, or made it, may', t => {
  t.deepEqual(outcomes('User=app', `1 setuid(7) = 0\n${read('/etc/secret')}`), []);
  t.deepEqual(outcomes('User=app\nStateDirectory=app', '1 mkdir("/var/lib/app/x", 0700) = 0\n'), []);
});

test('of files of another machine nothing is concluded, and that is said', t => {
  const { violations, unjudged } = checked('User=app', read('/etc/secret'), UNKNOWN_HOST);
  t.deepEqual(violations, []);
  t.true(unjudged.some(({ why }) => why.startsWith('whether owners and modes')));
});

test('where the log does not show who it was, nothing is denied, and that is said', t => {
  const { violations, unjudged } = checked('User=app', read('/etc/secret'), HERE, 252, null);
  t.deepEqual(violations, []);
  t.true(unjudged.some(({ by }) => by.name === 'User'));
  t.deepEqual(checked('User=app', read('/etc/ours'), HERE, 252, null).unjudged, []);
});

test('the directories of a dynamic user are symlinks to private ones before they are made', t => {
  const make = '1 openat(AT_FDCWD, "/var/lib/app/x", O_WRONLY|O_CREAT, 0600) = 3\n';
  t.deepEqual(outcomes('DynamicUser=yes\nStateDirectory=app', make), []);
  t.deepEqual(outcomes('DynamicUser=yes', make), ['EROFS DynamicUser create', 'EROFS DynamicUser write']);
});

test('name:link is one name before 250, and :ro a flag since 257', t => {
  const make = '1 openat(AT_FDCWD, "/var/lib/app/x", O_WRONLY|O_CREAT, 0600) = 3\n';
  const lines = 'ProtectSystem=strict\nStateDirectory=app::ro';
  t.deepEqual(outcomes(lines, make, HERE, 252), []);
  t.true(outcomes(lines, make, HERE, 257).some(one => one.startsWith('EROFS StateDirectory')));
  t.deepEqual(outcomes('ProtectSystem=strict\nStateDirectory=app:w', make, HERE, 247), [
    'EROFS ProtectSystem create',
    'EROFS ProtectSystem write',
  ]);
  t.deepEqual(outcomes('ProtectSystem=strict\nStateDirectory=app:w', make, HERE, 252), []);
});
