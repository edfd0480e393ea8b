// Lines put to the model with all that was observed, each violation with its fix: for `check`, for the report, and for a proposal that is put
// to its own profile. Pure.

import { factKey } from '../../profile/key.ts';
import type { Fact, Profile } from '../../profile/profile.ts';
import type { Assignment, Findings } from '../findings.ts';
import { judgeWithRights } from '../sandbox/judge.ts';
import { outsideOf, type Sandbox, type SandboxContext, sandboxOf, withoutUser } from '../sandbox/sandbox.ts';
import { startedHost } from '../sandbox/started-host.ts';
import { judgeStart } from '../sandbox/starts.ts';
import { hasFailed, traceHost } from '../sandbox/trace-host.ts';
import { check, earlier } from './check.ts';
import { Fixer } from './fix.ts';
import { type Commands, NO_COMMANDS, ownersOf, privilegedFacts, startOf, unconfinedFacts } from './unconfined.ts';

export interface Examination {
  findings: Findings;
  fixer: Fixer;
}

const keyOf = ({ evidence: _, ...access }: Fact): string => factKey(access);

function fixerOf(assignments: readonly Assignment[], profile: Profile, context: SandboxContext, commands: Commands) {
  const isFree = unconfinedFacts(profile.facts, commands);
  const facts = profile.facts.filter(fact => !hasFailed(fact)).sort(earlier);
  const start = startOf(facts, commands, context.host);
  const host = startedHost(ownersOf(context.host, start), sandboxOf(assignments, context));
  const known = traceHost(host, { ...profile, facts: profile.facts.filter(fact => !isFree(fact)) });
  const knownOutside = traceHost(context.host, profile);
  const asked = { ...context, host: known.host };
  const privileged = new Set(profile.facts.filter(privilegedFacts(profile.facts, commands)).map(keyOf));
  const free = new Set(profile.facts.filter(isFree).map(keyOf));
  return new Fixer(
    {
      systemd: context.systemd,
      assignments,
      host: context.host,
      accesses: facts,
      replaced: known.replaced,
    },
    lines => {
      const sandbox = sandboxOf(lines, asked);
      const asRoot = withoutUser(sandbox);
      const outside = free.size === 0 ? sandbox : outsideOf(sandbox);
      const around = (key: string): Sandbox => (free.has(key) ? outside : privileged.has(key) ? asRoot : sandbox);
      return {
        failures: judgeStart(sandbox, start).failures.map(({ by }) => by),
        denies: access => {
          const key = factKey(access);
          return judgeWithRights(access, around(key), free.has(key) ? knownOutside : known)?.by ?? null;
        },
      };
    },
  );
}

/** Throws UsageError for a line that systemd would ignore. */
export function examine(
  assignments: readonly Assignment[],
  profile: Profile,
  context: SandboxContext,
  commands: Commands = NO_COMMANDS,
): Examination {
  const findings = check(profile, sandboxOf(assignments, context), commands);
  const fixer = fixerOf(assignments, profile, context, commands);
  return { findings: { ...findings, violations: fixer.fixAll(findings.violations) }, fixer };
}
