// What could be stricter if the service were started differently, and the permissions of new files. Hints are said, never proposed:
// who a service runs as is its owner's choice. Sources: systemd.exec(5), User=, AmbientCapabilities=, UMask=; umask(2).

import { isBelow } from '../../process/resolve.ts';
import type { Profile } from '../../profile/profile.ts';
import { neededCapabilities } from './capabilities.ts';
import { reasonOf } from './path-needs.ts';
import { emptyPlan, type Plan, proposed, succeeded, withheld } from './plan.ts';
import type { Target } from './target.ts';

/** Needed only to stop being root. */
const DROPPING: ReadonlySet<string> = new Set(['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP']);
/** A process without root can be given these without becoming root in all but name. */
const MODEST: ReadonlySet<string> = new Set([
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
]);

/** A service that starts as root, needs little of it and becomes one other user might as well start as that user. */
export function userHint(profile: Profile, target: Target): Plan {
  const plan = emptyPlan();
  if (target.service?.user !== undefined) return plan;
  const ids = succeeded(profile, 'feature').filter(
    ({ name, value }) => name === 'identity' && /^uid (?!0$)/.test(value ?? ''),
  );
  const [first] = ids;
  if (first === undefined || new Set(ids.map(({ value }) => value)).size > 1) return plan;
  const needed = [...neededCapabilities(profile).keys()].filter(name => !DROPPING.has(name));
  if (needed.some(name => !MODEST.has(name))) return plan;
  const also = needed.length === 0 ? '' : ` with AmbientCapabilities=${needed.join(' ')}`;
  plan.notes.push({
    kind: 'hint',
    text: `the service starts as root only to become ${first.value}: User=${first.value?.slice(4)}${also} might do, if that user may read what root reads now`,
    evidence: [reasonOf(first)],
  });
  return plan;
}

/** Objects of System V and POSIX IPC that the service leaves behind are removed, unless it was seen to use any. */
export function removeIpc(profile: Profile): Plan {
  const plan = emptyPlan();
  const ipc = succeeded(profile, 'feature').filter(({ name }) => name === 'ipc');
  const shared = succeeded(profile, 'path').filter(({ path, mode }) => mode === 'create' && isBelow(path, '/dev/shm'));
  const used = [...ipc, ...shared];
  if (used.length === 0) plan.directives.push(proposed('RemoveIPC', 'yes', 'it left no IPC objects'));
  else plan.withheld.push(withheld('RemoveIPC', 'yes', 'IPC objects were made, which may have to outlive it', used));
  return plan;
}

/** The strictest umask that takes nothing from what was made for others to use. */
export function umask(profile: Profile, target: Target): Plan {
  const plan = emptyPlan();
  // What the umask of the unit took away already is not missed.
  const bits = (value: string | undefined): number => Number.parseInt(value ?? '0', 8) & ~(target.service?.umask ?? 0);
  const made = succeeded(profile, 'feature').filter(
    ({ name, value }) => name === 'made-for-others' && bits(value) !== 0,
  );
  const forAll = made.filter(({ value }) => (bits(value) & 0o7) !== 0);
  if (made.length === 0) {
    plan.directives.push(proposed('UMask', '0077', 'nothing was made for others to use'));
    return plan;
  }
  plan.withheld.push(withheld('UMask', '0077', 'files were made that group or others may use', made));
  if (forAll.length === 0)
    plan.directives.push(proposed('UMask', '0027', 'what was made is for its user and group', made));
  else plan.withheld.push(withheld('UMask', '0027', 'files were made that others may use', forAll));
  return plan;
}
