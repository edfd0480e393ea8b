// The ground on which the proofs stand: every service works as Debian ships it, twice and over a restart, and nothing stops an intruder in
// a service without a sandbox. Where this fails, a failed proof says nothing about a proposal.

import test from 'ava';
import { installed, intrude, journal, prepare, service, services, work } from '../support/services.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] services skipped: ${obstacle}`, t => t.pass());

for (const row of services) {
  proof(`[systemd] ${row.unit} works as Debian ships it`, async t => {
    const host = await bootSystemd();
    try {
      const here = await installed(host, row);
      if (here === null) return t.pass(`${row.package} is not installed`);
      await prepare(host, here);
      t.is((await host.run('systemctl', 'start', here.unit)).exitCode, 0, await journal(host, here));
      const first = await work(host, here);
      t.is(first.exitCode, 0, `${first.stdout}\n${await journal(host, here)}`);
      t.is((await host.run('systemctl', 'restart', here.unit)).exitCode, 0, await journal(host, here));
      const second = await work(host, here);
      t.is(second.exitCode, 0, `${second.stdout}\n${await journal(host, here)}`);
    } finally {
      await host.halt();
    }
  });
}

proof('[systemd] an intruder may do everything in OpenSMTPD as Debian ships it, and much less in redis', async t => {
  const host = await bootSystemd();
  try {
    const open = await intrude(host, service('opensmtpd'));
    for (const [probe, answer] of open)
      t.true(answer === 'allowed' || answer === 'denied ENOSYS', `${probe} ${answer}`);
    const tight = await intrude(host, service('redis-server'));
    t.is(tight.get('control'), 'allowed');
    t.is(tight.get('shell'), 'denied EACCES');
    t.is(tight.get('cron'), 'denied EROFS');
    t.is(tight.get('mount'), 'denied SIGSYS');
    t.is((await host.run('systemctl', 'start', 'opensmtpd')).exitCode, 0);
  } finally {
    await host.halt();
  }
});
