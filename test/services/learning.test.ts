// `allowtrace service` on a real systemd: whatever the type of a service, it runs under strace as it runs without, its profile holds
// what it did, and afterwards it is its own again. The daemon is learning/daemon.pl.

import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { bin, root } from '../support/fixtures.ts';
import { property, service, until } from '../support/learning.ts';
import { bootSystemd, type SystemdHost, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] learning skipped: ${obstacle}`, t => t.pass());

const DAEMON = '/usr/bin/perl /srv/daemon.pl';

interface Row {
  /** Settings of [Service]. */
  service: string;
  /** Another unit that goes with it: [suffix, text]. */
  companion?: readonly [string, string];
  /** What the daemon tells of itself, besides its pid. */
  tells: RegExp;
  /** Its main process is the daemon. */
  main?: false;
  reload?: true;
  /** It is restarted in the middle, while processes of the first start live on. */
  again?: true;
  /** What `start` says. */
  starts?: RegExp;
  /** Paths that the profile must hold, besides the daemon's mark. */
  seen?: readonly string[];
  /** Paths that it must not hold. */
  unseen?: readonly string[];
}

// biome-ignore format: one row per kind of service
const ROWS: Readonly<Record<string, Row>> = {
  simple:      { service: `ExecStart=${DAEMON} simple\nExecReload=/bin/kill -HUP $MAINPID`, tells: /uid=0 /, reload: true, seen: ['/bin/kill'], unseen: ['/usr/bin/strace'] },
  exec:        { service: `Type=exec\nExecStart=${DAEMON} exec`, tells: /uid=0 / },
  idle:        { service: `Type=idle\nExecStart=${DAEMON} idle`, tells: /uid=0 / },
  notify:      { service: `Type=notify\nExecStart=${DAEMON} notify\nWatchdogSec=0`, tells: /uid=0 / },
  child:       { service: `Type=notify\nNotifyAccess=all\nExecStart=${DAEMON} child child`, tells: /uid=0 / },
  forking:     { service: `Type=forking\nExecStart=${DAEMON} forking fork\nExecReload=/bin/kill -HUP $MAINPID`, tells: /uid=0 /, reload: true },
  pidfile:     { service: `Type=forking\nPIDFile=/run/probe/pidfile.pid\nExecStart=${DAEMON} pidfile fork pidfile`, tells: /uid=0 / },
  oneshot:     { service: `Type=oneshot\nRemainAfterExit=yes\nExecStart=-/bin/false\nExecStart=${DAEMON} oneshot once\nExecStart=/bin/cat /srv/mark/oneshot.second`, tells: /uid=0 /, main: false, seen: ['/bin/false', '/srv/mark/oneshot.second'] },
  user:        { service: `User=daemon\nExecStartPre=+/bin/cat /srv/mark/user.plus\nExecStartPre=!/bin/cat /srv/mark/user.pre\nExecStart=${DAEMON} user\nExecStartPost=-/bin/cat /srv/mark/user.post`, tells: /uid=1 /, seen: ['/srv/mark/user.pre', '/srv/mark/user.post'], unseen: ['/srv/mark/user.plus'] },
  dynamic:     { service: `DynamicUser=yes\nReadWritePaths=/run/probe\nExecStart=${DAEMON} dynamic`, tells: /uid=6\d{4} / },
  argv0:       { service: `ExecStart=@/usr/bin/perl "my name" /srv/daemon.pl argv0`, tells: /argv0=my name / , unseen: ['/usr/bin/strace'] },
  'inst@a-b':  { service: `ExecStart=${DAEMON} inst@%i`, tells: /uid=0 / },
  activated:   { service: `ExecStart=${DAEMON} activated`, companion: ['.socket', '[Socket]\nListenStream=/run/probe/activated.sock\nListenStream=/run/probe/activated2.sock\n'], tells: /listen=2$/ },
  sandboxed:   { service: `ExecStart=${DAEMON} sandboxed\nProtectSystem=strict\nReadWritePaths=/run/probe\nNoNewPrivileges=yes\nSystemCallFilter=@system-service\nCapabilityBoundingSet=CAP_KILL\nNoExecPaths=/\nExecPaths=/usr/bin/perl /usr/lib /lib /lib64\nPrivateTmp=yes\nRestrictNamespaces=yes\nMemoryDenyWriteExecute=yes\nLimitNPROC=8`, tells: /uid=0 / },
  leftover:    { service: `KillMode=process\nType=notify\nNotifyAccess=all\nExecStart=${DAEMON} leftover child`, tells: /uid=0 /, again: true },
  privileged:  { service: `User=daemon\nExecStart=!${DAEMON} privileged`, tells: /uid=0 /, starts: /tracing: complete \(a filter would break/ },
  rooted:      { service: `RootDirectory=/srv/rooted\nMountAPIVFS=yes\nBindReadOnlyPaths=/usr /lib /lib64 /bin /srv\nBindPaths=/run/probe\nExecStart=@/usr/bin/perl "my name" /srv/daemon.pl rooted`, tells: /argv0=my name / },
  hidden:      { service: `ExecStart=${DAEMON} hidden\nTemporaryFileSystem=/run:ro\nBindPaths=/run/probe`, tells: /uid=0 / },
};

const unitOf = (name: string): string => `probe-${name}.service`;

async function write(host: SystemdHost): Promise<void> {
  await host.write('/srv/daemon.pl', readFileSync(`${root}test/services/learning/daemon.pl`, 'utf8'));
  const marks = Object.keys(ROWS).flatMap(name => [name, `${name}.reload`]);
  for (const mark of [...marks, 'oneshot.second', 'user.plus', 'user.pre', 'user.post'])
    await host.write(`/srv/mark/${mark}`, '');
  await host.run('mkdir', '-m', '1777', '/run/probe', '/srv/rooted');
  for (const [name, { service: settings, companion }] of Object.entries(ROWS)) {
    const file = unitOf(name).replace(/@.*(?=\.service)/, '@');
    await host.write(`/etc/systemd/system/${file}`, `[Service]\n${settings}\n`);
    if (companion !== undefined)
      await host.write(`/etc/systemd/system/${unitOf(name).replace('.service', companion[0])}`, companion[1]);
  }
  await host.run('systemctl', 'daemon-reload');
}

/** The daemon's latest account of itself. */
async function told(host: SystemdHost, name: string): Promise<string> {
  const { stdout } = await host.run('cat', `/run/probe/${name}`);
  return (
    stdout
      .split('\n')
      .filter(line => line.startsWith('pid='))
      .at(-1) ?? ''
  );
}

async function alive(t: ExecutionContext, host: SystemdHost, name: string, row: Row): Promise<void> {
  const unit = unitOf(name);
  const journal = async (): Promise<string> =>
    (await host.run('journalctl', '--no-pager', '-n', '30', '-u', unit)).stdout;
  t.true(
    await until(async () => (await property(host, unit, 'ActiveState')) === 'active'),
    `${name}: ${await journal()}`,
  );
  const main = await property(host, unit, 'MainPID');
  const agrees = async (): Promise<boolean> => {
    const text = await told(host, name);
    return row.tells.test(text) && (row.main === false || text.startsWith(`pid=${main} `));
  };
  t.true(
    await until(agrees),
    `${name}: main process ${main}, but it says ${await told(host, name)}\n${await journal()}`,
  );
}

/** Type=dbus, with a daemon of systemd's own. */
async function busService(t: ExecutionContext, host: SystemdHost): Promise<void> {
  const unit = 'systemd-hostnamed.service';
  if ((await host.run('systemctl', 'start', 'dbus.socket', unit)).exitCode !== 0) return;
  t.is(await property(host, unit, 'Type'), 'dbus');
  t.is((await service(host, 'start', unit)).exitCode, 0);
  t.is(await property(host, unit, 'ActiveState'), 'active');
  t.is((await host.run('cat', `/proc/${await property(host, unit, 'MainPID')}/comm`)).stdout, 'systemd-hostnam');
  const name = 'org.freedesktop.hostname1';
  const asked = await host.run('busctl', 'get-property', name, `/${name.replaceAll('.', '/')}`, name, 'Hostname');
  t.is(asked.exitCode, 0, asked.stderr);
  const stopped = await service(host, 'stop', unit);
  t.regex(stopped.stdout, /^RestrictAddressFamilies=AF_UNIX$/m);
}

proof('[systemd] services of every type are learned, and run as before', async t => {
  const host = await bootSystemd();
  try {
    await write(host);
    const names = Object.keys(ROWS);
    for (const [name, { companion }] of Object.entries(ROWS)) {
      if (companion !== undefined) await host.run('systemctl', 'start', unitOf(name).replace('.service', companion[0]));
      t.is((await host.run('systemctl', 'start', unitOf(name))).exitCode, 0, name);
    }
    for (const [name, row] of Object.entries(ROWS)) await alive(t, host, name, row);
    const started = await Promise.all(names.map(name => service(host, 'start', unitOf(name))));
    for (const [i, name] of names.entries()) {
      t.is(started[i]?.exitCode, 0, `${name}: ${started[i]?.stderr}`);
      t.regex(started[i]?.stderr ?? '', ROWS[name]?.starts ?? /is being learned/);
    }
    for (const [name, row] of Object.entries(ROWS)) {
      await alive(t, host, name, row);
      if (row.again === true) {
        t.is((await host.run('systemctl', 'restart', unitOf(name))).exitCode, 0, name);
        await alive(t, host, name, row);
      }
      if (row.reload !== true) continue;
      t.is((await host.run('systemctl', 'reload', unitOf(name))).exitCode, 0, name);
      t.true(await until(async () => (await host.run('grep', '-q', 'reloaded', `/run/probe/${name}`)).exitCode === 0));
    }
    const stopped = await Promise.all(names.map(name => service(host, 'stop', unitOf(name))));
    for (const [i, name] of names.entries()) {
      t.is(stopped[i]?.exitCode, 0, `${name}: ${stopped[i]?.stderr}`);
      t.regex(stopped[i]?.stdout ?? '', /^ProtectSystem=strict$/m, name);
    }
    for (const [name, row] of Object.entries(ROWS)) {
      await alive(t, host, name, row);
      t.is(await property(host, unitOf(name), 'DropInPaths'), '', name);
      const profile = (await host.run('cat', `/var/lib/allowtrace/${unitOf(name)}.json`)).stdout;
      const wanted = [
        `/srv/mark/${name}`,
        ...(row.reload === true ? [`/srv/mark/${name}.reload`] : []),
        ...(row.seen ?? []),
      ];
      for (const path of wanted) t.true(profile.includes(`"path":"${path}"`), `${name}: ${path} is not in the profile`);
      t.true(profile.includes('"unrecognised":{"count":0'), `${name}: lines were not understood`);
      if (row.again === true) t.regex(profile, /"runs":\[\n\{.*\},\n\{/, `${name}: two runs`);
      for (const path of row.unseen ?? [])
        t.false(profile.includes(`"path":"${path}"`), `${name}: ${path} is in the profile`);
    }
    await busService(t, host);
    t.is((await host.run('find', '/srv/rooted', '-name', '*allowtrace*')).stdout, '');
    t.is((await host.run('ls', '/run/allowtrace', '/run/systemd/system')).stdout.replace(/\/\S+:\n?|\s/g, ''), '');
  } finally {
    await host.halt();
  }
});

proof("[systemd] a unit of a user's own manager is learned, tried and reset", async t => {
  const host = await bootSystemd();
  const asUser = (...words: string[]): ReturnType<SystemdHost['run']> =>
    host.run(
      'setpriv',
      '--reuid=4242',
      '--regid=4242',
      '--clear-groups',
      'env',
      'HOME=/home/probe',
      'XDG_RUNTIME_DIR=/run/user/4242',
      ...words,
    );
  const own = (...words: string[]): ReturnType<SystemdHost['run']> =>
    asUser(process.execPath, bin, 'service', ...words, 'own', '--user');
  const shows = async (name: string): Promise<string> =>
    (await asUser('systemctl', '--user', 'show', '--value', '-p', name, 'own')).stdout.trim();
  try {
    await host.run('useradd', '--create-home', '--uid=4242', 'probe');
    await host.write('/srv/daemon.pl', readFileSync(`${root}test/services/learning/daemon.pl`, 'utf8'));
    await host.write('/srv/mark/own', '');
    await host.run('mkdir', '-m', '1777', '/run/probe');
    const unit = `[Service]\nType=forking\nExecStart=${DAEMON} own fork\n`;
    await host.write('/etc/systemd/user/own.service', unit);
    const manager = await host.run('systemctl', 'start', 'user@4242.service');
    if (manager.exitCode !== 0) return t.pass(`a user's manager does not start here: ${manager.stderr}`);
    t.is((await asUser('systemctl', '--user', 'start', 'own')).exitCode, 0);
    const alive = (): Promise<boolean> =>
      until(async () => (await told(host, 'own')).startsWith(`pid=${await shows('MainPID')} `));
    t.true(await alive());
    const started = await own('start');
    t.is(started.exitCode, 0, started.stderr);
    t.regex(started.stderr, /tracing: seccomp \(the service does not run as root\)/);
    t.regex(started.stderr, /allowtrace service stop own\.service --user`/);
    t.true(await alive());
    t.regex(await shows('DropInPaths'), /^\/run\/user\/4242\/systemd\/user\/own\.service\.d\//);
    const stopped = await own('stop', '--apply', '--trial', '1s');
    t.is(stopped.exitCode, 0, stopped.stderr);
    t.true(await alive());
    t.is(await shows('DropInPaths'), '/home/probe/.config/systemd/user/own.service.d/allowtrace.conf');
    t.is((await own('reset', '--yes')).exitCode, 0);
    t.is(await shows('DropInPaths'), '');
    t.true(await alive());
    // What V8 compiled of the command is kept for its user, whatever unit is learned.
    const left = ['/home/probe', '/run/user/4242', '-name', '*allowtrace*', '-not', '-path', '*/.cache/*'];
    t.is((await host.run('find', ...left)).stdout, '');
  } finally {
    await host.halt();
  }
});
