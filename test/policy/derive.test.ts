// From facts to directives: the path strategies, capabilities, quoting; and the laws.

import test from 'ava';
import type { DirectiveRow } from '../../src/policy/directives/row.ts';
import { DIRECTIVES, effectsOf } from '../../src/policy/directives/table.ts';
import { denies } from '../../src/policy/effects.ts';
import { type HostView, UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import { derive } from '../../src/policy/propose/derive.ts';
import type { Owner, Service, Target } from '../../src/policy/propose/target.ts';
import { quotePath } from '../../src/policy/quote.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import type { Access } from '../../src/process/access.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import { Observer } from '../../src/profile/observer.ts';
import { fold } from '../../src/profile/patterns.ts';
import type { Fact, Profile, Run } from '../../src/profile/profile.ts';
import { renderDropin } from '../../src/render/dropin.ts';
import { profile } from '../support/facts.ts';
import fc from '../support/fast-check.ts';

const target: Target = { systemd: 252, paths: ['strict'], syscalls: 'exact', sets: syscallSets(), host: UNKNOWN_HOST };

/** Without `mode`, the few lines of `log` are all that the service does. */
function learn(log: string, mode: Run['mode'] = 'complete'): Profile {
  const observer = new Observer({ id: 'run', trace: 'log', mode, cwd: '/' });
  observer.push(Buffer.from(log));
  observer.end();
  return observer.snapshot();
}

const lines = (profile: Profile, over: Partial<Target> = {}): string[] =>
  derive(profile, { ...target, ...over }).directives.map(({ name, value }) => `${name}=${value}`);

/** A host on which exactly these directories exist. */
const hostWith = (...directories: string[]): HostView => ({
  realpath: path => (directories.includes(path) || path === '/' ? path : null),
  type: path => (directories.includes(path) || path === '/' ? 'directory' : null),
  link: () => null,
  entries: () => null,
  owner: () => null,
  isAbsent: path => !directories.includes(path) && path !== '/',
  isMadeAtBoot: () => false,
  user: () => null,
  group: () => null,
  known: true,
});

test('rename between two directories: they share one mount', t => {
  const log = '1 rename("/srv/a/in/x", "/srv/a/out/x") = 0\n';
  t.true(
    lines(learn(log), { host: hostWith('/srv', '/srv/a', '/srv/a/in', '/srv/a/out') }).includes(
      'ReadWritePaths=/srv/a',
    ),
  );
});

test('what libsystemd looks at because it is traced does not keep other processes visible', t => {
  const open = (path: string): string => `7 openat(AT_FDCWD, "${path}", O_RDONLY|O_CLOEXEC) = 3<${path}>\n`;
  const traced = learn(open('/proc/sys/kernel/osrelease') + open('/proc/7/status') + open('/proc/12/comm'));
  const directive = derive(traced, target).directives.find(({ name }) => name === 'ProtectProc');
  t.is(directive?.value, 'invisible');
  t.regex(directive?.because ?? '', /\/proc\/\[tracer\]\/comm is read, but libsystemd/);
  t.false(lines(learn(open('/proc/7/status') + open('/proc/12/comm'))).includes('ProtectProc=invisible'));
});

test('a file without a name that gets one elsewhere: both directories share one mount', t => {
  const made = '1 openat(AT_FDCWD, "/srv/a/in", O_RDWR|O_TMPFILE, 0600) = 3\n';
  for (const link of [
    'AT_FDCWD, "/proc/self/fd/3", AT_FDCWD, "/srv/a/out/x", AT_SYMLINK_FOLLOW',
    '3, "", AT_FDCWD, "/srv/a/out/x", AT_EMPTY_PATH',
  ])
    t.true(
      lines(learn(`${made}1 linkat(${link}) = 0\n`), {
        host: hostWith('/srv', '/srv/a', '/srv/a/in', '/srv/a/out'),
      }).includes('ReadWritePaths=/srv/a'),
      link,
    );
});

test('a script without #! fails to be executed, and has to fail in the same way for its shell to read it', t => {
  const host: HostView = { ...hostWith('/srv'), realpath: path => path, type: () => 'other' };
  const log = `1 execve("/bin/sh", ["sh"], 0x1 /* 9 vars */) = 0
1 execve("/srv/hook", ["hook"], 0x1 /* 9 vars */) = -1 ENOEXEC (Exec format error)
1 execve("/srv/other", ["other"], 0x1 /* 9 vars */) = -1 EACCES (Permission denied)
`;
  const { directives } = derive(learn(log), { ...target, paths: ['strict', 'exec'], host });
  const exec = directives.flatMap(({ name, value }) => (name === 'ExecPaths' ? value.split(' ') : []));
  t.true(exec.includes('-/srv/hook'), exec.join(' '));
  t.false(exec.includes('-/srv/other'));
});

test('/tmp of its own is only for what the service makes in it, and keeps apart from all else', t => {
  const has = (log: string): boolean => lines(learn(log)).includes('PrivateTmp=yes');
  const create = (path: string): string => `1 openat(AT_FDCWD, "${path}", O_WRONLY|O_CREAT|O_EXCL, 0600) = 3\n`;
  t.true(has(create('/tmp/x')));
  t.true(has(`1 mkdir("/tmp/own", 0700) = 0\n${create('/tmp/own/x')}`));
  // Somebody else made the directory: in an empty /tmp it is missing.
  t.false(has(create('/tmp/given/x')));
  t.false(has(`${create('/tmp/x')}1 rename("/tmp/x", "/srv/x") = 0\n`));
  t.false(has(`${create('/srv/x')}1 link("/srv/x", "/var/tmp/x") = 0\n`));
});

test('a home that must be writable as a whole: ProtectHome= would lie over it', t => {
  const log = '1 openat(AT_FDCWD, "/root/.x", O_WRONLY|O_CREAT, 0600) = 3\n';
  const strict = lines(learn(log));
  t.true(strict.includes('ReadWritePaths=-/root'));
  t.true(strict.includes('InaccessiblePaths=-/home -/run/user'));
  t.false(strict.some(line => line.startsWith('ProtectHome')));
  // Below it is another matter.
  t.true(lines(learn(log.replace('/root/.x', '/root/x/y'))).includes('ProtectHome=read-only'));
  const tmpfs = lines(learn(log), { paths: ['tmpfs'] });
  t.true(tmpfs.includes('BindPaths=-/root'));
  // In an empty root there is no /home to be looked at.
  const looked = lines(learn('1 stat("/home", {st_mode=S_IFDIR|0755, st_size=4096, ...}) = 0\n'), { paths: ['tmpfs'] });
  t.true(looked.includes('TemporaryFileSystem=/home:ro /root:ro'));
  t.false(looked.some(line => /^Bind\w*=-?\/home/.test(line)));
});

test('link(2): the file lies in one mount with its new name, though nothing is written where it is', t => {
  const log = '1 link("/srv/in/x", "/srv/out/x") = 0\n';
  t.true(lines(learn(log), { host: hostWith('/srv', '/srv/in', '/srv/out') }).includes('ReadWritePaths=/srv'));
});

test('a symlink in a place that would be hidden leads elsewhere: it has to be seen', t => {
  const open = (asked: string): string => `1 openat(AT_FDCWD</>, "${asked}", O_RDONLY) = 3</srv/x>\n`;
  t.false(lines(learn(open('/tmp/link'))).includes('PrivateTmp=yes'));
  t.true(lines(learn(open('/home/u/link'))).includes('ProtectHome=read-only'));
});

test('a tree that was listed, or must be writable, is not emptied: the tmpfs would lie over it', t => {
  const emptied = (call: string): string[] =>
    lines(learn(`1 ${call} = 3\n`), { paths: ['tmpfs'], empty: ['/etc'] }).filter(line => line.startsWith('Temp'));
  t.deepEqual(emptied('openat(AT_FDCWD, "/etc", O_RDONLY|O_DIRECTORY)'), []);
  t.deepEqual(emptied('openat(AT_FDCWD, "/etc/x", O_WRONLY|O_CREAT, 0600)'), []);
  t.deepEqual(emptied('openat(AT_FDCWD, "/etc/x", O_RDONLY)'), ['TemporaryFileSystem=/etc:ro']);
});

test('shared memory is read-only where none was made; a program may always wait, and so the list of system calls is never empty', t => {
  const exec = '1 execve("/usr/bin/d", ["d"], 0x1 /* 0 vars */) = 0\n';
  for (const paths of [['strict'], ['tmpfs']] as const) {
    const found = lines(learn(exec), { paths });
    t.true(found.includes('ReadOnlyPaths=-/dev/shm'));
    t.true(found.includes('SystemCallFilter=poll ppoll pselect6 rt_sigaction rt_sigprocmask select tgkill tkill'));
    const made = learn(`${exec}1 openat(AT_FDCWD, "/dev/shm/x", O_RDWR|O_CREAT|O_EXCL, 0600) = 3\n`);
    t.false(lines(made, { paths }).includes('ReadOnlyPaths=-/dev/shm'));
  }
});

test('open_by_handle_at asks for CAP_DAC_READ_SEARCH, which CAP_DAC_OVERRIDE does not give', t => {
  const log = '1 open_by_handle_at(9, {handle_bytes=8, handle_type=1, f_handle=0x1}, O_RDONLY) = 4\n';
  const doubtful = '1 openat(AT_FDCWD, "/srv/x", O_WRONLY) = 3\n';
  t.true(lines(learn(log + doubtful)).includes('CapabilityBoundingSet=CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH'));
});

test('A directory below a writable one is no mount of its own: a rename between the two works', t => {
  const log = `1 mkdir("/var/lib/app/sub", 0755) = -1 EEXIST (File exists)
1 openat(AT_FDCWD, "/var/lib/app/tmp", O_WRONLY|O_CREAT, 0600) = 3
1 rename("/var/lib/app/tmp", "/var/lib/app/sub/final") = 0
`;
  const host = hostWith('/var', '/var/lib', '/var/lib/app', '/var/lib/app/sub');
  const found = lines(learn(log), { host });
  t.deepEqual(
    found.filter(line => /^(?:State|ReadWrite)/.test(line)),
    ['ReadWritePaths=/var/lib/app'],
  );
});

test('Directories between which the service renames are not made by systemd one by one', t => {
  const log = `1 mkdir("/var/lib/a", 0755) = 0
1 mkdir("/var/lib/a", 0755) = -1 EEXIST (File exists)
1 mkdir("/var/lib/b", 0755) = 0
1 mkdir("/var/lib/b", 0755) = -1 EEXIST (File exists)
1 rename("/var/lib/a/x", "/var/lib/b/x") = 0
`;
  const found = lines(learn(log), { host: hostWith('/var', '/var/lib') });
  t.true(found.includes('ReadWritePaths=/var/lib'));
  t.false(found.some(line => line.startsWith('StateDirectory=')));
});

test('A symlink that the service makes in a directory that is bound is not bound itself', t => {
  const known = hostWith('/run', '/run/app', '/etc');
  const host: HostView = {
    ...known,
    realpath: path => (path === '/run/app/conf' ? '/etc/hostname' : known.realpath(path)),
    type: path => (path === '/run/app/conf' ? 'symlink' : path === '/etc/hostname' ? 'file' : known.type(path)),
    link: path => (path === '/run/app/conf' ? '/etc/hostname' : null),
  };
  const log = `1 unlink("/run/app/conf") = 0
1 symlink("/etc/hostname", "/run/app/conf") = 0
1 readlink("/run/app/conf", "/etc/hostname", 100) = 13
1 openat(AT_FDCWD, "/run/app/conf", O_RDONLY) = 3</etc/hostname>
`;
  const found = lines(learn(log), { host, paths: ['tmpfs'] });
  t.false(found.some(line => /^Bind.*\/run\/app\/conf/.test(line)));
  t.true(found.includes('BindReadOnlyPaths=-/etc/hostname'));
});

test('What was only read is optional: that it is gone one day does not keep the service from starting', t => {
  const log =
    '1 execve("/usr/bin/d", ["d"], 0x1 /* 0 vars */) = 0\n1 openat(AT_FDCWD, "/etc/x/bad.vcl", O_RDONLY) = 3\n';
  const found = lines(learn(log), { host: hostWith('/etc', '/etc/x'), paths: ['tmpfs', 'exec'] });
  const mandatory = found.filter(line => /^(?:BindReadOnly|Exec)Paths=[^-]/.test(line));
  t.deepEqual(mandatory, []);
  const strict = lines(learn(log), { paths: ['strict', 'exec'] });
  t.deepEqual(
    strict.filter(line => /^ExecPaths=[^-]/.test(line)),
    [],
  );
});

test('A service that makes files in /run itself has an empty root all the same', t => {
  const log = '1 openat(AT_FDCWD, "/run/app.pid", O_WRONLY|O_CREAT, 0644) = 3\n';
  const found = lines(learn(log), { host: hostWith('/run'), paths: ['tmpfs'] });
  t.true(found.includes('TemporaryFileSystem=/:ro'));
  t.true(found.includes('BindPaths=/run'));
  t.true(found.includes('ReadOnlyPaths=-/run/systemd'));
});

const stamped = (lines: readonly [seconds: number, call: string][]): string =>
  lines.map(([seconds, call]) => `1 17000000${`${seconds}`.padStart(2, '0')}.000000 ${call}\n`).join('');

test('With tmpfs the directory of what appears later is bound: a mount is made of what is there at start', t => {
  const log = stamped([
    [1, 'openat(AT_FDCWD, "/run/other/s", O_RDONLY) = -1 ENOENT (No such file or directory)'],
    [1, 'openat(AT_FDCWD, "/run/other", O_RDONLY) = -1 ENOENT (No such file or directory)'],
    [1, 'openat(AT_FDCWD, "/srv/conf.d/later.conf", O_RDONLY) = -1 ENOENT (No such file or directory)'],
    [9, 'openat(AT_FDCWD, "/run/other/s", O_RDONLY) = 3'],
    [9, 'openat(AT_FDCWD, "/srv/conf.d/later.conf", O_RDONLY) = 3'],
  ]);
  const host = hostWith('/run', '/srv', '/srv/conf.d');
  const { directives } = derive(learn(log), { ...target, host, paths: ['tmpfs'] });
  const bound = directives.filter(({ value }) => /^-\/(?:srv|run\/o|run$)/.test(value));
  t.deepEqual(
    bound.map(({ name, value }) => `${name}=${value}`),
    ['BindReadOnlyPaths=-/run/other', 'BindReadOnlyPaths=-/srv/conf.d'],
  );
  t.regex(bound[1]?.wider ?? '', /^\/srv\/conf\.d\/later\.conf appeared while the service ran/);
});

test('A name that the service makes itself does not appear later: its directory stays out', t => {
  const log = stamped([
    [1, 'openat(AT_FDCWD, "/var/lib/app/x", O_RDONLY) = -1 ENOENT (No such file or directory)'],
    [2, 'openat(AT_FDCWD, "/var/lib/app/x", O_RDWR|O_CREAT, 0600) = 3'],
    [9, 'openat(AT_FDCWD, "/var/lib/app/x", O_RDONLY) = 3'],
  ]);
  const found = lines(learn(log), { host: hostWith('/var', '/var/lib', '/var/lib/app'), paths: ['tmpfs'] });
  t.false(found.some(line => line.startsWith('BindReadOnlyPaths=-/var')));
});

test('With tmpfs the directory of a socket that others serve is bound, or /run where that goes with its server', t => {
  const log = '1 connect(3, {sa_family=AF_UNIX, sun_path="/run/db/s"}, 110) = 0\n';
  const known = {
    ...hostWith('/run', '/run/db'),
    entries: (path: string) => (path === '/run' ? ['db', 'other'] : null),
  };
  const binds = (over: Partial<HostView>): string[] =>
    lines(learn(log), { host: { ...known, ...over }, paths: ['tmpfs'] }).filter(line =>
      /^Bind.*\/run(?:$|\/db)/.test(line),
    );
  t.deepEqual(binds({ isMadeAtBoot: path => path === '/run/db' }), ['BindReadOnlyPaths=-/run/db']);
  t.deepEqual(binds({}), ['BindReadOnlyPaths=-/run']);
});

test('With tmpfs the directory of a configuration is bound where the unit can be reloaded, and of a file that is read again', t => {
  const service = (...names: string[]): Service => ({
    owner: null,
    runtimeDirectories: [],
    ambient: [],
    commands: names.map(name => ({ name, program: '/usr/sbin/d', unconfined: false })),
  });
  const host = hostWith('/etc', '/etc/app', '/usr', '/usr/share', '/usr/share/app');
  const once = stamped([
    [1, 'openat(AT_FDCWD, "/etc/app/conf", O_RDONLY) = 3'],
    [1, 'openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3'],
    [1, 'openat(AT_FDCWD, "/usr/share/app/x", O_RDONLY) = 3'],
  ]);
  const binds = (log: string, over: Partial<Target>): string[] =>
    lines(learn(log), { host, paths: ['tmpfs'], ...over }).filter(line => /^Bind\w+=-\/(?:etc|usr)/.test(line));
  t.deepEqual(binds(once, { service: service('ExecStart') }), [
    'BindReadOnlyPaths=-/etc/app/conf',
    'BindReadOnlyPaths=-/etc/passwd',
    'BindReadOnlyPaths=-/usr/share/app/x',
  ]);
  t.deepEqual(binds(once, { service: service('ExecStart', 'ExecReload') }), [
    'BindReadOnlyPaths=-/etc/app',
    'BindReadOnlyPaths=-/etc/passwd',
    'BindReadOnlyPaths=-/usr/share/app/x',
  ]);
  const again = once + stamped([[30, 'openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3']]);
  t.deepEqual(binds(again, {}), ['BindReadOnlyPaths=-/etc', 'BindReadOnlyPaths=-/usr/share/app/x']);
});

test('What the unit itself names is there in the sandbox: its working directory, a command that was not seen to run', t => {
  const service: Service = {
    owner: null,
    runtimeDirectories: [],
    ambient: [],
    workingDirectory: '/home/app',
    commands: [{ name: 'ExecReload', program: '/usr/sbin/appctl', unconfined: false }],
  };
  const known = hostWith('/home', '/home/app');
  const host: HostView = {
    ...known,
    realpath: path => (path === '/usr/sbin/appctl' ? path : known.realpath(path)),
    type: path => (path === '/usr/sbin/appctl' ? 'file' : known.type(path)),
  };
  const log = '1 execve("/usr/sbin/app", ["app"], 0x1 /* 0 vars */) = 0\n';
  t.true(lines(learn(log), { host, service, paths: ['strict', 'exec'] }).includes('ProtectHome=read-only'));
  t.true(lines(learn(log), { host, service, paths: ['strict', 'exec'] }).includes('ExecPaths=-/usr/sbin/appctl'));
  const tmpfs = lines(learn(log), { host, service, paths: ['tmpfs'] });
  t.true(tmpfs.includes('BindReadOnlyPaths=-/home/app'));
  t.true(tmpfs.includes('BindReadOnlyPaths=-/usr/sbin/appctl'));
});

test('What a command outside the sandbox did alone is not allowed to the others', t => {
  const log = `1 execve("/usr/bin/install", ["install"], 0x1 /* 0 vars */) = 0
1 mkdir("/etc/app.d", 0755) = 0
2 execve("/usr/bin/app", ["app"], 0x1 /* 0 vars */) = 0
`;
  const writable = (unconfined: boolean): string[] => {
    const [pre, main] = ['/usr/bin/install', '/usr/bin/app'];
    const commands = unconfined ? { confined: [main], unconfined: [pre] } : { confined: [pre, main], unconfined: [] };
    const over = { host: hostWith('/etc'), installed: { assignments: [], commands } };
    return lines(learn(log), over).filter(line => line.startsWith('ReadWrite'));
  };
  t.deepEqual(writable(true), []);
  t.deepEqual(writable(false), ['ReadWritePaths=/etc']);
});

const ownedBy = (host: HostView, owners: Readonly<Record<string, number>>): HostView => ({
  ...host,
  owner: path => ({ uid: owners[path] ?? 0, gid: owners[path] ?? 0, mode: 0o755 }),
});

test('What belongs to one user of many is optional: that he is deleted does not keep the service from starting', t => {
  const log = '1 openat(AT_FDCWD, "/home/ann/Maildir/x", O_WRONLY|O_CREAT, 0600) = 3\n';
  const host = ownedBy(hostWith('/home', '/home/ann', '/home/ann/Maildir'), { '/home/ann': 1001 });
  t.true(lines(learn(log), { host }).includes('ReadWritePaths=-/home/ann/Maildir'));
});

test('Two members of a family were observed: their directory is proposed, and the exact list is told', t => {
  const create = (name: string): string => `1 openat(AT_FDCWD, "/srv/mail/${name}/x", O_WRONLY|O_CREAT, 0600) = 3\n`;
  const known = hostWith('/srv', '/srv/mail', '/srv/mail/ann', '/srv/mail/bob');
  const host = ownedBy(known, { '/srv/mail/ann': 1001, '/srv/mail/bob': 1002 });
  const { directives } = derive(learn(create('ann') + create('bob')), { ...target, host });
  const found = directives.filter(({ name, value }) => name === 'ReadWritePaths' && value !== '');
  t.deepEqual(
    found.map(({ value }) => value),
    ['/srv/mail'],
  );
  t.regex(found[0]?.wider ?? '', /exactly what was observed: \/srv\/mail\/ann \/srv\/mail\/bob/);
  const roots = lines(learn(create('ann') + create('bob')), { host: ownedBy(known, {}) });
  t.true(roots.includes('ReadWritePaths=/srv/mail/ann'));
});

test('Directories in which the same is done are a family: the next mailbox must be made', t => {
  const box = (name: string): string =>
    ['cur', 'new', 'tmp']
      .map(part => `1 openat(AT_FDCWD, "/srv/mail/${name}/${part}/x", O_WRONLY|O_CREAT, 0600) = 3\n`)
      .join('');
  const boxes = ['ann', 'bob'].flatMap(name => ['', '/cur', '/new', '/tmp'].map(part => `/srv/mail/${name}${part}`));
  const host = hostWith('/srv', '/srv/mail', ...boxes);
  const writable = (log: string): string[] =>
    lines(learn(log), { host }).filter(line => /^ReadWritePaths=./.test(line));
  t.deepEqual(writable(box('ann') + box('bob')), ['ReadWritePaths=/srv/mail']);
  t.is(writable(box('ann')).length, 3);
});

test('A rule that is broader than observed tells what of it was used on this machine', t => {
  const host: HostView = {
    ...hostWith('/srv', '/srv/app'),
    entries: path => (path === '/srv/app' ? ['made', 'other', 'secret'] : null),
  };
  const log = '1 openat(AT_FDCWD, "/srv/app/made", O_WRONLY|O_CREAT, 0600) = 3\n';
  const { directives } = derive(learn(log), { ...target, host });
  const wider = directives.find(({ value }) => value === '/srv/app')?.wider ?? '';
  t.regex(wider, /\(1 of 3 entries used, not other, secret\)$/);
});

test('What was there and was denied stays there with tmpfs: 403 does not become 404', t => {
  const known = hostWith('/srv', '/srv/web');
  const host: HostView = {
    ...known,
    realpath: path => (path === '/srv/web/closed' ? path : known.realpath(path)),
    type: path => (path === '/srv/web/closed' ? 'file' : known.type(path)),
  };
  const log = '1 openat(AT_FDCWD, "/srv/web/closed", O_RDONLY) = -1 EACCES (Permission denied)\n';
  t.true(lines(learn(log), { host, paths: ['tmpfs'] }).includes('BindReadOnlyPaths=-/srv/web/closed'));
});

test('What no sandbox holds is said first: a socket equivalent to root, jobs of others', t => {
  const warnings = (log: string): string[] =>
    derive(learn(log), target).notes.flatMap(({ kind, text }) => (kind === 'warning' ? [text] : []));
  t.regex(
    warnings('1 connect(3, {sa_family=AF_UNIX, sun_path="/run/docker.sock"}, 110) = 0\n')[0] ?? '',
    /^it uses \/run\/docker\.sock, which is equivalent to root/,
  );
  t.regex(warnings('1 execve("/usr/sbin/cron", ["cron"], 0x1 /* 0 vars */) = 0\n')[0] ?? '', /^cron runs jobs/);
  t.deepEqual(warnings('1 execve("/usr/sbin/d", ["d"], 0x1 /* 0 vars */) = 0\n'), []);
});

test('A directory that was listed with what others have in it is no /tmp of its own', t => {
  const log = '1 openat(AT_FDCWD, "/tmp", O_RDONLY|O_DIRECTORY) = 3</tmp>\n1 getdents64(3</tmp>, 0x55, 32768) = 280\n';
  t.false(lines(learn(log)).includes('PrivateTmp=yes'));
});

test('UMask= takes nothing from those for whom something was made', t => {
  const service = (umask: number): Service => ({
    owner: null,
    runtimeDirectories: [],
    ambient: [],
    commands: [],
    umask,
  });
  const proposed = (log: string, over: Partial<Target> = {}): string | undefined =>
    derive(learn(log), { ...target, ...over }).directives.find(({ name }) => name === 'UMask')?.value;
  const socket = '1 bind(3, {sa_family=AF_UNIX, sun_path="/run/app/s"}, 110) = 0\n';
  t.is(proposed(socket), '0077');
  t.is(proposed(socket, { service: service(0o007) }), '0007');
  t.is(proposed('1 mknodat(AT_FDCWD, "/run/app/fifo", S_IFIFO|0660) = 0\n'), '0027');
});

test('A run-time directory of the unit’s user, which is gone while the service is stopped: root needs a capability for it', t => {
  const log = '1 openat(AT_FDCWD, "/run/app/d.pid", O_WRONLY|O_CREAT|O_EXCL, 0644) = 3\n';
  const service: Service = {
    user: 'app',
    owner: { uid: 7, gid: 7 },
    runtimeDirectories: ['/run/app'],
    ambient: [],
    commands: [{ name: 'ExecStart', program: '/usr/sbin/d', unconfined: false }],
  };
  t.true(lines(learn(log), { host: hostWith('/run'), service }).includes('CapabilityBoundingSet=CAP_DAC_OVERRIDE'));
});

test('What one user made and root read without a capability for it keeps its permissions', t => {
  const log = `1 execve("/usr/sbin/d", ["d"], 0x1 /* 0 vars */) = 0
1 clone(child_stack=NULL, flags=SIGCHLD) = 2
2 setuid(7) = 0
2 openat(AT_FDCWD, "/run/app/d.pid", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3
1 openat(AT_FDCWD, "/run/app/d.pid", O_RDONLY) = 3
`;
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'complete', cwd: '/', uid: 0 });
  observer.push(Buffer.from(log));
  observer.end();
  const mode = (path: string): number => (path.endsWith('.pid') ? 0o644 : 0o755);
  const host = { ...hostWith('/run', '/run/app'), owner: (path: string) => ({ uid: 7, gid: 7, mode: mode(path) }) };
  const { directives, withheld } = derive(observer.snapshot(), { ...target, host });
  t.false(directives.some(({ name }) => name === 'UMask'));
  t.true(withheld.some(({ name, because }) => name === 'UMask' && because.startsWith('/run/app/d.pid was made by')));
});

