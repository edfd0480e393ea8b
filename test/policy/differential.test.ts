// The model against the real thing: the same sets of directives, the same accesses, real systemds. Any disagreement is a bug of the model.
// What cannot be compared here (control groups with BPF) is in docs/limits.md.

import test from 'ava';
import { disagreements, prepare, runSets } from '../support/differential.ts';
import { SAMPLES } from '../support/directive-sets.ts';
import fc from '../support/fast-check.ts';
import { host, hostObstacle, systemds } from '../support/releases.ts';

const SEED = 252;
const AT_ONCE = 50;

for (const systemd of systemds(252, 257)) {
  const title = `[systemd] the model says of every access what systemd does with it, on ${systemd}`;
  const obstacle = hostObstacle(systemd);
  if (obstacle !== null) {
    test.skip(`${title}: skipped: ${obstacle}`, t => t.pass());
    continue;
  }
  test.serial(title, async t => {
    const sets = SAMPLES.flatMap(([set, numRuns]) => fc.sample(set, { seed: SEED, numRuns }));
    const machine = await host(systemd);
    try {
      const base = await prepare(machine);
      let started = 0;
      for (let i = 0; i < sets.length; i += AT_ONCE) {
        const some = sets.slice(i, i + AT_ONCE);
        const real = await runSets(machine, some, i + 1);
        started += real.filter(({ status }) => status === '0').length;
        const lost = { status: 'lost', outcomes: [] };
        const found = some.flatMap((lines, j) => disagreements(base, lines, real[j] ?? lost));
        t.deepEqual(found, [], `seed ${SEED}, sets ${i} to ${i + some.length}`);
      }
      // Most sets must let the probe run, or nothing is compared.
      t.true(started > sets.length / 2, `${started} of ${sets.length} started`);
      t.log(`${sets.length} sets of directives, ${started} started, ${base.words.length} accesses each`);
    } finally {
      await machine.halt();
    }
  });
}
