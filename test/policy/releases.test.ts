// What a release of systemd does differently, for proposals and checks: the rows of the table of directives say since when.

import test from 'ava';
import { check } from '../../src/policy/check/check.ts';
import { NO_COMMANDS } from '../../src/policy/check/unconfined.ts';
import { type HostView, UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { derive } from '../../src/policy/propose/derive.ts';
import type { Service, Target } from '../../src/policy/propose/target.ts';
import { sandboxOf } from '../../src/policy/sandbox/sandbox.ts';
import { inForce } from '../../src/policy/sandbox/settings.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { Observer } from '../../src/profile/observer.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';

function learn(log: string, uid?: number): Profile {
  const observer = new Observer({
    id: 'run',
    trace: 'log',
    mode: 'complete',
    cwd: '/',
    ...(uid === undefined ? {} : { uid }),
  });
  observer.push(Buffer.from(log));
  observer.end();
  return observer.snapshot();
}

const context = (systemd: number) => ({ systemd, sets: syscallSets(), host: UNKNOWN_HOST });

/** What a unit denies of a log, on each release: outcomes. */
function outcomes(unit: string, log: string, ...systemds: number[]): (string | null)[] {
  const text = unit.startsWith('[') ? unit : `[Service]\n${unit}\n`;
  const assignments = inForce(readUnitText(Buffer.from(text), 'unit'));
  return systemds.map(
    systemd => check(learn(log), sandboxOf(assignments, context(systemd))).violations[0]?.outcome ?? null,
  );
}

function proposed(log: string, name: string, systemd: number, over: Partial<Target> = {}): string[] {
  const policy: Policy = derive(learn(log), { ...context(systemd), paths: ['strict'], syscalls: 'exact', ...over });
  return policy.directives.flatMap(one => (one.name === name ? [one.value] : []));
}

const WRITABLE_CODE = '1 mmap(NULL, 4096, PROT_READ|PROT_WRITE|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f00\n';
const IN_HOME = '1 openat(AT_FDCWD, "/home/new", O_WRONLY|O_CREAT, 0600) = 3\n';
const SET_ATTRIBUTES = '1 sched_setattr(0, {size=56, sched_policy=SCHED_OTHER, sched_flags=0, sched_nice=5}, 0) = 0\n';
const TIME_NAMESPACE = '1 unshare(CLONE_NEWTIME) = 0\n';

test('memory that is written and executed: an errno of its own since PR_SET_MDWE', t => {
  t.deepEqual(outcomes('MemoryDenyWriteExecute=yes', WRITABLE_CODE, 252, 254, 257), ['EPERM', 'EACCES', 'EACCES']);
});

test('ProtectHome=tmpfs is read-only where systemd makes it so', t => {
  t.deepEqual(outcomes('ProtectHome=tmpfs', IN_HOME, 252, 257, 262), [null, 'EROFS', 'EROFS']);
});

test('RestrictRealtime= refuses sched_setattr(2) whole in newer releases, and is withheld there', t => {
  t.deepEqual(outcomes('RestrictRealtime=yes', SET_ATTRIBUTES, 252, 257, 262), [null, null, 'EPERM']);
  t.deepEqual(proposed(SET_ATTRIBUTES, 'RestrictRealtime', 257), ['yes']);
  t.deepEqual(proposed(SET_ATTRIBUTES, 'RestrictRealtime', 262), []);
});

test('time namespaces: never refused, refused beside others, refused only when listed', t => {
  t.deepEqual(outcomes('RestrictNamespaces=~mnt', TIME_NAMESPACE, 247, 252, 262), [null, 'EPERM', null]);
  t.deepEqual(outcomes('RestrictNamespaces=yes', TIME_NAMESPACE, 247, 252, 262), [null, 'EPERM', 'EPERM']);
});

test('filters bring NoNewPrivileges= to a service with User= up to 254, and cost it its filters only there', t => {
  const passwd =
    '7 execve("/usr/sbin/d", ["d"], 0x1 /* 0 vars */) = 0\n7 execve("/usr/bin/passwd", ["passwd"], 0x1 /* 0 vars */) = 0\n7 geteuid() = 0\n';
  const service: Service = {
    user: 'app',
    uid: 110,
    owner: { uid: 110, gid: 110 },
    runtimeDirectories: [],
    ambient: [],
    commands: [],
  };
  const seen = learn(passwd, 110);
  const withSetId: Profile = {
    ...seen,
    facts: [
      ...seen.facts,
      ...seen.facts
        .slice(0, 1)
        .map(({ evidence }) => ({ kind: 'feature' as const, name: 'setuid-exec', value: '/usr/bin/passwd', evidence })),
    ],
  };
  const filters = (systemd: number): number =>
    derive(withSetId, { ...context(systemd), paths: ['strict'], syscalls: 'exact', service }).directives.filter(
      ({ name }) => name === 'SystemCallFilter',
    ).length;
  t.is(filters(252), 0);
  t.true(filters(257) > 0);
  const unit = 'User=app\nLockPersonality=yes\n';
  const assignments = inForce(readUnitText(Buffer.from(`[Service]\n${unit}`), 'unit'));
  const denied = (systemd: number): boolean =>
    check(withSetId, sandboxOf(assignments, context(systemd))).violations.length > 0;
  t.true(denied(252));
  t.false(denied(257));
});

test('a unit that may start before there is a /tmp gets one that only root can enter, since 260', t => {
  const unit = '[Unit]\nDefaultDependencies=no\n[Service]\nUser=app\nPrivateTmp=yes\n';
  const log = '1 openat(AT_FDCWD, "/tmp/x", O_WRONLY|O_CREAT, 0600) = 3\n';
  t.deepEqual(outcomes(unit, log, 257, 262), [null, 'EACCES']);
  const service: Service = {
    owner: { uid: 0, gid: 0 },
    runtimeDirectories: [],
    ambient: [],
    commands: [],
    early: true,
  };
  t.deepEqual(proposed(log, 'PrivateTmp', 257, { service }), ['yes']);
  t.deepEqual(proposed(log, 'PrivateTmp', 262, { service }), []);
});

test('the journal is within reach of an empty root with MountAPIVFS=, since 257', t => {
  const unit = 'TemporaryFileSystem=/:ro\nMountAPIVFS=yes\nBindPaths=/srv\n';
  const log = '1 connect(3, {sa_family=AF_UNIX, sun_path="/run/systemd/journal/socket"}, 110) = 0\n';
  t.deepEqual(outcomes(unit, log, 252, 257), ['ENOENT', null]);
});

test('values of later releases are named with the release that knows them, and read there', t => {
  const read = (value: string, systemd: number): void => {
    sandboxOf(inForce(readUnitText(Buffer.from(`[Service]\n${value}\n`), 'unit')), context(systemd));
  };
  const told = (value: string, systemd: number): string => t.throws(() => read(value, systemd))?.message ?? '';
  t.regex(told('PrivateTmp=disconnected', 252), /systemd 252 does not know this value .* systemd 257 knows it/);
  t.regex(told('PrivateUsers=full', 257), /systemd 258 knows it/);
  t.regex(told('ProtectHostname=private:here', 257), /does not know this form .* systemd 258 knows it/);
  t.regex(told('PrivateTmp=maybe', 262), /is not a valid value/);
  for (const value of [
    'PrivateTmp=disconnected',
    'PrivateTmp=connected',
    'PrivateUsers=self',
    'PrivateUsers=identity',
    'PrivateUsers=full',
    'PrivateUsers=managed',
    'ProtectControlGroups=private',
    'ProtectControlGroups=strict',
    'ProtectHostname=private',
    'ProtectHostname=private:name',
    'ProtectHostname=yes:name',
  ])
    t.notThrows(() => read(value, 262), value);
});

test('a directive that the release does not know does nothing, and is said to be unknown', t => {
  const assignments = inForce(readUnitText(Buffer.from('[Service]\nNoExecPaths=/\n'), 'unit'));
  const { violations, unknown } = check(
    learn('1 execve("/usr/bin/x", ["x"], 0x1 /* 0 vars */) = 0\n'),
    sandboxOf(assignments, context(247)),
  );
  t.deepEqual(violations, []);
  t.deepEqual(
    unknown.map(({ name }) => name),
    ['NoExecPaths'],
  );
});

test('a stricter value that the unit has already is kept', t => {
  const service: Service = {
    owner: { uid: 0, gid: 0 },
    runtimeDirectories: [],
    ambient: [],
    commands: [],
    chosen: { PrivateTmp: 'disconnected', DevicePolicy: 'strict', ProtectHome: 'yes' },
  };
  t.deepEqual(proposed('1 getpid() = 1\n', 'PrivateTmp', 257, { service }), ['disconnected']);
  t.deepEqual(proposed('1 getpid() = 1\n', 'PrivateTmp', 252, { service }), ['yes']);
  // Without /dev/null it would not start.
  const allow = { section: 'Service', name: 'DeviceAllow', value: '/dev/null rw', at: { file: 'unit', line: 2 } };
  const installed = { assignments: [allow], commands: NO_COMMANDS };
  t.deepEqual(proposed('1 getpid() = 1\n', 'DevicePolicy', 252, { service, installed }), ['strict']);
});

test('what denies more in newer releases is proposed there', t => {
  t.deepEqual(proposed('1 getpid() = 1\n', 'ProtectControlGroups', 252), ['yes']);
  t.deepEqual(proposed('1 getpid() = 1\n', 'ProtectControlGroups', 257), ['strict']);
  const reads = '1 openat(AT_FDCWD, "/proc/self/cgroup", O_RDONLY) = 3\n';
  t.deepEqual(proposed(reads, 'ProtectControlGroups', 257), ['yes']);
  t.deepEqual(proposed('1 getpid() = 1\n', 'PrivateBPF', 262), ['yes']);
  t.deepEqual(proposed('1 getpid() = 1\n', 'PrivateBPF', 252), []);
  const chown = '1 chown("/srv/x", 33, 33) = 0\n';
  const kernel = new Set(['user-namespaces'] as const);
  t.deepEqual(proposed(chown, 'PrivateUsers', 252, { kernel }), []);
  t.deepEqual(proposed(chown, 'PrivateUsers', 257, { kernel }), ['identity']);
});

test('files that tell of a namespace are withheld from it when read, and `apart` in a check', t => {
  const net = '1 openat(AT_FDCWD, "/proc/net/dev", O_RDONLY) = 3</proc/1/net/dev>\n';
  const shm = '1 openat(AT_FDCWD, "/proc/sysvipc/shm", O_RDONLY) = 3\n';
  t.deepEqual(proposed(net, 'PrivateNetwork', 252), []);
  t.deepEqual(proposed(shm, 'PrivateIPC', 252), []);
  t.deepEqual(outcomes('PrivateNetwork=yes', net, 252, 257, 262), ['apart', 'apart', 'apart']);
  t.deepEqual(outcomes('PrivateIPC=yes', shm, 252), ['apart']);
});

test('WorkingDirectory= that the service does not see ends its start', t => {
  const log = '1 chdir("/srv/app") = 0\n';
  const hidden = 'TemporaryFileSystem=/srv:ro\nWorkingDirectory=/srv/app\n';
  t.is(outcomes(hidden, log, 252)[0], '200/CHDIR');
  t.not(outcomes(hidden.replace('=/srv/app', '=-/srv/app'), log, 252)[0], '200/CHDIR');
  t.deepEqual(outcomes(`${hidden}BindReadOnlyPaths=/srv/app\n`, log, 252), [null]);
  t.deepEqual(
    outcomes('ProtectSystem=strict\nStateDirectory=app\nWorkingDirectory=/var/lib/app\n', '1 getpid() = 1\n', 252),
    [null],
  );
});

test('IPAddressDeny=: a connection waits in vain, a datagram is refused, its connect(2) is not', t => {
  const connect = (type: string): string =>
    `1 socket(AF_INET, ${type}, 0) = 3\n1 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}, 16) = 0\n`;
  const send =
    '1 socket(AF_INET, SOCK_DGRAM, 0) = 3\n1 sendto(3, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}, 16) = 1\n';
  t.deepEqual(outcomes('IPAddressDeny=any', connect('SOCK_STREAM'), 252), ['ETIMEDOUT']);
  t.deepEqual(outcomes('IPAddressDeny=any', connect('SOCK_DGRAM'), 252), ['apart']);
  t.deepEqual(outcomes('IPAddressDeny=any', send, 252), ['EPERM']);
});

test('libraries that this machine does not have: no empty root and no list of programs, and the proposal says why', t => {
  const host: HostView = {
    ...UNKNOWN_HOST,
    known: true,
    realpath: path => (path.includes('libold') ? null : path),
    type: path => (path.includes('libold') ? null : 'file'),
  };
  const log = `1 execve("/usr/sbin/d", ["d"], 0x1 /* 0 vars */) = 0
1 mmap(NULL, 8192, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_DENYWRITE, 3</usr/lib/x86_64-linux-gnu/libold.so.1>, 0) = 0x7f00\n`;
  const { directives, withheld } = derive(learn(log), {
    ...context(257),
    paths: ['tmpfs', 'exec'],
    syscalls: 'equal',
    host,
  });
  t.deepEqual(
    directives.filter(({ name }) => name === 'TemporaryFileSystem'),
    [],
  );
  t.regex(
    withheld.find(({ name }) => name === 'TemporaryFileSystem')?.because ?? '',
    /libold\.so\.1, which was mapped/,
  );
});

test('a directory that was there, and whose owner is not known, is not given to the unit by StateDirectory=', t => {
  const log = `1 execve("/usr/sbin/d", ["d"], 0x1 /* 0 vars */) = 0
1 mkdir("/var/lib/zz/body", 0700) = -1 EEXIST (File exists)
1 openat(AT_FDCWD, "/var/lib/zz/body/f", O_WRONLY|O_CREAT, 0600) = 3\n`;
  t.deepEqual(proposed(log, 'StateDirectory', 252), []);
});
