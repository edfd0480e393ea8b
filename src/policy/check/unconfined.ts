// What commands did that systemd runs outside the sandbox (`+` in front of them), or as root whatever User= says (`!`), as far as the programs
// tell it apart. Pure. Source: systemd.service(5), «Command lines».

import { basename } from 'node:path';
import type { Fact } from '../../profile/profile.ts';
import type { HostView } from '../host-view.ts';
import type { Start, UnseenCommand } from '../sandbox/starts.ts';

/** Programs of a unit's commands as they are written there: paths, or names that are looked up. */
export interface Commands {
  confined: readonly string[];
  /** Confined, but for User= and similar. */
  privileged?: readonly string[];
  unconfined: readonly string[];
  /** Those without which the start fails, with their lines. */
  starting?: readonly UnseenCommand[];
}

export const NO_COMMANDS: Commands = { confined: [], unconfined: [] };

/** Evidence names the 8 alphabetically first programs: of so many, some may be missing. */
const PROGRAMS_AT_MOST = 8;

type Execution = Fact & { kind: 'path' };

const isExecution = (fact: Fact): fact is Execution =>
  fact.kind === 'path' && fact.mode === 'exec' && fact.inferred === undefined && fact.errno === undefined;

const names = (program: string, { path, asked }: Execution): boolean =>
  program.includes('/') ? program === path || program === asked : program === basename(asked ?? path);

/** What the facts and the machine tell of the start. */
export function startOf(facts: readonly Fact[], { starting = [] }: Commands, host: HostView): Start {
  const executions = facts.filter(isExecution);
  const first = executions[0];
  return {
    here: host.known && (first === undefined || host.type(first.path) !== null),
    unseen: starting.filter(({ program }) => !executions.some(fact => names(program, fact))),
  };
}

/** Of another machine than the service's, owners and modes say nothing. */
export const ownersOf = (host: HostView, { here }: Start): HostView => (here ? host : { ...host, owner: () => null });

/** Did programs of the set do this, and nobody else? `started`: nobody may be seen, as it is with what systemd starts. */
const isBy = ({ evidence: { by } }: Fact, programs: ReadonlySet<string>, started: boolean): boolean =>
  by.length < PROGRAMS_AT_MOST && (started || by.length > 0) && by.every(program => programs.has(program));

/** Programs of these commands, and what was started by them alone, `others` being the programs of all other commands. */
function programsOf(facts: readonly Fact[], commands: readonly string[], others: readonly string[]): Set<string> {
  const executions = facts.filter(isExecution);
  const own = (list: readonly string[]): Set<string> =>
    new Set(executions.filter(fact => list.some(program => names(program, fact))).map(({ path }) => path));
  const inside = own(others);
  const started = own(commands);
  const found = new Set(started);
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const fact of executions) if (!inside.has(fact.path) && isBy(fact, found, false)) found.add(fact.path);
  }
  // Whoever is started by others too is not distinguished, nor is what it started.
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const fact of executions)
      if (inside.has(fact.path) || !isBy(fact, found, started.has(fact.path))) found.delete(fact.path);
  }
  return found;
}

/** Tells which facts are of these commands alone. */
function factsOf(
  facts: readonly Fact[],
  commands: readonly string[],
  others: readonly string[],
): (fact: Fact) => boolean {
  if (commands.length === 0) return () => false;
  const programs = programsOf(facts, commands, others);
  return fact => isBy(fact, programs, isExecution(fact) && programs.has(fact.path));
}

/** Tells which facts are of unconfined commands alone, so that no sandbox denies them. */
export const unconfinedFacts = (
  facts: readonly Fact[],
  { confined, privileged = [], unconfined }: Commands,
): ((fact: Fact) => boolean) => factsOf(facts, unconfined, [...confined, ...privileged]);

/** Tells which facts are of commands alone that are started as root: no User= takes anything from them. */
export const privilegedFacts = (
  facts: readonly Fact[],
  { confined, privileged = [], unconfined }: Commands,
): ((fact: Fact) => boolean) => factsOf(facts, privileged, [...confined, ...unconfined]);
