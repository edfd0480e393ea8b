// Which mounts a unit asks for: the settings about paths → one entry each, before they are put in order (see mounts.ts).
// Facts: src/core/namespace.c and src/core/execute.c of systemd 252, whose tables and words are kept.

import { isBelow, normalise } from '../../process/resolve.ts';
import { holds, type MountMode, type MountRow, type Versions } from '../directives/row.ts';
import { DIRECTIVE_ROWS } from '../directives/table.ts';
import type { Assignment } from '../findings.ts';
import { badValue, wordsOf } from './settings.ts';

/** Where systemd mounts what is added to a running service. */
export const INCOMING = '/run/systemd/incoming';

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
  /** Made only over what is there. */
  present?: true;
}

/** Settings that bring back /proc, /dev, /sys and /run where they are not there. */
const API_FILE_SYSTEMS: readonly MountRow[] = [
  { path: '/proc', mode: 'procfs' },
  { path: '/dev', mode: 'bind-dev' },
  { path: '/sys', mode: 'sysfs' },
  { path: '/run', mode: 'run', since: 248 },
];

/** Directories that systemd makes in a root of the unit's own where they are missing: the table of src/shared/base-filesystem.c. */
const BASE: readonly (Versions & { name: string })[] = [
  ...['root', 'usr', 'var', 'etc', 'proc', 'sys', 'dev'].map(name => ({ name })),
  { name: 'run', since: 254 },
];
export const baseDirectories = (systemd: number): string[] =>
  BASE.flatMap(row => (holds(row, systemd) ? [row.name] : []));

/** What BindLogSockets= binds. */
const JOURNAL = ['socket', 'stdout', 'dev-log'].map(name => `/run/systemd/journal/${name}`);
/** The place for later mounts: not in the source of 247; tried, 257 has it and 262 no longer. */
const HAS_INCOMING: Versions = { since: 248, until: 262 };

/** An absolute path without `//`, `/.` and a slash at the end; systemd refuses `..`. */
export function pathOf(by: Assignment, text: string): string {
  if (!text.startsWith('/')) throw badValue(by, `'${text}' is no absolute path, so systemd ignores it`);
  if (text.split('/').includes('..')) throw badValue(by, `'${text}' holds '..', so systemd ignores it`);
  return normalise(text);
}

interface Prefixed {
  path: string;
  ignore: boolean;
  /** It is meant below the unit's own root. */
  inside: boolean;
}

/** `-/path`, `+/path`, `-+/path`. */
function prefixed(by: Assignment, text: string): Prefixed {
  const bare = text.replace(/^-/, '');
  const path = bare.replace(/^\+/, '');
  return { path: pathOf(by, path), ignore: bare !== text, inside: path !== bare };
}

