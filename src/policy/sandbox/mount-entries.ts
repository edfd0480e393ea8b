// Which mounts a unit asks for: the settings about paths → one entry each, before they are put in order (see mounts.ts).
// Facts: src/core/namespace.c and src/core/execute.c of systemd 252, whose tables and words are kept.

import { normalise } from '../../process/resolve.ts';
import { rowOf } from '../../row.ts';
import type { Assignment } from '../findings.ts';
import { badValue, wordsOf } from './settings.ts';

/** Where systemd mounts what is added to a running service. */
export const INCOMING = '/run/systemd/incoming';

/** What an entry does, in systemd's order of priority: of two for the same path, the one that stands first here wins. */
export const MOUNT_MODES = [
  'inaccessible',
  'bind',
  'private-tmp',
  'private-dev',
  'bind-dev',
  'empty',
  'sysfs',
  'procfs',
  'read-only',
  'read-write',
  'noexec',
  'exec',
  'tmpfs',
  'run',
  'mqueue',
  'read-write-implicit',
] as const;
export type MountMode = (typeof MOUNT_MODES)[number];

export interface MountEntry {
  path: string;
  mode: MountMode;
  by: Assignment;
  /** A missing path is no reason not to start. */
  ignore?: true;
  readOnly?: true;
  /** Of a tmpfs: mounted so, whatever becomes of the entry. */
  noExec?: true;
  /** Of a tmpfs: its owner or mode is set, else it is root's alone. */
  shared?: true;
  /** Of a bind: where its content comes from (a path of the host). */
  source?: string;
  /** Of a bind: without what is mounted below its source (`norbind`); it comes before one with that. */
  flat?: true;
  /** systemd makes the source itself when the service starts. */
  made?: true;
}

type Table = readonly (readonly [path: string, mode: MountMode, ignore?: true])[];

// biome-ignore format: one mount a row
const TUNABLES_PROC: Table = [
  ['/proc/acpi', 'read-only', true], ['/proc/apm', 'read-only', true], ['/proc/asound', 'read-only', true], ['/proc/bus', 'read-only', true],
  ['/proc/fs', 'read-only', true], ['/proc/irq', 'read-only', true], ['/proc/kallsyms', 'inaccessible', true], ['/proc/kcore', 'inaccessible', true],
  ['/proc/latency_stats', 'read-only', true], ['/proc/mtrr', 'read-only', true], ['/proc/scsi', 'read-only', true], ['/proc/sys', 'read-only', true],
  ['/proc/sysrq-trigger', 'read-only', true], ['/proc/timer_stats', 'read-only', true],
];
// biome-ignore format: one mount a row
const TUNABLES_SYS: Table = [
  ['/sys', 'read-only'], ['/sys/fs/bpf', 'read-only', true], ['/sys/fs/cgroup', 'read-write-implicit'], ['/sys/fs/selinux', 'read-write-implicit', true],
  ['/sys/kernel/debug', 'read-only', true], ['/sys/kernel/tracing', 'read-only', true],
];
const homes = (mode: MountMode): Table => [
  ['/home', mode, true],
  ['/run/user', mode, true],
  ['/root', mode, true],
];
/** Distributions with a split /usr, as Debian is built, protect the old directories of the root too. */
const SYSTEM: Table = [
  ['/usr', 'read-only'],
  ['/boot', 'read-only', true],
  ['/efi', 'read-only', true],
  ['/lib', 'read-only', true],
  ['/lib64', 'read-only', true],
  ['/bin', 'read-only', true],
  ['/sbin', 'read-only', true],
];

