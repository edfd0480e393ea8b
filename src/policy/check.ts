// Profile and sandbox → findings: what was observed and is denied, what is allowed and was never observed, what is not known.
// Pure, and the counterpart of derive: checking a profile against its own proposal finds nothing.

import { isBelow } from '../process/resolve.ts';
import type { Fact, Profile } from '../profile/profile.ts';
import type { Findings, Violation } from './findings.ts';
import type { HostView } from './host-view.ts';
import { type Denial, judge, type Knowledge } from './judge.ts';
import { type Sandbox, sandboxOf } from './sandbox.ts';
import { unusedRules } from './unused.ts';

const failed = (fact: Fact): boolean => 'errno' in fact && fact.errno !== undefined;

/** The paths that the service made itself: what lies at or below them is there because of it. */
function madeBy(profile: Profile): Set<string> {
  const made = new Set<string>();
  for (const fact of profile.facts) {
    if (failed(fact)) continue;
    if (fact.kind === 'path' && (fact.mode === 'create' || fact.mode === 'bind')) {
      made.add(fact.path);
      if (fact.asked !== undefined) made.add(fact.asked);
    }
    if (fact.kind === 'move') made.add(fact.to);
  }
  return made;
}

/** The host, with the symlinks that the profile itself shows: `asked` led to `path`. */
function withLinks(host: HostView, profile: Profile): HostView {
  if (host.known) return host;
  const links = new Map<string, string>();
  for (const fact of profile.facts) {
    if (fact.kind !== 'path' || fact.asked === undefined) continue;
    const [from, to] = withoutCommonTail(fact.asked, fact.path);
    links.set(from, to);
  }
  return {
    ...host,
    realpath: path => host.realpath(path) ?? links.get(path) ?? null,
    type: path => host.type(path) ?? (links.has(path) ? 'symlink' : null),
  };
}

/** `/lib/x/y` and `/usr/lib/x/y` → `/lib` and `/usr/lib`: the shortest part that must be the symlink. */
function withoutCommonTail(asked: string, path: string): [string, string] {
  const [left, right] = [asked.split('/'), path.split('/')];
  while (left.length > 2 && right.length > 2 && left.at(-1) === right.at(-1)) {
    left.pop();
    right.pop();
  }
  return [left.join('/'), right.join('/')];
}

/** Compares in the order in which things were seen. */
const earlier = (a: Fact, b: Fact): number =>
  a.evidence.origin.trace === b.evidence.origin.trace
    ? a.evidence.origin.line - b.evidence.origin.line
    : a.evidence.origin.trace < b.evidence.origin.trace
      ? -1
      : 1;

function violation(fact: Fact, { outcome, by }: Denial): Violation {
  const { evidence, ...access } = fact;
  return { access, outcome, by, origin: evidence.origin, count: evidence.count, programs: evidence.by, mend: null };
}

/** What a service that does what the profile shows would run into. */
export function check(profile: Profile, given: Sandbox): Findings {
  const { context } = given;
  const host = withLinks(context.host, profile);
  // Where a mount lies depends on symlinks too.
  const sandbox = host === context.host ? given : sandboxOf(given.assignments, { ...context, host });
  const made = madeBy(profile);
  const known: Knowledge = {
    host,
    made: path => made.has(path) || [...made].some(top => isBelow(path, top)),
  };
  const facts = profile.facts.filter(fact => !failed(fact)).sort(earlier);
  const violations: Violation[] = [];
  const { failure } = sandbox.mounts;
  const start = facts.find(fact => fact.kind === 'path' && fact.mode === 'exec') ?? facts[0];
  if (failure !== null && start !== undefined)
    violations.push(violation(start, { outcome: '226/NAMESPACE', by: failure.by }));
  for (const fact of facts) {
    const denied = judge(fact, sandbox, known);
    if (denied !== null) violations.push(violation(fact, denied));
  }
  return { violations, unused: unusedRules(facts, sandbox), unknown: sandbox.unknown };
}
