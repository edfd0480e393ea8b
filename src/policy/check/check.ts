// Profile and sandbox → findings: what was observed and is denied, what is allowed and was never observed, what is not known.
// Pure, and the counterpart of derive: checking a profile against its own proposal finds nothing.

import type { Fact, Profile } from '../../profile/profile.ts';
import { dispensable } from '../dispensable.ts';
import type { Findings, Unused, Violation } from '../findings.ts';
import type { Denial } from '../sandbox/denial.ts';
import { judgeRights } from '../sandbox/rights.ts';
import { outsideOf, reachesAll, type Sandbox, sandboxOf, withoutUser } from '../sandbox/sandbox.ts';
import { startedHost } from '../sandbox/started-host.ts';
import { judgeStart } from '../sandbox/starts.ts';
import { hasFailed, traceHost } from '../sandbox/trace-host.ts';
import { witness } from '../sandbox/witness.ts';
import { type Commands, NO_COMMANDS, ownersOf, privilegedFacts, startOf, unconfinedFacts } from './unconfined.ts';
import { unusedRules } from './unused.ts';

/** Compares in the order in which things were seen. */
export const earlier = (a: Fact, b: Fact): number =>
  a.evidence.origin.trace === b.evidence.origin.trace
    ? a.evidence.origin.line - b.evidence.origin.line
    : a.evidence.origin.trace < b.evidence.origin.trace
      ? -1
      : 1;

/** The first program, not what it is interpreted by. */
const isStart = (fact: Fact): boolean => fact.kind === 'path' && fact.mode === 'exec' && fact.inferred === undefined;

function violation(fact: Fact, { outcome, by }: Denial): Violation {
  const { evidence, ...access } = fact;
  return { access, outcome, by, origin: evidence.origin, count: evidence.count, programs: evidence.by, fix: null };
}

/** What can be done without: a file that is hidden, a call that is refused. */
const isSpared = (fact: Fact, { outcome }: Denial): boolean =>
  (outcome === 'ENOENT' || outcome === 'EPERM') && dispensable(fact) !== null;

/** What neither the facts inside the sandbox used, nor those outside, as far as it reaches them. */
function unusedByAll(confined: readonly Fact[], free: readonly Fact[], sandbox: Sandbox, outside: Sandbox): Unused[] {
  const unused = unusedRules(confined, sandbox);
  if (free.length === 0) return unused;
  const idle = unusedRules(free, outside);
  return unused.filter(({ by, allows }) => !reachesAll(by) || idle.some(one => one.by === by && one.allows === allows));
}

/**
 * What a service that does what the profile shows would run into. A line that ends the start is one violation, of the first program; what
 * else is denied is reported too, as if that mount were not asked for. What `commands` did outside the sandbox is judged by what reaches them there.
 */
export function check(profile: Profile, given: Sandbox, commands: Commands = NO_COMMANDS): Findings {
  const { context } = given;
  const isFree = unconfinedFacts(profile.facts, commands);
  const facts = profile.facts.filter(fact => !hasFailed(fact)).sort(earlier);
  const start = startOf(facts, commands, context.host);
  const host = startedHost(ownersOf(context.host, start), given);
  // What commands outside the sandbox made is there when the others start.
  const scene = traceHost(host, { ...profile, facts: profile.facts.filter(fact => !isFree(fact)) });
  // Where a mount lies depends on what is there.
  const sandbox = sandboxOf(given.assignments, { ...context, host: scene.host });
  const ask = witness(profile.facts, scene);
  const asRoot = withoutUser(sandbox);
  const isPrivileged = privilegedFacts(profile.facts, commands);
  const [free, confined] = [facts.filter(isFree), facts.filter(fact => !isFree(fact))];
  const outside = free.length === 0 ? sandbox : outsideOf(sandbox);
  const askOutside = free.length === 0 ? ask : witness(profile.facts, traceHost(context.host, profile));
  const violations: Violation[] = [];
  const first = confined.find(isStart) ?? confined[0];
  const { failures, unjudged } = judgeStart(sandbox, start);
  if (first !== undefined) for (const denial of failures) violations.push(violation(first, denial));
  for (const fact of facts) {
    const denied = isFree(fact) ? askOutside(fact, outside) : ask(fact, isPrivileged(fact) ? asRoot : sandbox);
    if (denied === null || isSpared(fact, denied)) continue;
    violations.push(violation(fact, denied));
  }
  const unused = unusedByAll(confined, free, sandbox, outside);
  const { user } = sandbox;
  const doubtful =
    user !== null &&
    // Who there is none of does not start.
    (sandbox.identity.uid !== null || !start.here) &&
    confined.some(
      fact => fact.kind === 'path' && !isPrivileged(fact) && judgeRights(fact, sandbox, scene) === 'unknown',
    );
  if (doubtful)
    unjudged.push({ by: user, why: 'whether owners and modes let it use some of the files is not known here' });
  return { violations, unused, unknown: sandbox.unknown, unjudged };
}
