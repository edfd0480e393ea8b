// Learning over a reboot, as after a power cut: with --persistent it goes on and nothing is lost, else nothing of it is left.

import test from 'ava';
import { content, property, service, until } from '../support/learning.ts';
import { bootSystemd, type SystemdHost, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] reboot skipped: ${obstacle}`, t => t.pass());

const profileOf = (unit: string): string => `/var/lib/allowtrace/${unit}.service.json`;

/** Something that the service looks at from now on is learned. */
async function learns(host: SystemdHost, unit: string, name: string): Promise<boolean> {
  await host.write(`/srv/marks/${name}`, '');
  return until(async () => (await content(host, profileOf(unit))).includes(`"path":"/srv/marks/${name}"`));
}

proof('[systemd] --persistent learns on after a reboot; without it a reboot ends learning', async t => {
  const host = await bootSystemd();
  const units = ['keeps', 'forgets'];
  const traced = async (unit: string): Promise<boolean> =>
    /^TracerPid:\t[1-9]/m.test(await content(host, `/proc/${await property(host, unit, 'MainPID')}/status`));
  try {
    const script = 'while :; do cat /srv/marks/*; sleep 0.2; done';
    for (const unit of units)
      await host.write(`/etc/systemd/system/${unit}.service`, `[Service]\nExecStart=/bin/sh -c '${script}'\n`);
    const early = '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep 1000\n';
    await host.write('/etc/systemd/system/early.service', early);
    await host.run('systemctl', 'daemon-reload');
    await host.run('systemctl', 'start', ...units);
    const own = await property(host, 'forgets', 'DropInPaths');
    t.is((await service(host, 'start', 'keeps', '--persistent')).exitCode, 0);
    t.is((await service(host, 'start', 'forgets')).exitCode, 0);
    for (const unit of units) t.true(await learns(host, unit, `before-${unit}`), unit);
    const refused = await service(host, 'start', 'early', '--persistent');
    t.is(refused.exitCode, 2);
    t.regex(refused.stderr, /early\.service starts before the collector can/);

    await host.reboot();
    t.is((await host.run('systemctl', 'start', ...units)).exitCode, 0);
    t.true(await traced('keeps'));
    t.true(await learns(host, 'keeps', 'after'));
    t.true((await content(host, profileOf('keeps'))).includes('"path":"/srv/marks/before-keeps"'), 'nothing is lost');
    t.regex(
      (await service(host, 'status')).stdout,
      /^keeps\.service active\n {2}learning for .*, also over a reboot;.*\n {2}2 runs/,
    );
    t.false(await traced('forgets'));
    t.is(await property(host, 'forgets', 'DropInPaths'), own, 'the unit is what it was');
    t.regex((await service(host, 'status', 'forgets')).stdout, /not being learned\n {2}1 run,/);
    t.is((await host.run('find', '/run', '-name', '*allowtrace*forgets*')).stdout, '');

    const stopped = await service(host, 'stop', 'keeps');
    t.regex(stopped.stdout, /^ProtectSystem=strict$/m, stopped.stderr);
    t.regex((await service(host, 'stop', 'forgets')).stdout, /^ProtectSystem=strict$/m, 'what was learned is kept');
    await host.reboot();
    t.is((await host.run('systemctl', 'start', ...units)).exitCode, 0);
    t.false(await traced('keeps'));
    t.is((await host.run('find', '/run', '/etc', '-name', '*allowtrace*')).stdout, '');
  } finally {
    await host.halt();
  }
});
