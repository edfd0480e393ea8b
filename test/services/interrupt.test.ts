// A trial and a diagnosis that are interrupted, once or again and again, or killed: the unit gets back what it had, by us, by the timer,
// or by `stop` and `reset`.

import test, { type ExecutionContext } from 'ava';
import { bin } from '../support/fixtures.ts';
import { property, service, until } from '../support/learning.ts';
import { bootSystemd, type SystemdHost, systemdObstacle } from '../support/systemd-host.ts';
import { onTerminal } from '../support/terminal.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] interruptions skipped: ${obstacle}`, t => t.pass());

const TRIAL = ['stop', 'vic', '--apply', '--trial', '10m'];

const dropins = (host: SystemdHost): Promise<string> => property(host, 'vic', 'DropInPaths');

/** The unit is what it was, it runs, and nobody waits for anything. */
async function asBefore(t: ExecutionContext, host: SystemdHost, when: string): Promise<void> {
  t.is(await dropins(host), '', when);
  t.is(await property(host, 'vic', 'ActiveState'), 'active', when);
  t.is(await property(host, 'vic', 'ProtectSystem'), 'full', when);
  const left = ['list-units', '--all', '--plain', '--no-legend', 'allowtrace*'];
  t.is((await host.run('systemctl', ...left)).stdout, '', when);
  t.is((await host.run('pgrep', '-x', 'strace')).stdout, '', when);
}

/** Runs `allowtrace service …`, and kills it as soon as the unit has its drop-in. */
async function killed(host: SystemdHost, ...words: string[]): Promise<boolean> {
  const running = service(host, ...words);
  const found = await until(async () => (await dropins(host)) !== '');
  await host.run('pkill', '-KILL', '-f', `${bin} service`);
  await running;
  return found;
}

proof('[systemd] an interrupted or killed trial or diagnosis leaves the unit as it was', async t => {
  const host = await bootSystemd();
  try {
    const script = 'while :; do cat /etc/hostname; sleep 0.3; done';
    const exec = `ProtectSystem=full\nExecStart=/bin/sh -c '${script}'\n`;
    await host.write('/etc/systemd/system/vic.service', `[Service]\n${exec}`);
    await host.write('/etc/systemd/system/hangs.service', `[Service]\nType=notify\n${exec}`);
    await host.run('systemctl', 'daemon-reload');
    await host.run('systemctl', 'start', 'vic');
    t.is((await service(host, 'start', 'vic')).exitCode, 0);
    await until(async () => (await host.run('test', '-e', '/var/lib/allowtrace/vic.service.json')).exitCode === 0);
    t.is((await service(host, 'stop', 'vic')).exitCode, 0);

    const twice = await onTerminal(
      [process.execPath, bin, 'service', ...TRIAL],
      [
        ['s left; Ctrl-C', '\x03'],
        ['taking the proposal back', '\x03'],
        ['still taking', '\x03'],
      ],
      host.run,
    );
    t.is(twice.exitCode, 1, twice.screen);
    t.regex(twice.screen, /still taking the proposal back; vic\.service is restarted without it/);
    t.regex(twice.screen, /the proposal was taken back: the trial was interrupted/);
    t.notRegex(twice.screen, /did not start/);
    await asBefore(t, host, 'Ctrl-C, Ctrl-C, Ctrl-C');

    t.true(await killed(host, ...TRIAL));
    t.regex(
      (await service(host, 'status', 'vic')).stdout,
      /its proposal is on trial\n.*to take it back now: allowtrace service stop vic/,
    );
    const start = await service(host, 'start', 'vic');
    t.is(start.exitCode, 2);
    t.regex(start.stderr, /vic\.service has a proposal on trial/);
    const stop = await service(host, 'stop', 'vic');
    t.regex(stop.stderr, /took back a proposal that was still on trial/);
    await asBefore(t, host, 'kill -9 of a trial, then stop');

    t.true(await killed(host, 'diagnose', 'vic', '--for', '1h'));
    t.is(await property(host, 'vic', 'ProtectSystem'), 'no');
    t.regex((await service(host, 'status', 'vic')).stdout, /runs without its sandbox for .*, for a diagnosis/);
    t.is((await host.run('systemctl', 'is-active', 'allowtrace-rollback@vic.timer')).stdout, 'active');
    await host.run('systemctl', 'start', 'allowtrace-rollback@vic.service');
    t.is(await property(host, 'vic', 'ProtectSystem'), 'full', 'the timer gives its sandbox back');
    const again = await service(host, 'stop', 'vic');
    t.regex(again.stdout, /^ProtectSystem=strict$/m, again.stderr);
    t.is((await service(host, 'reset', 'vic')).exitCode, 0);
    await asBefore(t, host, 'kill -9 of a diagnosis, then reset');
    t.is((await host.run('find', '/run', '/etc/systemd', '/var/lib/systemd', '-name', '*allowtrace*')).stdout, '');

    const hanging = host.run('timeout', '--signal=INT', '4', process.execPath, bin, 'service', 'diagnose', 'hangs');
    t.regex(
      (await hanging).stderr,
      /hangs\.service gets its sandbox back\n[\s\S]*interrupted; hangs\.service has its sandbox again/,
    );
    t.is(await property(host, 'hangs', 'ActiveState'), 'inactive');
  } finally {
    await host.halt();
  }
});
