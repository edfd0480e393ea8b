// What a service, or a machine in trouble, can do to learning: the service lives, the unit is restored, and what was learned is there.

import test from 'ava';
import { content, property, service, until } from '../support/learning.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] exhaustion skipped: ${obstacle}`, t => t.pass());

/** Looks up as many names as it is told, then says so; then counts. */
const GREEDY =
  'use strict; -e "/srv/n/$_" for 1 .. 150_000; open my $f, ">", "/var/lib/greedy/done"; close $f; my $n = 0; while (1) { open $f, ">", "/var/lib/greedy/count"; print $f ++$n; close $f; select undef, undef, undef, 0.05 }';

proof(
  '[systemd] too many names, stopped tracers and a read-only /etc/systemd leave the service alive and the profile whole',
  async t => {
    const host = await bootSystemd();
    const count = async (): Promise<number> => Number(await content(host, '/var/lib/greedy/count'));
    const goesOn = async (): Promise<boolean> => {
      const before = await count();
      return until(async () => (await count()) > before);
    };
    try {
      await host.write('/srv/greedy.pl', GREEDY);
      await host.write(
        '/etc/systemd/system/greedy.service',
        '[Service]\nUser=daemon\nStateDirectory=greedy\nExecStart=/usr/bin/perl /srv/greedy.pl\n',
      );
      await host.run('systemctl', 'daemon-reload');
      t.is((await host.run('systemctl', 'start', 'greedy')).exitCode, 0);
      t.true(await until(async () => (await count()) > 0));
      await host.run('rm', '/var/lib/greedy/done');
      const started = await service(host, 'start', 'greedy');
      t.is(started.exitCode, 0, started.stderr);
      const done = async (): Promise<boolean> => (await host.run('test', '-e', '/var/lib/greedy/done')).exitCode === 0;
      for (let i = 0; i < 8 && !(await until(done)); i++);
      t.true(await goesOn(), 'it has looked up all its names');

      const collector = 'allowtrace-learn@greedy.service';
      const straces = (await host.run('pgrep', '-x', 'strace')).stdout.trim().split('\n');
      for (const signal of ['STOP', 'CONT']) {
        await host.run('systemctl', 'kill', `--signal=${signal}`, collector);
        await host.run('kill', `-${signal}`, ...straces);
        await new Promise(resolve => setTimeout(resolve, 10_000));
      }
      t.true(await goesOn(), 'strace and the collector were stopped for ten seconds');
      t.is(await property(host, collector, 'NRestarts'), '0');

      const profile = await content(host, '/var/lib/allowtrace/greedy.service.json');
      t.regex(profile, /\/srv\/n\/\*: too many names to keep apart/, 'names are bounded');

      await host.run('mount', '--bind', '-o', 'ro', '/etc/systemd', '/etc/systemd');
      const applied = await service(host, 'stop', 'greedy', '--apply', '--trial', '1s');
      t.is(applied.exitCode, 2, applied.stderr);
      t.regex(applied.stderr, /greedy\.service\.d: the file system is read-only/);
      t.is(await property(host, 'greedy', 'DropInPaths'), '', 'nothing is left in force');
      t.true(await goesOn());
      await host.run('umount', '/etc/systemd');
      t.is((await service(host, 'stop', 'greedy')).exitCode, 0, 'what was learned is there');
    } finally {
      await host.halt();
    }
  },
);
