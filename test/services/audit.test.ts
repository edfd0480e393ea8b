// `allowtrace audit` of a real systemd: every service in its state, as a table, as JSON and as a page.

import test from 'ava';
import { bin } from '../support/fixtures.ts';
import { property, service, until } from '../support/learning.ts';
import { bootSystemd, type SystemdHost, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] audit skipped: ${obstacle}`, t => t.pass());

const audit = (host: SystemdHost, ...words: string[]): ReturnType<SystemdHost['run']> =>
  host.run(process.execPath, bin, 'audit', ...words);

const LOOP = "[Service]\nExecStart=/bin/sh -c 'while :; do cat /etc/hostname; touch /var/lib/made; sleep 0.2; done'\n";

proof('[systemd] audit lists every service with its exposure, its sandbox, its drift and its denials', async t => {
  const host = await bootSystemd();
  try {
    for (const unit of ['bare', 'own', 'learned', 'broken']) {
      await host.write(`/etc/systemd/system/${unit}.service`, LOOP);
      await host.run('systemctl', 'start', unit);
    }
    await host.write('/etc/systemd/system/own.service.d/a.conf', '[Service]\nProtectHome=yes\n');
    await host.run('systemctl', 'daemon-reload');
    t.is((await service(host, 'start', 'learned')).exitCode, 0);
    const learned = '/var/lib/allowtrace/learned.service.json';
    t.true(await until(async () => (await host.run('grep', '-q', '/var/lib/made', learned)).exitCode === 0));
    t.is(JSON.parse((await audit(host, '--format', 'json')).stdout).units.find(nameIs('learned')).learning, true);
    await service(host, 'stop', 'learned');
    // A drop-in that denies what was learned, and the journal tells so.
    await host.write('/etc/systemd/system/learned.service.d/allowtrace.conf', '[Service]\nProtectSystem=strict\n');
    await host.write('/var/lib/allowtrace/broken.service.json', 'garbage');
    await host.run('systemctl', 'daemon-reload');
    await host.run('systemctl', 'restart', 'learned');
    t.true(await until(async () => (await service(host, 'denials', 'learned')).exitCode === 1));

    const { stdout, exitCode } = await audit(host, '--format', 'json');
    t.is(exitCode, 0);
    const { format, units } = JSON.parse(stdout);
    t.is(format, 'allowtrace-audit');
    const scores: number[] = units.map(({ exposure }: { exposure: number }) => exposure);
    t.deepEqual(
      scores,
      scores.toSorted((a, b) => b - a),
      'the most exposed first',
    );
    t.like(units.find(nameIs('bare')), {
      sandbox: 'none',
      active: 'active',
      learned: null,
      drift: null,
      denials: null,
    });
    t.like(units.find(nameIs('own')), { sandbox: 'own', learned: null });
    t.like(units.find(nameIs('broken')), { sandbox: 'none', learned: null });
    const row = units.find(nameIs('learned'));
    t.like(row, { sandbox: 'allowtrace', learning: false, denials: 1 });
    t.true(row.drift > 0 || row.skipped.includes('drift'), stdout);
    t.is(row.learned.runs, 1);
    const exposure = (await host.run('systemd-analyze', '--no-pager', 'security', 'learned')).stdout;
    t.is(row.exposure, Number(/exposure level for .*: ([\d.]+)/.exec(exposure)?.[1]));

    const table = await audit(host, '--max-exposure', '9.5');
    t.is(table.exitCode, 1);
    t.regex(table.stdout, /^learned +\d\.\d [A-Z]+ +allowtrace +1 run +\S+ +\S+ +1$/m);
    t.regex(table.stderr, /above an exposure of 9\.5: .*bare\.service/);
    t.is((await audit(host, '--max-exposure', '10')).exitCode, 0);
    const narrow = await host.run('script', '-qc', `stty cols 80; ${process.execPath} ${bin} audit`, '/dev/null');
    for (const line of narrow.stdout.split('\n').slice(0, units.length))
      t.true(line.replace(/\x1b\[\d+m|\r/g, '').length <= 80, line);
    const page = await audit(host, '--format', 'html');
    t.regex(page.stdout, /<th scope="row">learned<\/th>/);
    t.is(await property(host, 'learned', 'ActiveState'), 'active');
  } finally {
    await host.halt();
  }
});

function nameIs(name: string): (row: { unit: string }) => boolean {
  return ({ unit }) => unit === `${name}.service`;
}
