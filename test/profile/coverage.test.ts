// Coverage: worked numbers from the formulas, simulated populations whose truth is known, and profiles.

import test from 'ava';
import { coverage, estimate, type Incidence, samplesUntil } from '../../src/profile/coverage.ts';
import { emptyProfile } from '../../src/profile/merge.ts';
import type { Fact, Profile, Run } from '../../src/profile/profile.ts';

/** Mulberry32: the same numbers in every run of the tests. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Simulated extends Incidence {
  seen: number[][];
}

/** Each fact is seen in each sample with its own probability. */
function simulate(chances: readonly number[], samples: number, next: () => number): Simulated {
  return {
    samples,
    seen: chances.map(chance => Array.from({ length: samples }, (_, i) => i).filter(() => next() < chance)),
  };
}

/** The share of all observations that are of facts already seen. */
const truth = (chances: readonly number[], { seen }: Simulated): number =>
  chances.reduce((sum, chance, i) => sum + (seen[i]?.length ? chance : 0), 0) / chances.reduce((a, b) => a + b, 0);

const POPULATIONS: Record<string, number[]> = {
  'all facts equally common': Array.from({ length: 300 }, () => 0.1),
  'from common to rare': Array.from({ length: 300 }, (_, i) => 0.5 / (1 + i / 20)),
  'a core that is always seen and a rare rest': Array.from({ length: 300 }, (_, i) => (i < 200 ? 0.95 : 0.04)),
};

const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

for (const [name, chances] of Object.entries(POPULATIONS))
  test(`simulated population: ${name}`, t => {
    const next = random(7);
    const runs = Array.from({ length: 200 }, () => {
      const incidence = simulate(chances, 20, next);
      const found = estimate(incidence);
      if (found === null) throw new Error('nothing was seen');
      return { found, actual: truth(chances, incidence) };
    });
    const error = mean(runs.map(({ found, actual }) => found.coverage - actual));
    t.true(Math.abs(error) < 0.005, `mean error of the coverage: ${error}`);
    const spread = Math.sqrt(mean(runs.map(({ found, actual }) => (found.coverage - actual) ** 2)));
    const claimed = mean(runs.map(({ found }) => found.coverageError));
    t.true(
      claimed > spread / 2 && claimed < spread * 2,
      `standard error ${claimed}, but the estimates spread ${spread}`,
    );
    const total = mean(runs.map(({ found }) => found.total));
    t.true(total < chances.length * 1.05, `Chao2 is a lower bound, but its mean is ${total}`);
    t.true(total > mean(runs.map(({ found }) => found.observed)));
  });

test('the confidence interval holds the true number of equally common facts about as often as it says', t => {
  const chances = Array.from({ length: 200 }, () => 0.1);
  const next = random(11);
  const holds = Array.from({ length: 300 }, () => {
    const [low, high] = estimate(simulate(chances, 15, next))?.totalInterval ?? [0, 0];
    return low <= 200 && 200 <= high ? 1 : 0;
  });
  t.true(mean(holds) > 0.88, `${mean(holds)}`);
});

test('the expected number of new facts comes true in the next sample', t => {
  const chances = POPULATIONS['from common to rare'] ?? [];
  const next = random(3);
  const differences = Array.from({ length: 300 }, () => {
    const both = simulate(chances, 21, next);
    const first = { samples: 20, seen: both.seen.map(indices => indices.filter(i => i < 20)) };
    const fresh = both.seen.filter(indices => indices.length === 1 && indices[0] === 20).length;
    return (estimate(first)?.nextNew ?? Number.NaN) - fresh;
  });
  t.true(Math.abs(mean(differences)) < 0.3, `${mean(differences)}`);
});

test('worked by hand: 3 samples, 2 facts seen once, 1 twice, 1 always', t => {
  const found = estimate({ samples: 3, seen: [[0], [2], [0, 1], [0, 1, 2]] });
  t.is(found?.observed, 4);
  t.is(found?.once, 2);
  t.is(found?.twice, 1);
  // Chao2 = 4 + (2/3) · 2²/(2·1); coverage = 1 − (2/7) · 2·2/(2·2 + 2·1)
  t.true(Math.abs((found?.total ?? 0) - (4 + 4 / 3)) < 1e-12);
  t.true(Math.abs((found?.coverage ?? 0) - (1 - (2 / 7) * (4 / 6))) < 1e-12);
});

test('nothing seen once means that all is known; nothing at all, or one sample, means nothing', t => {
  const found = estimate({
    samples: 3,
    seen: [
      [0, 1, 2],
      [0, 2],
    ],
  });
  t.is(found?.coverage, 1);
  t.is(found?.total, 2);
  t.deepEqual(found?.totalInterval, [2, 2]);
  t.is(estimate({ samples: 1, seen: [[0]] }), null);
  t.is(estimate({ samples: 5, seen: [] }), null);
});