test('A line that would deny what was observed is fixed, and the fix says what it would have denied', t => {
  // What is in /proc is mounted noexec.
  const { directives } = derive(learn('1 execve("/proc/x", ["x"], 0x1 /* 0 vars */) = 0\n'), {
    ...target,
    paths: ['tmpfs'],
  });
  const fix = directives.find(({ name, value }) => name === 'ExecPaths' && value === '-/proc/x');
  t.is(fix?.because, 'without it MountAPIVFS=yes would deny what was observed (EACCES)');
});

test('a file replaced by rename makes its directory writable', t => {
  const log =
    '1 openat(AT_FDCWD, "/etc/app/conf.tmp", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 3\n1 rename("/etc/app/conf.tmp", "/etc/app/conf") = 0\n';
  const found = lines(learn(log), { host: hostWith('/etc', '/etc/app') }).filter(line =>
    line.startsWith('ReadWritePaths'),
  );
  t.deepEqual(found, ['ReadWritePaths=/etc/app']);
});

test('a log file that is writable by itself does not outlast its rotation: that is said', t => {
  const log = '1 openat(AT_FDCWD, "/var/log/wtmp", O_WRONLY|O_APPEND) = 3\n';
  const known = hostWith('/var', '/var/log');
  const host: HostView = { ...known, type: path => (path === '/var/log/wtmp' ? 'file' : known.type(path)) };
  const { directives, notes } = derive(learn(log), { ...target, host });
  t.true(directives.some(({ name, value }) => name === 'ReadWritePaths' && value === '-/var/log/wtmp'));
  t.true(notes.some(({ text }) => text.startsWith('/var/log/wtmp is writable as a single file: after log rotation')));
});

