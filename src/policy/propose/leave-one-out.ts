// How sure is a proposal? Each run in turn is left out, a proposal is made of the others, and what the one left out did is put to it. With few
// runs, spans of time take their place. So the answer is computed with the model, and says in the user's terms what would have been denied.

import { byKey, factKey } from '../../profile/key.ts';
import type { Fact, Profile, Run } from '../../profile/profile.ts';
import { withoutRuns } from '../../profile/select.ts';
import { rowOf } from '../../row.ts';
import { check } from '../check/check.ts';
import { NO_COMMANDS } from '../check/unconfined.ts';
import type { Reason } from '../policy.ts';
import { sandboxOf } from '../sandbox/sandbox.ts';
import { inForce } from '../sandbox/settings.ts';
import { linesOf } from './corrections/proven.ts';
import { derive } from './derive.ts';
import { reasonOf } from './paths/needs.ts';
import { failed } from './plan.ts';
import type { Target } from './target.ts';

/** From so many runs on, runs are left out; with fewer, spans of time are, if there are enough of them. */
const RUNS = 3;
const SLICES = 4;
/** Cases at most: each takes a proposal. Larger profiles are not asked about. */
const CASES = 6;
const FACTS = 5_000;
const SHOWN = 3;

export interface LeftOut {
  /** What was left out: one run or several, or a span of time. */
  sample: 'run' | 'span';
  cases: number;
  /** Cases in which something would have been denied. */
  denied: number;
  /** The first few things, and how many there are. */
  accesses: Reason[];
  total: number;
}

/** A case: what the others know, and the facts that only the one left out has. */
interface Case {
  rest: Profile;
  own: Fact[];
}

/** Neighbours in as many groups as there may be cases. */
function grouped<T>(items: readonly T[]): T[][] {
  const count = Math.min(CASES, items.length);
  return Array.from({ length: count }, (_, i) =>
    items.slice(Math.floor((i * items.length) / count), Math.floor(((i + 1) * items.length) / count)),
  );
}

const runCases = (profile: Profile): Case[] =>
  grouped(profile.runs).map(runs => {
    const ids = new Set(runs.map(({ id }) => id));
    return {
      rest: withoutRuns(profile, runs),
      own: profile.facts.filter(({ evidence }) => evidence.runs.every(id => ids.has(id))),
    };
  });

/** The spans of time in which a fact was seen; null: it belongs to a start, or nothing is known. */
function spansOf(
  { evidence: { slices = {} } }: Fact,
  place: (run: string, slice: number) => number | null,
): Set<number> | null {
  const spans = new Set<number>();
  for (const id of Object.keys(slices)) {
    const bits = rowOf(slices, id) ?? 0;
    for (let i = 0; i < 32; i++) {
      if (((bits >>> i) & 1) === 0) continue;
      const span = place(id, i);
      if (span === null) return null;
      spans.add(span);
    }
  }
  return spans.size === 0 ? null : spans;
}

/** Each run's first slice is its start, which happens once and is never left out. */
function spanCases(profile: Profile): Case[] {
  const slices = profile.runs.flatMap(({ id, slice }: Run) =>
    Array.from({ length: Math.max(0, slice.used - 1) }, (_, i) => `${i + 1} ${id}`),
  );
  if (slices.length < SLICES) return [];
  const groups = grouped(slices);
  const spans = new Map(groups.flatMap((group, span) => group.map(name => [name, span] as const)));
  const place = (id: string, slice: number): number | null => spans.get(`${slice} ${id}`) ?? null;
  const alone = groups.map((): Fact[] => []);
  for (const fact of profile.facts) {
    const [span, other] = spansOf(fact, place) ?? [];
    if (span !== undefined && other === undefined) alone[span]?.push(fact);
  }
  return alone.map(own => {
    const gone = new Set(own);
    return { rest: { ...profile, facts: profile.facts.filter(fact => !gone.has(fact)) }, own };
  });
}

/** What a proposal made of the others would have denied. */
function deniedIn({ rest, own }: Case, profile: Profile, target: Target): Fact[] {
  const wanted = new Map(own.filter(fact => !failed(fact)).map(fact => [factKey(fact), fact]));
  if (wanted.size === 0) return [];
  const { assignments = [], commands = NO_COMMANDS } = target.installed ?? {};
  const lines = inForce([...assignments, ...linesOf(derive(rest, target).directives, target)]);
  const { violations } = check(profile, sandboxOf(lines, target), commands);
  return violations.flatMap(({ access }) => wanted.get(factKey(access)) ?? []);
}

/** Null: there is too little to leave anything out, or too much to ask about. `profile`: folded already. */
export function leaveOneOut(profile: Profile, target: Target): LeftOut | null {
  if (profile.facts.length > FACTS) return null;
  const byRun = profile.runs.length >= RUNS;
  const cases = byRun ? runCases(profile) : spanCases(profile);
  if (cases.length === 0) return null;
  const found = cases.map(one => deniedIn(one, profile, target));
  const all = found.flat().sort((a, b) => byKey(factKey(a), factKey(b)));
  return {
    sample: byRun ? 'run' : 'span',
    cases: cases.length,
    denied: found.filter(({ length }) => length > 0).length,
    accesses: all.slice(0, SHOWN).map(reasonOf),
    total: all.length,
  };
}
