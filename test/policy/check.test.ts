// What a unit does to what was observed: outcomes, the line that denies, what is unused or unknown.

import test from 'ava';
import { thisMachine } from '../../src/host/machine.ts';
import { check } from '../../src/policy/check/check.ts';
import type { Commands } from '../../src/policy/check/unconfined.ts';
import type { Findings } from '../../src/policy/findings.ts';
import { type HostView, UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import type { PathStrategy } from '../../src/policy/policy.ts';
import { derive } from '../../src/policy/propose/derive.ts';
import { quotePath } from '../../src/policy/quote.ts';
import { sandboxOf } from '../../src/policy/sandbox/sandbox.ts';
import { inForce } from '../../src/policy/sandbox/settings.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import { Observer } from '../../src/profile/observer.ts';
import { fold } from '../../src/profile/patterns.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { renderDropin } from '../../src/render/dropin.ts';
import { renderUpstream } from '../../src/render/upstream.ts';
import { resolveSpecifiers } from '../../src/systemd/specifiers.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';
import { profile as generated } from '../support/facts.ts';
import fc from '../support/fast-check.ts';
import { allFixtures, fixtureText } from '../support/fixtures.ts';
import { log } from '../support/logs.ts';

function learn(log: string): Profile {
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'complete', cwd: '/' });
  observer.push(Buffer.from(log));
  observer.end();
  return observer.snapshot();
}

function findings(settings: string, log: string, host: HostView = UNKNOWN_HOST, commands?: Commands): Findings {
  const assignments = inForce(readUnitText(Buffer.from(`[Service]\n${settings}`), 'x.conf'));
  return check(learn(log), sandboxOf(assignments, { systemd: 252, sets: syscallSets(), host }), commands);
}

/** `EROFS create /etc/x, line 2` … without the calls themselves. */
const denied = (settings: string, log: string, host?: HostView, commands?: Commands): string[] =>
  findings(settings, log, host, commands).violations.map(({ access, outcome, by }) => {
    const what =
      access.kind === 'path'
        ? `${access.mode} ${access.path}`
        : access.kind === 'move'
          ? `${access.call} ${access.from} ${access.to}`
          : access.kind === 'syscall'
            ? access.name
            : access.kind;
    return `${outcome} ${what}, line ${by.at.line}`;
  });

test('a read-only system: what is written outside the listed paths is refused', t => {
  const log = '1 openat(AT_FDCWD, "/var/lib/a", O_WRONLY) = 3\n1 openat(AT_FDCWD, "/etc/a", O_WRONLY) = 3\n';
  t.deepEqual(denied('ProtectSystem=strict\nReadWritePaths=/var/lib\n', log), ['EROFS write /etc/a, line 2']);
});

test('namespaces of processes: what is outside is missing, signals without a handler are ignored, and forking services do not load', t => {
  const assignments = (type: string) =>
    inForce(readUnitText(Buffer.from(`[Service]\nType=${type}\nPrivatePIDs=yes\n`), 'x.conf'));
  const outcomes = (type: string, log: string, systemd = 257): string[] =>
    check(
      learn(`1 execve("/usr/sbin/app", ["app"], 0x7f /* 3 vars */) = 0\n${log}`),
      sandboxOf(assignments(type), { systemd, sets: syscallSets(), host: UNKNOWN_HOST }),
    ).violations.map(({ outcome }) => outcome);
  t.deepEqual(outcomes('simple', ''), []);
  t.deepEqual(outcomes('forking', ''), ['bad-setting']);
  t.deepEqual(outcomes('forking', '', 252), []);
  t.deepEqual(outcomes('simple', '1 kill(77, SIGHUP) = 0\n'), ['ESRCH']);
  t.deepEqual(outcomes('simple', '1 openat(AT_FDCWD, "/proc/77/stat", O_RDONLY) = 3\n'), ['ENOENT']);
  t.deepEqual(outcomes('simple', '1 +++ killed by SIGTERM +++\n'), ['ignored']);
});

