// Whether a start as after a boot was observed, and what may not be proposed where it was not: what a service does without the files it had
// left in /run is only known by starting it without them.

import { parentOf } from '../../../process/resolve.ts';
import type { Profile } from '../../../profile/profile.ts';
import { nearest } from '../../path-sets.ts';
import type { Note } from '../../policy.ts';
import { restsOn } from '../corrections/unseen.ts';
import { failed, type Plan, takenBack } from '../plan.ts';
import type { Target } from '../target.ts';
import { isFleeting } from './plan.ts';

/** How every reason begins that a boot is. */
export const BOOT_UNSEEN = 'a start as after a boot was not observed';

/** What the service found in its own places in /run and did not make itself: it was left there by an earlier start. */
function foundInRun(profile: Profile, runtimeDirectories: readonly string[]): string[] {
  const facts = profile.facts.filter(fact => !failed(fact));
  const made = new Set(
    facts.flatMap(fact =>
      fact.kind === 'move' ? [fact.to] : fact.kind === 'path' && fact.mode === 'create' ? [fact.path] : [],
    ),
  );
  const own = new Set([...runtimeDirectories, ...[...made].map(parentOf)].filter(isFleeting));
  const ways = new Set([...own, ...made].flatMap(path => [path, parentOf(path)]));
  const found = facts.flatMap(fact => {
    if (fact.kind !== 'path' || fact.pattern === true) return [];
    return [fact.path, fact.asked ?? fact.path].filter(
      path =>
        isFleeting(path) && !ways.has(path) && nearest(path, own) !== undefined && nearest(path, made) === undefined,
    );
  });
  return [...new Set(found)].sort();
}

/** A plan without what rests on a start as after a boot, if none of the starts was one. Said first. */
export function withoutUnseenBoot(plan: Plan, profile: Profile, { service, systemd }: Target): Plan {
  const starts = profile.runs.flatMap(({ boot }) => boot ?? []);
  if (starts.length === 0 || starts.includes(true)) return plan;
  const found = foundInRun(profile, service?.runtimeDirectories ?? []);
  const [first] = found;
  if (first === undefined) return { ...plan, notes: [warning(BOOT_UNSEEN), ...plan.notes] };
  const more = found.length === 1 ? '' : ` and ${found.length - 1} more`;
  const because = `${BOOT_UNSEEN}, and ${first}${more}, left by an earlier start, would be missing in it`;
  const kept = takenBack(plan, directive =>
    restsOn(directive, systemd).some(area => area === 'files' || area === 'calls') ? { because } : null,
  );
  return { ...kept, notes: [warning(`${because}; learn one: allowtrace service start`), ...kept.notes] };
}

const warning = (text: string): Note => ({ kind: 'warning', text });
