// Which way of tracing is safe for a command on this machine, and why. The low-overhead mode installs a seccomp filter, which needs
// NO_NEW_PRIVS: programs that are set-uid or set-gid then run without their privileges, and calls that a filter of the command's own
// refuses are never seen. Sources: prctl(2), seccomp(2) (precedence of actions), ptrace(2).

import process from 'node:process';
import { gainOf } from '../profile/assumptions.ts';
import type { Profile } from '../profile/profile.ts';
import type { Tracing } from '../strace/launch.ts';
import {
  contentOf,
  findProgram,
  interpreterOf,
  isQuoting,
  isScript,
  isSetId,
  PATHS,
  programsInWords,
  programsNamed,
} from './named-programs.ts';

/** The mode, and a sentence's end that says why: `because …`. */
export interface TracingChoice {
  mode: Tracing;
  why: string;
}

/** Reasons against a filter that can be seen before the command runs; null: none. `path` is its PATH. */
function inSight(command: readonly string[], path: string, setIdMatters: boolean): string | null {
  const [name = '', ...words] = command;
  const program = findProgram(name, path);
  const quoting = isQuoting(name);
  const direct = [...(program === null ? [] : [program]), ...programsInWords(words, program, path, quoting)];
  const scripts = direct.map(contentOf).filter(isScript);
  const named = scripts.flatMap(text => programsNamed(text, path, isQuoting(interpreterOf(text))));
  const programs = new Set([...direct, ...named]);
  for (const file of programs) {
    if (setIdMatters && isSetId(file)) return `${file} is set-uid or set-gid`;
    const content = contentOf(file);
    if (isScript(content)) continue;
    if (content.includes('seccomp')) return `${file} can install a seccomp filter of its own`;
    if (!setIdMatters) continue;
    const setId = [...new Set(content.match(PATHS) ?? [])].find(isSetId);
    if (setId !== undefined) return `${file} names ${setId}, which is set-uid or set-gid`;
  }
  return null;
}

/** What the runs of a profile met that a filter would break or hide; null: nothing. */
export function metIn(profile: Profile | null, setIdMatters: boolean): string | null {
  for (const fact of profile?.facts ?? []) {
    if (fact.kind !== 'feature') continue;
    if (fact.name === 'own-seccomp') return 'it installed a seccomp filter of its own';
    const gain = gainOf(fact);
    if (gain !== null && setIdMatters) return `it ran ${fact.value ?? 'a program'}, which ${gain}`;
  }
  return null;
}

/** Did it run before with every call traced, to its end? Then what it does is known from there, not from what it could do. */
const ranCompletely = (profile: Profile | null, command: readonly string[]): boolean =>
  profile?.runs.some(
    run => run.mode === 'complete' && run.truncated !== true && run.command?.join('\0') === command.join('\0'),
  ) ?? false;

/** Set-id programs gain nothing under an unprivileged tracer (ptrace(2)) or where NO_NEW_PRIVS is set already. */
function setIdWorksHere(): boolean {
  if (process.geteuid?.() !== 0) return false;
  return !/^NoNewPrivs:\s*1/m.test(contentOf('/proc/self/status'));
}

/**
 * Chooses for `command` (its words; `path` is the PATH it is looked up in). `obstacle` is what probeTracing said of seccomp;
 * `profile` what is known from earlier runs.
 */
export function chooseTracing(
  command: readonly string[],
  path: string,
  obstacle: string | null,
  profile: Profile | null,
): TracingChoice {
  if (obstacle !== null) return { mode: 'complete', why: `strace cannot filter here: ${obstacle}` };
  const setIdMatters = setIdWorksHere();
  const met = metIn(profile, setIdMatters);
  if (met !== null) return { mode: 'complete', why: `${met} in an earlier run` };
  if (ranCompletely(profile, command))
    return { mode: 'seccomp', why: 'in a complete run before, it ran nothing set-uid and installed no filter' };
  const against = inSight(command, path, setIdMatters);
  return against === null
    ? { mode: 'seccomp', why: 'nothing in sight is set-uid or filters its own calls' }
    : { mode: 'complete', why: against };
}
