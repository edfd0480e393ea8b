// The paths of a profile, put together for display: per path how it was used, when, by whom, and which rule decides about it.

import type { Mode } from '../../process/access.ts';
import type { Profile } from '../../profile/profile.ts';
import { type PathNode, pathTree } from '../path-tree.ts';
import type { Report } from './report.ts';
import { assignment } from './text.ts';

/** The few kinds of use that a reader tells apart. `failed`: the kernel refused, so nothing is allowed on its account. */
export const USES = ['read', 'write', 'execute', 'connect', 'failed'] as const;
export type Use = (typeof USES)[number];

const USE_OF: Readonly<Record<Mode, Use>> = {
  stat: 'read',
  read: 'read',
  list: 'read',
  watch: 'read',
  chdir: 'read',
  chroot: 'read',
  write: 'write',
  create: 'write',
  delete: 'write',
  meta: 'write',
  bind: 'write',
  mount: 'write',
  exec: 'execute',
  map: 'execute',
  connect: 'connect',
};

export interface PathUse {
  /** `read`, `create`, or the errno of a use that failed. */
  what: string;
  use: Use;
  count: number;
}

export interface PathEntry {
  path: string;
  uses: PathUse[];
  first: number | undefined;
  last: number | undefined;
  by: string[];
  /** `Name=value` of the rules that decide about it. */
  rules: string[];
  /** Other names it was asked for by, and why it is there although no call named it. */
  notes: string[];
}

type PathFact = Profile['facts'][number] & { kind: 'path' };

function entryOf(path: string, facts: readonly PathFact[], ruleFor: Report['ruleFor']): PathEntry {
  const uses = new Map<string, PathUse>();
  const rules = new Set<string>();
  const notes = new Set<string>();
  const by = new Set<string>();
  let first: number | undefined;
  let last: number | undefined;
  for (const fact of facts) {
    const { mode, errno, asked, inferred, evidence } = fact;
    const what = errno === undefined ? mode : errno;
    const known = uses.get(what) ?? { what, use: errno === undefined ? USE_OF[mode] : 'failed', count: 0 };
    uses.set(what, { ...known, count: known.count + evidence.count });
    if (asked !== undefined) notes.add(`asked for as ${asked}`);
    if (inferred !== undefined) notes.add(`inferred: ${inferred}`);
    const rule = errno === undefined ? ruleFor(fact) : null;
    if (rule !== null) rules.add(assignment(rule));
    for (const exe of evidence.by) by.add(exe);
    if (evidence.first !== undefined) first = Math.min(first ?? evidence.first, evidence.first);
    if (evidence.last !== undefined) last = Math.max(last ?? evidence.last, evidence.last);
  }
  const sorted = [...uses.values()].sort(
    (a, b) => USES.indexOf(a.use) - USES.indexOf(b.use) || (a.what < b.what ? -1 : 1),
  );
  return { path, uses: sorted, first, last, by: [...by].sort(), rules: [...rules], notes: [...notes] };
}

/** All paths that were used or asked for, as a tree. */
export function pathsOf({ profile, ruleFor }: Pick<Report, 'profile' | 'ruleFor'>): PathNode<PathEntry> {
  const facts = new Map<string, PathFact[]>();
  for (const fact of profile.facts) {
    if (fact.kind !== 'path') continue;
    const known = facts.get(fact.path);
    if (known === undefined) facts.set(fact.path, [fact]);
    else known.push(fact);
  }
  const entries = [...facts].map(([path, all]) => entryOf(path, all, ruleFor));
  return pathTree(entries, ({ path }) => path);
}
