// What ends a start outside of the sandbox, and what of it cannot be told. Exit codes were tried on systemd 252.

import test from 'ava';
import { check } from '../../src/policy/check/check.ts';
import type { Commands } from '../../src/policy/check/unconfined.ts';
import { type HostView, UNKNOWN_HOST } from '../../src/policy/host-view.ts';
import { sandboxOf } from '../../src/policy/sandbox/sandbox.ts';
import { inForce } from '../../src/policy/sandbox/settings.ts';
import { syscallSets } from '../../src/policy/sets.ts';
import { Observer } from '../../src/profile/observer.ts';
import { readUnitText } from '../../src/systemd/unit-text.ts';

const DIRECTORIES = [
  '/',
  '/tmp',
  '/var/tmp',
  '/proc',
  '/sys',
  '/dev',
  '/run',
  '/etc',
  '/usr',
  '/usr/bin',
  '/srv',
  '/srv/made',
  '/var',
  '/var/log',
];
const FILES = ['/etc/conf', '/usr/bin/d', '/usr/bin/plain', '/run/pipe'];
const HERE: HostView = {
  ...UNKNOWN_HOST,
  realpath: path => (DIRECTORIES.includes(path) || FILES.includes(path) ? path : null),
  type: path =>
    path === '/run/pipe' ? 'fifo' : DIRECTORIES.includes(path) ? 'directory' : FILES.includes(path) ? 'file' : null,
  owner: path => ({ uid: 0, gid: 0, mode: path === '/usr/bin/plain' || path === '/etc/conf' ? 0o644 : 0o755 }),
  user: name => (name === 'app' ? { uid: 7, gid: 7, home: '/home/app', groups: [] } : null),
  group: name => (name === 'app' ? 7 : null),
  isAbsent: path => !DIRECTORIES.includes(path) && !FILES.includes(path),
  known: true,
};
const PLAIN = '1 execve("/usr/bin/d", ["d"], 0x7f /* 3 vars */) = 0\n';

/** How the start ends, and what is not judged. */
function starts(
  text: string,
  host: HostView,
  log = PLAIN,
  commands?: Commands,
): { ends: string[]; unjudged: string[] } {
  const observer = new Observer({ id: 'r', trace: 't', mode: 'complete', cwd: '/', uid: 0 });
  observer.push(Buffer.from(log));
  observer.end();
  const lines = inForce(readUnitText(Buffer.from(`[Service]\n${text}\n`), 'unit'));
  const sandbox = sandboxOf(lines, { systemd: 252, sets: syscallSets(252), host });
  const { violations, unjudged } = check(observer.snapshot(), sandbox, commands);
  return {
    ends: violations.map(({ outcome, by }) => `${outcome} ${by.name}`),
    unjudged: unjudged.map(({ by, why }) => `${by.name}: ${why}`),
  };
}

for (const [line, end] of [
  ['User=nosuch', '217/USER'],
  ['Group=nosuch', '216/GROUP'],
  ['SupplementaryGroups=app nosuch', '216/GROUP'],
  ['EnvironmentFile=/etc/none', 'resources'],
  ['StandardOutput=file:/var/log/none/x', '209/STDOUT'],
  ['StandardError=append:/var/log/none/x', '222/STDERR'],
  ['StandardInput=file:/etc/none', '208/STDIN'],
  ['LoadCredential=key:/etc/none', '243/CREDENTIALS'],
  ['WorkingDirectory=/srv/none', '200/CHDIR'],
  ['DevicePolicy=strict', '208/STDIN'],
] as const)
  test(`${line} ends the start with ${end} where this machine shows it, and is not judged on another`, t => {
    t.deepEqual(starts(line, HERE), { ends: [`${end} ${line.split('=')[0]}`], unjudged: [] });
    if (line.startsWith('Device')) return;
    const { ends, unjudged } = starts(line, { ...HERE, type: () => null, realpath: () => null });
    t.deepEqual(ends, []);
    t.true(unjudged.length > 0);
  });

