// The order of time in a profile: what was missing and appeared later, what was read again long after. Pure.

import type { PathAccess } from '../process/access.ts';
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

/** Was this seen again when the start was long over? Then it may have been replaced meanwhile. */
export function isSeenAgain({ evidence }: Fact, { runs }: Profile): boolean {
  const { count, first, last, slices } = evidence;
  if (count < 2) return false;
  const spans = runs.flatMap(({ id, slice }) => {
    const bits = slices?.[id] ?? 0;
    if (bits === 0 || slice.unit !== 'seconds') return [];
    return [(31 - Math.clz32(bits) - (31 - Math.clz32(bits & -bits))) * slice.width];
  });
  // A slice may begin just before it is over.
  if (spans.length > 0 && runs.length > 1) return spans.some(span => span > START_S);
  return first === undefined || last === undefined ? count >= OFTEN : last - first > START_S;
}
