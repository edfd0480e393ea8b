// The proof, on a real systemd: nine Debian services are traced at their real work, the proposal is installed, and the work goes on, twice,
// without a word of refusal in the journal; the exposure falls; and an intruder can do nothing but what the service itself does.
// Needs root and systemd; elsewhere it is skipped with the reason.

import test from 'ava';
import { exposure, learn, prove } from '../support/proof.ts';
import { installed, services } from '../support/services.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const proof = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] proof skipped: ${obstacle}`, t => t.pass());

for (const row of services) {
  proof(`[systemd] ${row.unit} works in its proposals, and an intruder does not: ${row.kind}`, async t => {
    const host = await bootSystemd();
    try {
      if (!(await installed(host, row))) return t.pass(`${row.package} is not installed`);
      await learn(host, row);
      const before = await exposure(host, row);
      for (const paths of row.paths) {
        const { exposure: after, intruder, denials } = await prove(host, row, paths);
        t.deepEqual(denials, [], `--paths ${paths}: refused in the journal`);
        t.true(after < before || before <= row.goal, `--paths ${paths}: exposure ${after}, it was ${before}`);
        t.true(after <= row.goal, `--paths ${paths}: exposure ${after}, the goal is ${row.goal}`);
        const open = [...intruder].filter(([, answer]) => answer === 'allowed').map(([probe]) => probe);
        t.deepEqual(
          open.filter(probe => probe !== 'control' && !row.does.includes(probe)),
          [],
          `--paths ${paths}: an intruder can do this`,
        );
        t.true(open.includes('control'), `--paths ${paths}: the probes do not run`);
      }
    } finally {
      await host.halt();
    }
  });
}