test('nothing can be mounted on a pipe but a file', t => {
  for (const line of ['TemporaryFileSystem=/run/pipe', 'BindPaths=/srv:/run/pipe'])
    t.deepEqual(starts(line, HERE).ends, [`226/NAMESPACE ${line.split('=')[0]}`]);
  t.deepEqual(starts('BindPaths=/etc/conf:/run/pipe', HERE).ends, []);
});

test('what is there, is optional, or is built in ends no start', t => {
  for (const line of [
    ...['User=app', 'User=nobody', 'User=root', 'Group=nogroup', 'User=nosuch\nDynamicUser=yes'],
    ...['EnvironmentFile=-/etc/none', 'EnvironmentFile=/etc/conf', 'StandardOutput=file:/var/log/x'],
    ...['StandardOutput=journal', 'LoadCredential=key', 'LoadCredential=key:/etc/none\nSetCredential=key:x'],
    ...['WorkingDirectory=-/srv/none', 'WorkingDirectory=/srv/made', 'LimitNOFILE=65536', 'LimitNPROC=infinity'],
    'DevicePolicy=strict\nDeviceAllow=/dev/null rw',
  ])
    t.deepEqual(starts(line, HERE), { ends: [], unjudged: [] }, line);
});

test('limits below what systemd sets are not judged', t => {
  t.regex(starts('LimitNOFILE=16', HERE).unjudged.join(), /^LimitNOFILE: how much of NOFILE the service needs/);
  t.regex(starts('LimitAS=16M', HERE).unjudged.join(), /^LimitAS: /);
});

test('a command that was not seen to run ends the start where it cannot be executed, and else may fail', t => {
  const by = { section: 'Service', name: 'ExecStartPre', value: 'x', at: { file: 'unit', line: 9 } };
  const ends = (program: string, over: { optional?: boolean; outside?: boolean } = {}, line = 'UMask=022') =>
    starts(line, HERE, PLAIN, {
      confined: [program],
      unconfined: [],
      starting: [{ by, program, optional: false, outside: false, ...over }],
    });
  t.deepEqual(ends('/usr/bin/none').ends, ['203/EXEC ExecStartPre']);
  t.deepEqual(ends('/usr/bin/plain').ends, ['203/EXEC ExecStartPre']);
  t.deepEqual(ends('none').ends, ['203/EXEC ExecStartPre']);
  t.deepEqual(ends('/usr/bin/none', { optional: true }), { ends: [], unjudged: [] });
  t.deepEqual(ends('/usr/bin/d'), { ends: [], unjudged: [] });
  const hidden = 'InaccessiblePaths=/etc/conf\nNoExecPaths=/\nExecPaths=/usr/bin/d';
  t.deepEqual(ends('/usr/bin/plain', { outside: true }, hidden).ends, ['203/EXEC ExecStartPre']);
});

test('a directory that the log shows to be made was missing at the start, whatever is there today', t => {
  const log = `${PLAIN}1 stat("/srv/made", 0x7f) = -1 ENOENT (No such file or directory)
1 mkdir("/srv/made", 0777) = 0
1 openat(AT_FDCWD, "/srv/made/x", O_WRONLY|O_CREAT|O_TRUNC, 0600) = 3
`;
  const { ends } = starts('ProtectSystem=strict\nReadWritePaths=/srv/made', HERE, log);
  t.true(ends.includes('226/NAMESPACE ReadWritePaths'), ends.join());
});

test('- takes what is missing, and no loop of symlinks', t => {
  const links: Readonly<Record<string, string>> = { '/srv/a': 'b', '/srv/b': '/srv/a', '/srv/lost': 'none' };
  const host: HostView = {
    ...HERE,
    type: path => (path in links ? 'symlink' : HERE.type(path)),
    link: path => links[path] ?? null,
    isAbsent: path => !(path in links) && HERE.isAbsent(path),
  };
  t.deepEqual(starts('ReadOnlyPaths=-/srv/a', host).ends, ['226/NAMESPACE ReadOnlyPaths']);
  t.deepEqual(starts('BindPaths=-/srv/b:/srv/made', host).ends, ['226/NAMESPACE BindPaths']);
  t.deepEqual(starts('ReadOnlyPaths=-/srv/lost', host).ends, []);
});
