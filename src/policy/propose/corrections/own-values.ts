// What the unit has already, where that is stricter than what would be proposed: a drop-in must not loosen it unsaid.

import { DIRECTIVE_ROWS, strictness } from '../../directives/table.ts';
import type { Directive } from '../../policy.ts';
import type { Plan } from '../plan.ts';
import type { Target } from '../target.ts';

/** Settings that a path strategy replaces on purpose, and says so. */
const isReplaced = (name: string): boolean => DIRECTIVE_ROWS.get(name)?.kind === 'paths' && name !== 'PrivateTmp';

/** Keeps the unit's own value where it is the stricter one and nothing observed speaks against it. */
export function withOwnValues(plan: Plan, { service, systemd }: Target): Plan {
  const kept = ({ name, value }: Directive): string | null => {
    const own = service?.chosen?.[name];
    const order = strictness(name, systemd);
    if (own === undefined || isReplaced(name) || !order.includes(own)) return null;
    const isDenied = plan.withheld.some(one => one.name === name && one.value === own);
    return !isDenied && order.indexOf(own) < order.indexOf(value) ? own : null;
  };
  const directives = plan.directives.map(directive => {
    const own = kept(directive);
    const because = `the unit has it, and it is stricter than ${directive.name}=${directive.value}`;
    return own === null ? directive : { ...directive, value: own, because };
  });
  return { ...plan, directives };
}
