// The proof, on a real systemd: a service is traced at its real work, the proposal is installed, and the work goes on.
// Needs root and systemd; elsewhere it is skipped with the reason.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { allowtrace, fixture, root } from '../support/fixtures.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test(`[systemd] proof skipped: ${obstacle}`, t => t.pass());

const CONFIGURATION = 'listen on 127.0.0.1\naction "local" mbox\nmatch from any for local action "local"\n';

for (const paths of ['strict', 'strict,exec', 'tmpfs', 'tmpfs,exec']) {
  proof(`[systemd] OpenSMTPD still delivers mail inside its proposal: --paths ${paths}`, async t => {
    const { stdout: dropin } = await allowtrace(['replay', '--paths', paths, fixture('opensmtpd/y.strace.gz')]);
    const host = await bootSystemd();
    try {
      await host.run('useradd', '--create-home', 'alice');
      await host.write('/etc/smtpd.conf', CONFIGURATION);
      await host.write('/srv/work', readFileSync(`${root}test/services/workloads/opensmtpd.sh`, 'utf8'));
      // The first start of all makes the spool; the fixture is a later one.
      await host.run('systemctl', 'start', 'opensmtpd');
      await host.run('systemctl', 'stop', 'opensmtpd');
      await host.write('/etc/systemd/system/opensmtpd.service.d/allowtrace.conf', dropin);
      await host.run('systemctl', 'daemon-reload');
      const verified = await host.run('systemd-analyze', 'verify', 'opensmtpd.service');
      t.notRegex(verified.stderr, /opensmtpd\.service/);
      const started = await host.run('systemctl', 'start', 'opensmtpd');
      t.is(started.exitCode, 0, (await host.run('journalctl', '--no-pager', '-u', 'opensmtpd')).stdout);
      const work = await host.run('bash', '/srv/work');
      t.is(work.exitCode, 0, work.stdout);
      const again = await host.run('systemctl', 'restart', 'opensmtpd');
      t.is(again.exitCode, 0);
      t.is((await host.run('bash', '/srv/work')).exitCode, 0);
      const score = /exposure level for opensmtpd\.service: ([\d.]+)/.exec(
        (await host.run('systemd-analyze', 'security', '--no-pager', 'opensmtpd')).stdout,
      )?.[1];
      t.true(Number(score) < 4, `exposure ${score}`);
    } finally {
      await host.halt();
    }
  });
}
