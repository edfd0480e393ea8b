// Reads what a unit's programs, the helpers that they name, their own modules and their configuration say, without running any of them.
// Bounded: so many files, and so much of each. What cannot be read is listed.

import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { candidates, EXEC_SEARCH } from '../policy/exec-search.ts';
import type { FileWords, UnitWords } from '../policy/harden/words.ts';
import { readElf } from './elf.ts';
import { fileStart } from './file-start.ts';
import { inspectProgram } from './interpreters.ts';

const PROGRAMS = 120;
const MODULES = 200;
const CONFIGURATION = 200;
const LARGEST = 32 * 1024 * 1024;
const LARGEST_CONFIGURATION = 256 * 1024;
/** A helper of a helper is looked at, and no further. */
const DEPTH = 2;

/** What they run is not theirs: whoever writes the script decides. */
const SHELLS = /^(?:sh|bash|dash|zsh|ksh|busybox|env)$/;
/** They ask systemd or another service to do something, and do nothing themselves. */
const MESSENGERS =
  /^(?:systemctl|systemd-notify|systemd-cat|journalctl|loginctl|networkctl|resolvectl|busctl|dbus-send|gdbus|logger)$/;
const INTERPRETERS = /^(?:python|perl|node|nodejs|java|php|ruby|lua|tclsh|guile|mono|dotnet)[\d.]*$/;
/** Libraries that many programs share: what one of them could do tells nothing of a program. */
const SHARED =
  /^(?:ld-|lib(?:c|m|dl|rt|pthread|resolv|nsl|util|crypt|ssl|crypto|z|zstd|lzma|lz4|bz2|brotli\w*|systemd\S*|cap|cap-ng|seccomp|selinux|audit|apparmor|pam|pam_misc|uuid|stdc\+\+|gcc_s|atomic|xml2|expat|pcre\w*|pcre2-\w+|event\w*|event-[\d.]+|ev|uv|nghttp2|nettle|hogweed|gnutls|gmp|tasn1|p11-kit|idn2?|unistring|krb5|k5crypto|krb5support|gssapi_krb5|com_err|keyutils|ldap\S*|lber\S*|sasl2|db-[\d.]+|gdbm|sqlite3|pq|lua[\d.-]*|python[\d.]+|perl|ruby\S*|jemalloc|edit|readline|tinfo|ncurses\w*|wrap|icu\w+|dbus-1|glib-2\.0|gio-2\.0|gobject-2\.0|gmodule-2\.0|ffi|json-c|jansson|yaml-\S+|curl|nss3|nspr4|plc4|maxminddb|GeoIP|protobuf-c|lmdb|cares|md|bsd|mount|blkid|acl|attr|gcrypt|gpg-error|llhttp|hiredis)\.so)/;
const PROGRAM_NAME = /\/(?:usr\/(?:local\/)?)?(?:s?bin|lib(?:exec)?)\/[\w.+@/-]+/g;
const CONFIGURATION_NAME = /\/etc\/[\w.+@/-]+/g;
const COMMON_CONFIGURATION =
  /^\/etc\/(?:passwd|shadow|group|gshadow|hosts\S*|resolv\.conf|nsswitch\.conf|services|protocols|networks|rpc|ssl|pki|localtime|timezone|ld\.so\S*|pam\.d|login\.defs|shells|machine-id|hostname|fstab|mtab|default|security|environment|mime\.types|gai\.conf|host\.conf|init\.d|systemd|selinux|issue\S*|motd|nologin)?\/?$/;

const read = (path: string, largest: number): Buffer | null => fileStart(path, largest)?.bytes ?? null;

const real = (path: string): string | null => {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
};

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const isProgram = (path: string): boolean => {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && (stats.mode & 0o111) !== 0;
};

/** The program of this name that systemd would start. */
const searched = (name: string): string | undefined => candidates(name).find(isProgram);

const names = (directory: string): string[] => {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
};

