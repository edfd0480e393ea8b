// `allowtrace service` when something goes wrong: whatever dies, and whenever, the service runs on or restarts as systemd would have
// it, what was saved is kept, and a proposal that does not fit is taken back. The service writes and reads without a pause.

import test from 'ava';
import { bin } from '../support/fixtures.ts';
import { content, property, service, until } from '../support/learning.ts';
import { bootSystemd, type SystemdHost, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] trouble skipped: ${obstacle}`, t => t.pass());

/**
 * Counts in /run/busy/NAME, and looks for a file of another name with every tenth step. With /srv/chroot it wants a capability, with
 * /srv/silent a directory, without a word when it does not get it.
 */
const BUSY = `
my ($name, $n) = (@ARGV, 0);
if (-e '/srv/chroot') { chroot '/' or die "chroot: $!" }
while (1) {
	$n++;
	open my $out, '>', "/run/busy/$name" or die "count: $!"; print $out "$$ $n"; close $out;
	open $out, '<', "/srv/seen/$$-" . int($n / 10);
	if (-e '/srv/silent') { mkdir '/srv/extra'; rmdir '/srv/extra' }
	select undef, undef, undef, 0.02;
}
`;

const profileOf = (unit: string): string => `/var/lib/allowtrace/${unit}.service.json`;

/** The pid of the service that counts, and how far it is. */
async function counted(host: SystemdHost, unit: string): Promise<[pid: string, count: number]> {
  // Between opening and writing the file is empty.
  let text = '';
  await until(async () => {
    text = await content(host, `/run/busy/${unit}`);
    return text.includes(' ');
  });
  const [pid = '', count = '0'] = text.split(' ');
  return [pid, Number(count)];
}

/** It goes on counting. */
async function goesOn(host: SystemdHost, unit: string): Promise<boolean> {
  const [pid, count] = await counted(host, unit);
  return until(async () => {
    const [nowPid, now] = await counted(host, unit);
    return nowPid !== pid || now > count + 5;
  });
}

/** What it does now gets into the profile. */
async function isLearned(host: SystemdHost, unit: string): Promise<boolean> {
  const [pid, count] = await counted(host, unit);
  const mark = `/srv/seen/${pid}-${Math.floor(count / 10) + 1}"`;
  return until(async () => (await content(host, profileOf(unit))).includes(mark));
}

async function boot(units: Readonly<Record<string, string>>, way?: { chrooted: true }): Promise<SystemdHost> {
  const host = await bootSystemd(way);
  await host.write('/srv/busy.pl', BUSY);
  await host.write('/run/busy/.here', '');
  for (const [name, settings] of Object.entries(units))
    await host.write(
      `/etc/systemd/system/${name}.service`,
      `[Service]\nExecStart=/usr/bin/perl /srv/busy.pl ${name}\n${settings}\n`,
    );
  await host.run('systemctl', 'daemon-reload');
  for (const name of Object.keys(units)) await host.run('systemctl', 'start', name);
  return host;
}

const killStrace = (host: SystemdHost, unit: string): ReturnType<SystemdHost['run']> =>
  host.run('pkill', '-KILL', '-f', `^/usr/bin/strace .*/${unit}.service/`);