test('what the service makes itself is allowed by the nearest directory that exists before', t => {
  const log =
    '1 mkdir("/var/lib/app/new", 0755) = 0\n1 openat(AT_FDCWD, "/var/lib/app/new/f", O_WRONLY|O_CREAT, 0644) = 3\n';
  t.true(
    lines(learn(log), { host: hostWith('/var', '/var/lib', '/var/lib/app') }).includes('ReadWritePaths=/var/lib/app'),
  );
});

test('a directory that was there at start is not widened because this machine has not got it: it is optional, and that is said', t => {
  const log = '1 openat(AT_FDCWD, "/var/spool/app/f", O_WRONLY|O_CREAT, 0644) = 3\n';
  const policy = derive(learn(log), { ...target, host: hostWith('/var', '/var/spool') });
  t.true(policy.directives.some(({ name, value }) => name === 'ReadWritePaths' && value === '-/var/spool/app'));
  t.true(
    policy.notes.some(({ text }) => text.startsWith('/var/spool/app existed in the trace, but not on this machine')),
  );
});

test('where a user’s service makes its socket, the files of the user’s systemd stay read-only', t => {
  const log =
    '1 socket(AF_UNIX, SOCK_STREAM, 0) = 3\n1 bind(3, {sa_family=AF_UNIX, sun_path="/run/user/1000/app.sock"}, 110) = 0\n';
  const found = lines(learn(log), { host: hostWith('/run', '/run/user', '/run/user/1000') });
  t.true(found.some(line => /^ReadWritePaths=-?\/run\/user\/1000$/.test(line)));
  t.true(found.includes('ReadOnlyPaths=-/run/user/1000/systemd'));
});

