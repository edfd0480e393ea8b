// What changed between two profiles: which subjects (a path, a system call, a capability …) are new or gone, and which are used in
// another way. Counts and times are evidence, not facts: they do not differ.

import type { Access, Origin } from '../process/access.ts';
import { byKey } from './key.ts';
import type { Fact, Profile } from './profile.ts';

/** One subject of which something changed. */
export interface FactChange {
  kind: Access['kind'];
  /** What it is about: a path, a name, an address. */
  subject: string;
  change: 'added' | 'removed' | 'changed';
  /** Uses that are new, and uses that are gone: modes of a path, calls that need a capability … Sorted. */
  added: string[];
  removed: string[];
  /** Where a new use (or else a use that is gone) was first seen. */
  origin: Origin;
  programs: readonly string[];
}

/** The order in which kinds are reported. */
const KINDS: readonly Access['kind'][] = [
  'path',
  'move',
  'process',
  'syscall',
  'capability',
  'socket',
  'address',
  'namespace',
  'memory',
  'feature',
  'unresolved',
  'blind',
];

/** What a fact is about, and what was done with it. A use that failed is another use. */
function facets(access: Access): { subject: string; use: string } {
  switch (access.kind) {
    case 'path':
      return { subject: access.path, use: access.mode };
    case 'move':
      return { subject: `${access.from} → ${access.to}`, use: access.call };
    case 'process':
      return {
        subject: access.exe,
        use: access.root === undefined || access.root === '/' ? 'run' : `run in ${access.root}`,
      };
    case 'syscall':
      return { subject: access.name, use: access.abi ?? 'call' };
    case 'capability':
      return { subject: access.name, use: access.syscall };
    case 'socket':
      return { subject: access.family, use: access.type };
    case 'address':
      return {
        subject: access.port === undefined ? access.address : `${access.address} port ${access.port}`,
        use: access.op,
      };
    case 'namespace':
      return { subject: access.type, use: access.call };
    case 'memory':
      return { subject: access.what, use: 'executable' };
    case 'feature':
      return { subject: access.name, use: access.value ?? 'used' };
    case 'unresolved':
      return { subject: access.asked, use: access.mode };
    case 'blind':
      return { subject: access.what, use: 'seen' };
  }
}

interface Subject {
  kind: Access['kind'];
  subject: string;
  uses: Map<string, Fact>;
}

function subjects({ facts }: Profile): Map<string, Subject> {
  const found = new Map<string, Subject>();
  for (const fact of facts) {
    const { subject, use } = facets(fact);
    const key = `${String(KINDS.indexOf(fact.kind)).padStart(2, '0')}\0${subject}`;
    const entry = found.get(key) ?? { kind: fact.kind, subject, uses: new Map<string, Fact>() };
    found.set(key, entry);
    const errno = 'errno' in fact ? fact.errno : undefined;
    const done = errno === undefined ? use : `${use} (${errno})`;
    if (!entry.uses.has(done)) entry.uses.set(done, fact);
  }
  return found;
}

/** Changes from `before` to `after`, by kind, then subject. Both should be folded by the same rules first (patterns.ts). */
export function diffProfiles(before: Profile, after: Profile): FactChange[] {
  const [old, now] = [subjects(before), subjects(after)];
  const changes: FactChange[] = [];
  for (const key of [...new Set([...old.keys(), ...now.keys()])].sort(byKey)) {
    const [was, is] = [old.get(key), now.get(key)];
    const entry = is ?? was;
    if (entry === undefined) continue;
    const added = [...(is?.uses.keys() ?? [])].filter(use => was?.uses.has(use) !== true).sort();
    const removed = [...(was?.uses.keys() ?? [])].filter(use => is?.uses.has(use) !== true).sort();
    const [use = removed[0] ?? ''] = added;
    const evidence = (is?.uses.get(use) ?? was?.uses.get(use))?.evidence;
    if (evidence === undefined) continue;
    changes.push({
      kind: entry.kind,
      subject: entry.subject,
      change: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed',
      added,
      removed,
      origin: evidence.origin,
      programs: evidence.by,
    });
  }
  return changes;
}
