// Prints docs/upstream.md: what the distribution ships for some services, and what allowtrace proposes to ship. Needs root and systemd.
//   npm run upstream > docs/upstream.md

import { exposure, learn, liveOnce } from '../support/proof.ts';
import { host, hostObstacle, provide } from '../support/releases.ts';
import { installed, service } from '../support/services.ts';
import { FLOOR, proposal, SHIPPED, shippedLines, startWith } from '../support/upstream.ts';

const VERSIONS = [FLOOR, 257];

/** What was traced, where that is less than what the unit is for: what was not observed is not in the proposal. */
const LACKS: Readonly<Record<string, string>> = {
  chrony:
    'It was traced with `-x`, which leaves the clock alone, and without reference clocks: a proposal to merge needs a trace in which it sets the clock (then `ProtectClock=`, `PrivateDevices=` and `~@clock` go, and `CAP_SYS_TIME` comes).',
};

console.log(`# Units that are shipped

What \`allowtrace propose --for upstream --systemd ${FLOOR}\` proposes to those who ship a unit, beside what Debian 12 ships, with the exposure that
\`systemd-analyze security\` gives each (0 is best). Each service was traced at its real work on systemd ${FLOOR}; then its unit, with the proposed
lines in place of its own sandbox, was started on systemd ${VERSIONS.join(' and ')} and did the same work. A low score is no proof, and a list that is shorter
than the shipped one may lack what the traced configuration does not do: read "broader than observed" and the maintainer's own comments.
Printed by \`npm run upstream\`; the test is \`test/services/upstream.test.ts\`.`);

for (const version of VERSIONS) {
  await provide(version);
  const obstacle = hostObstacle(version);
  if (obstacle !== null) throw new Error(obstacle);
}

for (const unit of SHIPPED) {
  const row = service(unit);
  const teacher = await host(FLOOR);
  const cells: string[] = [];
  try {
    await learn(teacher, row);
    const shipped = await shippedLines(teacher, row);
    const before = await exposure(teacher, row);
    const lines = await proposal(teacher, row);
    for (const version of VERSIONS) {
      const machine = version === FLOOR ? teacher : await host(version);
      try {
        if (!(await installed(machine, row))) {
          cells.push(`not installed on ${version}`);
          continue;
        }
        if (machine !== teacher) await liveOnce(machine, row);
        cells.push(`${(await startWith(machine, row, lines)).toFixed(1)} on ${version}`);
      } finally {
        if (machine !== teacher) await machine.halt();
      }
    }
    const text = shipped.length === 0 ? '(no sandbox)' : shipped.sort().join('\n');
    console.log(`
## ${unit}

Shipped: exposure ${before.toFixed(1)}. Proposed: ${cells.join(', ')}.${LACKS[unit] === undefined ? '' : ` ${LACKS[unit]}`}

\`\`\`ini
# shipped by Debian 12
${text}
\`\`\`

\`\`\`ini
${lines.trimEnd()}
\`\`\``);
  } finally {
    await teacher.halt();
  }
}