test('a directory of /run that is not the unit’s own is optional: a command with + may make it after a boot', t => {
  const log = '1 openat(AT_FDCWD, "/run/app/x", O_WRONLY|O_CREAT, 0600) = 3\n';
  const owner = (uid: number, gid: number): Partial<Target> => ({
    host: { ...hostWith('/run', '/run/app'), owner: () => ({ uid, gid, mode: 0o755 }) },
  });
  const about = (over: Partial<Target>): string[] =>
    lines(learn(log), over).filter(line => /^(?:(?:ReadWrite|NoExec)Paths|RuntimeDirectory)/.test(line));
  const others = ['ReadWritePaths=-/run/app', 'NoExecPaths=-/run/app /tmp /var/tmp /dev/shm'];
  t.deepEqual(about(owner(110, 0)), others);
  t.deepEqual(about(owner(0, 111)), others);
  const { notes } = derive(learn(log), { ...target, ...owner(110, 0) });
  t.true(notes.some(({ text }) => text.startsWith('/run/app disappears at reboot')));
  const host = {
    ...hostWith('/run', '/run/app'),
    owner: () => ({ uid: 110, gid: 0, mode: 0o755 }),
    isMadeAtBoot: () => true,
  };
  t.false(derive(learn(log), { ...target, host }).notes.some(({ text }) => text.includes('disappears at reboot')));
  t.deepEqual(about(owner(0, 0)).slice(0, 2), ['RuntimeDirectory=app', 'RuntimeDirectoryPreserve=yes']);
  // The unit says itself whether it is removed at stop.
  const service = { owner: { uid: 0, gid: 0 }, runtimeDirectories: ['/run/app'], ambient: [], commands: [] };
  t.deepEqual(about({ ...owner(0, 0), service }).slice(0, 2), [
    'RuntimeDirectory=app',
    'NoExecPaths=/run/app /tmp /var/tmp /dev/shm',
  ]);
});

