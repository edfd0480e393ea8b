// CapabilityBoundingSet= from the calls that needed a capability, and from files that root could only use because it is root.
// AmbientCapabilities= for a unit that has them. Source: capabilities(7). A capability that only may have been needed is kept, and said.

import { ROWS } from '../../../process/syscalls.ts';
import type { Fact, Profile } from '../../../profile/profile.ts';
import { dispensable } from '../../dispensable.ts';
import { emptyPlan, type Plan, proposed, succeeded } from '../plan.ts';
import type { Target } from '../target.ts';

/** Why one capability stays. */
export interface Cause {
  facts: Fact[];
  /** The call would have failed without it; else the log does not show what would decide. */
  certain: boolean;
  /** In a few words: `fchown to 1001:1001`. */
  why: string;
}

type CapabilityFact = Extract<Fact, { kind: 'capability' }>;

/** Those that calls succeeded with, and could not do without. */
export const usedCapabilities = (profile: Profile): CapabilityFact[] =>
  succeeded(profile, 'capability').filter(fact => dispensable(fact) === null);

/** open_by_handle_at(2), and linkat(2) of a descriptor. */
const asksForSearch = ({ evidence }: Fact): boolean =>
  ROWS.get(evidence.origin.syscall)?.needs?.some(need => need.startsWith('CAP_DAC_READ_SEARCH')) === true;

/** capability → why it stays. The facts of paths are looked at too, see ownership.ts. */
export function neededCapabilities(profile: Profile): Map<string, Cause> {
  const causes = new Map<string, Cause>();
  for (const fact of usedCapabilities(profile)) {
    const { name, certain, syscall, detail } = fact;
    const why = detail === undefined ? syscall : `${syscall}: ${detail}`;
    const cause = causes.get(name);
    if (cause === undefined) causes.set(name, { facts: [fact], certain, why });
    // What certainly needed it is the better evidence.
    else if (certain && !cause.certain) causes.set(name, { facts: [fact, ...cause.facts], certain, why });
    else cause.facts.push(fact);
  }
  // The stronger one does what the weaker one does, but for calls that ask for that one.
  const search = causes.get('CAP_DAC_READ_SEARCH');
  if (causes.has('CAP_DAC_OVERRIDE') && search?.facts.every(fact => !asksForSearch(fact)) === true)
    causes.delete('CAP_DAC_READ_SEARCH');
  return new Map([...causes].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const word = (name: string): string => name.replace(/^CAP_/, '').toLowerCase();

const doubtOf = (names: readonly string[]): string[] =>
  names.length === 0
    ? []
    : [`the log does not show whether ${names.join(', ')} ${names.length === 1 ? 'was' : 'were'} needed`];

export function capabilityDirectives(profile: Profile, target: Target): Plan {
  const plan = emptyPlan();
  const causes = neededCapabilities(profile);
  const names = [...causes.keys()];
  const spared = succeeded(profile, 'capability').flatMap(fact =>
    causes.has(fact.name) ? [] : (dispensable(fact) ?? []),
  );
  const doubtful = names.filter(name => causes.get(name)?.certain === false);
  const brief = doubtful.length === 0 ? {} : { brief: `perhaps not needed: ${doubtful.join(', ')}` };
  plan.directives.push({
    ...brief,
    ...proposed(
      'CapabilityBoundingSet',
      names.join(' '),
      [
        names.length === 0
          ? 'no call needed a capability'
          : [...causes].map(([name, { why }]) => `${word(name)} (${why})`).join(', '),
        ...new Set(spared),
      ].join('; '),
      [...causes.values()].flatMap(({ facts }) => facts.slice(0, 1)),
      doubtOf(doubtful),
    ),
    seen: [...causes.values()].flatMap(({ facts }) => facts).reduce((sum, { evidence }) => sum + evidence.count, 0),
  });
  ambient(causes, target, plan);
  return plan;
}

/** A unit with AmbientCapabilities= keeps those that were needed. */
function ambient(causes: ReadonlyMap<string, Cause>, target: Target, plan: Plan): void {
  const given = target.service?.ambient ?? [];
  if (given.length === 0) return;
  const kept = given.filter(name => causes.has(name));
  plan.directives.push(
    proposed(
      'AmbientCapabilities',
      kept.join(' '),
      kept.length === 0 ? 'none of those the unit gives was needed' : 'those of the unit that were needed',
      kept.flatMap(name => causes.get(name)?.facts.slice(0, 1) ?? []),
      doubtOf(kept.filter(name => causes.get(name)?.certain === false)),
    ),
  );
  for (const name of given.filter(name => !causes.has(name)))
    plan.notes.push({
      kind: 'assumption',
      text: `${name}, which the unit gives the service, is not needed by any observed call`,
    });
}
