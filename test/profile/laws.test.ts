// The laws of profiles: merging, writing and reading.

import test from 'ava';
import { formatProfile, parseProfile } from '../../src/profile/file.ts';
import { byKey, factKey } from '../../src/profile/key.ts';
import { emptyProfile, mergeProfiles } from '../../src/profile/merge.ts';
import { byFact } from '../../src/profile/order.ts';
import { fold } from '../../src/profile/patterns.ts';
import { profile } from '../support/facts.ts';
import fc from '../support/fast-check.ts';

test('[law] merging is commutative', t => {
  fc.assert(
    fc.property(profile, profile, (a, b) =>
      t.is(formatProfile(mergeProfiles([a, b])), formatProfile(mergeProfiles([b, a]))),
    ),
  );
});

test('[law] merging is associative', t => {
  fc.assert(
    fc.property(profile, profile, profile, (a, b, c) =>
      t.is(
        formatProfile(mergeProfiles([mergeProfiles([a, b]), c])),
        formatProfile(mergeProfiles([a, mergeProfiles([b, c])])),
      ),
    ),
  );
});

test('[law] merging a profile with itself changes nothing; the empty profile is the identity', t => {
  fc.assert(
    fc.property(profile, p => {
      t.is(formatProfile(mergeProfiles([p, p])), formatProfile(p));
      t.is(formatProfile(mergeProfiles([p, emptyProfile()])), formatProfile(p));
    }),
  );
});

test('[law] a profile alone comes out as it does when it is merged with itself, in whatever order its facts were', t => {
  const shuffled = profile.chain(p =>
    fc.shuffledSubarray(p.facts, { minLength: p.facts.length }).map(facts => ({ p, facts: [...facts, ...facts] })),
  );
  fc.assert(
    fc.property(shuffled, ({ p, facts }) => {
      t.is(formatProfile(mergeProfiles([p])), formatProfile(mergeProfiles([p, p])));
      t.is(formatProfile(mergeProfiles([{ ...p, facts }])), formatProfile(p));
    }),
  );
});

test('[law] facts are ordered as their keys are', t => {
  fc.assert(
    fc.property(profile, ({ facts }) => {
      for (const { evidence: a, ...one } of facts)
        for (const { evidence: b, ...other } of facts)
          t.is(
            Math.sign(byFact({ ...one, evidence: a }, { ...other, evidence: b })),
            byKey(factKey(one), factKey(other)),
          );
    }),
  );
});

test('[law] folding leaves the very same facts where nothing is volatile, and joins those that become one', t => {
  fc.assert(
    fc.property(profile, p => {
      // What is renamed is folded where it was and where it is.
      const still = { ...p, facts: p.facts.filter(({ kind }) => kind !== 'move') };
      const folded = fold(still, { fold: ['/etc/**'] }).profile;
      const isInside = (path: string): boolean => path === '/etc' || path.startsWith('/etc/');
      t.deepEqual(
        folded.facts.filter(fact => !('pattern' in fact)),
        still.facts.filter(fact => fact.kind !== 'path' || !isInside(fact.path)),
      );
      t.true(
        folded.facts.every(
          (fact, i) => i === 0 || p.facts.length === 0 || byFact(folded.facts[i - 1] ?? fact, fact) < 0,
        ),
      );
      t.true(fold(still).profile.facts.every((fact, i) => fact === still.facts[i]));
    }),
  );
});

test('[law] what is written is what is read', t => {
  fc.assert(fc.property(profile, p => t.deepEqual(parseProfile(formatProfile(p), 'x'), p)));
});

test('damaged profiles are refused with the name of the file', t => {
  const text = formatProfile(emptyProfile());
  for (const damaged of ['', '{}', '[]', text.slice(0, -20), text.replace('"version":1', '"version":99')])
    t.throws(() => parseProfile(damaged, 'some.json'), { message: /^some\.json(?::\d+)?: / });
});
