// Profiles of many runs and hosts become one. Commutative, associative, idempotent on the same run; the empty profile is its identity.
// Everything joins as a semilattice: the greatest count of any one run, the earliest and latest time, unions bounded by order.

import type { Access, Origin } from '../process/access.ts';
import { rowOf } from '../row.ts';
import { withExecutable } from './facts.ts';
import { byKey, factKey } from './key.ts';
import { byFact } from './order.ts';
import { type Evidence, type Fact, PROFILE_VERSION, type Profile, type Run } from './profile.ts';
import { RunSet } from './run-set.ts';

/** Profiles of more runs than this drop their time slices: the runs themselves are the sample then. */
const SLICED_RUNS = 16;
const SAMPLES = 10;

/** The profile of nothing. */
export const emptyProfile = (): Profile => ({
  format: 'allowtrace-profile',
  version: PROFILE_VERSION,
  runs: [],
  facts: [],
  unrecognised: { count: 0, samples: [] },
  overflow: [],
});

const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);
const greatest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);

/** The earlier of two origins: what was traced, by trace, then line, then what else tells them apart. */
function firstOrigin(a: Origin, b: Origin): Origin {
  const order =
    byKey(a.from ?? '', b.from ?? '') ||
    byKey(a.trace, b.trace) ||
    a.line - b.line ||
    byKey(String(a.pid ?? ''), String(b.pid ?? '')) ||
    byKey(a.syscall, b.syscall);
  return order <= 0 ? a : b;
}

/** Both sorted without doubles. */
function union(a: readonly string[], b: readonly string[]): readonly string[] {
  const last = a.at(-1);
  const [first] = b;
  if (first === undefined) return a;
  if (last === undefined || last < first) return [...a, ...b];
  return [...new Set([...a, ...b])].sort(byKey);
}

/** All of two evidences but their runs. */
function joinSeen(a: Seen, b: Seen): Seen {
  const slices: Record<string, number> = { ...a.slices };
  for (const [run, bits] of Object.entries(b.slices ?? {})) slices[run] = ((rowOf(slices, run) ?? 0) | bits) >>> 0;
  const first = least(a.first, b.first);
  const last = greatest(a.last, b.last);
  return {
    count: Math.max(a.count, b.count),
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
    origin: firstOrigin(a.origin, b.origin),
    by: b.by.reduce(withExecutable, a.by),
    slices,
  };
}

const joinEvidence = (a: Evidence, b: Evidence): Evidence => ({ ...joinSeen(a, b), runs: union(a.runs, b.runs) });

/** Two facts about the same access. */
export const joinFacts = (a: Fact, b: Fact): Fact => ({ ...a, evidence: joinEvidence(a.evidence, b.evidence) });

/**
 * Two states of one run (a live run is saved many times): the later one is the one that read more lines. What was new in it depends on the
 * other runs, and is counted when all are known.
 */
function joinRun(a: Run, b: Run): Run {
  const rank = (run: Run): string => `${String(run.lines).padStart(16, '0')}\0${JSON.stringify(run)}`;
  return rank(a) >= rank(b) ? a : b;
}

/** Order of runs in the file: by start, then id. */
const byStart = (a: Run, b: Run): number => (a.start ?? 0) - (b.start ?? 0) || byKey(a.id, b.id);

const isSorted = <T>(list: readonly T[], order: (a: T, b: T) => number): boolean =>
  list.every((item, i) => {
    const before = list[i - 1];
    return before === undefined || order(before, item) < 0;
  });

/** Are these facts as they would come out of a merger: in order, and each once? */
const areMerged = (facts: readonly Fact[]): boolean =>
  isSorted(facts, byFact) && facts.every(({ evidence: { runs } }) => runs.length === 1 || isSorted(runs, byKey));

/** For each run, how many facts no earlier one has seen. `runs` in their order. */
function newFacts(facts: readonly Fact[], runs: readonly Run[]): Map<string, number> {
  const places = new Map(runs.map(({ id }, i) => [id, i]));
  // Facts of the same runs share one list of them.
  const firsts = new Map<readonly string[], string>();
  const firstOf = (ids: readonly string[]): string => {
    const place = Math.min(...ids.map(id => places.get(id) ?? Number.POSITIVE_INFINITY));
    return runs[place]?.id ?? '';
  };
  const found = new Map<string, number>();
  for (const { evidence } of facts) {
    const { runs: ids } = evidence;
    let first = ids.length === 1 ? ids[0] : firsts.get(ids);
    if (first === undefined) {
      first = firstOf(ids);
      firsts.set(ids, first);
    }
    found.set(first, (found.get(first) ?? 0) + 1);
  }
  return found;
}

type Seen = Omit<Evidence, 'runs'>;

/** A fact being gathered. */
interface Gathered {
  access: Access;
  seen: Seen;
  runs: RunSet;
}

