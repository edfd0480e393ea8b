// The base of `allowtrace harden` in a real systemd: the service works in it, and learning takes its place. All daemons: test/services/harden.ts.

import test from 'ava';
import { bin } from '../support/fixtures.ts';
import { service as allowtraceService, content, property } from '../support/learning.ts';
import { exposure } from '../support/proof.ts';
import { installed, journal, prepare, service, work } from '../support/services.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] harden skipped: ${obstacle}`, t => t.pass());

const row = service('nginx');
const DROPIN = '/etc/systemd/system/nginx.service.d/allowtrace.conf';

proof('[systemd] A service works in the base that harden proposes, and learning takes its place', async t => {
  const host = await bootSystemd();
  try {
    if (!(await installed(host, row))) return t.pass(`${row.package} is not installed`);
    await prepare(host, row);
    const before = await exposure(host, row);
    await host.run('mkdir', '-p', '/etc/systemd/system/nginx.service.d');
    const made = await host.run(process.execPath, bin, 'harden', 'nginx', '--output', DROPIN);
    t.is(made.exitCode, 0, made.stderr);
    await host.run('systemctl', 'daemon-reload');
    t.true(before - (await exposure(host, row)) >= 3);
    for (const verb of ['start', 'restart']) {
      t.is((await host.run('systemctl', verb, 'nginx')).exitCode, 0, await journal(host, row));
      const done = await work(host, row);
      t.is(done.exitCode, 0, `${done.stdout}\n${await journal(host, row)}`);
    }
    t.is((await allowtraceService(host, 'denials', 'nginx')).exitCode, 0);

    t.is((await allowtraceService(host, 'start', 'nginx')).exitCode, 0);
    t.is(await property(host, 'nginx', 'ProtectClock'), 'no', 'the base is out of force while the service is learned');
    await work(host, row);
    const stopped = await allowtraceService(host, 'stop', 'nginx', '--apply', '--trial', '2s', '--force');
    t.is(stopped.exitCode, 0, stopped.stderr);
    t.notRegex(await content(host, DROPIN), /without learning/);
    t.is(await property(host, 'nginx', 'ProtectClock'), 'yes');
  } finally {
    await host.halt();
  }
});