test('a directory of /run that the unit itself has: who makes it after a boot is known, also where its user is not', t => {
  const log = '1 openat(AT_FDCWD, "/run/app/main/x", O_WRONLY|O_CREAT, 0600) = 3\n';
  const host = hostWith('/run', '/run/app', '/run/app/main');
  const isAsked = (owner: Owner | null, ...runtimeDirectories: string[]): boolean => {
    const service = { owner, runtimeDirectories, ambient: [], commands: [] };
    const { notes } = derive(learn(log), { ...target, host, service });
    return notes.some(({ text }) => text.includes('disappears at reboot'));
  };
  for (const owner of [null, { uid: 0, gid: 0 }]) {
    t.true(isAsked(owner));
    t.false(isAsked(owner, '/run/app/main'));
  }
});

test('a file that lay in /run when the service started is gone after a boot: that a start without it was not seen is said', t => {
  const read = '1 openat(AT_FDCWD, "/run/app/state", O_RDONLY) = 3\n';
  const made = '1 openat(AT_FDCWD, "/run/app/new", O_WRONLY|O_CREAT|O_EXCL, 0600) = 3\n';
  const host = hostWith('/run', '/run/app');
  const said = (log: string): string[] =>
    derive(learn(log), { ...target, host }).notes.flatMap(({ text }) =>
      text.includes('existed at start and') ? [text] : [],
    );
  t.deepEqual(said(made + read), [
    '/run/app/state existed at start and disappears at reboot; how the service creates it was not observed: learn one start without it',
  ]);
  t.deepEqual(said(read), []);
  t.deepEqual(said(`${made}1 rename("/run/app/new", "/run/app/state") = 0\n${read}`), []);
});

