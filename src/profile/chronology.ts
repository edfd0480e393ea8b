// The order of time in a profile: what was missing and appeared later, what was read again long after. Pure.

import type { Mode, PathAccess } from '../process/access.ts';
import { parentOf } from '../process/resolve.ts';
import type { Evidence, Fact, Profile } from './profile.ts';

type PathFact = Fact<PathAccess>;

/** A start is over by then: what is read again after so many seconds may have been replaced meanwhile. */
const START_S = 5;
/** Of a log without time stamps: reading this often is no start. */
const OFTEN = 3;

/** Was `a` first seen before `b`, in one and the same run? */
function isEarlier(a: Evidence, b: Evidence): boolean {
  if (!a.runs.some(run => b.runs.includes(run))) return false;
  if (a.origin.trace === b.origin.trace) return a.origin.line < b.origin.line;
  return a.first !== undefined && b.first !== undefined && a.first < b.first;
}

/** Names that the service makes itself. */
function madeNames(facts: readonly Fact[]): Set<string> {
  const made = new Set<string>();
  for (const fact of facts) {
    if ('errno' in fact && fact.errno !== undefined) continue;
    if (fact.kind === 'move') made.add(fact.to);
    else if (fact.kind === 'path' && (fact.mode === 'create' || fact.mode === 'bind')) {
      made.add(fact.path);
      if (fact.asked !== undefined) made.add(fact.asked);
    }
  }
  return made;
}

/** Names that were missing (ENOENT), and in the same run were there later without the service having made them → the use that found them. */
export function appearedLater({ facts }: Profile): Map<string, PathFact> {
  const made = madeNames(facts);
  const missing = new Map<string, Evidence>();
  for (const fact of facts)
    if (fact.kind === 'path' && fact.errno === 'ENOENT') {
      const known = missing.get(fact.path);
      if (known === undefined || isEarlier(fact.evidence, known)) missing.set(fact.path, fact.evidence);
    }
  const isMade = (path: string): boolean => {
    for (let at = path; at !== '/'; at = parentOf(at)) if (made.has(at)) return true;
    return false;
  };
  const found = new Map<string, PathFact>();
  /** Names that were used before they were missing: they came and went. */
  const before = new Set<string>();
  for (const fact of facts) {
    if (fact.kind !== 'path' || fact.errno !== undefined) continue;
    for (const name of [fact.path, fact.asked ?? fact.path]) {
      const absent = missing.get(name);
      if (absent === undefined || isMade(name)) continue;
      if (!isEarlier(absent, fact.evidence)) before.add(name);
      else if (!found.has(name)) found.set(name, fact);
    }
  }
  for (const name of before) found.delete(name);
  return found;
}

const isMkdir = (fact: PathFact): boolean => fact.mode === 'create' && fact.evidence.origin.syscall.startsWith('mkdir');

/** Directories that the service made where nothing was: they were missing when it started. */
export function madeAnew({ facts }: Profile): Set<string> {
  const passed = facts.filter((fact): fact is PathFact => fact.kind === 'path' && fact.errno === undefined);
  const made = new Map(passed.filter(isMkdir).map(fact => [fact.path, fact]));
  for (const fact of passed) {
    const mkdir = made.get(fact.path);
    // It was there before: the service may have removed it itself.
    if (mkdir !== undefined && mkdir !== fact && (fact.mode === 'delete' || isEarlier(fact.evidence, mkdir.evidence)))
      made.delete(fact.path);
  }
  return new Set(made.keys());
}

const READ: ReadonlySet<Mode> = new Set(['read']);

/** When one path was used, by whomever. */
interface Reads {
  count: number;
  first: number;
  last: number;
  /** Run → the time slices, as bits. */
  slices: Map<string, number>;
}

/** Seconds between the first and the last time slice of the longest run; null: not kept. */
function longestSpan({ slices }: Reads, runs: Profile['runs']): number | null {
  let longest: number | null = null;
  for (const { id, slice } of runs) {
    const bits = slices.get(id) ?? 0;
    if (bits === 0 || slice.unit !== 'seconds') continue;
    const span = (Math.clz32(bits & -bits) - Math.clz32(bits)) * slice.width;
    longest = Math.max(longest ?? 0, span);
  }
  return longest;
}

/** Paths that were used in one of these ways again when the start was long over: they may have been replaced meanwhile. */
export function usedAgain({ facts, runs }: Profile, modes: ReadonlySet<Mode>): Set<string> {
  const found = new Map<string, Reads>();
  for (const fact of facts) {
    if (fact.kind !== 'path' || !modes.has(fact.mode) || fact.errno !== undefined) continue;
    const { count, first, last, slices } = fact.evidence;
    for (const name of new Set([fact.path, fact.asked ?? fact.path])) {
      const reads = found.get(name) ?? { count: 0, first: Number.POSITIVE_INFINITY, last: 0, slices: new Map() };
      reads.count += count;
      reads.first = Math.min(reads.first, first ?? Number.POSITIVE_INFINITY);
      reads.last = Math.max(reads.last, last ?? 0);
      for (const [run, bits] of Object.entries(slices ?? {}))
        reads.slices.set(run, (reads.slices.get(run) ?? 0) | bits);
      found.set(name, reads);
    }
  }
  const isAgain = (reads: Reads): boolean => {
    const span = runs.length > 1 ? longestSpan(reads, runs) : null;
    if (span !== null) return span > START_S;
    return Number.isFinite(reads.first) ? reads.last - reads.first > START_S : reads.count >= OFTEN;
  };
  return new Set([...found].flatMap(([name, reads]) => (reads.count > 1 && isAgain(reads) ? [name] : [])));
}

/** Paths whose content was read again when the start was long over. */
export const readAgain = (profile: Profile): Set<string> => usedAgain(profile, READ);
