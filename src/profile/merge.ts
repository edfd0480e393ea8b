// Profiles of many runs and hosts become one. Commutative, associative, idempotent on the same run; the empty profile is its identity.
// Everything joins as a semilattice: the greatest count of any one run, the earliest and latest time, unions bounded by order.

import type { Access } from '../process/access.ts';
import { addExecutable } from './facts.ts';
import { byKey, factKey } from './key.ts';
import { type Evidence, type Fact, PROFILE_VERSION, type Profile, type Run } from './profile.ts';

/** Profiles of more runs than this drop their time slices: the runs themselves are the sample then. */
export const SLICED_RUNS = 16;
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
function firstOrigin(a: Evidence, b: Evidence): Evidence['origin'] {
  const order = (evidence: Evidence): string => {
    const { trace, line, pid, syscall } = evidence.origin;
    return `${trace}\0${String(line).padStart(16, '0')}\0${pid ?? ''}\0${syscall}`;
  };
  return order(a) <= order(b) ? a.origin : b.origin;
}

/** Both sorted without doubles. */
function union(a: string[], b: string[]): string[] {
  const last = a.at(-1);
  const [first] = b;
  if (first === undefined) return a;
  if (last === undefined || last < first) return [...a, ...b];
  return [...new Set([...a, ...b])].sort(byKey);
}

function joinEvidence(a: Evidence, b: Evidence): Evidence {
  const by = { by: [...a.by] };
  for (const exe of b.by) addExecutable(by, exe);
  const slices: Record<string, number> = { ...a.slices };
  for (const [run, bits] of Object.entries(b.slices ?? {})) slices[run] = ((slices[run] ?? 0) | bits) >>> 0;
  const first = least(a.first, b.first);
  const last = greatest(a.last, b.last);
  return {
    count: Math.max(a.count, b.count),
    runs: union(a.runs, b.runs),
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
    origin: firstOrigin(a, b),
    by: by.by,
    slices,
  };
}

/** Two facts about the same access. */
export const joinFacts = (a: Fact, b: Fact): Fact => ({ ...a, evidence: joinEvidence(a.evidence, b.evidence) });

/** Two states of one run (a live run is saved many times): the later one is the one that read more lines. */
function joinRun(a: Run, b: Run): Run {
  const rank = (run: Run): string => `${String(run.lines).padStart(16, '0')}\0${JSON.stringify(run)}`;
  return rank(a) >= rank(b) ? a : b;
}

/** Order of runs in the file: by start, then id. */
const byStart = (a: Run, b: Run): number => (a.start ?? 0) - (b.start ?? 0) || byKey(a.id, b.id);

/** Gathers profiles one at a time, in bounded memory: distinct facts and runs only. */
export class ProfileMerger {
  readonly #runs = new Map<string, Run>();
  readonly #facts = new Map<string, Fact>();
  readonly #samples = new Map<string, Profile['unrecognised']['samples'][number]>();
  readonly #overflow = new Map<string, number>();
  #sliced = true;

  add(profile: Profile): void {
    for (const run of profile.runs) {
      const known = this.#runs.get(run.id);
      this.#runs.set(run.id, known === undefined ? run : joinRun(known, run));
    }
    if (this.#sliced && this.#runs.size > SLICED_RUNS) this.#dropSlices();
    for (const fact of profile.facts) {
      const key = factKey(accessOf(fact));
      const known = this.#facts.get(key);
      if (known === undefined) this.#facts.set(key, this.#sliced ? fact : sliceless(fact));
      else {
        const evidence = joinEvidence(known.evidence, this.#sliced ? fact.evidence : sliceless(fact).evidence);
        this.#facts.set(key, { ...known, evidence });
      }
    }
    for (const sample of profile.unrecognised.samples) this.#samples.set(JSON.stringify(sample), sample);
    if (this.#samples.size > 4 * SAMPLES) this.#trimSamples();
    for (const { what, count } of profile.overflow)
      this.#overflow.set(what, Math.max(this.#overflow.get(what) ?? 0, count));
  }

  result(): Profile {
    this.#trimSamples();
    const runs = [...this.#runs.values()].sort(byStart);
    const count = runs.reduce((sum, { unrecognised }) => sum + unrecognised, 0);
    return {
      format: 'allowtrace-profile',
      version: PROFILE_VERSION,
      runs,
      facts: [...this.#facts].sort(([a], [b]) => byKey(a, b)).map(([, fact]) => fact),
      unrecognised: { count, samples: [...this.#samples.values()] },
      overflow: [...this.#overflow].map(([what, count]) => ({ what, count })).sort((a, b) => byKey(a.what, b.what)),
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
    for (const [key, fact] of this.#facts) this.#facts.set(key, sliceless(fact));
  }
}

function sliceless(fact: Fact): Fact {
  const { slices: _, ...evidence } = fact.evidence;
  return { ...fact, evidence: { ...evidence, slices: {} } };
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
