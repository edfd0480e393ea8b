// What is learned of a service is what strace saw, not what a process of the service's user says: inside the unit or outside of it, nobody
// but strace can write its log.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { root } from '../support/fixtures.ts';
import { content, property, service, until } from '../support/learning.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] forged evidence skipped: ${obstacle}`, t => t.pass());

const FORGERIES = 12;
const profileOf = (unit: string): string => `/var/lib/allowtrace/${unit}.service.json`;

proof('[systemd] no process of the service’s user writes the evidence, inside the unit or outside', async t => {
  const host = await bootSystemd();
  const unit = (name: string, settings: string): Promise<void> =>
    host.write(`/etc/systemd/system/${name}.service`, `[Service]\n${settings}\n`);
  const started = (name: string): Promise<boolean> =>
    until(async () => (await property(host, name, 'MainPID')) !== '0');
  try {
    await host.write('/srv/forge', readFileSync(`${root}test/services/forge.sh`, 'utf8'));
    await host.run('chmod', '+x', '/srv/forge');
    const tries =
      'sleep 2; /srv/forge victim.service >/var/tmp/inside 2>&1; echo done >>/var/tmp/inside; exec sleep 1000';
    await unit('victim', `User=daemon\nSupplementaryGroups=adm\nExecStart=/bin/sh -c "${tries}"`);
    await unit(
      'bound',
      'User=daemon\nGroup=adm\nAmbientCapabilities=CAP_NET_BIND_SERVICE\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE\nNoNewPrivileges=yes\nExecStart=@/usr/bin/perl "my name" -e "sleep 1000"',
    );
    const opens =
      'sleep 2; cat /etc/hostname; echo 4242 1.5 forged >/run/allowtrace/made-up.service/start-1; cat /etc/hosts; exec sleep 1000';
    await unit('made-up', `DynamicUser=yes\nExecStart=/bin/sh -c "${opens}"`);
    await host.run('systemctl', 'daemon-reload');
    for (const name of ['victim', 'bound', 'made-up']) await host.run('systemctl', 'start', name);

    // Ids, groups, capabilities and argv[0] are those that systemd itself gives.
    const identity = async (): Promise<string> => {
      const pid = await property(host, 'bound', 'MainPID');
      const lines = (await content(host, `/proc/${pid}/status`)).match(/^(?:Uid|Gid|Groups|Cap\w+|NoNewPrivs):.*$/gm);
      return `${lines?.join('\n')}\n${await content(host, `/proc/${pid}/cmdline`)}`;
    };
    t.true(await started('bound'));
    const own = await identity();
    for (const name of ['victim', 'bound', 'made-up']) {
      const { exitCode, stderr } = await service(host, 'start', name);
      t.is(exitCode, 0, stderr);
      if (name === 'made-up')
        t.regex(stderr, /note: DynamicUser= makes up its user at each start, so strace runs as the service does/);
    }
    t.true(await started('bound'));
    t.is(await identity(), own);

    t.true(await until(async () => (await content(host, '/var/tmp/inside')).includes('done')));
    const inside = await content(host, '/var/tmp/inside');
    const outside = (
      await host.run('setpriv', '--reuid=daemon', '--regid=daemon', '--clear-groups', '/srv/forge', 'victim.service')
    ).stdout;
    for (const tried of [inside, outside]) {
      t.regex(tried, /^tracer \d+$/m);
      t.is(tried.match(/^refused /gm)?.length, FORGERIES, tried);
    }
    t.true(await until(async () => (await content(host, profileOf('made-up'))).includes('"/etc/hostname"')));
    t.true(
      await until(async () =>
        (await service(host, 'status', 'made-up')).stdout.includes('the service opened the log of its own strace'),
      ),
    );
    for (const name of ['victim', 'bound', 'made-up']) {
      const { stdout } = await service(host, 'stop', name);
      t.notRegex(stdout, /CAP_SYS_ADMIN|ReadWritePaths=.*(?:\/etc|\/run\/allowtrace)/, name);
      const profile = await content(host, profileOf(name));
      t.false(profile.includes('setpriv'), 'what runs before the command is not the service’s');
      t.false(profile.includes('"name":"mount"'));
    }
    t.is((await host.run('stat', '--format=%a %U', profileOf('victim'))).stdout, '600 root', 'nobody else reads it');
    t.false((await content(host, profileOf('made-up'))).includes('"/etc/hosts"'), 'nothing behind it is believed');
  } finally {
    await host.halt();
  }
});