/** setting → value → its mounts. */
const FIXED: Readonly<Record<string, Readonly<Record<string, Table>>>> = {
  ProtectSystem: {
    yes: SYSTEM,
    full: [...SYSTEM, ['/etc', 'read-only']],
    strict: [
      ['/', 'read-only'],
      ['/proc', 'read-write-implicit'],
      ['/sys', 'read-write-implicit'],
      ['/dev', 'read-write-implicit'],
      ...homes('read-write-implicit'),
    ],
  },
  ProtectHome: { yes: homes('inaccessible'), 'read-only': homes('read-only'), tmpfs: homes('tmpfs') },
  ProtectKernelTunables: { yes: [...TUNABLES_PROC, ...TUNABLES_SYS] },
  ProtectKernelModules: {
    yes: [
      ['/lib/modules', 'inaccessible', true],
      ['/usr/lib/modules', 'inaccessible', true],
    ],
  },
  ProtectKernelLogs: {
    yes: [
      ['/proc/kmsg', 'inaccessible', true],
      ['/dev/kmsg', 'inaccessible', true],
    ],
  },
  ProtectControlGroups: { yes: [['/sys/fs/cgroup', 'read-only']] },
  PrivateDevices: { yes: [['/dev', 'private-dev']] },
  PrivateTmp: {
    yes: [
      ['/tmp', 'private-tmp'],
      ['/var/tmp', 'private-tmp'],
    ],
  },
  PrivateIPC: { yes: [['/dev/mqueue', 'mqueue']] },
  PrivateMounts: { yes: [] },
};

/** Settings that bring back /proc, /dev, /sys and /run where they are not there. */
const API_FILE_SYSTEMS: Table = [
  ['/proc', 'procfs'],
  ['/dev', 'bind-dev'],
  ['/sys', 'sysfs'],
  ['/run', 'run'],
];

const DIRECTORIES: Readonly<Record<string, { system: string; private: boolean }>> = {
  RuntimeDirectory: { system: '/run', private: false },
  StateDirectory: { system: '/var/lib', private: true },
  CacheDirectory: { system: '/var/cache', private: true },
  LogsDirectory: { system: '/var/log', private: true },
  ConfigurationDirectory: { system: '/etc', private: false },
};

const ACCESS: Readonly<Record<string, MountMode>> = {
  ReadWritePaths: 'read-write',
  ReadOnlyPaths: 'read-only',
  InaccessiblePaths: 'inaccessible',
  ExecPaths: 'exec',
  NoExecPaths: 'noexec',
};

/** An absolute path without `//`, `/.` and a slash at the end; systemd refuses `..`. */
export function pathOf(by: Assignment, text: string): string {
  if (!text.startsWith('/')) throw badValue(by, `'${text}' is no absolute path, so systemd ignores it`);
  if (text.split('/').includes('..')) throw badValue(by, `'${text}' holds '..', so systemd ignores it`);
  return normalise(text);
}

interface Prefixed {
  path: string;
  ignore: boolean;
}

/** `-/path`, `+/path`, `-+/path`. */
function prefixed(by: Assignment, text: string): Prefixed {
  const bare = text.replace(/^-/, '');
  return { path: pathOf(by, bare.replace(/^\+/, '')), ignore: bare !== text };
}

const entry = (path: string, mode: MountMode, by: Assignment, ignore: boolean): MountEntry => ({
  path,
  mode,
  by,
  ...(ignore ? { ignore: true } : {}),
});

function binds(by: Assignment): MountEntry[] {
  const found: MountEntry[] = [];
  const all = wordsOf(by, { separators: ': \t\n\r', exact: true });
  for (let i = 0; i < all.length; i++) {
    const first = all[i];
    // Blanks are separators too, and each counts: several in a row enclose empty words.
    if (first === undefined || (first.text === '' && first.end !== ':')) continue;
    const source = prefixed(by, first.text);
    let destination = source.path;
    let flat = false;
    if (first.end === ':') {
      const second = all[++i];
      if (second === undefined) throw badValue(by, `nothing after '${first.text}:', so systemd ignores it`);
      destination = pathOf(by, second.text);
      if (second.end === ':') {
        const options = all[++i]?.text ?? '';
        if (!['', 'rbind', 'norbind'].includes(options))
          throw badValue(by, `'${options}' is neither rbind nor norbind, so systemd ignores it`);
        flat = options === 'norbind';
      }
    }
    found.push({
      ...entry(destination, 'bind', by, source.ignore),
      source: source.path,
      ...(flat ? { flat: true } : {}),
      ...(by.name === 'BindReadOnlyPaths' ? { readOnly: true } : {}),
    });
  }
  return found;
}

