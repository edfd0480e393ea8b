// Directives with a few fixed values, straight from the table: the strictest value that denies nothing that was seen.
// A stricter one is withheld with the access that forbade it; an access that only may have needed a thing forbids it too.

import type { Access } from '../../process/access.ts';
import { gainOf } from '../../profile/assumptions.ts';
import { indexOf } from '../../profile/fact-index.ts';
import type { Fact, Profile } from '../../profile/profile.ts';
import { type DirectiveRow, holds, valuesIn } from '../directives/row.ts';
import { DIRECTIVE_ROWS, effectsOf, FILTERS_BRING_NO_NEW_PRIVILEGES } from '../directives/table.ts';
import { dispensable } from '../dispensable.ts';
import { CONCERNS, denies, type Effect, placesOfEffect } from '../effects.ts';
import { emptyPlan, failed, type Plan, proposed, succeeded, withheld } from './plan.ts';
import type { Target } from './target.ts';

/** What may have happened counts as if it had: a proposal must not rest on luck. */
function taken(fact: Fact): Access {
  if (fact.kind === 'capability') return { ...fact, certain: true };
  if (fact.kind !== 'feature' || fact.certain === undefined) return fact;
  const { certain: _, ...happened } = fact;
  return happened;
}

const isDenied = (effects: readonly Effect[], fact: Fact, target: Target): boolean =>
  !failed(fact) &&
  dispensable(fact) === null &&
  effects.some(effect => denies(effect, taken(fact), target.sets) !== null);

/** The access because of which filters are out of the question: with User= they bring NoNewPrivileges=yes. */
export function forbidsFilters(profile: Profile, target: Target): Fact | undefined {
  const { user } = target.service ?? {};
  if (user === undefined || user === 'root' || user === '0') return undefined;
  if (!holds(FILTERS_BRING_NO_NEW_PRIVILEGES, target.systemd)) return undefined;
  return succeeded(profile, 'feature').find(fact => gainOf(fact) !== null);
}

/** The facts that these effects may deny, in the profile's order. */
function concerned(effects: readonly Effect[], profile: Profile): Fact[] {
  const kinds = new Set(effects.flatMap(({ deny }) => CONCERNS[deny]));
  // Of paths there may be very many.
  kinds.delete('path');
  return indexOf(profile).select(kinds, new Set(effects.flatMap(placesOfEffect)));
}

function choose(name: string, row: DirectiveRow, profile: Profile, target: Target, plan: Plan): void {
  for (const [value, one] of valuesIn(row, target.systemd).slice(0, -1)) {
    if (one.unproposed === true) continue;
    const effects = effectsOf(one, target.systemd);
    const facts = concerned(effects, profile);
    const denied = facts.find(fact => isDenied(effects, fact, target));
    if (denied === undefined && row.kernel !== undefined && target.kernel?.has(row.kernel) !== true) {
      const because = `the service would not start on a machine without ${row.kernel.replace('-', ' ')}, and nothing is known of this one's`;
      plan.withheld.push(withheld(name, value, because));
      return;
    }
    if (denied === undefined) {
      const spared = facts.filter(
        fact =>
          !failed(fact) &&
          dispensable(fact) !== null &&
          effects.some(effect => denies(effect, fact, target.sets) !== null),
      );
      const without = spared.flatMap(fact => dispensable(fact) ?? []);
      plan.directives.push(proposed(name, value, [row.says, ...new Set(without)].join('; '), spared));
      return;
    }
    plan.withheld.push(withheld(name, value, row.says, [denied]));
  }
}

/** Every directive of kind `choice`, and those that cost nothing whatever was seen. */
export function choices(profile: Profile, target: Target): Plan {
  const plan = emptyPlan();
  const filters = forbidsFilters(profile, target);
  for (const [name, row] of DIRECTIVE_ROWS) {
    if (row.always !== undefined) plan.directives.push(proposed(name, row.always, row.says));
    if (row.kind !== 'choice' || row.never !== undefined) continue;
    if (row.seccomp === true && filters !== undefined) {
      const [strictest = 'yes'] = Object.keys(row.values ?? {});
      plan.withheld.push(withheld(name, strictest, 'with User= it brings NoNewPrivileges=yes', [filters]));
    } else choose(name, row, profile, target, plan);
  }
  return plan;
}