test('before systemd 250 a user cannot enter an empty root that is made with a strict umask', t => {
  const settings = 'User=nobody\nUMask=0077\nTemporaryFileSystem=/:ro\nBindReadOnlyPaths=/usr/bin/app\n';
  const assignments = inForce(readUnitText(Buffer.from(`[Service]\n${settings}`), 'x.conf'));
  const outcomes = (systemd: number): string[] =>
    check(
      learn('1 execve("/usr/bin/app", ["app"], 0x7f /* 3 vars */) = 0\n'),
      sandboxOf(assignments, { systemd, sets: syscallSets(), host: UNKNOWN_HOST }),
    ).violations.map(({ outcome }) => outcome);
  t.deepEqual(outcomes(247), ['203/EXEC']);
  t.deepEqual(outcomes(252), []);
});

test('what libsystemd reads of its tracer is needed by nobody who is not traced', t => {
  const open = (path: string): string => `7 openat(AT_FDCWD, "${path}", O_RDONLY|O_CLOEXEC) = 3<${path}>\n`;
  const settings = 'User=nobody\nProtectProc=invisible\n';
  const traced = open('/proc/sys/kernel/osrelease') + open('/proc/7/status') + open('/proc/12/comm');
  t.deepEqual(denied(settings, traced), []);
  t.deepEqual(denied(settings, traced + open('/proc/13/comm')), ['ENOENT read /proc/[pid]/comm, line 3']);
});

test('what is bound may be a directory that systemd makes first', t => {
  const host: HostView = { ...UNKNOWN_HOST, isAbsent: () => true, known: true };
  const log = '1 getpid() = 1\n';
  t.deepEqual(denied('TemporaryFileSystem=/:ro\nRuntimeDirectory=app\nBindPaths=/run/app\n', log, host), []);
  t.is(denied('TemporaryFileSystem=/:ro\nBindPaths=/run/app\n', log, host).length, 1);
});

test('a directory that the service makes in an emptied place is filled by it, and not found empty', t => {
  const list = (path: string): string => `1 openat(AT_FDCWD, "${path}", O_RDONLY|O_DIRECTORY) = 3\n`;
  const log = `1 mkdir("/tmp/work-1", 0700) = 0\n${list('/tmp/work-1')}${list('/tmp/given')}`;
  t.deepEqual(denied('PrivateTmp=yes', log), ['ENOENT list /tmp/given, line 2']);
});

test('a device is opened with O_CREAT, not made: a read-only /dev does not refuse it', t => {
  const log =
    '1 openat(AT_FDCWD, "/dev/null", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3\n1 openat(AT_FDCWD, "/dev/x", O_WRONLY|O_CREAT, 0666) = 3\n';
  for (const setting of ['PrivateDevices=yes', 'ReadOnlyPaths=/dev'])
    t.deepEqual([...new Set(denied(`${setting}\n`, log).map(one => one.split(' ')[2]))], ['/dev/x,'], setting);
});

test('what is opened with O_CREAT through a symlink is made where that leads', t => {
  const log = '1 openat(AT_FDCWD, "/var/log/app.log", O_WRONLY|O_CREAT, 0644) = 3</srv/logs/app.log>\n';
  const host: HostView = {
    ...UNKNOWN_HOST,
    realpath: path => (path === '/var/log/app.log' ? '/srv/logs/app.log' : path),
    type: path => (path === '/var/log/app.log' ? 'symlink' : 'directory'),
    link: path => (path === '/var/log/app.log' ? '/srv/logs/app.log' : null),
    known: true,
  };
  t.deepEqual(denied('ProtectSystem=strict\nReadWritePaths=/srv/logs\n', log, host), []);
  t.deepEqual(
    [...new Set(denied('ProtectSystem=strict\nReadWritePaths=/var/log\n', log, host))],
    ['EROFS create /srv/logs/app.log, line 2', 'EROFS write /srv/logs/app.log, line 2'],
  );
});

