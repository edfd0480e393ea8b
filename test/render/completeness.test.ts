// How complete a profile is, in plain statements.

import test from 'ava';
import { completenessText } from '../../src/render/completeness.ts';

const origin = { trace: 'log', line: 1, pid: 1, syscall: 'mkdir' };

test('What is new lately, what leaving a part out would have denied, and what was not observed', t => {
  const leftOut = {
    sample: 'run' as const,
    cases: 14,
    denied: 2,
    accesses: [
      { access: { kind: 'path' as const, mode: 'create' as const, path: '/srv/\u001b[31mx' }, origin, count: 1 },
    ],
    total: 3,
  };
  t.is(
    completenessText({ quiet: { seconds: 12_000, observed: 36_000 }, leftOut, situations: ['a reload', 'a Sunday'] }),
    `nothing new for 3 h; observed for 10 h
leave-one-out: learned from all runs but one, the one left out would have been denied something in 2 of 14 cases: create /srv/\\x1b[31mx and 2 more
not observed: a reload, a Sunday
`,
  );
  t.is(
    completenessText({ quiet: null, leftOut: { ...leftOut, sample: 'span', denied: 0 }, situations: [] }),
    'leave-one-out: learned from all spans of time but one, the one left out would have been denied something in none of 14 cases\n',
  );
});
