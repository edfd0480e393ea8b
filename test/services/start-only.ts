// Prints how much of a service's work a proposal denies that was learned from its start alone (docs/coverage.md). Needs root and systemd.
//   node build/test/services/start-only.js [--systemd 252] [UNIT…]

import { parseArgs } from 'node:util';
import { bin } from '../support/fixtures.ts';
import { install, LOGS, learn, PROFILE } from '../support/proof.ts';
import { host, hostObstacle } from '../support/releases.ts';
import { installed, type Service, services } from '../support/services.ts';
import type { SystemdHost } from '../support/systemd-host.ts';

const { values, positionals: wanted } = parseArgs({
  options: { systemd: { type: 'string', default: '252' } },
  allowPositionals: true,
});
const systemd = Number(values.systemd);
const START = '/srv/start';

interface Denied {
  access: { kind: string; name?: string; path?: string; mode?: string };
}

/** Accesses of the work, each once, that the proposal of the start denies. */
async function deniedTo(machine: SystemdHost, row: Service): Promise<Denied[]> {
  const allowtrace = async (...words: string[]): Promise<string> => {
    const { stdout, stderr, exitCode } = await machine.run(process.execPath, bin, ...words);
    if (exitCode === 2) throw new Error(`${row.unit}: ${words[0]}: ${stderr}`);
    return stdout;
  };
  await learn(machine, row, async () => {
    await machine.run('sleep', '3');
    await machine.run('cp', '-r', LOGS, START);
  });
  const { stdout: logs } = await machine.run('find', START, '-type', 'f');
  await allowtrace('replay', '--unit', row.unit, '--profile', `${START}.json`, ...logs.split('\n'));
  const options = ['--unit', row.unit, '--paths', 'tmpfs,exec', '--allow-incomplete', ...(row.options ?? [])];
  await install(machine, row, await allowtrace('propose', ...options, `${START}.json`));
  const report = await allowtrace('check', '--format', 'json', row.unit, '--', PROFILE);
  const { violations }: { violations: Denied[] } = JSON.parse(report);
  return violations;
}

const obstacle = hostObstacle(systemd);
if (obstacle !== null) throw new Error(obstacle);
console.log('| service | calls denied | | files denied |\n|---|---|---|---|');
const counts: number[] = [];
for (const row of services.filter(({ unit }) => wanted.length === 0 || wanted.includes(unit))) {
  const machine = await host(systemd);
  try {
    const here = await installed(machine, row);
    if (here === null) continue;
    const denied = await deniedTo(machine, here);
    const of = (kind: string): string[] =>
      denied.flatMap(({ access }) => (access.kind === kind ? [access.name ?? access.path ?? ''] : []));
    const [calls, files] = [[...new Set(of('syscall'))].sort(), new Set(of('path'))];
    counts.push(calls.length);
    console.log(`| ${here.unit} | ${calls.length} | ${calls.join(', ')} | ${files.size} |`);
  } finally {
    await machine.halt();
  }
}
const middle = counts.sort((a, b) => a - b)[Math.floor((counts.length - 1) / 2)];
console.log(`\nMedian: ${middle} of ${counts.length} services.`);
