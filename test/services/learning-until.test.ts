// `allowtrace service start --until-coverage`: learning ends by itself when little is left to see, and the service never notices.

import test from 'ava';
import { property, service, until } from '../support/learning.ts';
import { bootSystemd, type SystemdHost, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] --until-coverage skipped: ${obstacle}`, t => t.pass());

/** Reads the same forty files again and again, or, as `idle`, only its clock. */
const STEADY = `
my ($name) = @ARGV;
while (1) {
	for my $n (1 .. 40) { open my $in, '<', "/srv/steady/$n" or die "$n: $!" if $name ne 'idle' }
	stat '/srv/steady';
	select undef, undef, undef, 0.1;
}
`;

/** Who traces the main process of a unit; '0': nobody. */
const tracerOf = async (host: SystemdHost, unit: string): Promise<string> => {
  const status = await host.run('cat', `/proc/${await property(host, unit, 'MainPID')}/status`);
  return /^TracerPid:\t(\d+)$/m.exec(status.stdout)?.[1] ?? '';
};

proof('[systemd] --until-coverage ends the learning period, and the service is never disturbed', async t => {
  const host = await bootSystemd();
  try {
    await host.write('/srv/steady.pl', STEADY);
    await host.run('mkdir', '-p', '/srv/steady');
    await host.run('sh', '-c', 'cd /srv/steady && touch $(seq 40)');
    const units = ['whole', 'filtered', 'idle'];
    for (const unit of units)
      await host.write(
        `/etc/systemd/system/${unit}.service`,
        `[Service]\nExecStart=/usr/bin/perl /srv/steady.pl ${unit}\nNoNewPrivileges=yes\n`,
      );
    await host.run('systemctl', 'daemon-reload');
    for (const unit of units) await host.run('systemctl', 'start', unit);
    for (const unit of units) {
      const words = ['start', unit, '--until-coverage', '98%', ...(unit === 'whole' ? ['--complete'] : [])];
      const started = await service(host, ...words);
      t.is(started.exitCode, 0, started.stderr);
    }
    const mains: Record<string, string> = {};
    for (const unit of units) mains[unit] = await property(host, unit, 'MainPID');
    const status = async (unit: string): Promise<string> => (await service(host, 'status', unit)).stdout;
    for (const unit of ['whole', 'filtered']) {
      t.true(
        await until(async () => (await status(unit)).includes('reached the requested coverage')),
        await status(unit),
      );
      t.true(await until(async () => (await property(host, unit, 'DropInPaths')) === ''), unit);
      t.is(await property(host, unit, 'MainPID'), mains[unit] ?? '', `${unit} was not restarted`);
    }
    t.true(await until(async () => (await tracerOf(host, 'whole')) === '0'), 'strace lets go of it');
    t.not(await tracerOf(host, 'filtered'), '0', 'its filter needs strace to the end');
    t.notRegex(await status('whole'), /strace was killed/);
    t.regex(await status('whole'), /strace has detached/);
    t.regex(await status('filtered'), /recording continues until its next start/);
    const journal = await host.run('journalctl', '--no-pager', '-u', 'allowtrace-learn@filtered.service');
    t.regex(journal.stdout, /enough is learned of filtered\.service: coverage \d+\.\d % ± /);
    const [json] = JSON.parse((await service(host, 'status', 'whole', '--json')).stdout);
    t.is(json.reached.wanted, 0.98);
    t.is(json.learning.until, 0.98);

    await host.run('systemctl', 'restart', 'filtered');
    t.is(await tracerOf(host, 'filtered'), '0', 'its next start is its own');
    for (const unit of ['whole', 'filtered']) {
      const stopped = await service(host, 'stop', unit, '--no-restart');
      t.regex(stopped.stdout, /^ProtectSystem=strict$/m, stopped.stderr);
      t.notRegex(await status(unit), /reached the requested coverage/);
    }
    const main = await property(host, 'whole', 'MainPID');
    const again = await service(host, 'start', 'whole', '--until-coverage', '0.9');
    t.is(again.exitCode, 2);
    t.regex(again.stderr, /has reached that already: coverage/);
    t.is(await property(host, 'whole', 'MainPID'), main, 'and it was not restarted for nothing');

    const quiet = await status('idle');
    t.regex(quiet, /coverage 100\.0 % ± 0\.0[\s\S]*little to rely on/, 'a service that does nothing shows nothing');
    t.notRegex(quiet, /reached the requested coverage/);
    t.not(await tracerOf(host, 'idle'), '0');
  } finally {
    await host.halt();
  }
});
