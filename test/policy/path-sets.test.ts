// Look-ups in sets of paths give what a look at every path gives.

import test from 'ava';
import { isInside, nearest, withParents } from '../../src/policy/path-sets.ts';
import { isBelow } from '../../src/process/resolve.ts';
import fc from '../support/fast-check.ts';

const path = fc.array(fc.constantFrom('a', 'a-b', 'b'), { maxLength: 4 }).map(parts => `/${parts.join('/')}`);
const paths = fc.array(path, { maxLength: 8 });

test('[law] the nearest directory above is the longest of those above', t => {
  fc.assert(
    fc.property(path, paths, (asked, tops) => {
      const above = tops.filter(top => isBelow(asked, top)).sort((a, b) => b.length - a.length);
      t.is(nearest(asked, new Set(tops)), above[0]);
      t.is(
        isInside(asked, new Set(tops)),
        above.some(top => top !== asked),
      );
    }),
  );
});

test('[law] a directory is among paths and their parents when something of them lies at or below it', t => {
  fc.assert(
    fc.property(path, paths, (asked, below) =>
      t.is(
        withParents(below).has(asked),
        below.some(one => isBelow(one, asked)),
      ),
    ),
  );
});
