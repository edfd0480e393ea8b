// A unit checked against a profile, with the fix for each violation: what `check` and `report` show.

import { type Examination, examine } from '../../policy/check/examine.ts';
import type { Commands } from '../../policy/check/unconfined.ts';
import type { Assignment } from '../../policy/findings.ts';
import type { SandboxContext } from '../../policy/sandbox/sandbox.ts';
import type { UnseenCommand } from '../../policy/sandbox/starts.ts';
import type { Profile } from '../../profile/profile.ts';
import { isExempt, isPrivileged, readExec, unquoted } from '../../systemd/exec-line.ts';
import { permissionsStartOnly } from '../../systemd/service.ts';
import type { LoadedUnit } from '../../systemd/unit.ts';

/** One look at the unit as it is now. */
export interface Look extends Examination {
  unit: LoadedUnit;
}

/** Without these a service does not start. */
const STARTING = /^Exec(?:Condition|Start|StartPre)$/;
const EXEC = /^Exec(?:Condition|Start|StartPre|StartPost|Reload|Stop|StopPost)$/;

/** The programs that a unit starts, and the lines of those that it starts outside its sandbox. */
export function commandsOf(assignments: readonly Assignment[]): { programs: Commands; outside: Assignment[] } {
  const confined: string[] = [];
  const privileged: string[] = [];
  const unconfined: string[] = [];
  const starting: UnseenCommand[] = [];
  const outside: Assignment[] = [];
  const startOnly = permissionsStartOnly(assignments);
  for (const line of assignments.filter(({ name }) => EXEC.test(name)))
    for (const command of readExec(line.value)) {
      const exempt = isExempt(command) || (startOnly && line.name !== 'ExecStart');
      const program = unquoted(command.program);
      (exempt ? unconfined : isPrivileged(command) ? privileged : confined).push(program);
      if (STARTING.test(line.name) && !command.prefixes.includes('|'))
        starting.push({ by: line, program, optional: command.prefixes.includes('-'), outside: exempt });
      if (exempt && outside.at(-1) !== line) outside.push(line);
    }
  return { programs: { confined, privileged, unconfined, starting }, outside };
}

/** The programs that it starts inside its sandbox. */
export function confinedPrograms(assignments: readonly Assignment[]): string[] {
  const { confined, privileged = [] } = commandsOf(assignments).programs;
  return [...confined, ...privileged];
}

/** Puts what was observed to the unit, and looks for a fix of each thing that it denies. */
export function look(unit: LoadedUnit, profile: Profile, context: SandboxContext): Look {
  return { unit, ...examine(unit.assignments, profile, context, commandsOf(unit.assignments).programs) };
}
