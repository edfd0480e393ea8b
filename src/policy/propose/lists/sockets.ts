// RestrictAddressFamilies= and RestrictNamespaces= from the sockets and namespaces that were made.

import type { Fact, Profile } from '../../../profile/profile.ts';
import { emptyPlan, type Plan, proposed, succeeded, withheld } from '../plan.ts';
import type { Target } from '../target.ts';

/** The Internet in its two versions: which of them a program uses is a matter of its version, its libraries, name servers and peers. */
const INTERNET: readonly string[] = ['AF_INET', 'AF_INET6'];

function grouped<F extends Fact>(facts: readonly F[], name: (fact: F) => string): [string, F[]][] {
  const groups = new Map<string, F[]>();
  for (const fact of facts) groups.set(name(fact), [...(groups.get(name(fact)) ?? []), fact]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** One of each kind is evidence enough. */
const firsts = <F>(groups: readonly [string, F[]][]): F[] => groups.flatMap(([, facts]) => facts.slice(0, 1));

/** The other version of the Internet, where only one was observed; an exact list goes without it. */
const otherInternet = (names: readonly string[], { syscalls }: Pick<Target, 'syscalls'>): string[] =>
  syscalls !== 'exact' && INTERNET.some(name => names.includes(name))
    ? INTERNET.filter(name => !names.includes(name))
    : [];

/** Address families by which sockets were made; `none` when there were none. */
export function addressFamilies(profile: Profile, target: Pick<Target, 'syscalls'>): Plan {
  const plan = emptyPlan();
  const families = grouped(succeeded(profile, 'socket'), ({ family }) => (family === 'AF_LOCAL' ? 'AF_UNIX' : family));
  // A number is a family that strace has no name for: systemd takes names only.
  const unnamed = families.filter(([name]) => !/^AF_\w+$/.test(name));
  for (const [name, facts] of unnamed)
    plan.withheld.push(withheld('RestrictAddressFamilies', 'the observed families', `${name} has no name`, facts));
  if (unnamed.length > 0) return plan;
  const names = families.map(([name]) => name);
  const other = otherInternet(names, target);
  plan.directives.push(
    proposed(
      'RestrictAddressFamilies',
      names.length === 0 ? 'none' : [...names, ...other].sort().join(' '),
      names.length === 0 ? 'the service made no socket' : 'only the observed socket families',
      firsts(families),
      other.map(
        name =>
          `${name} was not observed: IPv4 and IPv6 count as one, since an update or a name server may change which is used; --syscalls exact leaves it out`,
      ),
    ),
  );
  return plan;
}

/** Kinds of namespaces that were made or entered; `yes` refuses all. */
export function namespaces(profile: Profile): Plan {
  const plan = emptyPlan();
  const types = grouped(succeeded(profile, 'namespace'), ({ type }) => type);
  const names = types.map(([name]) => name);
  if (names.includes('any')) {
    plan.withheld.push(withheld('RestrictNamespaces', 'yes', 'a namespace of unknown kind was entered', firsts(types)));
    return plan;
  }
  plan.directives.push(
    proposed(
      'RestrictNamespaces',
      names.length === 0 ? 'yes' : names.join(' '),
      names.length === 0 ? 'no namespace was created or entered' : 'the only namespaces that were made or entered',
      firsts(types),
    ),
  );
  if (names.length > 0)
    plan.withheld.push(withheld('RestrictNamespaces', 'yes', 'namespaces were made or entered', firsts(types)));
  return plan;
}
