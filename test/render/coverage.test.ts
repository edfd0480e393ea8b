// Completeness in words and as a curve.

import test from 'ava';
import type { Coverage } from '../../src/profile/coverage.ts';
import { describeCoverage, duration, shortCoverage } from '../../src/render/coverage.ts';
import { sparkline } from '../../src/render/sparkline.ts';

const estimate: Coverage = {
  sample: 'slice',
  samples: 30,
  observed: 812,
  once: 4,
  twice: 9,
  incidences: 9_000,
  total: 830.2,
  totalError: 9,
  totalInterval: [815, 861],
  coverage: 0.9873,
  coverageError: 0.0041,
  nextNew: 0.1,
  curve: [
    { samples: 1, facts: 400 },
    { samples: 30, facts: 812 },
  ],
  lastNew: { sample: 12, time: 1_795_520_000 },
};

test('a sparkline rises from the lowest block to the highest, in the width it is given', t => {
  t.is(sparkline([]), '');
  t.is(sparkline([0, 0]), '▁▁');
  t.is(sparkline([1, 2, 3, 4, 5, 6, 7, 8]), '▂▃▄▅▆▇██');
  t.is(
    [
      ...sparkline(
        Array.from({ length: 1000 }, (_, i) => i),
        20,
      ),
    ].length,
    20,
  );
  t.is(sparkline([5]), '█');
});

test('the estimate, what is unseen, when the last new fact came, and the curve', t => {
  t.is(
    describeCoverage(estimate, 1_795_520_000 + 600),
    'coverage 98.7 % ± 0.4: 812 facts seen, about 18 facts unseen (at most 49); the last new one 10 min ago, in time slice 12 of 30\ndiscovery ▄█\n',
  );
  t.regex(describeCoverage({ ...estimate, total: 812 }), /no sign of more; the last new one time slice 12 of 30/);
  t.regex(
    describeCoverage({ ...estimate, coverage: 1, coverageError: 0, incidences: 20 }),
    /\nlittle to rely on: 20 sightings in all cannot show more than 85\.0 %\n/,
  );
  t.regex(describeCoverage({ ...estimate, incidences: 3 }), /\ntoo little to rely on: 3 sightings in all\n/);
  t.regex(describeCoverage(null), /too few runs or time slices/);
});

test('nearly complete is not complete', t => {
  t.is(shortCoverage({ ...estimate, coverage: 0.99999 }), 'coverage >99.9 % ± 0.4');
  t.is(shortCoverage({ ...estimate, coverage: 1, coverageError: 0 }), 'coverage 100.0 % ± 0.0');
});

test('durations', t => {
  t.deepEqual([5, 600, 7_200, 864_000].map(duration), ['5 s', '10 min', '2 h', '10 days']);
});
