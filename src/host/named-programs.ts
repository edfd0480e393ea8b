// Which programs a text names: the words of a command, a script, the strings of a program. What cannot be a name is left out, what may be
// one is in.

import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { basename, delimiter, resolve } from 'node:path';
import process from 'node:process';

const SET_ID = 0o6000;
/** Larger programs are not searched. */
const SEARCHED = 256 * 1024 * 1024;
/** Absolute paths as they stand in programs and scripts. */
export const PATHS = /\/(?:[A-Za-z0-9._+-]+\/)+[A-Za-z0-9._+-]+/g;
const WORDS = /[A-Za-z0-9._+-]+/g;

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

export const isSetId = (path: string): boolean => {
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
export function contentOf(path: string): string {
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
export const isQuoting = (program: string): boolean => QUOTING.test(basename(program));

export const interpreterOf = (script: string): string => {
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
export function programsNamed(text: string, path: string, quoting: boolean): string[] {
  const effective = text.replace(COMMENTS, '');
  const isCode = quoting && /[\s(]/.test(effective);
  const told = isCode ? (effective.match(STRINGS) ?? []).join(' ') : effective;
  // /etc/passwd is no passwd(1).
  const bare = new Set(told.replace(PATHS, ' ').replace(VARIABLES, ' ').match(WORDS) ?? []);
  const found = [...bare].flatMap(name => findProgram(name, path) ?? []);
  return [...pathsNamed(effective), ...found];
}

export const SHELLS = /^(?:ba|da|z|k|mk|fi|c|tc)?sh$|^busybox$/;
/** Functions of libc that look for a program in PATH (exec(3), posix_spawn(3), system(3)), as they stand among the imports of a program. */
const SEARCHING = /\0(?:execvpe?|execlp|posix_spawnp|system|popen|wordexp)\0/;

/** Does a program leave it to others to look into PATH? Told by what it imports; shells do it on their own. */
function runsPathsOnly(program: string): boolean {
  const content = contentOf(program);
  return /\0libc\./.test(content) && !SEARCHING.test(content) && !SHELLS.test(basename(program));
}

/** What the arguments of a command name. The value of a long option (`--supervised systemd`) is a program to those only that look into PATH. */
export function programsInWords(
  words: readonly string[],
  program: string | null,
  path: string,
  quoting: boolean,
): string[] {
  const pathsOnly = program !== null && runsPathsOnly(program);
  return words.flatMap((word, i) => {
    const isValue = word.startsWith('--') || /^--[^=]+$/.test(words[i - 1] ?? '');
    return pathsOnly && isValue ? pathsNamed(word) : programsNamed(word, path, quoting);
  });
}

export const isScript = (content: string): boolean => content.startsWith('#!');