/** Without `+` a path is the machine's, also with RootDirectory=: what does not lie below that is dropped (drop_outside_root()). */
function withinRoot({ path, inside }: Prefixed, root: string): string | null {
  if (inside || root === '/') return path;
  return isBelow(path, root) ? path.slice(root.length) || '/' : null;
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

/** `name:link`, since a symlink can be asked for; before, the `:` is part of the name. 247 has it not, NEWS of systemd 250. */
const HAS_LINKS: Versions = { since: 250 };
/** `name:link:ro`; up to then the rest of the word is read and forgotten. NEWS of systemd 257. */
const HAS_FLAGS: Versions = { since: 257 };

/** The directories that systemd makes for a unit: `where` is their place in the file system, symlinks to them included. */
export function madeDirectories(
  by: Assignment,
  { dynamicUser, systemd }: Pick<PathSettings, 'dynamicUser' | 'systemd'>,
): { path: string; real: string; links: string[]; root: string; isPrivate: boolean; readOnly: boolean }[] {
  const { below, persistent } = DIRECTIVE_ROWS.get(by.name) ?? {};
  if (below === undefined) return [];
  const isPrivate = dynamicUser && persistent === true;
  const root = isPrivate ? `${below}/private` : below;
  return wordsOf(by, { keepEscapes: true }).map(({ text }) => {
    const [name = '', link = '', flag = ''] = holds(HAS_LINKS, systemd) ? text.split(':') : [text];
    const knowsFlags = holds(HAS_FLAGS, systemd);
    if (knowsFlags && flag !== '' && flag !== 'ro')
      throw badValue(by, `'${flag}' is no flag, so systemd ignores '${text}'`, 'ro');
    if (name === '' || name.startsWith('/') || name.split('/').includes('..'))
      throw badValue(by, `'${name}' is no relative path, so systemd ignores it`);
    return {
      path: normalise(`${below}/${name}`),
      real: normalise(`${root}/${name}`),
      links: link === '' ? [] : [normalise(`${below}/${link}`)],
      root,
      isPrivate,
      readOnly: knowsFlags && flag === 'ro',
    };
  });
}

export interface PathSettings {
  dynamicUser: boolean;
  /** ProcSubset=pid: the other files of /proc may be missing. */
  pidsOnly: boolean;
  /** RootDirectory=. */
  root?: string;
  systemd: number;
}

/** The entries of a directive's own mounts, `by` being what set or implied it. */
export const rowEntries = (rows: readonly MountRow[], by: Assignment, { pidsOnly }: PathSettings): MountEntry[] =>
  rows.map(({ path, mode, optional, readOnly }) => ({
    ...entry(path, mode, by, optional === true || (pidsOnly && path.startsWith('/proc/'))),
    ...(readOnly === true ? { readOnly } : {}),
  }));

/** The entries that a list of paths or directories asks for; empty for other settings. */
export function listedEntries(by: Assignment, settings: PathSettings): MountEntry[] {
  const { lists: mode, below } = DIRECTIVE_ROWS.get(by.name) ?? {};
  if (below !== undefined) return directoryEntries(by, settings);
  if (mode === undefined) return [];
  if (mode === 'bind') return binds(by);
  if (mode === 'tmpfs') return emptied(by);
  return wordsOf(by).flatMap(({ text }) => {
    const asked = prefixed(by, text);
    const path = withinRoot(asked, settings.root ?? '/');
    return path === null ? [] : [entry(path, mode, by, asked.ignore)];
  });
}

function directoryEntries(by: Assignment, settings: PathSettings): MountEntry[] {
  const made = madeDirectories(by, settings);
  const found: MountEntry[] = made.map(({ real, readOnly }) => ({
    ...entry(real, 'bind', by, false),
    source: real,
    made: true,
    ...(readOnly ? { readOnly } : {}),
  }));
  const [first] = made;
  if (first?.isPrivate) found.push({ ...entry(first.root, 'empty', by, false), readOnly: true, noExec: true });
  return found;
}

/** See EARLY_TMP. */
export const earlyTmp = (by: Assignment): MountEntry => ({ ...entry('/tmp', 'tmpfs', by, true), present: true });

/** /proc, /dev, /sys and /run again. */
export const apiEntries = (by: Assignment, systemd: number): MountEntry[] =>
  API_FILE_SYSTEMS.filter(row => holds(row, systemd)).map(({ path, mode }) => entry(path, mode, by, false));

/** The sockets of the journal, where there are any. */
export const journalEntries = (by: Assignment): MountEntry[] =>
  JOURNAL.map(path => ({ ...entry(path, 'bind', by, true), source: path, readOnly: true }));

/** What every mount namespace has: other services' credentials are hidden, and there is a place for later mounts. */
export const namespaceEntries = (by: Assignment, systemd: number): MountEntry[] => [
  entry('/run/credentials', 'inaccessible', by, true),
  ...(holds(HAS_INCOMING, systemd) ? [{ ...entry(INCOMING, 'private-tmp', by, false), readOnly: true as const }] : []),
];
