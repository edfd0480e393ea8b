// What a service leaves to other users: objects of IPC, and the permissions of new files. Sources: systemd.exec(5), RemoveIPC=, UMask=; umask(2).

import type { Mode, PathAccess } from '../../../process/access.ts';
import type { FactOf } from '../../../profile/fact-index.ts';
import type { Profile } from '../../../profile/profile.ts';
import { holds } from '../../directives/row.ts';
import { UMASK_CLOSES_MOUNTS } from '../../directives/table.ts';
import { emptyPlan, type Plan, proposed, succeeded, succeededBelow, withheld } from '../plan.ts';
import type { Target } from '../target.ts';
import { neededCapabilities } from './capabilities.ts';

/** Objects of System V and POSIX IPC that the service leaves behind are removed, unless it was seen to use any. */
export function removeIpc(profile: Profile): Plan {
  const plan = emptyPlan();
  const ipc = succeeded(profile, 'feature').filter(({ name }) => name === 'ipc');
  const shared = succeededBelow(profile, '/dev/shm').filter(({ mode }) => mode === 'create');
  const used = [...ipc, ...shared];
  if (used.length === 0) plan.directives.push(proposed('RemoveIPC', 'yes', 'no IPC objects outlived it'));
  else plan.withheld.push(withheld('RemoveIPC', 'yes', 'IPC objects were made, which may have to outlive it', used));
  return plan;
}

/** From strict to loose. */
const UMASKS: readonly (readonly [value: string, because: string])[] = [
  ['0077', 'nothing was made for others to use'],
  ['0027', 'what was made is for its user and group'],
  ['0007', 'what was made is for its user and group, which may change it'],
];
/** Of a service that says nothing: systemd.exec(5), UMask=. */
const DEFAULT = 0o022;
const READS_OTHERS: readonly string[] = ['CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH'];
const USES: ReadonlySet<Mode> = new Set(['read', 'write', 'list', 'exec', 'map', 'connect', 'watch']);

/**
 * What one user made and another one used: whoever is not the maker counts as others, and so does root, unless he keeps a capability that
 * opens all files.
 */
function sharedFiles(profile: Profile, { service }: Target): FactOf<'path'>[] {
  const isRootFree = READS_OTHERS.some(name => neededCapabilities(profile).has(name));
  const facts = succeeded(profile, 'path');
  const uidOf = ({ uid }: PathAccess): number | undefined => uid ?? service?.uid;
  const makers = new Map<string, number | undefined>();
  for (const fact of facts) if (fact.mode === 'create') makers.set(fact.path, uidOf(fact));
  return facts.filter(fact => {
    const [maker, user] = [makers.get(fact.path), uidOf(fact)];
    if (!USES.has(fact.mode) || maker === undefined || user === undefined || maker === user) return false;
    return user !== 0 || !isRootFree;
  });
}

/** The strictest umask that takes nothing from what was made for others to use. `profile`: with what files needed capabilities (withOwnership). */
export function umask(profile: Profile, target: Target): Plan {
  const plan = emptyPlan();
  const own = target.service?.umask ?? DEFAULT;
  if (target.paths.includes('tmpfs') && holds(UMASK_CLOSES_MOUNTS, target.systemd)) {
    const because = `systemd ${target.systemd} makes the directories of an empty root with it, so that only root could enter them`;
    plan.withheld.push(withheld('UMask', '0077', because));
    return plan;
  }
  // What the umask of the unit took away already is not missed.
  const bits = (value: string | undefined): number => Number.parseInt(value ?? '0', 8) & ~own;
  const made = succeeded(profile, 'feature').filter(
    ({ name, value }) => name === 'made-for-others' && bits(value) !== 0,
  );
  const shared = sharedFiles(profile, target);
  for (const [value, because] of UMASKS) {
    const mask = Number.parseInt(value, 8);
    if ((mask & own) !== own) break;
    const taken = made.filter(fact => (bits(fact.value) & mask) !== 0);
    const [first] = shared;
    if (first !== undefined) {
      const why = `${first.path} was made by one user and used by another, who may have no capability for it`;
      plan.withheld.push(withheld('UMask', value, why, shared));
    } else if (taken.length > 0)
      plan.withheld.push(withheld('UMask', value, 'files were made that others may use', taken));
    else {
      plan.directives.push(proposed('UMask', value, because, made));
      return plan;
    }
  }
  return plan;
}
