// Keeping only what was seen widely enough, or lately enough. What is dropped is given back, so that it can be told. Pure.

import type { Fact, Profile, Run } from './profile.ts';

export interface Selection {
  /** Facts must have been seen in so many runs, on so many hosts (runs of unknown host count as hosts of their own). */
  minRuns?: number | undefined;
  minHosts?: number | undefined;
  /** Unix seconds: older runs, and facts last seen before, are stale. What has no date stays. */
  since?: number | undefined;
}

export interface Selected {
  profile: Profile;
  /** Facts and runs that were dropped, each fact with the reason in words. */
  dropped: { fact: Fact; why: string }[];
  droppedRuns: Run[];
}

/** Smaller times are times of day (strace -t), not dates. */
const DAY = 86_400;

const isBefore = (time: number | undefined, since: number | undefined): boolean =>
  since !== undefined && time !== undefined && time >= DAY && time < since;

/** Why a fact is dropped; null: it stays. A blind spot always stays: it allows nothing, and warns. */
function reason(
  fact: Fact,
  runs: readonly string[],
  hosts: ReadonlyMap<string, string>,
  wanted: Selection,
): string | null {
  if (fact.kind === 'blind') return null;
  if (runs.length === 0 || isBefore(fact.evidence.last, wanted.since)) return 'not seen since';
  const { minRuns = 0, minHosts = 0 } = wanted;
  if (runs.length < minRuns) return `seen in ${runs.length} of the ${minRuns} runs it takes`;
  if (minHosts === 0) return null;
  const seen = new Set(runs.map(id => hosts.get(id) ?? id)).size;
  return seen < minHosts ? `seen on ${seen} of the ${minHosts} hosts it takes` : null;
}

/** The part of a profile that `wanted` describes. */
export function select(profile: Profile, wanted: Selection): Selected {
  const droppedRuns = profile.runs.filter(({ end }) => isBefore(end, wanted.since));
  const gone = new Set(droppedRuns.map(({ id }) => id));
  const hosts = new Map(profile.runs.map(({ id, host }) => [id, host ?? id]));
  const dropped: Selected['dropped'] = [];
  const facts: Fact[] = [];
  for (const fact of profile.facts) {
    const runs = gone.size === 0 ? fact.evidence.runs : fact.evidence.runs.filter(id => !gone.has(id));
    const why = reason(fact, runs, hosts, wanted);
    if (why !== null) {
      dropped.push({ fact, why });
      continue;
    }
    const slices = Object.fromEntries(Object.entries(fact.evidence.slices ?? {}).filter(([id]) => !gone.has(id)));
    facts.push(gone.size === 0 ? fact : { ...fact, evidence: { ...fact.evidence, runs, slices } });
  }
  const runs = profile.runs.filter(({ id }) => !gone.has(id));
  return { profile: { ...profile, runs, facts }, dropped, droppedRuns };
}

/** All of a profile but what only these runs have seen. */
export function withoutRuns(profile: Profile, runs: readonly Run[]): Profile {
  const gone = new Set(runs.map(({ id }) => id));
  if (!profile.runs.some(({ id }) => gone.has(id))) return profile;
  const facts = profile.facts.flatMap(fact => {
    const left = fact.evidence.runs.filter(id => !gone.has(id));
    if (left.length === 0) return [];
    const slices = Object.fromEntries(Object.entries(fact.evidence.slices ?? {}).filter(([id]) => !gone.has(id)));
    return [{ ...fact, evidence: { ...fact.evidence, runs: left, slices } }];
  });
  return { ...profile, runs: profile.runs.filter(({ id }) => !gone.has(id)), facts };
}
