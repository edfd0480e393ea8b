// Numbers as people read them.

import test from 'ava';
import { grouped } from '../../src/render/number.ts';

test('a comma stands before each three digits', t => {
  for (const n of [0, 7, 999, 1000, 12_345, 999_999, 1_000_000, 1_234_567_890])
    t.is(grouped(n), n.toLocaleString('en'));
});