test('a directory that a command with + makes is there when the others start', t => {
  const log = `1 execve("/usr/bin/prepare", ["prepare"], 0x1 /* 9 vars */) = 0
1 mkdir("/run/app", 0755) = 0
1 exit_group(0) = ?
1 +++ exited with 0 +++
2 execve("/usr/sbin/d", ["d"], 0x1 /* 9 vars */) = 0
2 openat(AT_FDCWD, "/run/app/pid", O_WRONLY|O_CREAT, 0644) = 3
`;
  const settings = 'ProtectSystem=strict\nReadWritePaths=-/run/app\n';
  const host: HostView = { ...UNKNOWN_HOST, isAbsent: path => path === '/run/app' };
  const made = { confined: ['/usr/sbin/d'], unconfined: ['/usr/bin/prepare'] };
  t.deepEqual(denied(settings, log, host, made), []);
  t.true(denied(settings, log, host, { confined: ['/usr/sbin/d', '/usr/bin/prepare'], unconfined: [] }).length > 0);
});

test('each symlink on the way to a file must lead to what is there', t => {
  const links = new Map([
    ['/usr/lib/libblas.so', '../../etc/alternatives/libblas.so'],
    ['/etc/alternatives/libblas.so', '/usr/lib/blas/libblas.so'],
  ]);
  const host: HostView = {
    ...UNKNOWN_HOST,
    realpath: path => (links.has(path) ? '/usr/lib/blas/libblas.so' : path),
    type: path => (links.has(path) ? 'symlink' : path.endsWith('.so') ? 'file' : 'directory'),
    link: path => links.get(path) ?? null,
    known: true,
  };
  const log = '1 openat(AT_FDCWD, "/usr/lib/libblas.so", O_RDONLY) = 3</usr/lib/blas/libblas.so>\n';
  const root = 'TemporaryFileSystem=/:ro\nBindReadOnlyPaths=/usr/lib\n';
  t.deepEqual(denied(root, log, host), ['ENOENT read /usr/lib/blas/libblas.so, line 2']);
  t.deepEqual(denied(`${root}BindReadOnlyPaths=/etc/alternatives/libblas.so\n`, log, host), []);
});

test('two listed paths are two mounts: rename between them fails', t => {
  const log = '1 rename("/srv/a/in/x", "/srv/a/out/x") = 0\n';
  t.deepEqual(denied('ReadWritePaths=/srv/a/in /srv/a/out\n', log), ['EXDEV rename /srv/a/in/x /srv/a/out/x, line 2']);
  t.deepEqual(denied('ReadWritePaths=/srv/a\n', log), []);
});

test('lines that end the start are told, each once, and what else is denied with them', t => {
  const log =
    '1 execve("/usr/sbin/d", ["d"], 0x1 /* 9 vars */) = 0\n1 openat(AT_FDCWD, "/etc/a", O_WRONLY) = 3\n1 chroot("/srv") = 0\n';
  const host: HostView = {
    ...UNKNOWN_HOST,
    known: true,
    isAbsent: path => path.includes('none'),
    realpath: path => (path.includes('none') ? null : path),
    type: path => (path.includes('none') ? null : 'directory'),
  };
  const settings =
    'ProtectSystem=strict\nReadWritePaths=/none /none/below\nBindPaths=/srv/none\nReadOnlyPaths=-/srv/none\nSystemCallFilter=@system-service\n';
  t.deepEqual(denied(settings, log, host).sort(), [
    '226/NAMESPACE exec /usr/sbin/d, line 3',
    '226/NAMESPACE exec /usr/sbin/d, line 4',
    'EROFS write /etc/a, line 2',
    'SIGSYS chroot, line 6',
  ]);
});

test('what runs outside the sandbox is not judged, as far as the programs tell it apart', t => {
  const log = `1 execve("/usr/bin/prepare", ["prepare"], 0x1 /* 9 vars */) = 0
1 openat(AT_FDCWD, "/etc/a", O_WRONLY) = 3
1 fork() = 2
2 execve("/usr/bin/cp", ["cp"], 0x1 /* 9 vars */) = 0
2 openat(AT_FDCWD, "/etc/b", O_WRONLY) = 3
3 execve("/usr/sbin/d", ["d"], 0x1 /* 9 vars */) = 0
3 openat(AT_FDCWD, "/etc/c", O_WRONLY) = 3
`;
  const settings = 'ProtectSystem=strict\n';
  const all = ['a', 'b', 'c'].map(name => `EROFS write /etc/${name}, line 2`);
  const commands = { confined: ['/usr/sbin/d'], unconfined: ['/usr/bin/prepare'] };
  t.deepEqual(denied(settings, log), all);
  t.deepEqual(denied(settings, log, undefined, commands), all.slice(2));
  t.deepEqual(denied(settings, log, undefined, { ...commands, unconfined: ['prepare'] }), all.slice(2));
  // The same program inside the sandbox too.
  t.deepEqual(denied(settings, log, undefined, { ...commands, confined: ['/usr/bin/prepare', '/usr/sbin/d'] }), all);
  const copied = `${log}3 fork() = 4\n4 execve("/usr/bin/cp", ["cp"], 0x1 /* 9 vars */) = 0\n`;
  t.deepEqual(denied(settings, copied, undefined, commands), all.slice(1));
});

