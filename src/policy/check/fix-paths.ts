// Ways to let a path be used that a unit denies, from the narrowest to the widest. Only proposals: `fix` asks the model which one helps.
// Sources: systemd.exec(5) (the deeper path wins; of one path Inaccessible before ReadOnly before ReadWrite), tried on systemd 252.

import type { Access, MoveAccess, PathAccess } from '../../process/access.ts';
import { isBelow, parentOf } from '../../process/resolve.ts';
import type { Assignment, Edit, Fix } from '../findings.ts';
import type { HostView } from '../host-view.ts';
import { commonAncestor, literalDirectory, settle } from '../propose/paths/needs.ts';
import { isFleeting } from '../propose/paths/plan.ts';
import { quotePath } from '../quote.ts';
import { rawWords } from './edits.ts';

/** What the ways are looked for with. */
export interface Situation {
  /** Version of systemd: what it does not know is no way out. */
  systemd: number;
  assignments: readonly Assignment[];
  host: HostView;
  /** What was observed to succeed: a fix must not deny any of it. */
  accesses: readonly Access[];
  /** The service makes, removes or renames what has this name: it must not become a mount of its own. */
  replaced: (path: string) => boolean;
}

/** Uses that change the entries of a directory. */
export const ENTRIES: ReadonlySet<string> = new Set(['create', 'delete', 'bind']);
const CHANGES: ReadonlySet<string> = new Set([...ENTRIES, 'write', 'meta']);
const EXECS: ReadonlySet<string> = new Set(['exec', 'map']);
/** Lists of paths whose words are mounts of their own. */
const MOUNTS: ReadonlySet<string> = new Set([
  'ReadWritePaths',
  'ReadOnlyPaths',
  'InaccessiblePaths',
  'BindPaths',
  'BindReadOnlyPaths',
  'ExecPaths',
  'NoExecPaths',
]);

