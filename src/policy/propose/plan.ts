// One part of a proposal while it is made: directives, what was withheld, and what has to be said about them.

import { isBelow } from '../../process/resolve.ts';
import { type FactKind, type FactOf, indexOf } from '../../profile/fact-index.ts';
import type { Fact, Profile } from '../../profile/profile.ts';
import type { Directive, Note, Withheld } from '../policy.ts';
import { reasonOf } from './paths/needs.ts';

export interface Plan {
  directives: Directive[];
  withheld: Withheld[];
  notes: Note[];
}

export const emptyPlan = (): Plan => ({ directives: [], withheld: [], notes: [] });

const EVIDENCE = 4;

/** A directive of the [Service] section that rests on these facts; an empty list: on their absence. */
export function proposed(
  name: string,
  value: string,
  because: string,
  facts: readonly Fact[] = [],
  wider: readonly string[] = [],
): Directive {
  return {
    section: 'Service',
    name,
    value,
    because,
    evidence: facts.slice(0, EVIDENCE).map(reasonOf),
    seen: facts.reduce((sum, { evidence }) => sum + evidence.count, 0),
    ...(wider.length === 0 ? {} : { wider: wider.join('; ') }),
  };
}

export const withheld = (name: string, value: string, because: string, facts: readonly Fact[] = []): Withheld => ({
  name,
  value,
  because,
  evidence: facts.slice(0, EVIDENCE).map(reasonOf),
});

/** Why a directive is not to be proposed after all, and what was seen that says so. */
export interface Objection {
  because: string;
  facts?: readonly Fact[];
}

/** A plan without the directives to which there is an objection. */
export function takenBack(plan: Plan, objectionTo: (directive: Directive) => Objection | null): Plan {
  const kept: Plan = { ...plan, directives: [], withheld: [...plan.withheld] };
  for (const directive of plan.directives) {
    const objection = objectionTo(directive);
    if (objection === null) kept.directives.push(directive);
    else kept.withheld.push(withheld(directive.name, directive.value, objection.because, objection.facts));
  }
  return kept;
}

/** Did the access fail when it was seen? Then no rule has to allow it. */
export const failed = (fact: Fact): boolean => 'errno' in fact && fact.errno !== undefined;

/** The facts of one kind that did not fail. */
export function succeeded<K extends FactKind>(profile: Profile, kind: K): FactOf<K>[] {
  return indexOf(profile)
    .ofKind(kind)
    .filter(fact => !failed(fact));
}

/** The facts about paths at or below `top` that did not fail. */
export function succeededBelow(profile: Profile, top: string): FactOf<'path'>[] {
  return indexOf(profile)
    .select([], [top])
    .filter((fact): fact is FactOf<'path'> => fact.kind === 'path' && !failed(fact) && isBelow(fact.path, top));
}
