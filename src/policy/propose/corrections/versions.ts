// Leaves out of a policy what the target's systemd does not know, directives and values, and says so. Source: the NEWS file of systemd.

import { sinceVersion } from '../../directives/table.ts';
import type { Directive, Policy } from '../../policy.ts';

export function forVersion(policy: Policy): Policy {
  const { systemd } = policy.target;
  const isKnown = ({ name, value }: Directive): boolean => sinceVersion(name, value) <= systemd;
  const unknown = policy.directives.filter(directive => !isKnown(directive));
  if (unknown.length === 0) return policy;
  const names = unknown.map(({ name, value }) => {
    const since = sinceVersion(name, value);
    return `${name}=${since === sinceVersion(name, '') ? '' : value} (systemd ${since})`;
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
