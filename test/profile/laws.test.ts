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
  for (const damaged of ['', '{}', '[]', text.slice(0, -20), text.replace('"version":2', '"version":99')])
    t.throws(() => parseProfile(damaged, 'some.json'), { message: /^some\.json(?::\d+)?: / });
});

/** As allowtrace wrote profiles up to version 1: each fact holds its evidence. */
const OLD = `{"format":"allowtrace-profile","version":1,
"runs":[
{"id":"a","trace":"x.strace","lines":3,"unrecognised":0,"processes":1,"slice":{"unit":"lines","width":1,"used":2},"mode":"complete"}
],
"facts":[
{"kind":"path","mode":"read","path":"/etc/hosts","evidence":{"count":4,"origin":{"trace":"x.strace","line":2,"pid":7,"syscall":"openat"},"by":["/bin/x"],"slices":{"0":3},"runs":"0"}}
],
"unrecognised":{"count":0,"samples":[]},
"overflow":[]}
`;

test('a profile of version 1 is read, and written as version 2 with the same facts', t => {
  const old = parseProfile(OLD, 'old.json');
  const [fact] = old.facts;
  t.deepEqual(fact?.evidence.origin, { trace: 'x.strace', line: 2, pid: 7, syscall: 'openat' });
  t.deepEqual(fact?.evidence.slices, { a: 3 });
  const now = formatProfile(old);
  t.true(now.includes('"version":2'));
  t.deepEqual(parseProfile(now, 'new.json'), old);
});

test('[law] a new run changes only its own lines in the file: its facts, itself, and the columns of the evidence', t => {
  const lines = (text: string): string[] => text.split('\n').map(line => line.replace(/,$/, ''));
  fc.assert(
    fc.property(profile, profile, (before, more) => {
      const after = mergeProfiles([before, more]);
      const known = new Set(lines(formatProfile(mergeProfiles([before]))));
      const changed = lines(formatProfile(after)).filter(line => !known.has(line) && line.startsWith('{"kind"'));
      const widened = after.facts.filter(({ evidence }) =>
        evidence.runs.some(id => more.runs.some(run => run.id === id)),
      );
      t.true(changed.length <= widened.length);
      t.is(
        lines(formatProfile(after)).filter(line => /^"(origins|counts|first|last|runs|slices)"/.test(line)).length,
        7,
      );
    }),
    { numRuns: 30 },
  );
});
