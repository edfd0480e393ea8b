// `allowtrace service denials` and the timer that asks it, in a real systemd.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { root } from '../support/fixtures.ts';
import { service, until } from '../support/learning.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] denials skipped: ${obstacle}`, t => t.pass());

const UNIT = `[Service]
ExecStart=/bin/sh -c 'while :; do touch /var/lib/made; echo it was /etc/shadow: Permission denied; sleep 0.2; done'
`;

proof('[systemd] service denials tells the line and the fix of what the journal tells, and the fix works', async t => {
  const host = await bootSystemd();
  try {
    await host.write('/etc/systemd/system/some.service', UNIT);
    await host.write('/etc/systemd/system/some.service.d/allowtrace.conf', '[Service]\nProtectSystem=strict\n');
    // The unit sees neither homes nor /tmp, where this package may lie: it runs as it would be installed.
    const installed = '/opt/allowtrace';
    await host.run('mkdir', '-p', `${installed}/build`);
    await host.run('cp', '-r', `${root}bin`, `${root}package.json`, installed);
    await host.run('cp', '-r', `${root}build/bundle`, `${installed}/build`);
    for (const kind of ['service', 'timer']) {
      const text = readFileSync(`${root}contrib/systemd/allowtrace-denials@.${kind}`, 'utf8');
      const here = text.replace('/usr/bin/env allowtrace', `${process.execPath} ${installed}/bin/allowtrace.js`);
      await host.write(`/etc/systemd/system/allowtrace-denials@.${kind}`, here);
    }
    await host.run('systemctl', 'daemon-reload');
    await host.run('systemctl', 'start', 'some');
    t.true(await until(async () => (await service(host, 'denials', 'some')).exitCode === 1));
    const { stdout } = await service(host, 'denials', 'some', '--json');
    const { denials } = JSON.parse(stdout);
    t.is(denials.length, 1, stdout);
    t.like(denials[0], { outcome: 'EROFS', access: { mode: 'create', path: '/var/lib/made' } });
    t.like(denials[0].by[0], { name: 'ProtectSystem', at: { line: 2 } });
    const [{ name, value }] = denials[0].fix.edits;

    t.is((await host.run('systemctl', 'start', 'allowtrace-denials@some.timer')).exitCode, 0);
    t.not((await host.run('systemctl', 'start', 'allowtrace-denials@some')).exitCode, 0);
    const { stdout: said } = await host.run('journalctl', '-u', 'allowtrace-denials@some', '-o', 'cat', '--no-pager');
    t.regex(said, /EROFS {2}create \/var\/lib\/made/);

    await host.run('systemctl', 'stop', 'some');
    await new Promise(resolve => setTimeout(resolve, 1_100));
    const fixed = `[Service]\nProtectSystem=strict\n${name}=${value}\n`;
    await host.write('/etc/systemd/system/some.service.d/allowtrace.conf', fixed);
    await host.run('systemctl', 'daemon-reload');
    await host.run('systemctl', 'start', 'some');
    t.true(await until(async () => (await host.run('test', '-e', '/var/lib/made')).exitCode === 0));
    const after = await service(host, 'denials', 'some');
    t.is(after.exitCode, 0, after.stdout);
    t.is((await host.run('systemctl', 'start', 'allowtrace-denials@some')).exitCode, 0);
  } finally {
    await host.halt();
  }
});
