// How much of what a service does has been seen: Chao2 and Good–Turing estimates from how many runs, or time slices of runs, each
// fact was seen in. Pure. Formulas, sources and when not to trust them: docs/coverage.md.

import { isByChance } from '../process/ports.ts';
import { rowOf } from '../row.ts';
import type { Fact, Profile, Run } from './profile.ts';
import { traced } from './recorded.ts';

/** From this many runs on, runs are the samples; with fewer, the time slices of the runs are, where there are enough. */
const RUN_SAMPLES = 5;
/** Fewer samples than this say nothing. */
const FEWEST_SLICES = 5;
const FEWEST_RUNS = 2;
/** Points of the discovery curve at most. */
const CURVE_POINTS = 64;
const Z95 = 1.96;

/** One point of the discovery curve: after `samples` samples (at `time`, Unix seconds, when known) `facts` were known. */
export interface CurvePoint {
  samples: number;
  facts: number;
  time?: number;
}

export interface Coverage {
  /** What one sample is. */
  sample: 'run' | 'slice';
  /** Samples taken. */
  samples: number;
  /** Facts seen in the samples; seen in exactly one; in exactly two. */
  observed: number;
  once: number;
  twice: number;
  /** Pairs of a fact and a sample that saw it. */
  incidences: number;
  /** Estimated number of facts there are (Chao2: a lower bound), its standard error and 95 % confidence interval. */
  total: number;
  totalError: number;
  totalInterval: readonly [number, number];
  /** Estimated share of future observations that are of known facts (Good–Turing; 0…1), and its standard error (jackknife). */
  coverage: number;
  coverageError: number;
  /** Facts that are expected to be new in the next sample. */
  nextNew: number;
  /** Known facts by samples, oldest first. */
  curve: CurvePoint[];
  /** When the newest fact was first seen: sample number (from 1), and Unix seconds when the trace has time stamps. */
  lastNew: { sample: number; time?: number };
}

/** For each fact, in which samples it was seen (indices below `samples`, ascending); gone through once. */
export interface Incidence {
  samples: number;
  seen: Iterable<readonly number[]>;
}

/** All that is asked of an incidence, counted. */
interface Tally {
  samples: number;
  /** Facts that were seen in any sample, and in how many, added up. */
  observed: number;
  incidences: number;
  /** Of each sample: facts that it saw, those that one, two or three samples saw, and those that no earlier one saw. */
  all: Float64Array;
  ones: Float64Array;
  twos: Float64Array;
  threes: Float64Array;
  fresh: Float64Array;
}