test('the mounts and namespaces that a command with + meets too are held against it', t => {
  const log = `1 execve("/usr/bin/prepare", ["prepare"], 0x1 /* 9 vars */) = 0
1 openat(AT_FDCWD, "/srv/a/x", O_WRONLY) = 3
1 rename("/srv/a/x", "/srv/b/x") = 0
1 socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) = 3
1 connect(4, {sa_family=AF_INET, sin_port=htons(25), sin_addr=inet_addr("192.0.2.1")}, 16) = 0
1 chown("/etc/x", 1, 1) = 0
2 execve("/usr/sbin/d", ["d"], 0x1 /* 9 vars */) = 0
`;
  const commands = { confined: ['/usr/sbin/d'], unconfined: ['/usr/bin/prepare'] };
  const lines = (settings: string): string[] => denied(settings, log, undefined, commands);
  t.deepEqual(
    lines('ProtectSystem=strict\nInaccessiblePaths=/srv\nReadOnlyPaths=/srv\nUser=app\nCapabilityBoundingSet=\n'),
    [],
  );
  t.deepEqual(lines('ReadWritePaths=/srv/a /srv/b\n'), ['EXDEV rename /srv/a/x /srv/b/x, line 2']);
  t.deepEqual(lines('BindReadOnlyPaths=/srv/a\n').slice(0, 1), ['EROFS write /srv/a/x, line 2']);
  t.true(lines('TemporaryFileSystem=/srv:ro\n').includes('ENOENT write /srv/a/x, line 2'));
  t.true(lines('PrivateNetwork=yes\n').length > 0);
  t.true(lines('IPAddressDeny=any\n').length > 0);
  const unused = (own: Commands): string[] =>
    findings('BindPaths=/srv/a\nBindPaths=/srv/none\n', log, UNKNOWN_HOST, own).unused.map(({ allows }) => allows);
  t.deepEqual(unused(commands), ['/srv/none']);
});

test('a command with ! starts as root whatever User= says, as far as the programs tell it apart', t => {
  const log = `1 execve("/usr/sbin/d", ["d"], 0x1 /* 9 vars */) = 0
1 openat(AT_FDCWD, "/etc/a", O_WRONLY) = 3
1 setuid(110) = 0
2 execve("/usr/bin/helper", ["helper"], 0x1 /* 9 vars */) = 0
2 chroot("/srv") = 0
`;
  const settings = 'User=app\nProtectSystem=strict\nCapabilityBoundingSet=CAP_SETUID CAP_SYS_CHROOT\n';
  const always = 'EROFS write /etc/a, line 3';
  const commands = { confined: ['/usr/sbin/d', '/usr/bin/helper'], unconfined: [] };
  t.deepEqual(denied(settings, log, undefined, commands), [
    always,
    'EPERM capability, line 2',
    'EPERM capability, line 2',
  ]);
  const asRoot = { confined: ['/usr/bin/helper'], privileged: ['/usr/sbin/d'], unconfined: [] };
  t.deepEqual(denied(settings, log, undefined, asRoot), [always, 'EPERM capability, line 2']);
  // The bounding set holds for it too.
  const without = settings.replace('CAP_SETUID ', '');
  t.deepEqual(denied(without, log, undefined, asRoot), [
    always,
    'EPERM capability, line 4',
    'EPERM capability, line 2',
  ]);
});

