// How complete a profile is, in terms of what follows from it: how long nothing new was learned, what would have been denied with one part
// left out, and which situations were not observed. Pure.

import type { Profile } from '../../profile/profile.ts';
import { traced } from '../../profile/recorded.ts';
import { type LeftOut, leaveOneOut } from './leave-one-out.ts';
import { type Situation, unseenSituations } from './situations.ts';
import type { Target } from './target.ts';

export interface Completeness {
  /** Seconds of observation behind the newest fact, and in all; null: the logs have no dates. */
  quiet: { seconds: number; observed: number } | null;
  /** Null: too little to leave anything out, or too much to ask about. */
  leftOut: LeftOut | null;
  situations: Situation[];
}

/** A smaller time is a time of day (strace -t), no date. */
const DAY = 86_400;

function quietOf({ runs, facts }: Profile): Completeness['quiet'] {
  const spans = runs.flatMap(({ start = 0, end = 0 }) => (start >= DAY ? [{ start, end }] : []));
  const newest = facts.reduce((latest, { evidence: { first = 0 } }) => Math.max(latest, first), 0);
  if (spans.length === 0 || newest < DAY) return null;
  return {
    seconds: spans.reduce((sum, { start, end }) => sum + Math.max(0, end - Math.max(start, newest)), 0),
    observed: spans.reduce((sum, { start, end }) => sum + end - start, 0),
  };
}

/** `profile`: folded already (profile/patterns.ts). */
export function completeness(whole: Profile, target: Target): Completeness {
  const profile = traced(whole);
  // A log that was saved once is no sample of what the service does.
  const isSample = profile.runs.some(({ mode }) => mode !== 'replay') || profile.runs.length > 1;
  return {
    quiet: quietOf(profile),
    leftOut: isSample ? leaveOneOut(profile, target) : null,
    situations: unseenSituations(profile, target),
  };
}
