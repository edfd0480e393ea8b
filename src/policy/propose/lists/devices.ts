// DeviceAllow= for a service that needs more devices than a private /dev has. Source: systemd.resource-control(5), DevicePolicy=.

import { isBelow } from '../../../process/resolve.ts';
import type { Fact, Profile } from '../../../profile/profile.ts';
import { quotePath } from '../../quote.ts';
import { emptyPlan, type Plan, proposed, succeededBelow } from '../plan.ts';
import type { Target } from '../target.ts';

type PathFact = Extract<Fact, { kind: 'path' }>;

/** Directories of /dev in which no devices of the kind lie that the policy is about. */
const NO_DEVICES: readonly string[] = ['/dev/shm', '/dev/mqueue', '/dev/hugepages', '/dev/pts', '/dev/fd'];

/** `DevicePolicy=closed` was withheld because of these devices: list them, and close the rest. */
export function deviceDirectives(profile: Profile, target: Target, withheldClosed: boolean): Plan {
  const plan = emptyPlan();
  if (!withheldClosed) return plan;
  const devices = new Map<string, { access: Set<string>; facts: PathFact[] }>();
  for (const fact of succeededBelow(profile, '/dev')) {
    if (NO_DEVICES.some(top => isBelow(fact.path, top))) continue;
    if (fact.mode !== 'read' && fact.mode !== 'write') continue;
    if (target.host.known && target.host.type(fact.path) !== 'device') continue;
    const device = devices.get(fact.path) ?? { access: new Set(), facts: [] };
    devices.set(fact.path, device);
    device.access.add(fact.mode === 'read' ? 'r' : 'w');
    device.facts.push(fact);
  }
  for (const [path, { access, facts }] of [...devices].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const value = quotePath(path);
    if (value !== null)
      plan.directives.push(
        proposed('DeviceAllow', `${value} ${[...access].sort().join('')}`, 'a device that was opened', facts),
      );
  }
  return plan;
}