/** What a person could read in a program: runs of four characters or more, as strings(1) shows them. */
const readable = (bytes: Buffer): string =>
  bytes
    .toString('latin1')
    .match(/[\t\x20-\x7e]{4,}/g)
    ?.join('\n') ?? '';

const plain = (path: string, kind: FileWords['kind'], text: string): FileWords => ({
  path,
  kind,
  imports: new Set(),
  libraries: [],
  executableStack: false,
  text,
});

/** Without comments, which tell of what is not so. */
const configurationAt = (path: string): FileWords | null => {
  const text = read(path, LARGEST_CONFIGURATION)?.toString('latin1');
  return text === undefined ? null : plain(path, 'configuration', text.replace(/^\s*(?:#|;|\/\/).*$/gm, ''));
};

class Reader {
  readonly files = new Map<string, FileWords>();
  readonly privileged: { path: string; namedIn: string }[] = [];
  readonly unread: string[] = [];
  #modules = 0;
  #configuration = 0;

  /** A program, with the helpers that it names and the modules that are its own. */
  program(asked: string, depth: number, namedIn: string): void {
    const path = real(asked);
    if (path === null || this.files.has(path) || this.files.size >= PROGRAMS + MODULES) return;
    const name = basename(path);
    if (depth > 0) {
      const inspected = inspectProgram(path);
      if (inspected !== null && (inspected.setId || inspected.capabilities !== null))
        this.privileged.push({ path, namedIn });
      if (SHELLS.test(name) || MESSENGERS.test(name)) return;
    }
    const bytes = read(path, LARGEST);
    if (bytes === null) {
      this.unread.push(path);
      return;
    }
    const elf = readElf(bytes);
    if (elf === null) {
      this.#script(path, bytes.toString('latin1'), depth);
      return;
    }
    // Of an interpreter itself all that counts is that it is one.
    if (INTERPRETERS.test(name) || SHELLS.test(name)) {
      this.files.set(path, { ...plain(path, 'elf', ''), libraries: elf.libraries });
      return;
    }
    const text = readable(bytes);
    this.files.set(path, { path, kind: 'elf', ...elf, text });
    this.#libraries(path, elf);
    if (depth === 0) {
      this.#ownDirectories(path, text);
      for (const found of new Set(text.match(CONFIGURATION_NAME) ?? [])) this.configuration(found);
    }
    if (depth < DEPTH) for (const found of new Set(text.match(PROGRAM_NAME) ?? [])) this.#named(found, depth, path);
  }

  #named(path: string, depth: number, by: string): void {
    if (isProgram(path) && !/\.so(?:\.|$)/.test(path)) this.program(path, depth + 1, by);
  }

  #script(path: string, text: string, depth: number): void {
    const interpreter = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(text);
    this.files.set(path, plain(path, 'script', text.replace(/^\s*#.*$/gm, '')));
    const [, program = '', argument = ''] = interpreter ?? [];
    const run = basename(program) === 'env' ? (searched(argument) ?? '') : program;
    if (run !== '') this.program(run, depth, path);
    if (depth >= DEPTH) return;
    for (const found of new Set(text.match(PROGRAM_NAME) ?? [])) this.#named(found, depth, path);
    if (!SHELLS.test(basename(run))) return;
    for (const word of new Set(text.replace(/^\s*#.*$/gm, '').match(/\b[a-z][\w.-]+\b/g) ?? [])) {
      const program = searched(word);
      // As deep as it goes: what such a command names it does not always run.
      if (program !== undefined) this.program(program, DEPTH, path);
    }
  }

  /** Libraries that are not shared by everybody: they are part of the program. */
  #libraries(
    program: string,
    { libraries, runpath }: { libraries: readonly string[]; runpath: readonly string[] },
  ): void {
    const own = runpath.map(directory => directory.replace(/\$\{?ORIGIN\}?/, dirname(program)));
    const usual = [
      '/usr/lib',
      '/usr/lib64',
      ...names('/usr/lib').flatMap(one => (one.includes('-linux-') ? [`/usr/lib/${one}`] : [])),
    ];
    for (const library of libraries) {
      if (SHARED.test(library)) continue;
      const found = [...own, ...usual].map(directory => join(directory, library)).find(path => real(path) !== null);
      if (found !== undefined) this.#module(found);
    }
  }

  #module(asked: string): void {
    const path = real(asked);
    if (path === null || this.files.has(path) || this.#modules >= MODULES) return;
    const bytes = read(path, LARGEST);
    const elf = bytes === null ? null : readElf(bytes);
    if (bytes === null || elf === null) return;
    this.#modules++;
    this.files.set(path, { path, kind: 'elf', ...elf, text: readable(bytes) });
    this.#libraries(path, elf);
  }

  /** The directories that belong to a program alone: where it lies, if not among all others, those below /usr/lib that it names or that have its name. */
  #ownDirectories(path: string, text: string): void {
    const name = basename(path).replace(/d$/, '');
    const tops = [
      '/usr/lib',
      '/usr/libexec',
      ...names('/usr/lib').flatMap(one => (one.includes('-linux-') ? [`/usr/lib/${one}`] : [])),
    ];
    const named = [...new Set(text.match(PROGRAM_NAME) ?? [])].map(found => real(found) ?? '');
    const byName = tops.flatMap(top => [join(top, name), join(top, `${name}d`)]);
    const own = new Set(
      [dirname(path), ...named, ...byName].filter(
        directory =>
          directory !== '' && !EXEC_SEARCH.includes(directory) && !tops.includes(directory) && isDirectory(directory),
      ),
    );
    for (const directory of own)
      for (const entry of names(directory)) {
        const found = join(directory, entry);
        if (isDirectory(found)) for (const inner of names(found)) this.#part(join(found, inner));
        else this.#part(found);
      }
  }

  #part(path: string): void {
    if (/\.so(?:\.|$)/.test(path)) this.#module(path);
    else if (isProgram(path)) this.program(path, DEPTH, path);
  }

  /** A file of configuration, or all files of a directory, two levels deep. */
  configuration(path: string, depth = 0): void {
    if (COMMON_CONFIGURATION.test(path) || depth > 2 || this.#configuration >= CONFIGURATION || this.files.has(path))
      return;
    if (isDirectory(path)) {
      for (const entry of names(path)) this.configuration(join(path, entry), depth + 1);
      return;
    }
    const found = configurationAt(path);
    if (found === null) return;
    this.#configuration++;
    this.files.set(path, found);
  }
}

export interface Started {
  /** With `.service`. */
  unit: string;
  /** The lines in force. */
  lines: readonly { section: string; name: string; value: string }[];
  /** Programs that it starts, by absolute path or by name. */
  programs: readonly string[];
  home: string | null;
}

/** What is known of a unit without running it. */
export function unitWords({ unit, lines, programs, home }: Started): UnitWords {
  const reader = new Reader();
  for (const program of programs) {
    const path = program.startsWith('/') ? program : searched(program);
    if (path === undefined || real(path) === null) reader.unread.push(program);
    else reader.program(path, 0, unit);
  }
  const name = unit.replace(/(?:@.*)?\.service$/, '');
  const stems = new Set([name, ...programs.map(path => basename(path))].flatMap(one => [one, one.replace(/d$/, '')]));
  for (const stem of stems)
    for (const path of [`/etc/${stem}`, `/etc/${stem}.conf`, `/etc/default/${stem}`]) reader.configuration(path);
  const service = lines.filter(({ section }) => section === 'Service' || section === 'Unit');
  for (const { name: setting, value } of service)
    if (setting.startsWith('Exec') || setting === 'EnvironmentFile')
      for (const [path] of value.matchAll(/\/[\w.+@/-]+/g))
        if (!isProgram(path)) reader.configuration(path);
        else if (!programs.includes(path)) reader.program(path, 1, unit);
  return {
    files: [...reader.files.values()],
    lines: service.map(({ name: setting, value }) => `${setting}=${value}`),
    privileged: reader.privileged,
    home,
    unread: reader.unread,
  };
}