test('Where no start as after a boot was observed, that is said first, and what rests on it is withheld if something was left in /run', t => {
  const made = '1 openat(AT_FDCWD, "/run/app/new", O_WRONLY|O_CREAT, 0600) = 3\n';
  const looked = '1 newfstatat(AT_FDCWD, "/run/app/link", 0x7ffd, AT_SYMLINK_NOFOLLOW) = 0\n';
  const proposal = (log: string, ...boots: boolean[]): { first: string; names: Set<string> } => {
    const learned = learn(log);
    const runs = learned.runs.flatMap(run => boots.map(boot => ({ ...run, boot })));
    const policy = derive({ ...learned, runs: boots.length === 0 ? learned.runs : runs }, target);
    const [first = ''] = renderDropin(policy).split('\n');
    return { first, names: new Set(policy.directives.map(({ name }) => name)) };
  };
  const unseen = proposal(made + looked, false);
  t.is(
    unseen.first,
    '# WARNING: a start as after a boot was not observed, and /run/app/link, left by an earlier start, would be missing in it; learn one: allowtrace service start',
  );
  for (const name of ['SystemCallFilter', 'ProtectSystem', 'CapabilityBoundingSet'])
    t.false(unseen.names.has(name), name);
  t.true(unseen.names.has('LockPersonality'));
  const clean = proposal(made, false);
  t.is(clean.first, '# WARNING: a start as after a boot was not observed');
  for (const { first, names } of [proposal(made + looked, false, true), proposal(made + looked)]) {
    t.regex(first, /^# Proposed/);
    t.true(names.has('SystemCallFilter'));
  }
  t.true(clean.names.has('SystemCallFilter'), 'nothing would be missing');
});

test('what was to be deleted and was not there is told where nothing may be written: the answer is another one', t => {
  const host = hostWith('/var', '/var/lib', '/var/lib/app', '/srv');
  const said = (log: string): string[] =>
    derive(learn(log), { ...target, host }).notes.flatMap(({ text }) => (text.includes('EROFS') ? [text] : []));
  const missing = '1 unlink("/var/lib/app/old") = -1 ENOENT (No such file or directory)\n';
  t.deepEqual(said(`${missing}1 rmdir("/srv/old") = -1 ENOENT (No such file or directory)\n`), [
    'deleting /srv/old and 1 more failed with ENOENT; on a read-only file system it fails with EROFS, which the service has to take as well',
  ]);
  t.deepEqual(said(`${missing}1 mkdir("/var/lib/app/new", 0700) = 0\n`), []);
  t.deepEqual(said('1 unlink("/var/lib/none/old") = -1 ENOENT (No such file or directory)\n'), []);
  t.deepEqual(said('1 unlink("/tmp/old") = -1 ENOENT (No such file or directory)\n'), []);
});

test('a symlink of /run that was there, to what the service makes, is gone after a boot: that is said', t => {
  const host: HostView = {
    ...hostWith('/run', '/run/app'),
    link: path => (path === '/run/app.sock' ? 'app/sock' : null),
  };
  const bind = '1 bind(3, {sa_family=AF_UNIX, sun_path="/run/app/sock"}, 110) = 0\n';
  const look = '1 lstat("/run/app.sock", {st_mode=S_IFLNK|0777, ...}) = 0\n';
  const said = (log: string, over: Partial<HostView> = {}): string[] =>
    derive(learn(log), { ...target, host: { ...host, ...over } }).notes.flatMap(({ text }) =>
      text.startsWith('/run/app.sock existed at start, a symlink') ? [text] : [],
    );
  t.is(said(bind + look).length, 1);
  t.deepEqual(said(look), []);
  t.deepEqual(said(`1 symlink("app/sock", "/run/app.sock") = 0\n${bind}${look}`), []);
  t.deepEqual(said(bind + look, { isMadeAtBoot: () => true }), []);
});

test('a directory of /run that the service makes and gives away: after a boot it must be able to make it', t => {
  const log =
    '1 mkdir("/run/app", 0755) = -1 EEXIST (File exists)\n1 openat(AT_FDCWD, "/run/app/x", O_WRONLY|O_CREAT, 0600) = 3\n';
  const foreign = (...names: string[]): Partial<Target> => ({
    host: {
      ...hostWith('/run', '/run/app'),
      owner: path => ({ uid: path === '/run/app' ? 110 : 0, gid: 0, mode: 0o755 }),
      entries: path => (path === '/run/app' ? names : null),
    },
  });
  t.true(lines(learn(log), foreign('x')).includes('ReadWritePaths=/run'));
  const told = derive(learn(log), { ...target, ...foreign('x') });
  t.true(told.notes.some(({ text }) => text.startsWith('/run/app belongs to another user')));
  const given = derive(learn(`${log}1 chown("/run/app", 110, 110) = 0\n`), { ...target, ...foreign('x') });
  t.false(given.notes.some(({ text }) => text.startsWith('/run/app belongs')));
  // Somebody else put something into it, and made it, too.
  t.true(lines(learn(log), foreign('x', 'socket')).includes('ReadWritePaths=-/run/app'));
});

test('a path of another host is optional: a missing one would end the start with 226/NAMESPACE', t => {
  t.true(
    lines(learn('1 openat(AT_FDCWD, "/var/lib/app/f", O_WRONLY) = 3\n')).includes('ReadWritePaths=-/var/lib/app/f'),
  );
});

test('a home directory that was opened itself is not hidden: root without capabilities could not', t => {
  for (const [call, value] of [
    ['openat(AT_FDCWD, "/root", O_RDONLY) = 3', 'read-only'],
    ['chdir("/root") = 0', 'read-only'],
    ['access("/root", F_OK) = 0', 'yes'],
  ] as const)
    t.true(lines(learn(`1 ${call}\n`)).includes(`ProtectHome=${value}`), call);
});

test('the instance of a template and the home of a user stand as specifiers, where they are names of their own', t => {
  const log = learn(`1 openat(AT_FDCWD, "/srv/app-main/f", O_WRONLY) = 3
1 openat(AT_FDCWD, "/srv/domain/f", O_WRONLY) = 3
1 openat(AT_FDCWD, "/home/me/out", O_WRONLY) = 3
1 openat(AT_FDCWD, "/home/meg/out", O_WRONLY) = 3
`);
  t.deepEqual(
    lines(log, { unit: 'app@main.service', home: '/home/me' }).filter(line => line.startsWith('ReadWritePaths')),
    ['%h/out', '/home/meg/out', '/srv/app-%i/f', '/srv/domain/f'].map(path => `ReadWritePaths=-${path}`),
  );
});

test('an instance that is no name stands for itself: postfix@-', t => {
  const log = '1 openat(AT_FDCWD, "/srv/a-/x", O_WRONLY|O_CREAT, 0600) = 3\n';
  const found = lines(learn(log), { unit: 'postfix@-.service' });
  t.true(found.includes('ReadOnlyPaths=-/run'));
  t.true(found.includes('ReadWritePaths=-/srv/a-'));
  t.deepEqual(
    found.filter(line => /%[iI]/.test(line)),
    [],
  );
});

test('what the service takes away and makes again is its own: the symlink that is there now leads nowhere', t => {
  const host: HostView = {
    ...hostWith('/srv', '/srv/jail', '/usr', '/usr/lib'),
    realpath: path => (path === '/srv/jail/lib.so' ? '/usr/lib/lib.so.2' : path.startsWith('/srv/jail/') ? null : path),
  };
  const written = '1 openat(AT_FDCWD, "/srv/jail/lib.so", O_WRONLY|O_CREAT, 0644) = 3</srv/jail/lib.so>\n';
  const found = lines(learn(`${written}1 unlink("/srv/jail/lib.so") = 0\n`), { host });
  t.deepEqual(
    found.filter(line => line.startsWith('ReadWritePaths')),
    ['ReadWritePaths=/srv/jail'],
  );
});

test('with tmpfs a program that looks for its files beside itself is started through the symlink that it had', t => {
  const links = new Map([
    ['/usr/bin/java', '/etc/alternatives/java'],
    ['/etc/alternatives/java', '../../usr/lib/jvm/17/bin/java'],
    ['/usr/bin/sh', 'dash'],
  ]);
  const real = new Map([
    ['/usr/bin/java', '/usr/lib/jvm/17/bin/java'],
    ['/usr/bin/sh', '/usr/bin/dash'],
  ]);
  const host: HostView = {
    ...hostWith(),
    realpath: path => real.get(path) ?? path,
    type: path =>
      links.has(path)
        ? 'symlink'
        : /\/(?:bin|lib)\/\w+[^/]*$|\.so$/.test(path) && !path.endsWith('/jvm')
          ? 'file'
          : 'directory',
    link: path => links.get(path) ?? null,
  };
  const exec = (program: string): string => `1 execve("${program}", ["x"], 0x1 /* 0 vars */) = 0\n`;
  const self = '1 readlink("/proc/self/exe", "/x", 4096) = 2\n';
  const lib = '1 openat(AT_FDCWD, "/usr/lib/jvm/17/lib/libjli.so", O_RDONLY) = 3\n';
  const binds = (log: string): string[] =>
    lines(learn(log), { paths: ['tmpfs'], host }).filter(line => /^Bind.*(?:usr|etc)/.test(line));
  t.deepEqual(binds(exec('/usr/bin/java') + self + lib), [
    'BindReadOnlyPaths=-/etc/alternatives',
    'BindReadOnlyPaths=-/usr/bin',
    'BindReadOnlyPaths=-/usr/lib/jvm/17/bin/java',
    'BindReadOnlyPaths=-/usr/lib/jvm/17/lib/libjli.so',
  ]);
  const { directives } = derive(learn(exec('/usr/bin/java') + self + lib), { ...target, paths: ['tmpfs'], host });
  t.regex(directives.find(({ value }) => value === '-/usr/bin')?.wider ?? '', /^\/usr\/bin\/java leads through/);
  t.deepEqual(binds(exec('/usr/bin/java') + lib), [
    'BindReadOnlyPaths=-/usr/bin/java',
    'BindReadOnlyPaths=-/usr/lib/jvm/17/lib/libjli.so',
  ]);
  const itself = '1 lstat("/usr/bin/java", {st_mode=S_IFLNK|0777, ...}) = 0\n';
  t.deepEqual(binds(exec('/usr/bin/java') + itself + lib), binds(exec('/usr/bin/java') + self + lib));
  t.deepEqual(binds(exec('/usr/bin/sh') + self + lib), [
    'BindReadOnlyPaths=-/usr/bin/sh',
    'BindReadOnlyPaths=-/usr/lib/jvm/17/lib/libjli.so',
  ]);
});

test('with tmpfs what a symlink in a directory that is bound as a whole leads through is bound too', t => {
  const links = new Map([
    ['/usr/lib/app/one.so', '/etc/alternatives/one.so'],
    ['/etc/alternatives/one.so', '/usr/lib/app/other/one.so'],
  ]);
  const host: HostView = {
    ...hostWith(),
    realpath: path => (links.has(path) ? '/usr/lib/app/other/one.so' : path),
    type: path => (links.has(path) ? 'symlink' : path.includes('.so') ? 'file' : 'directory'),
    link: path => links.get(path) ?? null,
  };
  const open = (name: string, real = name): string => `1 openat(AT_FDCWD, "${name}", O_RDONLY) = 3<${real}>\n`;
  const many = Array.from({ length: 30 }, (_, i) => open(`/usr/lib/app/x${i}.so`)).join('');
  const log = many + open('/usr/lib/app/one.so', '/usr/lib/app/other/one.so');
  t.deepEqual(
    lines(learn(log), { paths: ['tmpfs'], host }).filter(line => /^Bind.*(?:lib|etc)/.test(line)),
    ['BindReadOnlyPaths=-/usr/lib/app', 'BindReadOnlyPaths=-/etc/alternatives/one.so'],
  );
});

test('with tmpfs a name that leads by a symlink into a place that is writable leads there still', t => {
  const links = new Map([
    ['/etc/resolv.conf', '/run/resolve/stub.conf'],
    ['/var/lock', '/run/lock'],
    ['/var/run', '/run'],
    ['/var/log/app.log', '/srv/logs/app.log'],
    ['/proc/self/cwd', '/srv/logs'],
  ]);
  const real = (path: string): string => {
    const [link, to] = [...links].find(([at]) => path === at || path.startsWith(`${at}/`)) ?? [path, path];
    return to + path.slice(link.length);
  };
  const host: HostView = {
    ...hostWith(),
    realpath: real,
    type: path => (links.has(path) ? 'symlink' : /\.\w+$|\/app$/.test(path) ? 'file' : 'directory'),
    link: path => links.get(path) ?? null,
    entries: path => (path === '/' ? ['etc', 'run', 'srv', 'var'] : null),
  };
  const own = '1 openat(AT_FDCWD, "/run/app.pid", O_WRONLY|O_CREAT, 0644) = 3</run/app.pid>\n';
  const logs = '1 openat(AT_FDCWD, "/srv/logs/x", O_WRONLY|O_CREAT, 0644) = 3</srv/logs/x>\n';
  const open = (name: string, flags: string): string => `1 openat(AT_FDCWD, "${name}", ${flags}) = 3<${real(name)}>\n`;
  const binds = (log: string): string[] =>
    lines(learn(log), { paths: ['tmpfs'], host }).filter(line => /^(?:Bind|ReadWrite)Paths=./.test(line));
  t.deepEqual(binds(own + open('/etc/resolv.conf', 'O_RDONLY')), [
    'BindPaths=/run',
    'BindPaths=-/run/resolve/stub.conf:/etc/resolv.conf',
  ]);
  t.deepEqual(binds(own + open('/var/lock/app', 'O_WRONLY|O_CREAT, 0644')), [
    'BindPaths=/run',
    'BindPaths=-/run/lock:/var/lock',
  ]);
  t.deepEqual(binds(own + open('/var/run/lock/app', 'O_WRONLY|O_CREAT, 0644')), [
    'BindPaths=/run',
    'BindPaths=/run:/var/run',
  ]);
  t.deepEqual(binds(logs + open('/var/log/app.log', 'O_WRONLY|O_CREAT, 0644')), [
    'BindPaths=/srv/logs',
    'BindPaths=-/srv/logs/app.log:/var/log/app.log',
  ]);
  t.false(binds(`${logs}1 lstat("/proc/self/cwd", {st_mode=S_IFLNK|0777, ...}) = 0\n`).some(line => /proc/.test(line)));
});

test('with tmpfs a directory that was only looked at is an empty one, and what a bind shows beside what was used is said', t => {
  const root = { uid: 0, gid: 0, mode: 0o40755 };
  const host: HostView = {
    ...hostWith('/usr', '/usr/sbin', '/srv', '/srv/own', '/srv/listed'),
    owner: path => (path === '/srv/own' ? { uid: 7, gid: 7, mode: 0o40700 } : root),
  };
  const log =
    '1 stat("/usr/sbin", {}) = 0\n1 stat("/srv/own", {}) = 0\n1 openat(AT_FDCWD, "/srv/listed", O_RDONLY|O_DIRECTORY) = 3\n';
  const { directives } = derive(learn(log), { ...target, paths: ['tmpfs', 'exec'], host });
  const told = (name: string, value: string) => directives.find(one => one.name === name && one.value === value);
  t.regex(told('TemporaryFileSystem', '/usr/sbin:ro')?.because ?? '', /an empty directory will do/);
  t.regex(told('BindReadOnlyPaths', '-/srv/own')?.wider ?? '', /only looked at, but all of it is there/);
  t.regex(told('BindReadOnlyPaths', '-/srv/listed')?.wider ?? '', /listed, so all of it is there/);
  t.false(directives.some(({ name, value }) => name === 'BindReadOnlyPaths' && value === '/usr/sbin'));
});

test('a command with + sees the mounts of tmpfs too, without /proc and /dev: there is strict instead', t => {
  const run = '1 execve("/usr/sbin/d", ["d"], 0x1 /* 9 vars */) = 0\n';
  const service = {
    owner: { uid: 0, gid: 0 },
    runtimeDirectories: [],
    ambient: [],
    commands: [
      { name: 'ExecStart', program: '/usr/sbin/d', unconfined: false },
      { name: 'ExecReload', program: '/bin/kill', unconfined: true },
    ],
  };
  const over: Partial<Target> = { service, paths: ['tmpfs', 'exec'] };
  const { directives, withheld } = derive(learn(run), { ...target, ...over });
  const names = directives.map(({ name, value }) => `${name}=${value}`);
  t.true(names.includes('ProtectSystem=strict') && names.includes('NoExecPaths=/'));
  t.false(directives.some(({ name }) => name === 'TemporaryFileSystem'));
  t.regex(withheld.find(({ name }) => name === 'TemporaryFileSystem')?.because ?? '', /ExecReload=\+\/bin\/kill/);
  const seen = `${run}2 execve("/bin/kill", ["kill"], 0x1 /* 9 vars */) = 0\n`;
  t.false(lines(learn(seen), over).includes('TemporaryFileSystem=/:ro'));
});

test('what a command with + meets too is withheld: nothing is known of what it does', t => {
  const service = (program: string) => ({
    owner: { uid: 7, gid: 7 },
    runtimeDirectories: [],
    ambient: [],
    commands: [
      { name: 'ExecStartPre', program, unconfined: true },
      { name: 'ExecStart', program: '/usr/sbin/d', unconfined: false },
    ],
  });
  const seen = learn('1 execve("/usr/sbin/d", ["d"], 0x1 /* 9 vars */) = 0\n');
  const met = ['PrivateNetwork', 'PrivateIPC', 'UMask', 'IPAddressDeny', 'SocketBindDeny'];
  const proposedFor = (program: string): string[] =>
    derive(seen, { ...target, service: service(program) }).directives.flatMap(({ name }) =>
      met.includes(name) ? [name] : [],
    );
  t.deepEqual(proposedFor('/bin/kill').sort(), [...met].sort());
  t.deepEqual(proposedFor('/bin/mkdir'), []);
  const { withheld, directives, notes } = derive(seen, { ...target, service: service('/bin/mkdir') });
  for (const name of met)
    t.regex(
      withheld.find(one => one.name === name)?.because ?? '',
      /^ExecStartPre=\+\/bin\/mkdir would meet it too/,
      name,
    );
  // What it does not meet stays.
  t.true(
    directives.some(({ name }) => name === 'ProtectSystem') && directives.some(({ name }) => name === 'PrivateDevices'),
  );
  t.true(
    notes.some(({ text }) => text.startsWith('ExecStartPre=+/bin/mkdir is not traced, and can open no other devices')),
  );
});

test('a directory that systemd makes takes only its own entry out of the place above: what lies deeper stays writable', t => {
  const log = `1 mkdir("/run/app", 0755) = 0
1 mkdir("/run/lock/app.tmp", 0755) = 0
1 rename("/run/lock/app.tmp", "/run/lock/app") = 0
1 openat(AT_FDCWD, "/run/app/pid", O_WRONLY|O_CREAT, 0644) = 3
1 mkdir("/run/app", 0755) = -1 EEXIST (File exists)
`;
  const host: HostView = {
    ...hostWith('/run', '/run/app', '/run/lock'),
    owner: () => ({ uid: 0, gid: 0, mode: 0o40755 }),
  };
  const found = lines(learn(log), { host });
  t.true(found.includes('RuntimeDirectory=app'));
  t.true(found.includes('ReadWritePaths=-/run/lock'));
  t.false(found.some(line => /^ReadWritePaths=-?.run$/.test(line)));
});

test('a temporary file without a name is an entry of its directory', t => {
  const found = lines(learn('1 openat(AT_FDCWD, "/srv/spool", O_RDWR|O_EXCL|O_TMPFILE, 0600) = 3\n'));
  t.deepEqual(
    found.filter(line => line.startsWith('ReadWritePaths')),
    ['ReadWritePaths=-/srv/spool'],
  );
});

test('an access that failed when it was seen gives no rule', t => {
  const found = lines(learn('1 openat(AT_FDCWD, "/etc/x", O_WRONLY) = -1 EACCES (Permission denied)\n'));
  t.false(found.some(line => line.includes('/etc/x')));
});

test('withheld values name the access that forbade them', t => {
  const { withheld } = derive(learn('1 clock_settime(CLOCK_REALTIME, {tv_sec=1, tv_nsec=0}) = 0\n'), target);
  const clock = withheld.find(({ name }) => name === 'ProtectClock');
  t.like(clock?.evidence[0]?.origin, { trace: 'log', line: 1 });
});

test('a partial log gives no SystemCallFilter', t => {
  const log = Array.from({ length: 40 }, (_, i) => `1 openat(AT_FDCWD, "/f${i}", O_RDONLY) = 3\n`).join('');
  t.false(lines(learn(log, 'replay')).some(line => line.startsWith('SystemCallFilter')));
});

test('older versions of systemd get no directive they do not know, and that is said', t => {
  const policy = derive(learn('1 getpid() = 1\n'), { ...target, systemd: 240 });
  t.false(policy.directives.some(({ name }) => name === 'ProtectProc' || name === 'ProtectClock'));
  t.true(policy.notes.some(({ kind, text }) => kind === 'version' && text.includes('ProtectProc')));
});

test('paths in unit files: blanks, percent, quotes, newlines; bytes that are not UTF-8 are refused', t => {
  t.is(quotePath('/a b'), '"/a b"');
  t.is(quotePath('/100%'), '/100%%');
  t.is(quotePath('/q"\\'), '"/q\\"\\\\"');
  t.is(quotePath('/co:lon x', { prefix: '-', colon: true }), '"-/co\\:lon x"');
  t.is(quotePath('/new\nline'), null);
  t.is(quotePath('/latin-\udce9'), null);
});

test('volatile names fold; fixed ones do not, and what was only read stays apart', t => {
  const log = `1 openat(AT_FDCWD, "/var/q/job-3f2a9c1e77b0d4e1", O_WRONLY|O_CREAT|O_EXCL, 0600) = 3
1 openat(AT_FDCWD, "/var/q/job-00112233aabbccdd", O_RDONLY) = 3
1 openat(AT_FDCWD, "/etc/app/v1.conf", O_RDONLY) = 3
1 openat(AT_FDCWD, "/etc/app/v2.conf", O_RDONLY) = 3
1 openat(AT_FDCWD, "/etc/app/v3.conf", O_RDONLY) = 3
`;
  const { folded, profile: result } = fold(learn(log));
  t.deepEqual(
    folded.map(({ pattern }) => pattern),
    ['/var/q/job-*'],
  );
  t.deepEqual([...new Set(result.facts.flatMap(fact => (fact.kind === 'path' ? [fact.path] : [])))].sort(), [
    '/etc/app/v1.conf',
    '/etc/app/v2.conf',
    '/etc/app/v3.conf',
    '/var/q/job-*',
    '/var/q/job-00112233aabbccdd',
  ]);
});

test('own rules: --fold and --ignore', t => {
  const log = learn(
    '1 openat(AT_FDCWD, "/srv/u1/x", O_RDONLY) = 3\n1 openat(AT_FDCWD, "/srv/u2/x", O_RDONLY) = 3\n1 openat(AT_FDCWD, "/home/me/x", O_RDONLY) = 3\n',
  );
  const { folded, ignored } = fold(log, { fold: ['/srv/*/x'], ignore: ['/home/**'] });
  t.like(folded[0], { pattern: '/srv/*/x', names: 2 });
  t.deepEqual(ignored, ['/home/me/x']);
});

const failed = (access: Access): boolean => 'errno' in access && access.errno !== undefined;

/** The proposed choices that deny something that was seen. */
function denying(seen: Profile, { facts }: Profile): string[] {
  return derive(seen, target).directives.flatMap(({ name, value }) => {
    const row: DirectiveRow | undefined = Object.entries(DIRECTIVES).find(([key]) => key === name)?.[1];
    // What others deny depends on what is opened again beside them: that is for `check` to say.
    const effects = row?.kind === 'choice' ? effectsOf(row.values?.[value] ?? {}, target.systemd) : [];
    const denied = facts.some(
      fact => !failed(fact) && effects.some(effect => denies(effect, fact, target.sets) !== null),
    );
    return denied ? [`${name}=${value}`] : [];
  });
}

test('[law] no proposed choice denies anything that was seen, also after merging with more', t => {
  fc.assert(
    fc.property(profile, profile, (p, q) => {
      for (const seen of [p, mergeProfiles([p, q])]) t.deepEqual(denying(seen, p), []);
    }),
  );
});

test('[law] no proposed choice denies anything of the kernel’s file systems, by whatever name it was used', t => {
  const place = fc.constantFrom(
    '/dev',
    '/proc',
    '/proc/[pid]',
    '/proc/sys',
    '/sys',
    '/sys/fs/cgroup',
    '/usr/lib/modules',
  );
  const path = fc
    .tuple(place, fc.constantFrom('kmsg', 'kcore', 'rtc', 'x/y', 'kernel/x'))
    .map(parts => parts.join('/'));
  const mode = fc.constantFrom('read', 'write', 'stat', 'create');
  fc.assert(
    fc.property(profile, fc.array(fc.tuple(mode, path, fc.option(path)), { minLength: 1, maxLength: 5 }), (p, used) => {
      const [run] = p.runs;
      const origin = { trace: 'log', line: 1, pid: 1, syscall: 'openat' };
      const evidence = { count: 1, runs: run === undefined ? [] : [run.id], origin, by: [] };
      const facts = used.map(
        ([one, name, asked]): Fact => ({
          kind: 'path',
          mode: one,
          path: name,
          ...(asked === null ? {} : { asked }),
          evidence,
        }),
      );
      const seen = mergeProfiles([p, { ...p, facts }]);
      t.deepEqual(denying(seen, seen), []);
    }),
  );
});

test('[law] the same profile gives the same bytes', t => {
  fc.assert(
    fc.property(profile, p =>
      t.is(renderDropin(derive(p, target)), renderDropin(derive(mergeProfiles([p, p]), target))),
    ),
  );
});

test('chosen trees are emptied instead of the root, but for one that lies in what must be writable as a whole', t => {
  const log = `1 openat(AT_FDCWD, "/etc/app/conf", O_RDONLY) = 3
1 openat(AT_FDCWD, "/opt/app/x", O_RDONLY) = 3
1 mkdir("/srv/made", 0700) = 0\n`;
  const found = lines(learn(log), { paths: ['tmpfs'], empty: ['/etc', '/srv/in'] });
  t.true(found.includes('TemporaryFileSystem=/etc:ro'));
  t.true(found.includes('BindReadOnlyPaths=-/etc/app/conf'));
  t.true(found.includes('ProtectSystem=strict'));
  t.true(found.includes('ReadOnlyPaths=-/run'));
  const { withheld } = derive(learn(log), { ...target, paths: ['tmpfs'], empty: ['/etc', '/srv/in'] });
  t.true(withheld.some(({ name, value }) => name === 'TemporaryFileSystem' && value === '/srv/in:ro'));
});

test('beside an entry in / itself, what lies there stays as it is, and the trees of the kernel are left to themselves', t => {
  const host: HostView = {
    ...hostWith('/etc', '/proc', '/var', '/var/lib', '/var/log', '/tmp'),
    entries: path => (path === '/' ? ['etc', 'proc', 'tmp', 'var'] : path === '/var' ? ['lib', 'log'] : []),
  };
  const log = '1 mkdir("/made", 0700) = 0\n1 openat(AT_FDCWD, "/var/lib/x", O_WRONLY|O_CREAT, 0600) = 3\n';
  const kept = lines(learn(log), { host }).filter(line => line.startsWith('ReadOnlyPaths='));
  t.deepEqual(kept, ['ReadOnlyPaths=-/etc', 'ReadOnlyPaths=-/var/log', 'ReadOnlyPaths=-/dev/shm']);
});

test('beside a place that is bound whole, a directory in which a name was looked for is not hidden: it would be denied, not missing', t => {
  const host: HostView = {
    ...UNKNOWN_HOST,
    known: true,
    realpath: path => path,
    type: path => (/\.\w+$/.test(path) ? null : 'directory'),
    entries: path => (path === '/etc' ? ['perl', 'ssl'] : []),
    owner: () => ({ uid: 0, gid: 0, mode: 0o755 }),
  };
  const log = `1 execve("/usr/sbin/d", ["d"], 0x1 /* 0 vars */) = 0
1 getdents64(3</etc>, 0x55 /* 3 entries */, 32768) = 80
1 stat("/etc/perl/Socket.pm", 0x7ffc) = -1 ENOENT (No such file or directory)\n`;
  const observer = new Observer({ id: 'run', trace: 'log', mode: 'complete', cwd: '/' });
  observer.push(Buffer.from(log));
  observer.end();
  const { directives } = derive(observer.snapshot(), { ...target, paths: ['tmpfs', 'exec'], host });
  const hidden = directives.flatMap(({ name, value }) => (name === 'InaccessiblePaths' ? value.split(' ') : []));
  t.true(hidden.includes('-/etc/ssl'));
  t.false(hidden.includes('-/etc/perl'));
});