/** The path that a word of a list is about, as it is compared here: without prefixes, quotes and the target of a bind. */
export function pathOfWord(word: string): string {
  const bare = word.replace(/^["']|["']$/g, '').replace(/^[-+]{1,2}/, '');
  const path = bare.replace(/\\(.)/g, '$1').replace(/(?<=.):.*$/s, '');
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

/** Lists whose words take something away. */
export const COVERS: ReadonlySet<string> = new Set([...MOUNTS, 'TemporaryFileSystem']);

interface ListedWord {
  line: Assignment;
  word: string;
  path: string;
}

const listedWords = (assignments: readonly Assignment[], names: ReadonlySet<string>): ListedWord[] =>
  assignments
    .filter(({ name }) => names.has(name))
    .flatMap(line => rawWords(line.value).map(word => ({ line, word, path: pathOfWord(word) })));

const remove = ({ line, word }: ListedWord): Edit => ({
  action: 'remove',
  name: line.name,
  value: word,
  at: line.at,
});

/** What they list may be gone one day, as it may without a sandbox. */
const READ_ONLY: ReadonlySet<string> = new Set(['BindReadOnlyPaths', 'ExecPaths']);

/** A line that lists one path; null when a unit file cannot hold the name. `-`: it may be missing when the service starts. */
function listing(name: string, path: string, host: HostView): Edit | null {
  const optional = READ_ONLY.has(name) || isFleeting(path) || host.type(path) === null;
  const value = quotePath(path, { prefix: optional ? '-' : '', colon: name.startsWith('Bind') });
  return value === null ? null : { action: 'add', name, value };
}

interface Place {
  path: string;
  wider?: string;
}

/** Where an access can be listed: by its names, or where those come and go, by the directory. */
function ownPlaces({ mode, path, asked, pattern }: PathAccess, { replaced }: Situation): Place[] {
  if (pattern === true) {
    const directory = literalDirectory(ENTRIES.has(mode) ? parentOf(path) : path);
    return [{ path: directory, wider: `all of ${directory}, because ${path} is a pattern for names that change` }];
  }
  const names = asked === undefined ? [path] : [path, asked];
  if (!ENTRIES.has(mode) && !replaced(path)) return names.map(name => ({ path: name }));
  return names.map(parentOf).map(directory => ({
    path: directory,
    wider: `all of ${directory}, because entries are made or removed in it`,
  }));
}

/** The directories above, and why they are meant. */
function placesAbove(path: string, because: string): Place[] {
  const found: Place[] = [];
  for (let at = parentOf(path); at !== '/'; at = parentOf(at))
    found.push({ path: at, wider: `all of ${at}, because ${because}` });
  return found;
}

function fixOf(edits: readonly (Edit | null)[], wider?: string): Fix[] {
  const sure = edits.filter(edit => edit !== null);
  return sure.length === edits.length ? [{ edits: sure, ...(wider === undefined ? {} : { wider }) }] : [];
}

/** Words that hide the path although something is listed below them: an empty directory in their place can be filled again. */
function reopened(access: PathAccess, by: Assignment, open: (path: string) => Edit | null): Fix[] {
  if (by.name === 'ProtectHome' && by.value !== 'tmpfs' && by.value !== 'read-only')
    return fixOf([{ action: 'replace', name: by.name, value: 'tmpfs', at: by.at }, open(access.path)]);
  if (by.name !== 'InaccessiblePaths') return [];
  return listedWords([by], MOUNTS)
    .filter(({ path }) => path !== access.path && isBelow(access.path, path))
    .flatMap(listed => {
      const value = quotePath(listed.path, { colon: true });
      return value === null
        ? []
        : fixOf([
            remove(listed),
            { action: 'add', name: 'TemporaryFileSystem', value: `${value}:ro` },
            open(access.path),
          ]);
    });
}

/** Taking a word away that names the path or something above it. */
const released = ({ path }: PathAccess, by: Assignment): Fix[] =>
  listedWords([by], COVERS)
    .filter(listed => isBelow(path, listed.path))
    .sort((a, b) => b.path.length - a.path.length)
    .flatMap(listed =>
      fixOf(
        [remove(listed)],
        listed.path === path ? undefined : `all of ${listed.path}, which ${by.name}= does not cover any more`,
      ),
    );

/** A mount cannot be deleted or replaced: what is listed by itself is listed with its directory. */
function raised(path: string, { assignments, host }: Situation): Fix[] {
  const parent = parentOf(path);
  const own = listedWords(assignments, MOUNTS).filter(listed => listed.path === path);
  const [first] = own;
  if (first === undefined) return [];
  const wider = `all of ${parent}, because a mount such as ${path} cannot be replaced`;
  return fixOf([...own.map(remove), listing(first.line.name, parent, host)], wider);
}

/** Ways to let a path be changed: in its place, or in an empty one. */
function changeFixes(access: PathAccess, by: Assignment, situation: Situation): Fix[] {
  const { host } = situation;
  const own = ownPlaces(access, situation).map(place => ({ ...place, path: settle(place.path, host) }));
  const above = placesAbove(own[0]?.path ?? '/', 'what lies below it is not there when the service starts');
  return [...own, ...above].flatMap(({ path, wider }) => [
    ...fixOf([listing('ReadWritePaths', path, host)], wider),
    ...fixOf([listing('BindPaths', path, host)], wider),
    ...reopened({ ...access, path }, by, place => listing('BindPaths', place, host)),
  ]);
}

/** Ways to let a path be used without a change. */
function useFixes(access: PathAccess, by: Assignment, situation: Situation): Fix[] {
  const { host } = situation;
  const own = ownPlaces(access, situation);
  const one = (name: string, places = own): Fix[] =>
    places.flatMap(({ path, wider }) => fixOf([listing(name, path, host)], wider));
  const bind = (path: string): Edit | null => listing('BindReadOnlyPaths', path, host);
  return [
    ...(EXECS.has(access.mode) ? one('ExecPaths') : []),
    ...(EXECS.has(access.mode)
      ? one('ExecPaths', placesAbove(own[0]?.path ?? '/', 'a mount below it would block moves into it'))
      : []),
    ...one('BindReadOnlyPaths'),
    ...(own.length > 1
      ? fixOf(
          own.map(({ path }) => bind(path)),
          own[0]?.wider,
        )
      : []),
    ...own.flatMap(({ path }) => reopened({ ...access, path }, by, bind)),
  ];
}

/** Ways to let one path be used, narrowest first. */
export function pathFixes(access: PathAccess, by: Assignment, situation: Situation): Fix[] {
  return [
    ...(CHANGES.has(access.mode) ? changeFixes : useFixes)(access, by, situation),
    ...(ENTRIES.has(access.mode) ? raised(access.path, situation) : []),
    ...released(access, by),
  ];
}

/** Both names in one mount: the lists that part them name their common directory instead. */
export function moveFixes({ call, from, to }: MoveAccess, situation: Situation): Fix[] {
  const { assignments, host } = situation;
  const found: Fix[] = [...raised(from, situation), ...raised(to, situation)];
  for (let top = commonAncestor(parentOf(from), parentOf(to)); top !== '/'; top = parentOf(top)) {
    const inside = listedWords(assignments, COVERS).filter(({ path }) => isBelow(path, top));
    const parting = inside.filter(({ path }) => path !== top);
    const wider = `all of ${top} is one mount that may be changed, because a ${call} must not leave its mount`;
    for (const words of parting.length === inside.length ? [inside] : [parting, inside])
      for (const name of ['ReadWritePaths', 'BindPaths'])
        found.push(...fixOf([...words.map(remove), listing(name, top, host)], wider));
    found.push(
      ...fixOf(parting.map(remove), `${parting.map(({ word }) => word).join(', ')} is not treated apart any more`),
    );
  }
  return found.filter(({ edits }) => edits.length > 0);
}
