// Findings measured against what is accepted: the answer that `check` prints and exits with.

import type { Access } from '../../process/access.ts';
import type { Findings, Ignored, Violation } from '../findings.ts';
import { type Known, knownKey, knownOf } from './baseline.ts';

/** What is put up with. */
export interface Tolerance {
  baseline: readonly Known[];
  /** Rules that nothing used which are too many; null: any number will do. */
  maxUnused: number | null;
  /** Entries of the baseline that no longer occur are a failure too. */
  strict: boolean;
}

/** What a verdict is about. */
export interface Subject {
  unit: string;
  observed: number;
  /** Why the profile is incomplete evidence, in words. */
  incomplete: readonly string[];
  /** What systemd ignores of the unit. */
  ignored: readonly Ignored[];
  /** Replaces volatile names in an access. */
  fold: (access: Access) => Access;
}

export interface Verdict extends Findings {
  fits: boolean;
  /** Each violation as it is known again in another run. */
  known: ReadonlyMap<Violation, Known>;
  /** The unit, for people. */
  unit: string;
  /** How many different accesses the unit was asked about. */
  observed: number;
  /** Why the evidence is incomplete: what is missing may be denied too. */
  incomplete: readonly string[];
  /** What systemd ignores of the unit, so that the sandbox is another than its lines say. */
  ignored: readonly Ignored[];
  /** Violations that the baseline accepts; `violations` holds the others. */
  accepted: Violation[];
  /** Entries of the baseline that were not found any more. */
  stale: Known[];
  /** There is more unused than allowed. */
  tooMuchUnused: boolean;
}

/** Nothing of the unit was left out of the verdict. */
export const isWhole = ({ unknown, unjudged, ignored }: Verdict): boolean =>
  unknown.length === 0 && unjudged.length === 0 && ignored.length === 0;

/** Sorts violations into accepted and not, and decides. */
export function verdictOf(
  findings: Findings,
  tolerance: Tolerance,
  { unit, observed, incomplete, ignored, fold }: Subject,
): Verdict {
  const baseline = new Map(tolerance.baseline.map(entry => [knownKey(entry), entry]));
  const known = new Map<Violation, Known>();
  const found = new Set<string>();
  const accepted: Violation[] = [];
  const violations: Violation[] = [];
  for (const violation of findings.violations) {
    const entry = knownOf(violation, fold);
    known.set(violation, entry);
    const key = knownKey(entry);
    found.add(key);
    (baseline.has(key) ? accepted : violations).push(violation);
  }
  const stale = [...baseline].filter(([key]) => !found.has(key)).map(([, entry]) => entry);
  const tooMuchUnused = tolerance.maxUnused !== null && findings.unused.length > tolerance.maxUnused;
  return {
    ...findings,
    unit,
    observed,
    incomplete,
    ignored,
    known,
    fits: violations.length === 0 && !tooMuchUnused && !(tolerance.strict && stale.length > 0),
    violations,
    accepted,
    stale,
    tooMuchUnused,
  };
}
