// The loop of learning: learning again under one's own proposal, instances of a template, options that are judged before anything is
// stopped, and the way out of a sandbox that is too strict.

import test from 'ava';
import { bin } from '../support/fixtures.ts';
import { content, property, service, until } from '../support/learning.ts';
import { bootSystemd, type SystemdHost, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] learning again skipped: ${obstacle}`, t => t.pass());

const unit = (host: SystemdHost, name: string, settings: string): Promise<void> =>
  host.write(`/etc/systemd/system/${name}.service`, `[Service]\n${settings}\n`);

const STAMPS = `ExecStart=/bin/sh -c "while :; do date >/var/lib/foo/%i/stamp; cat /srv/more 2>/dev/null; sleep 0.2; done"`;
const PROFILE = '/var/lib/allowtrace/foo@main.service.json';

proof(
  '[systemd] an instance is learned, tried and diagnosed; learned again, its own proposal is out of force meanwhile',
  async t => {
    const host = await bootSystemd();
    try {
      await unit(host, 'foo@', STAMPS);
      await host.run('mkdir', '-p', '/var/lib/foo/main');
      await host.run('systemctl', 'daemon-reload');
      t.is((await host.run('systemctl', 'start', 'foo@main')).exitCode, 0);
      t.is((await service(host, 'start', 'foo@main')).exitCode, 0);
      t.true(await until(async () => (await content(host, PROFILE)).includes('/var/lib/foo/main/stamp')));

      for (const [words, says] of [
        [['--trial', '5s'], /--trial needs --apply/],
        [['--force'], /--force needs --apply/],
        [['--apply', '--trial', 'banana'], /--trial banana: is not a duration/],
        [['--paths', 'banana'], /'banana' is no strategy/],
        [['--explain', 'nonsuch'], /'nonsuch' is not an absolute path/],
      ] as const) {
        const judged = await service(host, 'stop', 'foo@main', ...words);
        t.is(judged.exitCode, 2);
        t.regex(judged.stderr, says);
        t.regex(
          await property(host, 'foo@main', 'DropInPaths'),
          /allowtrace-learn/,
          `${words.join(' ')}: nothing was stopped`,
        );
      }

      const installed = '/etc/systemd/system/foo@main.service.d/allowtrace.conf';
      const applied = await service(host, 'stop', 'foo@main', '--apply', '--trial', '2s');
      t.is(applied.exitCode, 0, applied.stderr);
      t.is(applied.stdout, installed, 'the path of the drop-in, and nothing else');
      t.regex(applied.stderr, /foo@main\.service: \d+ directives · /);
      const diagnosed = await service(host, 'diagnose', 'foo@main', '--for', '1s');
      t.is(diagnosed.exitCode, 0, diagnosed.stderr);
      t.regex(diagnosed.stdout, /^fits: foo@main\.service allows/);

      const again = await service(host, 'start', 'foo@main');
      t.is(again.exitCode, 0, again.stderr);
      t.regex(
        again.stderr,
        /disabled meanwhile: the installed proposal \/etc\/systemd\/system\/foo@main\.service\.d\/allowtrace\.conf/,
      );
      t.is(await property(host, 'foo@main', 'ProtectSystem'), 'no');
      t.is((await host.run('grep', '-c', 'ProtectSystem=strict', installed)).stdout, '1', 'the file itself stays');
      const stopped = await service(host, 'stop', 'foo@main');
      t.is(stopped.exitCode, 0, stopped.stderr);
      t.is(await property(host, 'foo@main', 'ProtectSystem'), 'strict', 'it is back in force');
      t.is(await property(host, 'foo@main', 'DropInPaths'), installed);

      const unsure = await service(host, 'reset', 'foo@main');
      t.is(unsure.exitCode, 2);
      t.regex(unsure.stderr, /removes the installed .*nothing was changed/);
      t.is((await host.run('ls', installed)).exitCode, 0);
      t.is((await service(host, 'reset', 'foo@main', '--yes')).exitCode, 0);
      t.is(await property(host, 'foo@main', 'DropInPaths'), '');
    } finally {
      await host.halt();
    }
  },
);

proof('[systemd] diagnose keeps what it saw, shows the smallest change, and --fix writes it', async t => {
  const host = await bootSystemd();
  try {
    await unit(host, 'ro', 'ExecStart=/bin/sh -c "date >/srv/stamp || exit 3; exec sleep 1000"\nReadOnlyPaths=/srv');
    // It fails in its sandbox for a reason that no line of the sandbox is known to have.
    await unit(
      host,
      'odd',
      'ExecStart=/bin/sh -c "test -e /run/odd-may && exec sleep 1000; exit 3"\nProtectHostname=yes',
    );
    await host.run('systemctl', 'daemon-reload');
    await host.run('systemctl', 'start', 'ro', 'odd');
    for (const name of ['ro', 'odd'])
      t.true(await until(async () => (await property(host, name, 'ActiveState')) === 'failed'), name);

    const shown = await service(host, 'diagnose', 'ro', '--for', '2s');
    t.is(shown.exitCode, 1, shown.stderr);
    t.regex(
      shown.stdout,
      /smallest change, to be written to \/etc\/systemd\/system\/ro\.service\.d\/allowtrace-fix\.conf:\n {2}add ReadOnlyPaths=$/,
    );
    t.regex(shown.stderr, /next: allowtrace service diagnose ro\.service --fix writes it$/);
    t.true((await content(host, '/var/lib/allowtrace/ro.service.json')).includes('"path":"/srv/stamp"'), 'it is kept');
    t.is(await property(host, 'ro', 'DropInPaths'), '');

    const fixed = await service(host, 'diagnose', 'ro', '--for', '2s', '--fix');
    t.regex(fixed.stderr, /next: systemctl daemon-reload && systemctl restart ro\.service$/, fixed.stdout);
    await host.run('systemctl', 'daemon-reload');
    t.is((await host.run('systemctl', 'restart', 'ro')).exitCode, 0);
    t.true(await until(async () => (await content(host, '/srv/stamp')) !== ''));
    t.is(await property(host, 'ro', 'ActiveState'), 'active');

    await host.write('/run/odd-may', '');
    const odd = await service(host, 'diagnose', 'odd', '--for', '2s');
    t.is(odd.exitCode, 1, odd.stderr);
    t.regex(odd.stdout, /^undecided: odd\.service fails in its sandbox \(exit status 3\) and runs without it/);
  } finally {
    await host.halt();
  }
});

proof('[systemd] diagnose names the line from what is recorded, and runs nothing without its sandbox', async t => {
  const host = await bootSystemd();
  try {
    const start = 'ExecStart=/bin/sh -c "echo ran >>/run/ran"\nRestart=no';
    await unit(host, 'gone', `${start}\nReadWritePaths=/srv/nothing`);
    await unit(host, 'chdir', `${start}\nWorkingDirectory=/srv/nothing`);
    await unit(host, 'nobody', `${start}\nUser=nobody-here`);
    await unit(host, 'shut', `${start}\nInaccessiblePaths=/bin/sh`);
    await unit(host, 'absent', 'ExecStart=/usr/bin/no-such-program');
    await host.run('systemctl', 'daemon-reload');
    const names = ['gone', 'chdir', 'nobody', 'shut', 'absent'];
    await host.run('systemctl', 'start', ...names);
    for (const name of names)
      t.true(await until(async () => (await property(host, name, 'ActiveState')) === 'failed'), name);
    const told: Record<string, string> = {};
    for (const name of names) {
      const { exitCode, stdout, stderr } = await service(host, 'diagnose', name);
      t.is(exitCode, 1, stderr);
      t.false(stderr.includes('running unsandboxed'), stderr);
      told[name] = stdout;
    }
    t.regex(told.gone ?? '', /ReadWritePaths=\/srv\/nothing denies 1\n {4}226\/NAMESPACE/);
    t.regex(told.gone ?? '', /add ReadWritePaths=-\/srv\/nothing/);
    t.regex(told.chdir ?? '', /WorkingDirectory=\/srv\/nothing denies 1\n {4}200\/CHDIR/);
    t.regex(told.nobody ?? '', /nobody\.service:\d+: User=nobody-here/);
    t.regex(told.shut ?? '', /InaccessiblePaths=\/bin\/sh denies/);
    t.regex(told.absent ?? '', /cannot set up this line:\n {2}\S+: ExecStart=\/usr\/bin\/no-such-program/);
    t.is(await content(host, '/run/ran'), '');
  } finally {
    await host.halt();
  }
});

proof('[systemd] a full state directory loses nothing: stop says where all that was learned is', async t => {
  const host = await bootSystemd();
  try {
    await unit(host, 'full', 'ExecStart=/bin/sh -c "while :; do cat /etc/hostname /srv/late; sleep 0.2; done"');
    await host.run('mkdir', '-p', '/var/lib/allowtrace');
    await host.run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', '/var/lib/allowtrace');
    await host.run('sh', '-c', 'cat /dev/zero >/var/lib/allowtrace/filler 2>/dev/null');
    await host.run('systemctl', 'daemon-reload');
    await host.run('systemctl', 'start', 'full');
    t.is((await service(host, 'start', 'full')).exitCode, 0);
    t.true(await until(async () => (await service(host, 'status', 'full')).stdout.includes('not saved')));
    await host.write('/srv/late', '');
    await new Promise(resolve => setTimeout(resolve, 2000));
    const stopped = await service(host, 'stop', 'full');
    t.is(stopped.exitCode, 0, stopped.stderr);
    t.regex(stopped.stdout, /^ProtectSystem=strict$/m);
    const [, path = ''] = /everything\s+learned\s+is\s+in\s+(\S+):/.exec(stopped.stderr) ?? [];
    t.is((await host.run('stat', '--format=%a', path)).stdout, '600', stopped.stderr);
    t.true((await content(host, path)).includes('"/srv/late"'));
    t.is((await host.run('ls', '/run/allowtrace')).stdout, '');

    await host.run('rm', '/var/lib/allowtrace/filler');
    const merged = await host.run(process.execPath, bin, 'merge', '-o', '/var/lib/allowtrace/full.service.json', path);
    t.is(merged.exitCode, 0, merged.stderr);
    t.regex((await service(host, 'stop', 'full')).stdout, /^ProtectSystem=strict$/m, 'and the advice works');
  } finally {
    await host.halt();
  }
});