test('a directory that was opened as one opens a file is still a directory', t => {
  const log = '1 openat(AT_FDCWD, "/", O_RDONLY) = 3</>\n1 openat(AT_FDCWD, "/srv", O_RDONLY) = 3</srv>\n';
  const empty = 'TemporaryFileSystem=/:ro\nBindReadOnlyPaths=/srv/app\n';
  const host = (type: 'directory' | 'file'): HostView => ({
    ...UNKNOWN_HOST,
    known: true,
    realpath: path => path,
    type: path => (path === '/srv' ? type : 'directory'),
  });
  t.deepEqual(denied(empty, log, host('directory')), []);
  t.deepEqual(denied(empty, log, host('file')), ['EISDIR read /srv, line 2']);
});

test('a symlink that lies right below a mount can be deleted', t => {
  const host: HostView = {
    ...UNKNOWN_HOST,
    known: true,
    realpath: path => (path === '/run/app/conf' ? '/etc/app' : path),
    type: path => (path === '/run/app/conf' ? 'symlink' : path === '/etc/app' ? 'file' : 'directory'),
  };
  const log = '1 unlink("/run/app/conf") = 0\n';
  t.deepEqual(denied('ProtectSystem=strict\nRuntimeDirectory=app\n', log, host), []);
  // Also where a mount is on what it leads to.
  t.deepEqual(denied('ProtectSystem=strict\nReadWritePaths=/run/app /run/app/conf\n', log, host), []);
});

test('what the links of /proc/self lead to is not what they lead us to', t => {
  const host: HostView = {
    ...UNKNOWN_HOST,
    known: true,
    realpath: path => (path === '/proc/self/exe' ? '/usr/bin/node' : path),
    type: path => (path === '/proc/self/exe' ? 'symlink' : 'directory'),
  };
  const log = '1 readlink("/proc/self/exe", "/usr/sbin/d", 4096) = 11\n';
  t.deepEqual(denied('TemporaryFileSystem=/:ro\nMountAPIVFS=yes\n', log, host), []);
});

test('a device that is always there is opened, not made, also with O_CREAT', t => {
  const log = (name: string): string => `1 openat(AT_FDCWD, "${name}", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3<${name}>\n`;
  t.deepEqual(denied('PrivateDevices=yes\n', log('/dev/null')), []);
  t.deepEqual(denied('PrivateDevices=yes\n', '1 creat("/dev/full", 0666) = 3\n'), []);
  t.deepEqual(denied('PrivateDevices=yes\n', log('/dev/made')), [
    'EROFS create /dev/made, line 2',
    'EROFS write /dev/made, line 2',
  ]);
});

test('an access that failed when it was observed is no violation', t => {
  t.deepEqual(
    denied('ProtectSystem=strict\n', '1 openat(AT_FDCWD, "/etc/a", O_WRONLY) = -1 EACCES (Permission denied)\n'),
    [],
  );
});

test('a filter of system calls: the line, the errno of an entry, and the signal', t => {
  const log = '1 sync() = 0\n1 chroot("/srv") = 0\n1 getpid() = 1\n';
  t.deepEqual(denied('SystemCallFilter=@system-service\n', log), ['SIGSYS chroot, line 2']);
  t.deepEqual(
    denied('SystemCallFilter=@system-service\nSystemCallErrorNumber=EPERM\nSystemCallFilter=~@sync:EACCES\n', log),
    ['EACCES sync, line 4', 'EPERM chroot, line 2'],
  );
  t.deepEqual(denied('SystemCallFilter=~@sync\n', log), ['SIGSYS sync, line 2']);
});

test('an unknown directive is listed', t => {
  t.deepEqual(
    findings('RestrictFileSystems=ext4\nNoSuchThing=yes\nRestart=no\n', '').unknown.map(({ name }) => name),
    ['RestrictFileSystems', 'NoSuchThing'],
  );
});

test('what is allowed and was not used is listed by word', t => {
  const log = '1 openat(AT_FDCWD, "/var/lib/a/f", O_WRONLY) = 3\n1 chown("/var/lib/a/f", 5, 5) = 0\n';
  const { unused } = findings(
    'ReadWritePaths=/var/lib/a /var/lib/b\nCapabilityBoundingSet=CAP_CHOWN CAP_KILL\nSystemCallFilter=@chown @mount openat sync\n',
    log,
  );
  t.deepEqual(
    unused.map(({ by, allows }) => `${by.at.line} ${allows}`),
    ['2 /var/lib/b', '3 CAP_KILL', '4 @mount', '4 sync'],
  );
});