const run = (id: string, more: Partial<Run> = {}): Run => ({
  id,
  trace: id,
  lines: 10,
  unrecognised: 0,
  processes: 1,
  slice: { unit: 'lines', width: 64, used: 1 },
  mode: 'replay',
  ...more,
});

const fact = (name: string, runs: string[], slices: Record<string, number> = {}): Fact => ({
  kind: 'syscall',
  name,
  evidence: { count: 1, runs, origin: { trace: 't', line: 1, pid: 1, syscall: name }, by: [], slices },
});

const profile = (runs: Run[], facts: Fact[]): Profile => ({ ...emptyProfile(), runs, facts });

test('five runs are samples; the curve follows their order', t => {
  const runs = ['a', 'b', 'c', 'd', 'e'].map((id, i) => run(id, { start: 100 * i }));
  const found = coverage(
    profile(runs, [fact('read', ['a', 'b', 'c', 'd', 'e']), fact('open', ['c', 'd']), fact('link', ['d'])]),
  );
  t.is(found?.sample, 'run');
  t.is(found?.samples, 5);
  t.deepEqual(
    found?.curve.map(({ facts }) => facts),
    [1, 1, 2, 3, 3],
  );
  t.deepEqual(found?.lastNew, { sample: 4, time: 300 });
});

test('the slices of one long run are samples, but for its first, in which it starts', t => {
  const long = run('a', { start: 1000, slice: { unit: 'seconds', width: 60, used: 9 } });
  const found = coverage(
    profile(
      [long],
      [
        fact('execve', ['a'], { a: 0b1 }),
        fact('read', ['a'], { a: 0b111111111 }),
        fact('fsync', ['a'], { a: 0b000010000 }),
      ],
    ),
  );
  t.is(found?.sample, 'slice');
  t.is(found?.samples, 8);
  t.is(found?.observed, 2);
  t.deepEqual(found?.lastNew, { sample: 4, time: 1240 });
});

test('too little to say', t => {
  t.is(coverage(emptyProfile()), null);
  t.is(coverage(profile([run('a')], [fact('read', ['a'], { a: 1 })])), null);
});

test('assumed calls and blind spots are no observations', t => {
  const runs = ['a', 'b'].map(id => run(id));
  const assumed: Fact = { ...fact('futex', ['a']), kind: 'syscall', name: 'futex', assumed: true };
  const found = coverage(profile(runs, [fact('read', ['a', 'b']), assumed]));
  t.is(found?.observed, 1);
});

test('ports that chance chose are no facts: a resolver would never be known', t => {
  const runs = ['a', 'b', 'c'].map(id => run(id));
  const bind = (port: number, ...seen: string[]): Fact => ({
    ...fact('bind', seen),
    kind: 'address',
    op: 'bind',
    family: 'AF_INET',
    transport: 'udp',
    address: '0.0.0.0',
    port,
  });
  const ports = [bind(40_001, 'a'), bind(12_002, 'b'), bind(50_003, 'c')];
  t.is(coverage(profile(runs, [fact('read', ['a', 'b', 'c']), ...ports]))?.observed, 1);
  t.is(coverage(profile(runs, [fact('read', ['a', 'b', 'c']), bind(53, 'a', 'b', 'c')]))?.observed, 2);
});

test('a curve of 10,000 runs has at most 65 points and ends at the last run', t => {
  const runs = Array.from({ length: 10_000 }, (_, i) => run(String(i).padStart(5, '0')));
  const found = coverage(
    profile(runs, [
      fact(
        'read',
        runs.map(({ id }) => id),
      ),
    ]),
  );
  t.true((found?.curve.length ?? 0) <= 65);
  t.is(found?.curve.at(-1)?.samples, 10_000);
});

test('extrapolation says how many more samples, and keeps silent beyond twice the number taken', t => {
  const runs = Array.from({ length: 10 }, (_, i) => run(`r${i}`));
  const often = Array.from({ length: 90 }, (_, i) =>
    fact(
      `often${i}`,
      runs.map(({ id }) => id),
    ),
  );
  const rare = Array.from({ length: 10 }, (_, i) => fact(`rare${i}`, [`r${i}`]));
  const twice = Array.from({ length: 10 }, (_, i) => fact(`twice${i}`, [`r${i % 5}`, `r${5 + (i % 5)}`]));
  const found = coverage(profile(runs, [...often, ...rare, ...twice]));
  if (found === null) throw new Error('no coverage');
  t.is(samplesUntil(found, found.coverage), 0);
  const soon = samplesUntil(found, found.coverage + (1 - found.coverage) / 4);
  t.true(soon >= 1 && soon <= 10, String(soon));
  t.is(samplesUntil(found, 1 - 1e-9), Number.POSITIVE_INFINITY);
});