/** Gathers profiles one at a time, in bounded memory: distinct facts, runs, and one bit for each pair of them. */
export class ProfileMerger {
  readonly #runs = new Map<string, Run>();
  /** Run id → its bit. */
  readonly #bits = new Map<string, number>();
  readonly #facts = new Map<string, Gathered>();
  /** The facts of the only profile so far, as long as there is nothing to be done about them. */
  #only: Fact[] | null = null;
  readonly #samples = new Map<string, Profile['unrecognised']['samples'][number]>();
  readonly #overflow = new Map<string, number>();
  #sliced = true;

  add(profile: Profile): void {
    for (const { newFacts: _, ...run } of profile.runs) {
      const known = this.#runs.get(run.id);
      this.#runs.set(run.id, known === undefined ? run : joinRun(known, run));
    }
    if (this.#sliced && this.#runs.size > SLICED_RUNS) this.#dropSlices();
    this.#addFacts(profile.facts);
    for (const sample of profile.unrecognised.samples) this.#samples.set(JSON.stringify(sample), sample);
    if (this.#samples.size > 4 * SAMPLES) this.#trimSamples();
    for (const { what, count } of profile.overflow)
      this.#overflow.set(what, Math.max(this.#overflow.get(what) ?? 0, count));
  }

  #addFacts(facts: Fact[]): void {
    if (this.#facts.size === 0 && this.#only === null && this.#sliced && areMerged(facts)) {
      this.#only = facts;
      return;
    }
    this.#gatherOnly();
    for (const fact of facts) this.#gather(fact);
  }

  #gatherOnly(): void {
    for (const fact of this.#only ?? []) this.#gather(fact);
    this.#only = null;
  }

  #gather(fact: Fact): void {
    const { evidence, ...access } = fact;
    const { runs, ...own } = evidence;
    const seen: Seen = this.#sliced ? own : { ...own, slices: {} };
    const key = factKey(access);
    let known = this.#facts.get(key);
    if (known === undefined) {
      known = { access, seen, runs: new RunSet() };
      this.#facts.set(key, known);
    } else known.seen = joinSeen(known.seen, seen);
    for (const id of runs) known.runs.add(this.#bit(id));
  }

  #bit(id: string): number {
    const known = this.#bits.get(id);
    if (known !== undefined) return known;
    this.#bits.set(id, this.#bits.size);
    return this.#bits.size - 1;
  }

  result(): Profile {
    this.#trimSamples();
    const runs = [...this.#runs.values()].sort(byStart);
    const count = runs.reduce((sum, { unrecognised }) => sum + unrecognised, 0);
    const facts = this.#only ?? this.#gathered();
    const fresh = newFacts(facts, runs);
    return {
      format: 'allowtrace-profile',
      version: PROFILE_VERSION,
      runs: runs.map(run => ({ ...run, newFacts: fresh.get(run.id) ?? 0 })),
      facts,
      unrecognised: { count, samples: [...this.#samples.values()] },
      overflow: [...this.#overflow].map(([what, count]) => ({ what, count })).sort((a, b) => byKey(a.what, b.what)),
    };
  }

  #gathered(): Fact[] {
    const idsOf = this.#runLists();
    return [...this.#facts]
      .sort(([a], [b]) => byKey(a, b))
      .map(([, { access, seen, runs }]): Fact => ({ ...access, evidence: { ...seen, runs: idsOf(runs) } }));
  }

  /** For a set of runs their ids, sorted. Facts of the same runs share one list. */
  #runLists(): (runs: RunSet) => string[] {
    const byId = [...this.#bits].sort(([a], [b]) => byKey(a, b));
    const known = new Map<string, string[]>();
    return runs => {
      const { key } = runs;
      const ids = known.get(key) ?? byId.flatMap(([id, bit]) => (runs.has(bit) ? [id] : []));
      known.set(key, ids);
      return ids;
    };
  }

  #trimSamples(): void {
    const order = (key: string): string => {
      const sample = this.#samples.get(key);
      return `${sample?.trace ?? ''}\0${String(sample?.line ?? 0).padStart(16, '0')}\0${key}`;
    };
    const kept = [...this.#samples.keys()].sort((a, b) => byKey(order(a), order(b))).slice(0, SAMPLES);
    const samples = kept.flatMap(key => {
      const sample = this.#samples.get(key);
      return sample === undefined ? [] : [[key, sample] as const];
    });
    this.#samples.clear();
    for (const [key, sample] of samples) this.#samples.set(key, sample);
  }

  #dropSlices(): void {
    this.#gatherOnly();
    this.#sliced = false;
    for (const gathered of this.#facts.values()) gathered.seen = { ...gathered.seen, slices: {} };
  }
}

/** One profile of many. */
export function mergeProfiles(profiles: Iterable<Profile>): Profile {
  const merger = new ProfileMerger();
  for (const profile of profiles) merger.add(profile);
  return merger.result();
}