/** What is asked of a proposal; `for upstream` takes whole sets of system calls and leaves out what only a machine explains. */
type Asked = readonly (PathStrategy | 'for upstream')[];
const STRATEGIES: readonly Asked[] = [['strict'], ['strict', 'exec'], ['tmpfs'], ['tmpfs', 'exec'], ['for upstream']];

/** A profile against the drop-in that was proposed for it, as it would be read from its file. */
function againstProposal(profile: Profile, seen: Profile, asked: Asked): string[] {
  const sets = syscallSets();
  const upstream = asked.includes('for upstream');
  const paths = upstream ? ['strict' as const] : asked.filter(one => one !== 'for upstream');
  const policy = derive(profile, { systemd: 252, paths, upstream, syscalls: 'exact', sets, host: UNKNOWN_HOST });
  const assignments = inForce(
    readUnitText(Buffer.from(upstream ? renderUpstream(policy) : renderDropin(policy)), 'proposal.conf'),
  ).map(one => resolveSpecifiers(one, { unit: 'x.service', fragment: null, user: null, machine: thisMachine() }));
  const { violations, unknown } = check(seen, sandboxOf(assignments, { systemd: 252, sets, host: UNKNOWN_HOST }));
  return [
    ...unknown.map(({ name }) => `${name} is not known`),
    ...violations
      .filter(({ access }) => !(access.kind === 'path' && isUnwritable(access.path)))
      .map(({ access, by, outcome }) => `${outcome} by ${by.name}=${by.value}: ${JSON.stringify(access)}`),
  ];
}

/** A path that no unit file can name: the proposal says so, and nothing below it can be allowed. */
const isUnwritable = (path: string): boolean => quotePath(path) === null;

/** What the recorded logs tell, volatile names folded. */
const recorded: readonly { name: string; profile: Profile }[] = allFixtures().map(name => {
  const observer = new Observer({ id: 'run', trace: name, mode: 'complete', cwd: '/' });
  observer.push(Buffer.from(fixtureText(name), 'latin1'));
  observer.end();
  return { name, profile: fold(observer.snapshot()).profile };
});

for (const paths of STRATEGIES) {
  test(`law: a recorded log fits its own proposal: ${paths.join('+')}`, t => {
    for (const { name, profile } of recorded) t.deepEqual(againstProposal(profile, profile, paths), [], name);
  });

  test(`[law] generated profiles fit their own proposal, and that of a merged profile: ${paths.join('+')}`, t => {
    fc.assert(
      fc.property(generated, generated, (p, q) => {
        t.deepEqual(againstProposal(p, p, paths), []);
        t.deepEqual(againstProposal(mergeProfiles([p, q]), p, paths), []);
      }),
      { numRuns: 50 },
    );
  });

  test(`[law] whatever a service does fits its own proposal: ${paths.join('+')}`, t => {
    fc.assert(
      fc.property(log, text => {
        const profile = learn(text);
        t.deepEqual(againstProposal(profile, profile, paths), []);
      }),
    );
  });
}

test('a program in / that is removed later: the proposal lets it run', t => {
  const profile = learn('1 execve("/x", ["x"], 0x1 /* 0 vars */) = 0\n1 unlink("/x") = 0\n');
  for (const paths of STRATEGIES) t.deepEqual(againstProposal(profile, profile, paths), [], paths.join('+'));
});

test('[law] a proposal reads back as it was meant', t => {
  fc.assert(
    fc.property(generated, profile => {
      const sets = syscallSets();
      const policy = derive(profile, { systemd: 252, paths: ['strict'], syscalls: 'exact', sets, host: UNKNOWN_HOST });
      const read = readUnitText(Buffer.from(renderDropin(policy)), 'proposal.conf').filter(({ value }) => value !== '');
      const words = (name: string, values: readonly { name: string; value: string }[]): string[] =>
        values.filter(one => one.name === name).flatMap(({ value }) => value.split(' '));
      for (const { name, value } of policy.directives)
        if (value !== '') t.deepEqual(words(name, read), words(name, policy.directives), name);
    }),
  );
});
