// Findings measured against what is accepted: the answer that `check` prints and exits with.

import { type Known, knownKey, knownOf } from './baseline.ts';
import type { Findings, Violation } from './findings.ts';

/** What is put up with. */
export interface Tolerance {
  baseline: readonly Known[];
  /** Rules that nothing used which are too many; null: any number will do. */
  maxUnused: number | null;
  /** Entries of the baseline that no longer occur are a failure too. */
  strict: boolean;
}

export interface Verdict extends Findings {
  fits: boolean;
  /** The unit, for people. */
  unit: string;
  /** How many different accesses the unit was asked about. */
  observed: number;
  /** Violations that the baseline accepts; `violations` holds the others. */
  accepted: Violation[];
  /** Entries of the baseline that were not found any more. */
  stale: Known[];
  /** There is more unused than allowed. */
  tooMuchUnused: boolean;
}

/** Sorts violations into accepted and not, and decides. */
export function judge(findings: Findings, tolerance: Tolerance, subject: { unit: string; observed: number }): Verdict {
  const known = new Map(tolerance.baseline.map(entry => [knownKey(entry), entry]));
  const found = new Set<string>();
  const accepted: Violation[] = [];
  const violations: Violation[] = [];
  for (const violation of findings.violations) {
    const key = knownKey(knownOf(violation));
    found.add(key);
    (known.has(key) ? accepted : violations).push(violation);
  }
  const stale = [...known].filter(([key]) => !found.has(key)).map(([, entry]) => entry);
  const tooMuchUnused = tolerance.maxUnused !== null && findings.unused.length > tolerance.maxUnused;
  return {
    ...findings,
    ...subject,
    fits: violations.length === 0 && !tooMuchUnused && !(tolerance.strict && stale.length > 0),
    violations,
    accepted,
    stale,
    tooMuchUnused,
  };
}
