// Families of names: homes of users, directories by number. The member that was observed may be deleted one day, and others come: a rule for one
// of them keeps the service from starting (226/NAMESPACE), or refuses the next one. Source: login.defs(5), UID_MIN.

import { isBelow, parentOf } from '../../../process/resolve.ts';
import type { Profile } from '../../../profile/profile.ts';
import { SHARED } from '../../directives/places.ts';
import type { HostView } from '../../host-view.ts';
import { nearest, withParents } from '../../path-sets.ts';
import { failed, succeededBelow } from '../plan.ts';
import { allModes, type Need } from './needs.ts';

/** Users that people log in as; 65534 is nobody. */
const UID_MIN = 1000;
const NOBODY = 65534;
const HOMES = '/home';
const NUMBER = /^\d+$/;

const isPerson = (uid: number | undefined): uid is number => uid !== undefined && uid >= UID_MIN && uid !== NOBODY;

/** The entry of `top` that a path lies in: `/home/ann` for `/home/ann/Maildir`. */
const memberOf = (path: string, top: string): string => `${top}/${path.slice(top.length + 1).split('/')[0] ?? ''}`;

/** Does this path belong to one user or one number of many? Then it may be gone one day. */
export const isOfMember = (path: string, host: HostView): boolean =>
  (path !== HOMES && isBelow(path, HOMES)) ||
  isPerson(host.owner(path)?.uid) ||
  NUMBER.test(path.slice(path.lastIndexOf('/') + 1));

/** Homes in which the service did something as their owner, whom it is not started as: mail is delivered so. The next user will come. */
export function servesHomes(profile: Profile, host: HostView, uid: number | undefined): boolean {
  return succeededBelow(profile, HOMES).some(
    fact => isPerson(fact.uid) && fact.uid !== uid && host.owner(memberOf(fact.path, HOMES))?.uid === fact.uid,
  );
}

/** What was used in each of these directories, by names relative to it. */
function namesIn(members: ReadonlySet<string>, profile: Profile): Map<string, Set<string>> {
  const found = new Map([...members].map(member => [member, new Set<string>()]));
  const tops = new Set(members);
  for (const fact of profile.facts) {
    const top = fact.kind === 'path' && !failed(fact) ? nearest(fact.path, tops) : undefined;
    if (fact.kind === 'path' && top !== undefined && fact.path !== top)
      found.get(top)?.add(fact.path.slice(top.length + 1));
  }
  return found;
}

/** So many names must be the same in two directories that hold the same kind of thing, and at least this share of the smaller one. */
const ALIKE = { names: 2, share: 0.5 };

/** Is the same done in all of these directories, as in the mailboxes of a mail store? */
function areAlike(members: ReadonlySet<string>, profile: Profile): boolean {
  const [first, ...others] = namesIn(members, profile).values();
  return others.every(names => {
    const common = [...names].filter(name => first?.has(name)).length;
    return common >= ALIKE.names && common >= ALIKE.share * Math.min(names.size, first?.size ?? 0);
  });
}

/** Members of one family in a directory: numbers, different users, or what is used in the same way. */
function isFamily(members: ReadonlySet<string>, profile: Profile, host: HostView): boolean {
  if (members.size < 2) return false;
  const names = [...members];
  if (names.every(path => NUMBER.test(path.slice(path.lastIndexOf('/') + 1)))) return true;
  const owners = names.map(path => host.owner(path)?.uid);
  return (owners.every(isPerson) && new Set(owners).size === names.length) || areAlike(members, profile);
}

/** What must be writable, with the directory of a family in place of its members. */
export function withFamilies(
  writable: ReadonlyMap<string, Need>,
  profile: Profile,
  host: HostView,
  uid: number | undefined,
): Map<string, Need> {
  const above = [...withParents([...writable.keys()].map(parentOf))].filter(top => !SHARED.includes(top));
  // The highest first: what it takes in needs no other.
  const tops = new Set([HOMES, ...above.sort((a, b) => a.length - b.length)]);
  const found = new Map(writable);
  for (const top of tops) {
    const inside = [...found.values()].filter(({ path }) => path !== top && isBelow(path, top));
    const members = new Set(inside.map(({ path }) => memberOf(path, top)));
    const [first] = inside;
    const served = top === HOMES && members.size > 0 && servesHomes(profile, host, uid);
    if (first === undefined || !(served || isFamily(members, profile, host))) continue;
    for (const { path } of inside) found.delete(path);
    const exact = inside
      .map(({ path }) => path)
      .sort()
      .join(' ');
    found.set(top, {
      ...first,
      path: top,
      modes: allModes(inside),
      seen: inside.reduce((sum, { seen }) => sum + seen, 0),
      wider: `others like ${[...members].sort()[0] ?? top} will come, so all of ${top} is writable; exactly what was observed: ${exact}`,
    });
  }
  return found;
}
