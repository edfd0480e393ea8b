// Can a unit that starts as root come to start a program that gains privileges by being executed? Tracing with a filter needs NO_NEW_PRIVS,
// under which such a program runs without them. What the unit names is followed: its words, the scripts and programs in them, what those
// name, their libraries and configuration. Where that does not tell, the answer is yes, with the reason.
// Sources: prctl(2) PR_SET_NO_NEW_PRIVS, exec(3), posix_spawn(3), system(3), pam_unix(8) (unix_chkpwd).

import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { remember } from './file-system.ts';
import { inspectProgram } from './interpreters.ts';
import { importsOf, librariesOf } from './loaded-libraries.ts';
import {
  contentOf,
  findProgram,
  interpreterOf,
  isScript,
  isSetId,
  PATHS,
  programsNamed,
  SHELLS,
} from './named-programs.ts';

/** Functions of libc that start a program by its path. */
const STARTING = ['execve', 'execv', 'execl', 'execle', 'execveat', 'fexecve', 'posix_spawn'] as const;
/** Those that look for it in PATH. */
const SEARCHING = ['execvp', 'execvpe', 'execlp', 'posix_spawnp'] as const;
/** Those that make another user of a process. */
const BECOMING = ['setuid', 'seteuid', 'setreuid', 'setresuid', 'initgroups', 'setgroups'] as const;
/** Those that give a command to a shell. */
const SHELLING = ['system', 'popen', 'wordexp'] as const;
const A_SHELL = /\0\/(?:usr\/)?bin\/(?:ba|da|k|z)?sh\0/;
/** Part of libc: what they hold is what the functions above do. */
const LIBC = /^(?:libc|ld-linux[-\w]*|ld-musl[-\w]*|ld64|libpthread|libdl|librt|libm)\b/;
/** Programs that start others as another user, to whom set-uid programs matter: to root itself, one that makes root of others is nothing. */
const USER_CHANGERS =
  'su|sudo|doas|runuser|setpriv|start-stop-daemon|gosu|su-exec|setuidgid|envuidgid|chpst|s6-setuidgid|daemon|capsh|nsenter|unshare|machinectl|systemd-run';
