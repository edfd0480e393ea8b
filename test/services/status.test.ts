// `allowtrace service status` of units in every state, and the way out of a learning period whatever has become of the unit.

import test from 'ava';
import { content, property, service, until } from '../support/learning.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] status skipped: ${obstacle}`, t => t.pass());

proof(
  '[systemd] status knows units that fail, are masked, are gone or never were; stop and reset work on each',
  async t => {
    const host = await bootSystemd();
    const profileOf = (unit: string): string => `/var/lib/allowtrace/${unit}.service.json`;
    try {
      const script = 'while :; do cat /etc/hostname; test -e /srv/die && exit 7; sleep 0.3; done';
      await host.write('/etc/systemd/system/some@.service', `[Service]\nExecStart=/bin/sh -c '${script}'\n`);
      await host.run('systemctl', 'daemon-reload');
      const units = ['some@dies', 'some@masked', 'some@gone', 'some@damaged'];
      for (const unit of units) {
        await host.run('systemctl', 'start', unit);
        const started = await service(host, 'start', unit);
        t.is(started.exitCode, 0, started.stderr);
      }
      for (const unit of units)
        t.true(
          await until(async () => (await content(host, profileOf(unit))).includes('"path":"/etc/hostname"')),
          unit,
        );

      await host.write(profileOf('some@damaged'), 'garbage');
      const aside = async (): Promise<string> =>
        (await host.run('sh', '-c', 'cat /var/lib/allowtrace/some@damaged*.damaged')).stdout;
      t.true(await until(async () => (await aside()) === 'garbage'), 'a damaged profile is set aside');
      t.true(
        await until(async () => (await content(host, profileOf('some@damaged'))).includes('"path":"/etc/hostname"')),
        'and what it held is saved again',
      );

      await host.run('systemctl', 'mask', '--runtime', 'some@masked');
      const [main] = [await property(host, 'some@masked', 'MainPID')];
      const masked = await service(host, 'status', 'some@masked', 'some@damaged');
      t.regex(masked.stdout, /^some@masked\.service masked\n {2}learning for /m);
      t.regex(masked.stdout, /^some@damaged\.service active\n {2}learning for /m);
      t.regex(masked.stdout, /^ {2}last new fact \d+ s ago: /m);
      const released = await service(host, 'stop', 'some@masked');
      t.is(released.exitCode, 0, released.stderr);
      t.regex(released.stderr, /was not restarted; it still runs under strace, unrecorded: .*masked/);
      t.regex(released.stdout, /^ProtectSystem=strict$/m);
      t.is(await property(host, 'some@masked', 'MainPID'), main);
      await host.run('systemctl', 'stop', 'some@masked');

      await host.write('/srv/die', '');
      t.true(await until(async () => (await property(host, 'some@dies', 'ActiveState')) === 'failed'));
      t.regex(
        (await service(host, 'status', 'some@dies')).stdout,
        /^some@dies\.service failed: exit-code, exit status 7\n/,
      );
      await host.run('rm', '/etc/systemd/system/some@.service');
      await host.run('systemctl', 'daemon-reload');
      t.regex((await service(host, 'status', 'some@gone')).stdout, /^some@gone\.service (?:not-found|failed)/);
      for (const unit of units) t.is((await service(host, 'reset', unit)).exitCode, 0, unit);
      t.is((await host.run('find', '/run/systemd', '/etc/systemd', '-name', '*allowtrace*')).stdout, '');

      const never = await service(host, 'status', 'never-was');
      t.is(never.exitCode, 2);
      t.regex(never.stderr, /there is no never-was\.service, and there is no profile of it/);
      t.regex((await service(host, 'status')).stderr, /no service is being learned/);
    } finally {
      await host.halt();
    }
  },
);
