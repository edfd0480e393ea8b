// A socket unit with Accept=yes: an instance is refused, and docs/service.md tells how all of them are learned.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { bin, root } from '../support/fixtures.ts';
import { service } from '../support/learning.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test : test.skip;
if (obstacle !== null) test.skip(`[systemd] a service for each connection skipped: ${obstacle}`, t => t.pass());

const SOCKET = '[Socket]\nListenStream=127.0.0.1:7777\nAccept=yes\n';
const SERVICE = '[Service]\nExecStart=-/bin/cat\nStandardInput=socket\n';
const SAY = 'exec 3<>/dev/tcp/127.0.0.1/7777; echo hello >&3; read -t 10 said <&3; echo "$said"';

/** The drop-in and the commands of the document. */
function recipe(): [dropin: string, commands: string[]] {
  const [, section = ''] = readFileSync(`${root}docs/service.md`, 'utf8').split('## A service for each connection\n');
  const [, dropin = '', commands = ''] = /```ini\n(.*?)```\n\n```sh\n(.*?)```/s.exec(section) ?? [];
  return [
    dropin,
    commands
      .replaceAll('sudo ', '')
      .replaceAll('allowtrace replay', `${process.execPath} ${bin} replay`)
      .trim()
      .split('\n'),
  ];
}

proof(
  '[systemd] a service for each connection: start refuses an instance, and what it names instead learns them all',
  async t => {
    const host = await bootSystemd();
    const say = async (): Promise<string> => (await host.run('bash', '-c', SAY)).stdout;
    const shell = (script: string) => host.run('bash', '-c', `cd /root && ${script}`);
    try {
      await host.write('/etc/systemd/system/echo.socket', SOCKET);
      await host.write('/etc/systemd/system/echo@.service', SERVICE);
      await host.write('/etc/systemd/system/plain@.service', '[Service]\nExecStart=/bin/sleep 1000\n');
      await host.run('systemctl', 'daemon-reload');
      await host.run('systemctl', 'start', 'echo.socket');
      const refused = await service(host, 'start', 'echo@1');
      t.is(refused.exitCode, 2);
      t.regex(refused.stderr, /echo@1\.service is for one connection to echo\.socket \(Accept=yes\)/);
      t.regex(refused.stderr, /A service for each connection/);
      t.is((await service(host, 'start', 'plain@1')).exitCode, 0);
      const [dropin, [reload = '', ...rest]] = recipe();
      await host.write('/run/systemd/system/echo@.service.d/trace.conf', dropin);
      await shell(reload);
      t.is(await say(), 'hello');
      t.is(await say(), 'hello');
      for (const command of rest) {
        const { exitCode, stderr } = await shell(command);
        t.is(exitCode, 0, `${command}: ${stderr}`);
      }
      await host.run('systemctl', 'daemon-reload');
      t.is(await say(), 'hello');
      const { stdout } = await shell('cat /etc/systemd/system/echo@.service.d/allowtrace.conf');
      t.regex(stdout, /^ProtectSystem=strict$/m);
    } finally {
      await host.halt();
    }
  },
);
