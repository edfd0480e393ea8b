// Leaves out of a policy what the target's systemd does not know, directives and values, and says so. Source: the NEWS file of systemd.

import { DIRECTIVE_ROWS } from '../directives.ts';
import type { Directive, Policy } from '../policy.ts';

/** The first version of systemd that takes this directive with this value. */
export function sinceVersion(name: string, value: string): number {
  const row = DIRECTIVE_ROWS.get(name);
  return Math.max(row?.since ?? 0, row?.later?.[value] ?? 0);
}

export function forVersion(policy: Policy): Policy {
  const { systemd } = policy.target;
  const isKnown = ({ name, value }: Directive): boolean => sinceVersion(name, value) <= systemd;
  const unknown = policy.directives.filter(directive => !isKnown(directive));
  if (unknown.length === 0) return policy;
  const names = unknown.map(({ name, value }) => {
    const ofValue = DIRECTIVE_ROWS.get(name)?.later?.[value];
    return `${name}=${ofValue === undefined ? '' : value} (systemd ${sinceVersion(name, value)})`;
  });
  return {
    ...policy,
    directives: policy.directives.filter(isKnown),
    notes: [
      ...policy.notes,
      { kind: 'version', text: `systemd ${systemd} does not know ${[...new Set(names)].join(', ')}: left out` },
    ],
  };
}
