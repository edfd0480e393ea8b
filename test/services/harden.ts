// Judges the bases of `allowtrace harden`: each Debian daemon of units.json at its workload, and those of harden.json, which start and answer; each
// started twice in its base. Prints a table. Needs root, and takes some minutes.
//   node build/test/services/harden.js [--systemd 252,257] [UNIT…]

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bin, root } from '../support/fixtures.ts';
import { exposure } from '../support/proof.ts';
import { host as bootHost, hostObstacle, provide, versionsOf } from '../support/releases.ts';
import { prepare, type Service, services, work } from '../support/services.ts';
import type { SystemdHost } from '../support/systemd-host.ts';

interface Judged {
  unit: string;
  executable: string;
  /** How it shows that it works. */
  answers: (host: SystemdHost) => Promise<boolean>;
  prepare: (host: SystemdHost) => Promise<void>;
}

const { values, positionals } = parseArgs({
  options: { systemd: { type: 'string', default: '252' } },
  allowPositionals: true,
});

const ofWorkload = (row: Service): Judged => ({
  ...row,
  answers: async host => (await work(host, row)).exitCode === 0,
  prepare: host => prepare(host, row),
});

interface Answering {
  unit: string;
  executable: string;
  answers: string;
}

const answering: readonly Answering[] = JSON.parse(readFileSync(`${root}test/services/harden.json`, 'utf8'));

/** A daemon takes a moment until it listens. */
const ofAnswer = ({ answers, ...row }: Answering): Judged => ({
  ...row,
  answers: async host => {
    for (let i = 0; i < 10; i++) {
      if ((await host.run('timeout', '15', 'bash', '-c', answers)).exitCode === 0) return true;
      await new Promise(resolve => setTimeout(resolve, 500));
    }
    return false;
  },
  prepare: async () => undefined,
});

async function runs(host: SystemdHost, { unit, answers }: Judged, verb: 'start' | 'restart'): Promise<boolean> {
  await host.run('systemctl', 'reset-failed', unit);
  return (await host.run('systemctl', verb, unit)).exitCode === 0 && (await answers(host));
}

interface Row {
  cell: string;
  /** How far the exposure fell; null: it does not work as Debian ships it, so that nothing is judged. */
  fall: number | null;
  works: boolean;
}

async function judge(host: SystemdHost, row: Judged): Promise<Row | null> {
  if ((await host.run('test', '-x', row.executable)).exitCode !== 0) return null;
  // On another release its configuration may be another one.
  const prepared = await row.prepare(host).then(
    () => true,
    () => false,
  );
  if (!prepared || !(await runs(host, row, 'restart')))
    return { cell: 'does not work as shipped', fall: null, works: true };
  const before = await exposure(host, row);
  const dropin = `/etc/systemd/system/${row.unit}.service.d/allowtrace.conf`;
  await host.run('mkdir', '-p', dropin.slice(0, dropin.lastIndexOf('/')));
  const made = await host.run(process.execPath, bin, 'harden', row.unit, '--output', dropin);
  if (made.exitCode !== 0) return { cell: `**no base**: ${made.stderr.split('\n')[0]}`, fall: 0, works: false };
  await host.run('systemctl', 'daemon-reload');
  const after = await exposure(host, row);
  const works = (await runs(host, row, 'restart')) && (await runs(host, row, 'restart'));
  const log = works ? '' : (await host.run('journalctl', '--no-pager', '-o', 'cat', '-n', '12', '-u', row.unit)).stdout;
  if (!works) console.error(`${row.unit} fails in its base:\n${log}`);
  await host.run('systemctl', 'stop', row.unit, `${row.unit}.socket`);
  return { cell: `${before} → ${after}${works ? '' : ' **fails**'}`, fall: before - after, works };
}

const rows = [...services.filter(({ options }) => options === undefined).map(ofWorkload), ...answering.map(ofAnswer)];
const wanted = rows.filter(({ unit }) => positionals.length === 0 || positionals.includes(unit));
for (const version of versionsOf(values.systemd)) {
  await provide(version);
  const obstacle = hostObstacle(version);
  if (obstacle !== null) throw new Error(obstacle);
  const host = await bootHost(version);
  try {
    const falls: number[] = [];
    let working = 0;
    console.log(`\n| service | systemd ${version} |\n|---|---|`);
    for (const row of wanted) {
      const judged = await judge(host, row);
      if (judged === null) continue;
      console.log(`| ${row.unit} | ${judged.cell} |`);
      if (judged.fall === null) continue;
      falls.push(judged.fall);
      if (judged.works) working++;
      else process.exitCode = 1;
    }
    const median = falls.sort((a, b) => a - b)[Math.floor(falls.length / 2)] ?? 0;
    console.log(`\n${working} of ${falls.length} work; the exposure falls by ${median.toFixed(1)} at the median.`);
  } finally {
    await host.halt();
  }
}