proof('[systemd] a service outlives the death of any part, and what was saved is kept', async t => {
  const host = await boot({ always: 'Restart=always\nRestartSec=100ms', never: 'Restart=no' });
  try {
    await host.run('mkdir', '-p', '/var/lib/allowtrace');
    await host.run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/var/lib/allowtrace');
    for (const [unit, mode] of [
      ['always', 'complete'],
      ['never', 'seccomp'],
    ] as const) {
      const started = await service(host, 'start', unit, '--tracing', mode);
      t.is(started.exitCode, 0, started.stderr);
      t.true(await isLearned(host, unit), unit);
    }
    const early = `/srv/seen/${(await counted(host, 'always'))[0]}-1"`;

    await host.run('systemctl', 'kill', '--signal=KILL', 'allowtrace-learn@always.service');
    t.true(await goesOn(host, 'always'));
    t.true(await isLearned(host, 'always'), 'the collector came back');
    t.true((await content(host, profileOf('always'))).includes(early), 'what was learned before its death is kept');

    const [traced] = await counted(host, 'always');
    await killStrace(host, 'always');
    t.true(await goesOn(host, 'always'));
    t.is((await counted(host, 'always'))[0], traced, 'without a filter it runs on');
    const says = async (text: string): Promise<boolean> =>
      until(async () => (await service(host, 'status', 'always')).stdout.includes(text));
    t.true(await says('strace was killed'));
    await host.run('systemctl', 'restart', 'always');
    await until(async () => (await counted(host, 'always'))[0] !== traced);
    t.true(await isLearned(host, 'always'), 'after a restart it is learned again');

    const [filtered] = await counted(host, 'never');
    await killStrace(host, 'never');
    t.true(await until(async () => (await counted(host, 'never'))[0] !== filtered), 'with a filter it is restarted');
    t.true(await isLearned(host, 'never'));

    await host.run('systemctl', 'kill', '--signal=KILL', '--kill-whom=main', 'always');
    t.true(await goesOn(host, 'always'));
    t.true(await isLearned(host, 'always'), 'systemd restarted it, and it is learned');

    await host.run('sh', '-c', 'cat /dev/zero >/var/lib/allowtrace/filler 2>/dev/null');
    t.true(await says('not saved'), 'a full disk');
    t.true(await goesOn(host, 'always'));
    await host.run('rm', '/var/lib/allowtrace/filler');
    t.true(await isLearned(host, 'always'), 'there is room again');
    await host.run('mount', '-o', 'remount,ro', '/var/lib/allowtrace');
    t.true(await says('not saved'), 'a read-only directory');
    t.true(await goesOn(host, 'always'));
    await host.run('mount', '-o', 'remount,rw', '/var/lib/allowtrace');
    t.true(await isLearned(host, 'always'), 'it can be written again');
    t.true((await content(host, profileOf('always'))).includes(early), 'and nothing was forgotten');

    await host.write(
      '/run/systemd/system/allowtrace-learn@always.service.d/x.conf',
      '[Service]\nExecStart=\nExecStart=/bin/false\n',
    );
    await host.run('systemctl', 'daemon-reload');
    await host.run('systemctl', 'kill', '--signal=KILL', 'allowtrace-learn@always.service');
    t.true(await until(async () => (await property(host, 'always', 'DropInPaths')) === ''), 'the unit is released');
    t.true(await goesOn(host, 'always'));
    t.true(await says('the unit was restored'));
    t.is((await host.run('systemctl', 'restart', 'always')).exitCode, 0);
    t.true(await goesOn(host, 'always'), 'and starts without strace');

    for (const unit of ['always', 'never']) t.is((await service(host, 'reset', unit)).exitCode, 0);
    const left = await host.run(
      'find',
      '/run/systemd',
      '/etc/systemd',
      '/run/allowtrace',
      '/var/lib/allowtrace',
      '-name',
      '*always*',
      '-path',
      '*allowtrace*',
      '-not',
      '-path',
      '*.service.d/*',
      '-not',
      '-name',
      '*.service.d',
    );
    t.is(left.stdout, '');
    t.true(await goesOn(host, 'never'));
  } finally {
    await host.halt();
  }
});

proof('[systemd] allowtrace killed at any moment leaves a service that runs and can be reset', async t => {
  const host = await boot({ cut: 'Restart=no' });
  try {
    for (const seconds of ['0.4', '0.8', '1.2', '2']) {
      await host.run('timeout', '--signal=KILL', seconds, process.execPath, bin, 'service', 'start', 'cut');
      t.true(await goesOn(host, 'cut'), `killed after ${seconds} s`);
      t.is((await host.run('systemctl', 'restart', 'cut')).exitCode, 0, `killed after ${seconds} s`);
      t.true(await goesOn(host, 'cut'), `restarted; killed after ${seconds} s`);
      const reset = await service(host, 'reset', 'cut');
      t.is(reset.exitCode, 0, reset.stderr);
      t.is(await property(host, 'cut', 'DropInPaths'), '');
    }
    // Killed while it wrote the second of its files.
    await host.write('/run/systemd/system/allowtrace-release@cut.service', '[Service]\nExecStart=/bin/true\n');
    await host.write('/run/systemd/system/allowtrace-learn@cut.socket.0123456789ab.tmp', '[Soc');
    t.is((await service(host, 'reset', 'cut')).exitCode, 0);
    t.is((await host.run('find', '/run/systemd/system', '-name', '*allowtrace*')).stdout, '');
  } finally {
    await host.halt();
  }
});

