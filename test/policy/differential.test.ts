// The model against the real thing: the same sets of directives, the same accesses, a real systemd. Any disagreement is a bug of the model.
// What cannot be compared here (control groups with BPF) is in docs/limits.md.

import test from 'ava';
import fc from 'fast-check';
import { disagreements, prepare, runSets } from '../support/differential.ts';
import { directiveSet, emptyRootSet, userSet } from '../support/directive-sets.ts';
import { bootSystemd, systemdObstacle } from '../support/systemd-host.ts';

const obstacle = systemdObstacle();
const compare = obstacle === null ? test.serial : test.serial.skip;
if (obstacle !== null) test.skip(`[systemd] comparison of the model skipped: ${obstacle}`, t => t.pass());

const SEED = 252;
/** How many sets of each kind. */
const SAMPLES: readonly (readonly [sets: fc.Arbitrary<string[]>, count: number])[] = [
  [directiveSet, 500],
  [emptyRootSet, 100],
  [userSet, 100],
];
const AT_ONCE = 50;

compare('[systemd] the model says of every access what systemd does with it', async t => {
  const sets = SAMPLES.flatMap(([set, numRuns]) => fc.sample(set, { seed: SEED, numRuns }));
  const host = await bootSystemd();
  try {
    const base = await prepare(host);
    let started = 0;
    for (let i = 0; i < sets.length; i += AT_ONCE) {
      const some = sets.slice(i, i + AT_ONCE);
      const real = await runSets(host, some, i + 1);
      started += real.filter(({ status }) => status === '0').length;
      const found = some.flatMap((lines, j) => disagreements(base, lines, real[j] ?? { status: 'lost', outcomes: [] }));
      t.deepEqual(found, [], `seed ${SEED}, sets ${i} to ${i + some.length}`);
    }
    // Most sets must let the probe run, or nothing is compared.
    t.true(started > sets.length / 2, `${started} of ${sets.length} started`);
    t.log(`${sets.length} sets of directives, ${started} started, ${base.words.length} accesses each`);
  } finally {
    await host.halt();
  }
});
