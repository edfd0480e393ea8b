// CapabilityBoundingSet= from the calls that needed a capability, and from files that root could only open because it is root.
// Sources: capabilities(7); path_resolution(7) for the permission bits. A capability that only may have been needed is kept, and said.

import type { Mode } from '../process/access.ts';
import type { Fact, Profile } from '../profile/profile.ts';
import type { HostView } from './host-view.ts';
import { reasonOf } from './path-needs.ts';
import type { Reason } from './policy.ts';
import type { PathPlan } from './strict.ts';

const READS: ReadonlySet<Mode> = new Set(['read', 'list', 'watch']);
const WRITES: ReadonlySet<Mode> = new Set(['write', 'connect']);
const OTHERS_READ = 0o004;
const OTHERS_WRITE = 0o002;
const GROUP_READ = 0o040;
const GROUP_WRITE = 0o020;

/**
 * The capability root needed to use a file in this way, judged by its permission bits: root without capabilities is like
 * anybody else of uid 0 and group 0. Null: none, or nothing is known of the file.
 */
function overrideFor(
  fact: Fact & { kind: 'path' },
  host: HostView,
): 'CAP_DAC_READ_SEARCH' | 'CAP_DAC_OVERRIDE' | 'CAP_FOWNER' | null {
  if (fact.uid !== undefined && fact.uid !== 0) return null;
  const owner = host.owner(fact.path);
  if (owner === null || owner.uid === 0) return null;
  const inGroup = owner.gid === 0;
  if (fact.mode === 'meta') return 'CAP_FOWNER';
  if (READS.has(fact.mode))
    return (owner.mode & (inGroup ? GROUP_READ : OTHERS_READ)) === 0 ? 'CAP_DAC_READ_SEARCH' : null;
  if (WRITES.has(fact.mode))
    return (owner.mode & (inGroup ? GROUP_WRITE : OTHERS_WRITE)) === 0 ? 'CAP_DAC_OVERRIDE' : null;
  return null;
}

interface Cause {
  reasons: Reason[];
  seen: number;
  certain: boolean;
  inferred: boolean;
}

/** capability → why it stays. */
export function neededCapabilities(profile: Profile, host: HostView): Map<string, Cause> {
  const causes = new Map<string, Cause>();
  const add = (name: string, fact: Fact, certain: boolean, inferred: boolean): void => {
    const cause = causes.get(name) ?? { reasons: [], seen: 0, certain: false, inferred: true };
    cause.certain ||= certain;
    cause.inferred &&= inferred;
    cause.seen += fact.evidence.count;
    if (cause.reasons.length < 3) cause.reasons.push(reasonOf(fact));
    causes.set(name, cause);
  };
  for (const fact of profile.facts) {
    if (fact.kind === 'capability' && fact.errno === undefined) add(fact.name, fact, fact.certain, false);
    if (fact.kind === 'path' && fact.errno === undefined && fact.pattern !== true) {
      const name = overrideFor(fact, host);
      if (name !== null) add(name, fact, false, true);
    }
  }
  return causes;
}

export function capabilityDirectives(profile: Profile, host: HostView): PathPlan {
  const plan: PathPlan = { directives: [], withheld: [], notes: [] };
  const causes = [...neededCapabilities(profile, host)].sort(([a], [b]) => (a < b ? -1 : 1));
  if (causes.length === 0) {
    plan.directives.push({
      section: 'Service',
      name: 'CapabilityBoundingSet',
      value: '',
      because: 'no call needed a capability',
      evidence: [],
      seen: 0,
    });
    return plan;
  }
  const doubtful = causes.filter(([, { certain }]) => !certain).map(([name]) => name);
  plan.directives.push({
    section: 'Service',
    name: 'CapabilityBoundingSet',
    value: causes.map(([name]) => name).join(' '),
    because: causes
      .map(([name, { reasons }]) => `${name.slice(4).toLowerCase()}: ${reasons[0]?.origin.syscall ?? ''}`)
      .join(', '),
    evidence: causes.flatMap(([, { reasons }]) => reasons.slice(0, 1)),
    seen: causes.reduce((sum, [, { seen }]) => sum + seen, 0),
    ...(doubtful.length === 0
      ? {}
      : {
          wider: `the trace cannot show whether ${doubtful.join(', ')} ${doubtful.length === 1 ? 'was' : 'were'} really needed`,
        }),
  });
  return plan;
}
