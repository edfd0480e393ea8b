// Profiles of many runs and hosts become one. Commutative, associative, idempotent on the same run; the empty profile is its identity.
// Everything joins as a semilattice: the greatest count of any one run, the earliest and latest time, unions bounded by order.

import type { Access, Origin } from '../process/access.ts';
import { addExecutable } from './facts.ts';
import { byKey, factKey } from './key.ts';
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

/** The earlier of two origins: by trace, then line, then what else tells them apart. */
function firstOrigin(a: Origin, b: Origin): Origin {
  const order =
    byKey(a.trace, b.trace) ||
    a.line - b.line ||
    byKey(String(a.pid ?? ''), String(b.pid ?? '')) ||
    byKey(a.syscall, b.syscall);
  return order <= 0 ? a : b;
}

/** Both sorted without doubles. */
function union(a: string[], b: string[]): string[] {
  const last = a.at(-1);
  const [first] = b;
  if (first === undefined) return a;
  if (last === undefined || last < first) return [...a, ...b];
  return [...new Set([...a, ...b])].sort(byKey);
}

/** All of two evidences but their runs. */
function joinSeen(a: Seen, b: Seen): Seen {
  const by = { by: [...a.by] };
  for (const exe of b.by) addExecutable(by, exe);
  const slices: Record<string, number> = { ...a.slices };
  for (const [run, bits] of Object.entries(b.slices ?? {})) slices[run] = ((slices[run] ?? 0) | bits) >>> 0;
  const first = least(a.first, b.first);
  const last = greatest(a.last, b.last);
  return {
    count: Math.max(a.count, b.count),
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
    origin: firstOrigin(a.origin, b.origin),
    by: by.by,
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
  readonly #samples = new Map<string, Profile['unrecognised']['samples'][number]>();
  readonly #overflow = new Map<string, number>();
  #sliced = true;

  add(profile: Profile): void {
    for (const { newFacts: _, ...run } of profile.runs) {
      const known = this.#runs.get(run.id);
      this.#runs.set(run.id, known === undefined ? run : joinRun(known, run));
    }
    if (this.#sliced && this.#runs.size > SLICED_RUNS) this.#dropSlices();
    for (const fact of profile.facts) this.#gather(fact);
    for (const sample of profile.unrecognised.samples) this.#samples.set(JSON.stringify(sample), sample);
    if (this.#samples.size > 4 * SAMPLES) this.#trimSamples();
    for (const { what, count } of profile.overflow)
      this.#overflow.set(what, Math.max(this.#overflow.get(what) ?? 0, count));
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
    const sets = this.#runSets(runs);
    const fresh = new Map<string, number>();
    const facts = [...this.#facts]
      .sort(([a], [b]) => byKey(a, b))
      .map(([, { access, seen, runs: bits }]): Fact => {
        const { ids, first } = sets(bits);
        if (first !== undefined) fresh.set(first, (fresh.get(first) ?? 0) + 1);
        return { ...access, evidence: { ...seen, runs: ids } };
      });
    return {
      format: 'allowtrace-profile',
      version: PROFILE_VERSION,
      runs: runs.map(run => ({ ...run, newFacts: fresh.get(run.id) ?? 0 })),
      facts,
      unrecognised: { count, samples: [...this.#samples.values()] },
      overflow: [...this.#overflow].map(([what, count]) => ({ what, count })).sort((a, b) => byKey(a.what, b.what)),
    };
  }

  /** For a set of runs: their ids, sorted, and the earliest run of them. Facts of the same runs share one list. */
  #runSets(runs: readonly Run[]): (bits: RunSet) => { ids: string[]; first: string | undefined } {
    const byId = [...this.#bits].sort(([a], [b]) => byKey(a, b));
    const byTime = runs.flatMap(({ id }): [string, number][] => {
      const bit = this.#bits.get(id);
      return bit === undefined ? [] : [[id, bit]];
    });
    const known = new Map<string, { ids: string[]; first: string | undefined }>();
    return bits => {
      const { key } = bits;
      const answer = known.get(key) ?? {
        ids: byId.flatMap(([id, bit]) => (bits.has(bit) ? [id] : [])),
        first: byTime.find(([, bit]) => bits.has(bit))?.[0],
      };
      known.set(key, answer);
      return answer;
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
    this.#sliced = false;
    for (const gathered of this.#facts.values()) gathered.seen = { ...gathered.seen, slices: {} };
  }
}

/** The access of a fact, without its evidence. */
export function accessOf(fact: Fact): Access {
  const { evidence: _, ...access } = fact;
  return access;
}

/** One profile of many. */
export function mergeProfiles(profiles: Iterable<Profile>): Profile {
  const merger = new ProfileMerger();
  for (const profile of profiles) merger.add(profile);
  return merger.result();
}
