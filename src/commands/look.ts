// A unit checked against a profile, with the mend for each violation: what `check` and `report` show.

import { check } from '../policy/check/check.ts';
import { Mender } from '../policy/check/mend.ts';
import { type Commands, privilegedFacts, unconfinedFacts } from '../policy/check/unconfined.ts';
import type { Assignment, Findings } from '../policy/findings.ts';
import { judge } from '../policy/sandbox/judge.ts';
import { outsideOf, type Sandbox, type SandboxContext, sandboxOf, withoutUser } from '../policy/sandbox/sandbox.ts';
import { hasFailed, traceHost } from '../policy/sandbox/trace-host.ts';
import { factKey } from '../profile/key.ts';
import type { Fact, Profile } from '../profile/profile.ts';
import { isExempt, isPrivileged, readExec, unquoted } from '../systemd/exec-line.ts';
import type { LoadedUnit } from '../systemd/unit.ts';

/** One look at the unit as it is now. */
export interface Look {
  unit: LoadedUnit;
  findings: Findings;
  mender: Mender;
}

const EXEC = /^Exec(?:Condition|Start|StartPre|StartPost|Reload|Stop|StopPost)$/;

/** The programs that a unit starts, and the lines of those that it starts outside its sandbox. */
export function commandsOf(assignments: readonly Assignment[]): { programs: Commands; outside: Assignment[] } {
  const confined: string[] = [];
  const privileged: string[] = [];
  const unconfined: string[] = [];
  const outside: Assignment[] = [];
  for (const line of assignments.filter(({ name }) => EXEC.test(name)))
    for (const command of readExec(line.value)) {
      (isExempt(command) ? unconfined : isPrivileged(command) ? privileged : confined).push(unquoted(command.program));
      if (isExempt(command) && outside.at(-1) !== line) outside.push(line);
    }
  return { programs: { confined, privileged, unconfined }, outside };
}

const keyOf = ({ evidence: _, ...access }: Fact): string => factKey(access);

/** Puts what was observed to the unit, and looks for a mend of each thing that it denies. */
export function look(unit: LoadedUnit, profile: Profile, context: SandboxContext): Look {
  const known = traceHost(context.host, profile);
  const asked = { ...context, host: known.host };
  const { programs } = commandsOf(unit.assignments);
  const privileged = new Set(profile.facts.filter(privilegedFacts(profile.facts, programs)).map(keyOf));
  const free = new Set(profile.facts.filter(unconfinedFacts(profile.facts, programs)).map(keyOf));
  const mender = new Mender(
    {
      systemd: context.systemd,
      assignments: unit.assignments,
      host: context.host,
      accesses: profile.facts.filter(fact => !hasFailed(fact)),
      replaced: known.replaced,
    },
    assignments => {
      const sandbox = sandboxOf(assignments, asked);
      const asRoot = withoutUser(sandbox);
      const outside = free.size === 0 ? sandbox : outsideOf(sandbox);
      const around = (key: string): Sandbox => (free.has(key) ? outside : privileged.has(key) ? asRoot : sandbox);
      return {
        failures: sandbox.mounts.failures.map(({ by }) => by),
        denies: access => judge(access, around(factKey(access)), known)?.by ?? null,
      };
    },
  );
  const findings = check(profile, sandboxOf(unit.assignments, context), programs);
  return { unit, findings: { ...findings, violations: mender.mendAll(findings.violations) }, mender };
}