function count({ samples, seen }: Incidence): Tally {
  const per = (): Float64Array => new Float64Array(samples);
  const [all, ones, twos, threes, fresh] = [per(), per(), per(), per(), per()];
  const tally: Tally = { samples, observed: 0, incidences: 0, all, ones, twos, threes, fresh };
  const few = [undefined, ones, twos, threes];
  for (const indices of seen) {
    const [first] = indices;
    if (first === undefined) continue;
    tally.observed++;
    tally.incidences += indices.length;
    fresh[first] = (fresh[first] ?? 0) + 1;
    const sharing = few[indices.length];
    for (const i of indices) {
      all[i] = (all[i] ?? 0) + 1;
      if (sharing !== undefined) sharing[i] = (sharing[i] ?? 0) + 1;
    }
  }
  return tally;
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** Facts that decide about rules; what was only concluded or could not be seen is no observation. */
function isObserved(fact: Fact): boolean {
  if (fact.kind === 'blind' || fact.kind === 'unresolved' || fact.kind === 'process') return false;
  if (fact.kind === 'syscall') return fact.assumed !== true;
  return fact.kind !== 'path' || fact.inferred === undefined;
}

/** Family and transport of an internet socket that was bound; null for all other facts. */
const boundKind = (fact: Fact): string | null =>
  fact.kind === 'address' && fact.op === 'bind' && fact.family.startsWith('AF_INET')
    ? `${fact.family} ${fact.transport ?? ''}`
    : null;

/** Where chance chose ports, any of the kind may be bound: one more, as a resolver takes for each question, decides nothing. */
function withoutChance(facts: readonly Fact[]): Fact[] {
  const open = new Set(
    facts.flatMap(fact => (fact.kind === 'address' && isByChance(fact.port) ? [boundKind(fact)] : [])),
  );
  return facts.filter(fact => {
    const kind = boundKind(fact);
    return kind === null || !open.has(kind);
  });
}

type Estimate = Pick<
  Coverage,
  | 'samples'
  | 'observed'
  | 'once'
  | 'twice'
  | 'incidences'
  | 'total'
  | 'totalError'
  | 'totalInterval'
  | 'coverage'
  | 'coverageError'
  | 'nextNew'
>;

/** The estimates alone, from any incidence data; null for fewer than two samples or when nothing was seen. */
export function estimate(incidence: Incidence): Estimate | null {
  return estimateOf(count(incidence));
}

function estimateOf(tally: Tally): Estimate | null {
  const { samples, observed, incidences } = tally;
  if (samples < FEWEST_RUNS || observed === 0) return null;
  const once = sum(tally.ones);
  // Each of these facts stands in two samples.
  const twice = sum(tally.twos) / 2;
  const total = observed + unseen(samples, once, twice);
  const totalError = Math.sqrt(chao2Variance(samples, once, twice, total));
  return {
    samples,
    observed,
    once,
    twice,
    incidences,
    total,
    totalError,
    totalInterval: interval(observed, total, totalError),
    coverage: goodTuring(samples, incidences, once, twice),
    coverageError: jackknife(tally, once, twice),
    nextNew: (once * newShare(samples, once, twice)) / samples,
  };
}

/** Chao2: how many facts no sample has shown. */
function unseen(samples: number, once: number, twice: number): number {
  const a = (samples - 1) / samples;
  return twice > 0 ? (a * once * once) / (2 * twice) : (a * once * (once - 1)) / 2;
}

function chao2Variance(samples: number, once: number, twice: number, total: number): number {
  const a = (samples - 1) / samples;
  if (twice > 0) {
    const r = once / twice;
    return twice * ((a / 2) * r ** 2 + a ** 2 * r ** 3 + (a ** 2 / 4) * r ** 4);
  }
  const variance =
    (a * once * (once - 1)) / 2 + (a ** 2 * once * (2 * once - 1) ** 2) / 4 - (a ** 2 * once ** 4) / (4 * total);
  return Math.max(0, variance);
}

/** Log-normal interval: never below what was observed. */
function interval(observed: number, total: number, error: number): readonly [number, number] {
  const hidden = total - observed;
  if (hidden <= 0) return [observed, observed];
  const factor = Math.exp(Z95 * Math.sqrt(Math.log(1 + (error / hidden) ** 2)));
  return [observed + hidden / factor, observed + hidden * factor];
}

/** The share of the facts seen once that the next sample is expected to repeat as new ones: the refinement of Chao and Jost. */
function newShare(samples: number, once: number, twice: number): number {
  if (once === 0) return 0;
  const repeats = twice > 0 ? 2 * twice : once > 1 ? (2 * once) / (once - 1) : 2;
  return ((samples - 1) * once) / ((samples - 1) * once + repeats);
}

function goodTuring(samples: number, incidences: number, once: number, twice: number): number {
  return incidences === 0 ? 0 : 1 - (once / incidences) * newShare(samples, once, twice);
}

/** Standard error of the coverage: how much it moves when each sample in turn is left out. */
function jackknife({ samples, incidences, all, ones, twos, threes }: Tally, once: number, twice: number): number {
  const left = Array.from({ length: samples }, (_, i) => {
    const [here, one, two, three] = [all[i] ?? 0, ones[i] ?? 0, twos[i] ?? 0, threes[i] ?? 0];
    return goodTuring(samples - 1, incidences - here, once - one + two, twice - two + three);
  });
  const mean = left.reduce((sum, value) => sum + value, 0) / samples;
  return Math.sqrt(((samples - 1) / samples) * left.reduce((sum, value) => sum + (value - mean) ** 2, 0));
}

/** The samples of a profile: which there are, when each began, and which facts each saw. */
interface Samples extends Incidence {
  sample: Coverage['sample'];
  times: readonly (number | undefined)[];
}

/** One after the other: the lists of very many facts would fill the memory. */
function* mapped<T, R>(items: Iterable<T>, change: (item: T) => R): Iterable<R> {
  for (const item of items) yield change(item);
}

function runSamples(runs: readonly Run[], facts: readonly Fact[]): Samples {
  const index = new Map(runs.map(({ id }, i) => [id, i]));
  const indicesOf = ({ evidence }: Fact): number[] =>
    evidence.runs.flatMap(id => index.get(id) ?? []).sort((a, b) => a - b);
  return { sample: 'run', samples: runs.length, seen: mapped(facts, indicesOf), times: runs.map(({ start }) => start) };
}

/** The slices of all runs one after the other, without each run's first: starting up happens once and is no sample of the rest. */
function sliceSamples(runs: readonly Run[], facts: readonly Fact[]): Samples {
  const offsets = new Map<string, { from: number; used: number }>();
  const times: (number | undefined)[] = [];
  for (const { id, slice, start } of runs) {
    offsets.set(id, { from: times.length, used: slice.used });
    for (let i = 1; i < slice.used; i++)
      times.push(start === undefined || slice.unit !== 'seconds' ? undefined : start + i * slice.width);
  }
  const indicesIn = (slices: Readonly<Record<string, number>>): number[] => {
    const indices: number[] = [];
    let seenIn = 0;
    for (const id in slices) {
      const run = offsets.get(id);
      const bits = rowOf(slices, id) ?? 0;
      if (run === undefined || bits === 0) continue;
      seenIn++;
      for (let i = 1; i < run.used; i++) if (((bits >>> i) & 1) === 1) indices.push(run.from + i - 1);
    }
    return seenIn > 1 ? indices.sort((a, b) => a - b) : indices;
  };
  // The facts of one run share what tells their slices.
  let last = { slices: {}, indices: indicesIn({}) };
  const indicesOf = ({ evidence: { slices = {} } }: Fact): number[] => {
    if (slices !== last.slices) last = { slices, indices: indicesIn(slices) };
    return last.indices;
  };
  return { sample: 'slice', samples: times.length, seen: mapped(facts, indicesOf), times };
}

function samplesOf(profile: Profile, facts: readonly Fact[]): Samples | null {
  const { runs } = profile;
  if (runs.length >= RUN_SAMPLES) return runSamples(runs, facts);
  const slices = sliceSamples(runs, facts);
  if (slices.samples >= FEWEST_SLICES) return slices;
  return runs.length >= FEWEST_RUNS ? runSamples(runs, facts) : null;
}

function discovery({ samples, fresh }: Tally, times: Samples['times']): Pick<Coverage, 'curve' | 'lastNew'> {
  const at = (i: number): { time?: number } => {
    const time = times[i];
    return time === undefined ? {} : { time };
  };
  let facts = 0;
  const all = Array.from(fresh, (found, i): CurvePoint => {
    facts += found;
    return { samples: i + 1, facts, ...at(i) };
  });
  const step = Math.max(1, samples / CURVE_POINTS);
  const curve = all.filter((_, i) => i === samples - 1 || Math.floor(i / step) !== Math.floor((i - 1) / step));
  const last = fresh.findLastIndex(found => found > 0);
  return { curve, lastNew: { sample: last + 1, ...at(last) } };
}

/**
 * How complete a profile is; null when it holds too few runs and slices to say. Give it a profile whose volatile names are folded
 * (patterns.ts): otherwise every temporary file counts as one more unseen fact.
 */
export function coverage(whole: Profile): Coverage | null {
  const profile = traced(whole);
  const facts = withoutChance(profile.facts.filter(isObserved));
  const samples = samplesOf(profile, facts);
  if (samples === null) return null;
  const tally = count(samples);
  const numbers = estimateOf(tally);
  return numbers === null ? null : { sample: samples.sample, ...numbers, ...discovery(tally, samples.times) };
}

/**
 * The coverage that can be relied on: less its standard error, and no more than the incidences can show. Where nothing was seen just once the
 * estimate is 1 ± 0, after however little; by the rule of three, `n` observations without a new one leave up to 3/n open at 95 %.
 */
export function assured({ coverage: share, coverageError, incidences }: Coverage): number {
  return Math.max(0, Math.min(share - coverageError, 1 - 3 / incidences));
}

/** Samples still needed until the coverage is `target`, by extrapolation; Infinity beyond twice what was sampled, where it cannot be trusted. */
export function samplesUntil({ samples, once, twice, coverage: now }: Coverage, target: number): number {
  if (now >= target || once === 0) return 0;
  const needed = Math.log((1 - target) / (1 - now)) / Math.log(newShare(samples, once, twice));
  return needed > samples ? Number.POSITIVE_INFINITY : Math.ceil(needed);
}
