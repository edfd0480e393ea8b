// The tutorial is true: its commands run in their order inside a real systemd, and each prints what the page shows.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { bin, root } from '../support/fixtures.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const inHost = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] tutorial skipped: ${obstacle}`, t => t.pass());

interface Step {
  commands: string;
  /** Lines that must appear in this order; `…` stands for anything. */
  output: string[];
}

function steps(page: string): Step[] {
  return [...page.matchAll(/```sh\n(.*?)```(?:\n\n```text\n(.*?)```)?/gs)].map(([, commands = '', output = '']) => ({
    commands,
    output: output.split('\n').filter(line => line !== ''),
  }));
}

const pattern = (line: string): RegExp =>
  new RegExp(
    line
      .split('…')
      .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  );

/** The lines of the page that the output lacks. */
function missing(expected: readonly string[], output: string): string[] {
  let lines = output.split('\n');
  return expected.filter(line => {
    const at = lines.findIndex(one => pattern(line).test(one));
    lines = lines.slice(at + 1);
    return at < 0;
  });
}

inHost('[systemd] every command of the tutorial works and prints what the page says', async t => {
  t.timeout(240_000);
  const host = await bootSystemd();
  try {
    if ((await host.run('test', '-x', '/usr/sbin/smtpd')).exitCode !== 0) return t.pass('opensmtpd is not installed');
    await host.run('ln', '-s', bin, '/usr/local/bin/allowtrace');
    await host.run('mkdir', '/root/tutorial');
    const all = steps(readFileSync(`${root}docs/tutorial.md`, 'utf8'));
    t.true(all.length > 10);
    for (const { commands, output } of all) {
      await host.write('/root/tutorial/step', `cd /root/tutorial; exec 2>&1\n${commands}`);
      const { exitCode, stdout } = await host.run('bash', '-e', '/root/tutorial/step');
      t.is(exitCode, 0, `${commands}\n${stdout}`);
      t.deepEqual(missing(output, stdout), [], `${commands}\n${stdout}`);
    }
  } finally {
    await host.halt();
  }
});