const CHANGING_USER = new RegExp(`^(?:${USER_CHANGERS})$`);
const CHANGES_USER = new RegExp(`(?:^|[\\s/;&|(])(?:${USER_CHANGERS})(?=\\s|$)|--userspec`);
/** A shell whose commands do not stand behind it (`sh -c '…'`), but in a file or on lines of their own. */
const OTHER_SHELL = /(?:^|[\s/"'])(?:ba|da|k|z)?sh(?=\s|$)(?!\s+-\w*c\s+["'])/m;
const isOpen = (line: string, quote: string): boolean => line.replace(/\\./g, '').split(quote).length % 2 === 0;
/** A file that a script reads as its own text. */
const SOURCED = /(?:^|[;&|({]|\b(?:then|do|else)\b)[ \t]*(?:\.|source)[ \t]+(\S+)/gm;
/** In a library, a shorter word is rather the code of a language than a program: su. */
const LONG_NAME = 4;
/** Larger files, and more of them, are no configuration. */
const CONFIGURATION = { bytes: 1 << 20, files: 1000 };

const has = (imports: ReadonlySet<string>, names: readonly string[]): string | undefined =>
  names.find(name => imports.has(name));

/** A command of the unit: its program, its words, and what its variables may hold. */
export interface UnitCommand {
  words: readonly string[];
  environment: string;
}

class Reach {
  readonly #path: string;
  readonly #seen = new Set<string>();
  /** Of each program and library once: they are large. */
  readonly #imports = remember(importsOf);
  /** Programs in PATH that gain something, by their names. */
  readonly #gaining: ReadonlyMap<string, string>;
  readonly #capable: ReadonlySet<string>;

  constructor(path: string) {
    this.#path = path;
    this.#gaining = gainingIn(path);
    this.#capable = new Set(this.#gaining.values());
  }

  command({ words, environment }: UnitCommand): string | null {
    const [name = '', ...others] = words;
    const program = findProgram(name, this.#path);
    if (program === null) return name.includes('$') ? `its program is named by a variable: ${name}` : null;
    const text = [...others, ...(words.some(word => word.includes('$')) ? [environment] : [])].join('\n');
    const isShell = SHELLS.test(basename(program));
    const asOther = CHANGING_USER.test(basename(program));
    const named = isShell
      ? this.#script(text, `the words of ${program}`, false)
      : this.#allNamed(text, program, asOther);
    return named ?? this.#program(program, isShell) ?? (isShell ? null : this.#configuration(program, text));
  }

  /** The text of a shell script, or words for a shell: every program that it may name, and what it reads as its own. */
  #script(text: string, who: string, asOther: boolean): string | null {
    for (const [, file = ''] of text.matchAll(SOURCED)) {
      const paths = sourcedFiles(file.replace(/^["']|["';)]+$/g, ''), text);
      if (paths === null) return `${who} reads ${file}, which cannot be followed`;
      for (const path of paths) {
        if (this.#seen.has(path)) continue;
        this.#seen.add(path);
        const found = this.#script(contentOf(path), path, asOther);
        if (found !== null) return found;
      }
    }
    const { changing, others, spreads } = linesOf(text);
    return this.#allNamed(changing, who, true) ?? this.#allNamed(others, who, asOther || spreads);
  }

  /** `asOther`: what stands in the text may be started by another user than root. */
  #allNamed(text: string, who: string, asOther: boolean): string | null {
    for (const program of programsNamed(text, this.#path, false)) {
      if (this.#matters(program, asOther)) return `${who} names ${program}, which gains privileges when it is executed`;
      const found = this.#follow(program, asOther);
      if (found !== null) return found;
    }
    return null;
  }

  /** What a script calls does what the script tells it: what counts is whom it names itself. */
  #follow(program: string, asOther: boolean): string | null {
    const key = `${program}\0${asOther}`;
    if (this.#seen.has(key)) return null;
    this.#seen.add(key);
    const content = contentOf(program);
    return isScript(content)
      ? this.#scriptFile(program, content, asOther)
      : this.#strings(program, content, true, asOther);
  }

  #scriptFile(path: string, content: string, asOther: boolean): string | null {
    const interpreter = interpreterOf(content);
    return SHELLS.test(basename(interpreter))
      ? this.#script(content, path, asOther)
      : `${path} is a script of ${interpreter}, which is not followed`;
  }

  /** Root gains nothing by a program that makes root of others; anybody else does, and by a group or capabilities root may too. */
  #matters(program: string, asOther: boolean): boolean {
    if (!isSetId(program)) return this.#capable.has(program);
    const { mode, uid } = statSync(program);
    return asOther || (mode & 0o2000) !== 0 || uid !== 0;
  }

  /** A program that the unit itself starts. */
  #program(program: string, isShell: boolean): string | null {
    if (this.#matters(program, false)) return `${program} gains privileges when it is executed`;
    const content = contentOf(program);
    if (isScript(content)) return this.#scriptFile(program, content, false);
    if (content.includes('seccomp')) return `${program} can install a seccomp filter of its own`;
    if (isShell) return null;
    const imports = this.#imports(program);
    const [loader] = inspectProgram(program)?.needs ?? [];
    if (imports === null || loader === undefined)
      return `${program} is linked statically, so that what it can start is not known`;
    const shelling = has(imports, SHELLING);
    if (shelling !== undefined || A_SHELL.test(content))
      return `${program} gives commands to a shell (${shelling ?? 'it names one'}), which may start anything`;
    const libraries = librariesOf(program, loader.path);
    if (libraries === null) return `the libraries of ${program} are not known`;
    const pam = libraries.find(library => /^libpam\./.test(basename(library)));
    if (pam !== undefined) return `${program} uses PAM, which starts unix_chkpwd and whatever it is configured for`;
    for (const file of [program, ...libraries, ...pluginsOf(content)]) {
      const found =
        LIBC.test(basename(file)) || this.#seen.has(file)
          ? null
          : this.#strings(file, contentOf(file), file === program, true);
      this.#seen.add(file);
      if (found !== null) return found;
    }
    return null;
  }

  /** What stands in a program or library that can start others. `asOther`: it may run as another user than root, or become one. */
  #strings(file: string, content: string, isProgram: boolean, asOther: boolean): string | null {
    const imports = this.#imports(file);
    const searches = imports === null || has(imports, [...SEARCHING, ...SHELLING]) !== undefined;
    if (!searches && has(imports, STARTING) === undefined) return null;
    const becomes = asOther || imports === null || has(imports, BECOMING) !== undefined;
    const names = (what: string): string => `${file} names ${what}, which gains privileges when it is executed`;
    const path = [...new Set(content.match(PATHS) ?? [])].find(one => this.#matters(one, becomes));
    if (path !== undefined) return names(path);
    if (!searches) return null;
    for (const [name, program] of this.#gaining)
      if (
        this.#matters(program, becomes) &&
        (isProgram || name.length >= LONG_NAME) &&
        (content.includes(`\0${name}\0`) || content.includes(`\0${name} `))
      )
        return names(program);
    return null;
  }

  /** The files below /etc that the words and the program name, with what lies beside them, if the program can start what stands in them. */
  #configuration(program: string, words: string): string | null {
    const imports = this.#imports(program);
    if (imports !== null && has(imports, [...STARTING, ...SEARCHING]) === undefined) return null;
    const named = [...new Set(`${words}\0${contentOf(program)}`.match(PATHS) ?? [])].filter(path =>
      /^\/etc\/[^/]+\//.test(path),
    );
    const directories = new Set(named.map(path => `/etc/${path.split('/')[2] ?? ''}`));
    for (const file of [...directories].flatMap(filesBelow)) {
      const found = this.#seen.has(file) ? null : this.#allNamed(pathsOnly(contentOf(file)), file, true);
      this.#seen.add(file);
      if (found !== null) return found;
    }
    return null;
  }
}

/** The files that `. WORD` reads: an absolute path, or what a loop of the same text takes from directories; null: not known. */
function sourcedFiles(word: string, text: string): string[] | null {
  if (/^\/[^$`*?]*$/.test(word)) return [word];
  const variable = /^\$\{?(\w+)\}?$/.exec(word)?.[1];
  const loop = variable === undefined ? null : new RegExp(`\\bfor ${variable} in (.*)`).exec(text)?.[1];
  const directories = loop?.match(PATHS) ?? [];
  return directories.length === 0 ? null : directories.flatMap(filesBelow);
}

/**
 * The lines of a script in which something is started as another user, with the values of their variables, and the others. `spreads`: the others
 * may be run as that user too.
 */
function linesOf(text: string): { changing: string; others: string; spreads: boolean } {
  const lines = text.replace(/\\\n/g, ' ').split('\n');
  const own = lines.filter(line => CHANGES_USER.test(line));
  const changing = own.join('\n');
  const used = new Set([...changing.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name));
  const values = [...text.matchAll(/\b(\w+)=(.*)/g)].flatMap(([, name, value = '']) => (used.has(name) ? [value] : []));
  return {
    changing: [changing, ...values].join('\n'),
    others: lines.filter(line => !CHANGES_USER.test(line)).join('\n'),
    spreads: own.some(line => OTHER_SHELL.test(line) || isOpen(line, '"') || isOpen(line, "'")),
  };
}

const pathsOnly = (text: string): string => (text.match(PATHS) ?? []).join(' ');

function filesBelow(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
    return entries
      .slice(0, CONFIGURATION.files)
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .filter(file => statSync(file).size <= CONFIGURATION.bytes);
  } catch {
    return [];
  }
}

/** Directories of libraries for all. */
const COMMON = /^\/(?:usr\/(?:local\/)?)?lib\d*(?:\/[^/]+-linux-[^/]+)?$/;

/** Libraries in directories of its own that a program names: it may load them as it runs. */
function pluginsOf(content: string): string[] {
  const directories = [...new Set(content.match(PATHS) ?? [])].filter(
    path => /^\/(?:usr\/)?(?:local\/)?lib\d*\//.test(path) && !COMMON.test(path),
  );
  return directories.flatMap(directory => {
    try {
      return readdirSync(directory)
        .filter(name => /\.so(?:\.|$)/.test(name))
        .map(name => join(directory, name));
    } catch {
      return [];
    }
  });
}

/** Programs in these directories that are set-uid, set-gid or have capabilities, by their names. */
function gainingIn(path: string): Map<string, string> {
  const found = new Map<string, string>();
  const directories = path.split(':');
  for (const directory of directories) {
    let names: string[] = [];
    try {
      names = readdirSync(directory);
    } catch {
      continue;
    }
    for (const name of names) if (isSetId(join(directory, name))) found.set(name, join(directory, name));
  }
  const { stdout } = spawnSync('getcap', ['-r', ...directories], {
    encoding: 'utf8',
    env: { PATH: path },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for (const [, program = ''] of (stdout ?? '').matchAll(/^(\/\S+) .*cap_/gm)) found.set(basename(program), program);
  return found;
}

/** Why a unit with these commands might start a program that gains privileges by it, or hides calls from a filter; null: nothing shows it. */
export function setIdInReach(commands: readonly UnitCommand[], path: string): string | null {
  const reach = new Reach(path);
  for (const command of commands) {
    const found = reach.command(command);
    if (found !== null) return found;
  }
  return null;
}
