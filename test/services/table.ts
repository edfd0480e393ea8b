// Prints docs/proof.md: what came of proving the proposals, service by service and systemd by systemd. Needs root, and takes some minutes for each.
//   npm run proof -- [--systemd 247,252,257,262] [UNIT…]

import { parseArgs } from 'node:util';
import { exposure, install, learn, type Proof, ProofFailure, propose, prove } from '../support/proof.ts';
import { host, hostObstacle, provide, RELEASES, versionsOf } from '../support/releases.ts';
import { installed, type Service, services } from '../support/services.ts';
import { remaining } from './remaining.ts';

const { values, positionals: wanted } = parseArgs({
  options: { systemd: { type: 'string', default: RELEASES.join(',') } },
  allowPositionals: true,
});
const versions = versionsOf(values.systemd);

const HEAD = `# Proof

Debian services were traced at their real work inside a systemd, from a start as after a boot, got their proposal, and worked in it: started twice, the first
time as after a boot, with the same work each time; then a file of theirs was replaced by rename and read anew, all with no word of refusal in their journal. Then sixteen probes ran in their place, as an intruder would:
a shell, a download, a compiler, /etc/shadow, a file in a home, a cron job, a program in /usr/bin, a program planted in /var/tmp, a connection,
systemd's private socket, a unit in /run, a raw socket, a kernel module, a mount, a namespace. memcached-alone is Debian's memcached without the
script that insists on root, with \`--as-user\`: it starts as the user that it would become. Each was learned and proved on the systemd of Debian 11 (247),
12 (252), 13 (257) and sid (262). systemd 247 has no \`ExecPaths=\`: with \`exec\` an intruder can start programs there. A cell holds the exposure that systemd-analyze gives it before and after, and how many lines the proposal has; \`not run\`: that release was not asked for.
Printed by \`npm run proof\`; the test is \`test/services/proof.test.ts\`.

| service | --paths |${RELEASES.map(version => ` ${version} |`).join('')} what an intruder can still do, because the service does it too |
|---|---|${RELEASES.map(() => '---|').join('')}---|`;

/** One cell of the table, and the probes that succeeded. */
interface Cell {
  text: string;
  open: string[];
}

function cellOf(row: Service, before: number, { exposure: after, lines, intruder, denials }: Proof): Cell {
  if (intruder.get('control') !== 'allowed') throw new Error(`${row.unit}: the probes do not run`);
  const open = [...intruder].filter(([probe, answer]) => answer === 'allowed' && probe !== 'control');
  const refused = denials.length === 0 ? '' : `, **${denials.length} refusals in the journal**`;
  return { text: `${before} → ${after}, ${lines}${refused}`, open: open.map(([probe]) => probe) };
}

/** The service whose remaining exposure is told point by point. */
const TOLD = 'opensmtpd';

const LEFT = `
## What is left of ${TOLD}'s exposure

With \`--paths strict\`: each point that systemd-analyze counts, and what needs it, as \`allowtrace explain --as-user\` tells it.

| directive | exposure | systemd-analyze | what needs it |
|---|---|---|---|`;

/** A step that failed: said, and the whole run has failed. */
function failed(error: unknown, paths: readonly string[]): Cell[] {
  if (!(error instanceof ProofFailure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
  return paths.map(() => ({ text: '**fails**', open: [] }));
}

/** For releases that were not asked for. */
const notRun = ({ paths }: Service): Cell[] => paths.map(() => ({ text: 'not run', open: [] }));

/** Learns and proves a service on one systemd: a cell for each strategy. */
async function proved(row: Service, systemd: number): Promise<Cell[]> {
  const machine = await host(systemd);
  try {
    const here = await installed(machine, row);
    if (here === null) return row.paths.map(() => ({ text: 'not installed', open: [] }));
    try {
      await learn(machine, here);
    } catch (error) {
      return failed(error, row.paths);
    }
    const before = await exposure(machine, here);
    const cells: Cell[] = [];
    for (const paths of row.paths) {
      try {
        cells.push(cellOf(here, before, await prove(machine, here, await propose(machine, here, paths))));
      } catch (error) {
        cells.push(...failed(error, [paths]));
      }
    }
    return cells;
  } finally {
    await machine.halt();
  }
}

/** What is left of a service's exposure on the first of the versions. */
async function left(row: Service): Promise<string[]> {
  const machine = await host(versions.includes(252) ? 252 : (versions[0] ?? 252));
  try {
    await learn(machine, row);
    await install(machine, row, await propose(machine, row, 'strict'));
    return [LEFT, ...(await remaining(machine, row, ['--paths', 'strict', '--as-user']))];
  } finally {
    await machine.halt();
  }
}

for (const version of versions) {
  await provide(version);
  const obstacle = hostObstacle(version);
  if (obstacle !== null) throw new Error(obstacle);
}
const rows = services.filter(({ unit }) => wanted.length === 0 || wanted.includes(unit));
console.log(HEAD);
for (const row of rows) {
  const columns: Cell[][] = [];
  for (const version of RELEASES) columns.push(versions.includes(version) ? await proved(row, version) : notRun(row));
  for (const [i, paths] of row.paths.entries()) {
    const cells = columns.flatMap(column => column[i] ?? []);
    const open = [...new Set(cells.flatMap(cell => cell.open))];
    const where = (probe: string): string => RELEASES.filter((_, at) => cells[at]?.open.includes(probe)).join(', ');
    const more = open.map(probe => (row.does.includes(probe) ? probe : `**${probe}** (${where(probe)})`)).join(', ');
    console.log(
      `| ${row.unit} | ${paths} | ${cells.map(({ text }) => text).join(' | ')} | ${more === '' ? 'nothing' : more} |`,
    );
  }
}
for (const row of rows.filter(({ unit }) => unit === TOLD)) console.log((await left(row)).join('\n'));
