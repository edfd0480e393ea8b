// `allowtrace service start` chooses how to trace a service that runs as root: by what is in its reach, and by what shows up all the same.

import test from 'ava';
import { property, service, until } from '../support/learning.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] filter skipped: ${obstacle}`, t => t.pass());

proof(
  '[systemd] a root service is traced with a filter until a set-id program shows up, which is told at once',
  async t => {
    const host = await bootSystemd();
    try {
      await host.run('sh', '-c', 'cp /bin/sleep /srv/gains && chmod 2755 /srv/gains');
      // xargs is told by a file that nothing follows what it starts.
      await host.write('/srv/words', '/srv/gains 300\n');
      const units = {
        plain: '/bin/sleep 300',
        surprise: '/usr/bin/xargs -a /srv/words nice',
        named: '/usr/bin/nice /srv/gains 300',
      };
      for (const [name, command] of Object.entries(units))
        await host.write(`/etc/systemd/system/${name}.service`, `[Service]\nExecStart=${command}\n`);
      await host.run('systemctl', 'daemon-reload');
      const start = async (unit: string): Promise<string> => {
        await host.run('systemctl', 'start', unit);
        const { exitCode, stderr } = await service(host, 'start', unit);
        t.is(exitCode, 0, stderr);
        return stderr;
      };
      t.regex(await start('plain'), /^tracing: seccomp \(nothing in its reach gains privileges/m);
      t.regex(await start('named'), /^tracing: complete \(.*\/srv\/gains/m);
      t.regex(await start('surprise'), /^tracing: seccomp/m);

      const says = (): Promise<string> => property(host, 'allowtrace-learn@surprise.service', 'StatusText');
      t.true(await until(async () => /\/srv\/gains, which is set-uid or set-gid/.test(await says())), await says());
      t.is(
        await property(host, 'allowtrace-learn@plain.service', 'StatusText').then(text => /gains/.test(text)),
        false,
      );
      const stopped = await service(host, 'stop', 'surprise');
      t.regex(stopped.stdout + stopped.stderr, /ran without its privileges/, 'its run is marked');
      t.regex(await start('surprise'), /^tracing: complete \(it ran \/srv\/gains.* in an earlier run/m);
    } finally {
      await host.halt();
    }
  },
);
