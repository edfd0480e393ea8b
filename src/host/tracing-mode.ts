// Which way of tracing is safe for a command on this machine, and why. The low-overhead mode installs a seccomp filter, which needs
// NO_NEW_PRIVS: programs that are set-uid or set-gid then run without their privileges, and calls that a filter of the command's own
// refuses are never seen. Sources: prctl(2), seccomp(2) (precedence of actions), ptrace(2).

import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { basename, delimiter, resolve } from 'node:path';
import process from 'node:process';
import { gainOf } from '../profile/assumptions.ts';
import type { Profile } from '../profile/profile.ts';
import type { Tracing } from '../strace/launch.ts';

/** The mode, and a sentence's end that says why: `because …`. */
export interface TracingChoice {
  mode: Tracing;
  why: string;
}

const SET_ID = 0o6000;
/** Larger programs are not searched. */
const SEARCHED = 256 * 1024 * 1024;
/** Absolute paths as they stand in programs and scripts. */
const PATHS = /\/(?:[A-Za-z0-9._+-]+\/)+[A-Za-z0-9._+-]+/g;
const WORDS = /[A-Za-z0-9._+-]+/g;

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

const isSetId = (path: string): boolean => {
  try {
    const stats = statSync(path);
    return stats.isFile() && (stats.mode & SET_ID) !== 0 && (stats.mode & 0o111) !== 0;
  } catch {
    return false;
  }
};

/** The file that execvp(3) would run for `name`; null when there is none. */
export function findProgram(name: string, path: string, cwd = process.cwd()): string | null {
  if (name.includes('/')) return isExecutable(resolve(cwd, name)) ? resolve(cwd, name) : null;
  for (const directory of path.split(delimiter)) {
    const candidate = resolve(cwd, directory, name);
    if (isExecutable(candidate)) return candidate;
  }
  return null;
}

/** The bytes of a program or script, one character each; empty when it cannot be read. */
function contentOf(path: string): string {
  try {
    return statSync(path).size > SEARCHED ? '' : readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Interpreters in whose code a program can be named in a string only: a bare word is a name of its own (`file = open(…)`). */
const QUOTING = /^(?:python|node|lua)[\d.]*$/;
const STRINGS = /("""|'''|`)[\s\S]*?\1|(["'])(?:\\.|(?!\2)[^\\\n])*\2/g;

/** Does this interpreter take such code? */
const isQuoting = (program: string): boolean => QUOTING.test(basename(program));

const interpreterOf = (script: string): string => {
  const [, program = '', argument = ''] = /^#! *(\S+)(?: +(\S+))?/.exec(script) ?? [];
  return basename(program) === 'env' ? argument : program;
};

/** A line that is a comment in shells, Perl, Python and their like, and substitutes nothing if it stands in a here-document. */
const COMMENTS = /^[ \t]*#(?!!)(?!.*(?:\$\(|`)).*$/gm;
/** Names of variables: `$file`, `${file:-` (what follows is a value), `file=`. */
const VARIABLES = /\$\{?\w+(?::?[-=+?])?|\b[A-Za-z_]\w*\+?=/g;

/** Absolute paths of programs in a text. */
const pathsNamed = (text: string): string[] => [...new Set(text.match(PATHS) ?? [])].filter(isExecutable);

/** What the text of a script or a `sh -c` word may run: absolute paths, and bare names (of code: in its strings, where `quoting`) found in PATH. */
function programsNamed(text: string, path: string, quoting: boolean): string[] {
  const effective = text.replace(COMMENTS, '');
  const isCode = quoting && /[\s(]/.test(effective);
  const told = isCode ? (effective.match(STRINGS) ?? []).join(' ') : effective;
  // /etc/passwd is no passwd(1).
  const bare = new Set(told.replace(PATHS, ' ').replace(VARIABLES, ' ').match(WORDS) ?? []);
  const found = [...bare].flatMap(name => findProgram(name, path) ?? []);
  return [...pathsNamed(effective), ...found];
}

const SHELLS = /^(?:ba|da|z|k|mk|fi|c|tc)?sh$|^busybox$/;
/** Functions of libc that look for a program in PATH (exec(3), posix_spawn(3), system(3)), as they stand among the imports of a program. */
const SEARCHING = /\0(?:execvpe?|execlp|posix_spawnp|system|popen|wordexp)\0/;

/** Does a program leave it to others to look into PATH? Told by what it imports; shells do it on their own. */
function runsPathsOnly(program: string): boolean {
  const content = contentOf(program);
  return /\0libc\./.test(content) && !SEARCHING.test(content) && !SHELLS.test(basename(program));
}

/** What the arguments of a command name. The value of a long option (`--supervised systemd`) is a program to those only that look into PATH. */
function programsInWords(words: readonly string[], program: string | null, path: string, quoting: boolean): string[] {
  const pathsOnly = program !== null && runsPathsOnly(program);
  return words.flatMap((word, i) => {
    const isValue = word.startsWith('--') || /^--[^=]+$/.test(words[i - 1] ?? '');
    return pathsOnly && isValue ? pathsNamed(word) : programsNamed(word, path, quoting);
  });
}

const isScript = (content: string): boolean => content.startsWith('#!');

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

/** What earlier runs of the same profile met that a filter would break or hide, as a reason; null: nothing. */
export function metBefore(profile: Profile | null, setIdMatters: boolean): string | null {
  for (const fact of profile?.facts ?? []) {
    if (fact.kind !== 'feature') continue;
    if (fact.name === 'own-seccomp') return 'it installed a seccomp filter of its own in an earlier run';
    const gain = gainOf(fact);
    if (gain !== null && setIdMatters) return `it ran ${fact.value ?? 'a program'}, which ${gain}, in an earlier run`;
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
  const met = metBefore(profile, setIdMatters);
  if (met !== null) return { mode: 'complete', why: met };
  if (ranCompletely(profile, command))
    return { mode: 'seccomp', why: 'in a complete run before, it ran nothing set-uid and installed no filter' };
  const against = inSight(command, path, setIdMatters);
  return against === null
    ? { mode: 'seccomp', why: 'nothing in sight is set-uid or filters its own calls' }
    : { mode: 'complete', why: against };
}