function emptied(by: Assignment): MountEntry[] {
  return wordsOf(by).map(({ text }) => {
    const [path, ...options] = wordsOf(by, { separators: ':', exact: true, unquote: false }, text);
    if (path === undefined) throw badValue(by, `'${text}' names no path`);
    const flags = options
      .map(option => option.text)
      .join(':')
      .split(',');
    return {
      ...entry(pathOf(by, path.text), 'tmpfs', by, false),
      ...(flags.includes('ro') ? { readOnly: true as const } : {}),
      ...(flags.includes('noexec') ? { noExec: true as const } : {}),
      ...(flags.some(flag => /^(?:mode|uid|gid)=/.test(flag)) ? { shared: true as const } : {}),
    };
  });
}

/** The directories that systemd makes for a unit: `where` is their place in the file system, symlinks to them included. */
export function madeDirectories(
  by: Assignment,
  dynamicUser: boolean,
): { path: string; real: string; links: string[]; root: string; isPrivate: boolean }[] {
  const kind = rowOf(DIRECTORIES, by.name);
  if (kind === undefined) return [];
  const isPrivate = dynamicUser && kind.private;
  const root = isPrivate ? `${kind.system}/private` : kind.system;
  return wordsOf(by, { keepEscapes: true }).map(({ text }) => {
    const [name = '', ...links] = text.split(':');
    if (name === '' || name.startsWith('/') || name.split('/').includes('..'))
      throw badValue(by, `'${name}' is no relative path, so systemd ignores it`);
    return {
      path: normalise(`${kind.system}/${name}`),
      real: normalise(`${root}/${name}`),
      links: links.filter(link => link !== '').map(link => normalise(`${kind.system}/${link}`)),
      root,
      isPrivate,
    };
  });
}

export interface PathSettings {
  dynamicUser: boolean;
  /** ProcSubset=pid: the other files of /proc may be missing. */
  pidsOnly: boolean;
}

/** Settings with fixed mounts: what they do to paths is said here, not in the table of directives. */
export const hasFixedMounts = (name: string): boolean => Object.hasOwn(FIXED, name);

/** The mounts of a setting with fixed ones, `by` being what set or implied it. */
export function fixedEntries(name: string, value: string, by: Assignment, { pidsOnly }: PathSettings): MountEntry[] {
  // systemd 252 loses the read-only flag of ProtectHome=tmpfs on the way (append_static_mounts).
  return (rowOf(rowOf(FIXED, name) ?? {}, value) ?? []).map(([path, mode, ignore]) =>
    entry(path, mode, by, ignore === true || (pidsOnly && path.startsWith('/proc/'))),
  );
}

/** The entries that a list of paths or directories asks for; empty for other settings. */
export function listedEntries(by: Assignment, settings: PathSettings): MountEntry[] {
  const mode = rowOf(ACCESS, by.name);
  if (mode !== undefined)
    return wordsOf(by).map(({ text }) => {
      const { path, ignore } = prefixed(by, text);
      return entry(path, mode, by, ignore);
    });
  if (by.name === 'BindPaths' || by.name === 'BindReadOnlyPaths') return binds(by);
  if (by.name === 'TemporaryFileSystem') return emptied(by);
  return Object.hasOwn(DIRECTORIES, by.name) ? directoryEntries(by, settings) : [];
}

function directoryEntries(by: Assignment, { dynamicUser }: PathSettings): MountEntry[] {
  const made = madeDirectories(by, dynamicUser);
  const found: MountEntry[] = made.map(({ real }) => ({ ...entry(real, 'bind', by, false), source: real, made: true }));
  const [first] = made;
  if (first?.isPrivate) found.push({ ...entry(first.root, 'empty', by, false), readOnly: true, noExec: true });
  return found;
}

/** Mounts that come with others: /proc, /dev, /sys, /run again, and what hides other services' credentials. */
export function impliedEntries(by: Assignment, what: 'api' | 'credentials' | 'hostname' | 'incoming'): MountEntry[] {
  switch (what) {
    case 'api':
      return API_FILE_SYSTEMS.map(([path, mode]) => entry(path, mode, by, false));
    case 'credentials':
      return [entry('/run/credentials', 'inaccessible', by, true)];
    case 'hostname':
      return ['/proc/sys/kernel/hostname', '/proc/sys/kernel/domainname'].map(path =>
        entry(path, 'read-only', by, false),
      );
    case 'incoming':
      return [{ ...entry(INCOMING, 'private-tmp', by, false), readOnly: true }];
  }
}
