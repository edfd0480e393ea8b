// Everything that breaks a naive proposal, tried on a real systemd: each small service is traced, its proposal installed, and started again.
// Needs root and systemd; elsewhere it is skipped with the reason.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { bin, root } from '../support/fixtures.ts';
import { bootSystemd, type SystemdHost, systemdObstacle } from '../support/systemd-host.ts';
import { type Pitfall, pitfalls } from './pitfalls.ts';

const obstacle = systemdObstacle();
const tried = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] pitfalls skipped: ${obstacle}`, t => t.pass());

let host: SystemdHost;
test.before(async () => {
  if (obstacle !== null) return;
  host = await bootSystemd();
  await host.write('/srv/learn.sh', readFileSync(`${root}test/services/learn.sh`, 'utf8'));
});
test.after.always(() => host?.halt());

const template = (name: string): string => name.replace(/@.*/, '@');
const dropinOf = (name: string): string => `/etc/systemd/system/${template(name)}.service.d/allowtrace.conf`;

/** Installs the service, lets it run once untraced and once traced. */
async function learned({ name, unit, files, prepare }: Pitfall): Promise<string> {
  for (const [path, text] of Object.entries(files ?? {})) await host.write(path, text);
  await host.write(`/etc/systemd/system/${template(name)}.service`, `[Service]\n${unit}\n`);
  await host.write(
    '/srv/pit.sh',
    `set -e
${prepare ?? ''}
chmod 755 /opt/pit/*; systemctl daemon-reload
for time in 1 2; do [ $time = 1 ] || bash /srv/learn.sh ${name} /srv/log/${name}; systemctl restart ${name}; done
bash /srv/learn.sh ${name} end`,
  );
  const { exitCode, stderr } = await host.run('bash', '/srv/pit.sh');
  if (exitCode !== 0) throw new Error(`${stderr}\n${(await host.run('journalctl', '--no-pager', '-u', name)).stdout}`);
  return (await host.run('find', `/srv/log/${name}`, '-type', 'f')).stdout;
}

for (const pitfall of pitfalls)
  tried(`[systemd] ${pitfall.about}`, async t => {
    const { name, reboot, after, never, other = name } = pitfall;
    const logs = (await learned(pitfall)).split('\n');
    for (const [paths, ...options] of [['strict'], ['tmpfs'], ['tmpfs', '--empty', '/etc,/var']] as const) {
      const { stdout, stderr } = await host.run(
        process.execPath,
        bin,
        'replay',
        '--unit',
        name,
        '--paths',
        paths,
        ...options,
        ...(pitfall.options ?? []),
        ...logs,
      );
      const holds = options.length > 0 ? /^\[Service\]$/m : (pitfall[paths] ?? /^ProtectSystem=/m);
      t.regex(stdout, holds, `${paths}: ${stderr}`);
      if (never !== undefined) t.notRegex(stdout, never, paths);
      await host.write(dropinOf(name), `${stdout}\n`);
      await host.write('/srv/pit.sh', `set -e\n${reboot ?? ''}\nsystemctl daemon-reload; systemctl start ${other}`);
      const { exitCode } = await host.run('bash', '/srv/pit.sh');
      const said = await host.run('journalctl', '--no-pager', '--lines=20', '-u', other);
      t.is(exitCode, 0, `${paths}: ${said.stdout}\n${stdout.replace(/^(?:#.*)?\n/gm, '')}`);
      if (after !== undefined) t.is((await host.run('bash', '-c', after)).exitCode, 0, `${paths}: ${said.stdout}`);
      await host.run('systemctl', 'stop', other);
    }
    await host.run('rm', dropinOf(name));
  });
