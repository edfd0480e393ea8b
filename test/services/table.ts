// Prints docs/proof.md: what came of proving the proposals, service by service. Needs root and systemd, and takes some minutes.
//   node build/test/services/table.js [UNIT…] >docs/proof.md

import { exposure, install, learn, type Proof, prove } from '../support/proof.ts';
import { type Service, services } from '../support/services.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';
import { remaining } from './remaining.ts';

const HEAD = `# Proof

Nine Debian services were traced at their real work inside a systemd, got their proposal, and worked in it: started twice, the first time as after a
boot, with the same work each time, and no word of refusal in their journal. Then sixteen probes ran in their place, as an intruder would:
a shell, a download, a compiler, /etc/shadow, a file in a home, a cron job, a program in /usr/bin, a program planted in /var/tmp, a connection,
systemd's private socket, a unit in /run, a raw socket, a kernel module, a mount, a namespace. memcached-alone is Debian's memcached without the
script that insists on root, with \`--as-user\`: it starts as the user that it would become. Printed by \`node build/test/services/table.js\`; the test is \`test/services/proof.test.ts\`.

| service | --paths | exposure before | after | lines | what an intruder can still do, because the service does it too |
|---|---|---|---|---|---|`;

/** One line of the table. */
const line = (row: Service, before: number, { paths, exposure: after, lines, intruder, denials }: Proof): string => {
  if (intruder.get('control') !== 'allowed') throw new Error(`${row.unit}: the probes do not run`);
  const open = [...intruder].filter(([probe, answer]) => answer === 'allowed' && probe !== 'control');
  const more = open.map(([probe]) => (row.does.includes(probe) ? probe : `**${probe}**`)).join(', ');
  const refused = denials.length === 0 ? '' : ` (${denials.length} refusals in the journal)`;
  return `| ${row.unit} | ${paths} | ${before} | ${after}${refused} | ${lines} | ${more === '' ? 'nothing' : more} |`;
};

/** The service whose remaining exposure is told point by point. */
const TOLD = 'opensmtpd';

const LEFT = `
## What is left of ${TOLD}'s exposure

With \`--paths strict\`: each point that systemd-analyze counts, and what needs it, as \`allowtrace explain --as-user\` tells it.

| directive | exposure | systemd-analyze | what needs it |
|---|---|---|---|`;

const obstacle = systemdObstacle();
if (obstacle !== null) throw new Error(obstacle);
const wanted = process.argv.slice(2);
console.log(HEAD);
let left: string[] = [];
for (const row of services.filter(({ unit }) => wanted.length === 0 || wanted.includes(unit))) {
  const host = await bootSystemd();
  try {
    await learn(host, row);
    const before = await exposure(host, row);
    for (const paths of row.paths) console.log(line(row, before, await prove(host, row, paths)));
    if (row.unit !== TOLD) continue;
    await install(host, row, 'strict');
    left = [LEFT, ...(await remaining(host, row, ['--paths', 'strict', '--as-user']))];
  } finally {
    await host.halt();
  }
}
if (left.length > 0) console.log(left.join('\n'));
