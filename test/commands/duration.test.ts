// Durations as systemd.time(7) writes them, and the pace of a run.

import test from 'ava';
import { spanOption } from '../../src/commands/cli/values.ts';
import { Pace } from '../../src/commands/learn/learning.ts';
import { UsageError } from '../../src/errors.ts';
import { parseSpan } from '../../src/systemd/time-span.ts';

test('time spans', t => {
  t.deepEqual(
    ['90', '10m', '1h30m', '2days', '1 h 5 min', '200ms', '0.5s'].map(parseSpan),
    [90, 600, 5_400, 172_800, 3_900, 0.2, 0.5],
  );
  for (const text of ['', 'soon', '10x', '-5', '5m!', '1'.repeat(50).concat('!')]) t.is(parseSpan(text), null, text);
  t.throws(() => spanOption('for', '0'), { instanceOf: UsageError, message: /--for 0/ });
});

test('the rate is that of the last seconds, new facts are those of the last minute', t => {
  const pace = new Pace(0);
  for (let second = 1; second <= 100; second++) pace.mark(second * 1000, second * 50, Math.min(second, 70));
  t.is(pace.rate, 50);
  t.is(pace.fresh, 30);
  for (let second = 101; second <= 110; second++) pace.mark(second * 1000, 5_000, 70);
  t.is(pace.rate, 0);
});
