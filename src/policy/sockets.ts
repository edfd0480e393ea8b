// RestrictAddressFamilies= and RestrictNamespaces= from the sockets and namespaces that were made.

import type { Fact, Profile } from '../profile/profile.ts';
import { reasonOf } from './path-needs.ts';
import type { PathPlan } from './strict.ts';

const ALL_NAMESPACES: readonly string[] = ['cgroup', 'ipc', 'net', 'mnt', 'pid', 'user', 'uts', 'time'];

const distinct = <K extends Fact['kind']>(
  profile: Profile,
  kind: K,
  name: (fact: Extract<Fact, { kind: K }>) => string,
): Map<string, Fact> => {
  const found = new Map<string, Fact>();
  for (const fact of profile.facts)
    if (isKind(fact, kind) && !('errno' in fact && fact.errno !== undefined) && !found.has(name(fact)))
      found.set(name(fact), fact);
  return found;
};

function isKind<K extends Fact['kind']>(fact: Fact, kind: K): fact is Extract<Fact, { kind: K }> {
  return fact.kind === kind;
}

export function socketDirectives(profile: Profile): PathPlan {
  const plan: PathPlan = { directives: [], withheld: [], notes: [] };
  const families = distinct(profile, 'socket', fact => fact.family);
  const names = [...families.keys()].map(name => (name === 'AF_LOCAL' ? 'AF_UNIX' : name)).sort();
  plan.directives.push({
    section: 'Service',
    name: 'RestrictAddressFamilies',
    value: names.length === 0 ? 'none' : names.join(' '),
    because: names.length === 0 ? 'no socket was made' : 'the only kinds of sockets that were made',
    evidence: [...families.values()].slice(0, 4).map(reasonOf),
    seen: [...families.values()].reduce((sum, { evidence }) => sum + evidence.count, 0),
  });
  const namespaces = distinct(profile, 'namespace', fact => fact.type);
  const types = namespaces.has('any') ? ALL_NAMESPACES : [...namespaces.keys()].sort();
  if (types === ALL_NAMESPACES)
    plan.withheld.push({
      name: 'RestrictNamespaces',
      value: 'yes',
      because: 'a namespace of unknown kind was entered',
      evidence: [...namespaces.values()].map(reasonOf),
    });
  else
    plan.directives.push({
      section: 'Service',
      name: 'RestrictNamespaces',
      value: types.length === 0 ? 'yes' : types.join(' '),
      because:
        types.length === 0 ? 'no namespace was made or entered' : 'the only namespaces that were made or entered',
      evidence: [...namespaces.values()].map(reasonOf),
      seen: [...namespaces.values()].reduce((sum, { evidence }) => sum + evidence.count, 0),
    });
  return plan;
}
