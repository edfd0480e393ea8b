// What a service leaves to other users: objects of IPC, and the permissions of new files. Sources: systemd.exec(5), RemoveIPC=, UMask=; umask(2).

import type { Profile } from '../../profile/profile.ts';
import { emptyPlan, type Plan, proposed, succeeded, succeededBelow, withheld } from './plan.ts';
import type { Target } from './target.ts';

/** Objects of System V and POSIX IPC that the service leaves behind are removed, unless it was seen to use any. */
export function removeIpc(profile: Profile): Plan {
  const plan = emptyPlan();
  const ipc = succeeded(profile, 'feature').filter(({ name }) => name === 'ipc');
  const shared = succeededBelow(profile, '/dev/shm').filter(({ mode }) => mode === 'create');
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
