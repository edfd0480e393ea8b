// The laws of profiles: merging, writing and reading.

import test from 'ava';
import fc from 'fast-check';
import { formatProfile, parseProfile } from '../../src/profile/file.ts';
import { emptyProfile, mergeProfiles } from '../../src/profile/merge.ts';
import { profile } from '../support/facts.ts';

test('merging is commutative', t => {
  fc.assert(
    fc.property(profile, profile, (a, b) =>
      t.is(formatProfile(mergeProfiles([a, b])), formatProfile(mergeProfiles([b, a]))),
    ),
  );
});

test('merging is associative', t => {
  fc.assert(
    fc.property(profile, profile, profile, (a, b, c) =>
      t.is(
        formatProfile(mergeProfiles([mergeProfiles([a, b]), c])),
        formatProfile(mergeProfiles([a, mergeProfiles([b, c])])),
      ),
    ),
  );
});

test('merging a profile with itself changes nothing; the empty profile is the identity', t => {
  fc.assert(
    fc.property(profile, p => {
      t.is(formatProfile(mergeProfiles([p, p])), formatProfile(p));
      t.is(formatProfile(mergeProfiles([p, emptyProfile()])), formatProfile(p));
    }),
  );
});

test('what is written is what is read', t => {
  fc.assert(fc.property(profile, p => t.deepEqual(parseProfile(formatProfile(p), 'x'), p)));
});

test('damaged profiles are refused with the name of the file', t => {
  const text = formatProfile(emptyProfile());
  for (const damaged of ['', '{}', '[]', text.slice(0, -20), text.replace('"version":1', '"version":99')])
    t.throws(() => parseProfile(damaged, 'some.json'), { message: /^some\.json(?::\d+)?: / });
});