proof('[systemd] a proposal is tried, taken back with what it lacks, and installed when it fits', async t => {
  const host = await boot({ tried: 'Restart=on-failure\nRestartSec=100ms' });
  try {
    t.is((await service(host, 'start', 'tried')).exitCode, 0);
    t.true(await isLearned(host, 'tried'));
    const dropins = (): Promise<string> => property(host, 'tried', 'DropInPaths');
    /** A trial that gets a signal in its middle. */
    const cutShort = (signal: string): ReturnType<SystemdHost['run']> =>
      host.run(
        'timeout',
        `--signal=${signal}`,
        '20',
        process.execPath,
        bin,
        'service',
        'stop',
        'tried',
        '--apply',
        '--trial',
        '10m',
      );

    await cutShort('INT');
    t.is(await dropins(), '', 'interrupted: taken back');
    t.true(await goesOn(host, 'tried'));
    t.is((await host.run('systemctl', 'list-units', '--plain', '--no-legend', 'allowtrace*')).stdout, '');

    await cutShort('KILL');
    t.regex(await dropins(), /system\.control/, 'killed: still on trial');
    t.is((await host.run('systemctl', 'is-active', 'allowtrace-rollback@tried.timer')).stdout, 'active');
    await host.run('systemctl', 'start', 'allowtrace-rollback@tried.service');
    t.true(await until(async () => (await dropins()) === ''), 'the timer takes it back');
    t.true(await goesOn(host, 'tried'));

    await host.write('/srv/chroot', '');
    const rejected = await service(host, 'stop', 'tried', '--apply', '--trial', '2s');
    t.is(rejected.exitCode, 1, rejected.stderr);
    t.regex(rejected.stderr, /taken back: (?:systemd had to restart it|it ended and waits for a restart)/);
    t.regex(rejected.stderr, /CAP_SYS_CHROOT for chroot/);
    t.is(await dropins(), '');
    t.true(await goesOn(host, 'tried'));

    const accepted = await service(host, 'stop', 'tried', '--apply', '--trial', '2s');
    t.is(accepted.exitCode, 0, accepted.stderr);
    t.is(await dropins(), '/etc/systemd/system/tried.service.d/allowtrace.conf');
    t.true(await goesOn(host, 'tried'));

    await host.write('/srv/silent', '');
    const swallowed = await service(host, 'stop', 'tried', '--apply', '--trial', '4s');
    t.is(swallowed.exitCode, 1, swallowed.stderr);
    t.regex(swallowed.stderr, /taken back: it was denied something, of which it did not die/);
    t.regex(swallowed.stderr, /EROFS +create \/srv\/extra[\s\S]*→ add ReadWritePaths=\/srv/);
    t.true(await goesOn(host, 'tried'));
    t.is((await host.run('pgrep', '-x', 'strace')).stdout, '', 'and nobody watches it any more');
    t.regex((await service(host, 'stop', 'tried')).stdout, /^ReadWritePaths=.*\/srv$/m);

    t.is((await service(host, 'reset', 'tried', '--yes')).exitCode, 0);
    t.is(await dropins(), '');
    t.true(await goesOn(host, 'tried'));
  } finally {
    await host.halt();
  }
});

proof('[systemd] a service that cannot start any more is not said to run', async t => {
  const host = await boot({});
  try {
    await host.write(
      '/etc/systemd/system/sick.service',
      `[Service]\nType=notify\nNotifyAccess=all\nExecStart=/bin/sh -c 'test ! -e /srv/sick && systemd-notify --ready && exec sleep 1000'\n`,
    );
    await host.run('systemctl', 'daemon-reload');
    t.is((await host.run('systemctl', 'start', 'sick')).exitCode, 0);
    await host.write('/srv/sick', '');
    const { exitCode, stderr } = await service(host, 'start', 'sick');
    t.is(exitCode, 2, stderr);
    t.regex(stderr, /starts neither under strace nor without it/);
    t.is(await property(host, 'sick', 'DropInPaths'), '');

    // Type=simple has started before it does anything.
    await host.write(
      '/etc/systemd/system/late.service',
      `[Service]\nExecStart=/bin/sh -c 'sleep 0.3; test ! -e /srv/late || exit 3; exec sleep 1000'\n`,
    );
    // Type=oneshot has ended, and well, when it has started.
    await host.write('/etc/systemd/system/once.service', '[Service]\nType=oneshot\nExecStart=/bin/sleep 3\n');
    await host.run('systemctl', 'daemon-reload');
    await host.run('systemctl', 'start', 'late');
    await host.run('systemctl', 'start', '--no-block', 'once');
    const once = await service(host, 'start', 'once');
    t.is(once.exitCode, 0, once.stderr);
    t.regex(once.stderr, /once\.service was restarted and is being learned/);
    await host.write('/srv/late', '');
    const late = await service(host, 'start', 'late');
    t.is(late.exitCode, 2, late.stderr);
    t.regex(late.stderr, /starts neither under strace nor without it/);
    t.is(await property(host, 'late', 'DropInPaths'), '');
  } finally {
    await host.halt();
  }
});

/** Each sandbox denies something that the service does: settings → what diagnose must say. */
const TOO_STRICT: readonly (readonly [settings: string, says: RegExp])[] = [
  [
    'SystemCallFilter=@system-service\nSystemCallFilter=~pselect6 select',
    /SystemCallFilter=.* denies[\s\S]*SIGSYS +pselect6[\s\S]*→ /,
  ],
  [
    'ReadOnlyPaths=/run/busy',
    /strict0?1?.*ReadOnlyPaths=\/run\/busy denies[\s\S]*EROFS +create \/run\/busy\/strict1[\s\S]*→ /,
  ],
  [
    'CapabilityBoundingSet=CAP_KILL',
    /CapabilityBoundingSet=CAP_KILL denies[\s\S]*EPERM +CAP_SYS_CHROOT for chroot[\s\S]*→ add CapabilityBoundingSet=CAP_SYS_CHROOT/,
  ],
  ['ReadWritePaths=/srv/missing', /226\/NAMESPACE[\s\S]*→ .*ReadWritePaths=-\/srv\/missing/],
];

proof('[systemd] diagnose names what a failing unit was denied, the line and the fix', async t => {
  const host = await boot({});
  try {
    await host.write('/srv/chroot', '');
    await host.run('mkdir', '-p', '/srv/seen');
    for (const [i, [settings]] of TOO_STRICT.entries())
      await host.write(
        `/etc/systemd/system/strict${i}.service`,
        `[Service]\nExecStart=/usr/bin/perl /srv/busy.pl strict${i}\n${settings}\n`,
      );
    await host.run('systemctl', 'daemon-reload');
    const units = TOO_STRICT.map((_, i) => `strict${i}`);
    for (const unit of units) await host.run('systemctl', 'start', unit);
    for (const unit of units)
      t.true(await until(async () => (await property(host, unit, 'ActiveState')) === 'failed'), unit);
    const found = await Promise.all(units.map(unit => service(host, 'diagnose', unit, '--for', '3s')));
    for (const [i, [, says]] of TOO_STRICT.entries()) {
      t.is(found[i]?.exitCode, 1, found[i]?.stderr);
      t.regex(found[i]?.stdout ?? '', says);
      t.is(await property(host, `strict${i}`, 'DropInPaths'), '');
      t.not(await property(host, `strict${i}`, 'ActiveState'), 'active');
    }
  } finally {
    await host.halt();
  }
});

proof('[systemd] a systemd that runs in a chroot itself is learned under as any other', async t => {
  const host = await boot({ jailed: 'Restart=no' }, { chrooted: true });
  try {
    t.is((await service(host, 'start', 'jailed')).exitCode, 0);
    t.true(await isLearned(host, 'jailed'));
    const status = await service(host, 'status', 'jailed');
    t.false(status.stdout.includes('nothing learned'), status.stdout);
    const { stdout, exitCode } = await service(host, 'stop', 'jailed');
    t.is(exitCode, 0);
    t.regex(stdout, /^RuntimeDirectory=busy$/m);
  } finally {
    await host.halt();
  }
});
