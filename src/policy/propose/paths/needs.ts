// From accesses to needs: which paths must be there, be readable, executable, writable, and which must share one mount.
// Pure: what it knows of the machine comes through HostView. Sources: rename(2) and link(2) (EXDEV), mkdir(2), systemd.exec(5).

import type { Mode, PathAccess } from '../../../process/access.ts';
import { isBelow, parentOf } from '../../../process/resolve.ts';
import { appearedLater } from '../../../profile/chronology.ts';
import type { Fact, Profile } from '../../../profile/profile.ts';
import type { HostView } from '../../host-view.ts';
import { nearest } from '../../path-sets.ts';
import type { Reason } from '../../policy.ts';
import { isNameable } from '../../quote.ts';

/** One object for all who have the same modes: see `modesOf`. */
export type Modes = ReadonlySet<Mode>;

/** One path and why it is needed. */
export interface Need {
  path: string;
  modes: Modes;
  /** The first few facts that it was concluded from. */
  facts: Fact[];
  seen: number;
  /** The path was widened from what was seen; the sentence says how. */
  wider?: string;
  inferred?: string;
  /** `path` is a pattern with `*`, not a name. */
  pattern?: true;
  /** A directory that systemd makes before the service starts (RuntimeDirectory= and similar). */
  provided?: true;
  /** The unit itself has it as RuntimeDirectory=. */
  asked?: true;
}

export interface PathNeeds {
  /** Everything that was used with success, as the kernel names it, and symlinks by which it was reached. */
  used: Map<string, Need>;
  /** Symlinks (or paths through them) → what they led to. */
  links: Map<string, string>;
  /** Directories and files that must be writable; none lies below another. */
  writable: Map<string, Need>;
  /** What was there and was denied by its permissions (EACCES): it stays there, to be denied in the same way. */
  refused: Map<string, Need>;
  /** Directories in which others make or replace what the service uses, while it runs. */
  renewed: Map<string, Need>;
  /** Why it can have no /tmp of its own, whatever was used. */
  tmpRefused?: string;
  /** The target knows PrivateTmp=disconnected, and no other unit is to share /tmp with this one. */
  tmpAlone?: true;
  /** rename and link pairs. */
  moves: Extract<Fact, { kind: 'move' }>[];
  /** Names that were looked for and were not there: a program may take another answer than that for a reason to give up. */
  sought: Set<string>;
}

const FACTS = 3;
const CONTENT: ReadonlySet<Mode> = new Set(['write', 'meta']);
const ENTRIES: ReadonlySet<Mode> = new Set(['create', 'delete', 'bind']);

/** Kernel file systems: what may be written there is not a question of mounts on disk. */
export const KERNEL_TREES: readonly string[] = ['/dev', '/proc', '/sys'];

export const reasonOf = (fact: Fact): Reason => {
  const { evidence, ...access } = fact;
  return { access, origin: evidence.origin, count: evidence.count };
};

/** Every set there is by its modes: few, while the paths are very many. */
const modeSets = new Map<string, Modes>();

const only = (mode: Mode): Modes => modeSets.get(mode) ?? modesOf([mode]);

/** The set of these modes. */
export function modesOf(modes: Iterable<Mode>): Modes {
  const sorted = [...new Set(modes)].sort();
  const known = modeSets.get(sorted.join()) ?? new Set(sorted);
  modeSets.set(sorted.join(), known);
  return known;
}

/** The paths that were used in a way that counts. Each set of modes is asked about once. */
export function usedAs({ used }: PathNeeds, counts: (modes: Modes) => boolean): Need[] {
  const asked = new Map<Modes, boolean>();
  const found: Need[] = [];
  for (const need of used.values()) {
    const { modes } = need;
    const answer = asked.get(modes) ?? counts(modes);
    asked.set(modes, answer);
    if (answer) found.push(need);
  }
  return found;
}

/** The modes of all. */
export const allModes = (needs: readonly { modes: Modes }[]): Modes =>
  modesOf(needs.flatMap(({ modes }) => [...modes]));

/** The longest literal directory of a pattern: `/tmp/app-*` → `/tmp`. */
export function literalDirectory(pattern: string): string {
  const parts = pattern.split('/');
  const first = parts.findIndex(part => part.includes('*'));
  return first < 0 ? pattern : parts.slice(0, first).join('/') || '/';
}

function add(map: Map<string, Need>, path: string, mode: Mode, fact: Fact, wider?: string): void {
  let need = map.get(path);
  if (need === undefined) {
    need = { path, modes: only(mode), facts: [fact], seen: fact.evidence.count };
    map.set(path, need);
  } else {
    if (!need.modes.has(mode)) need.modes = modesOf([...need.modes, mode]);
    need.seen += fact.evidence.count;
    if (need.facts.length < FACTS) need.facts.push(fact);
  }
  if (wider !== undefined) need.wider ??= wider;
  if (fact.kind !== 'path') return;
  if (fact.inferred !== undefined) need.inferred ??= fact.inferred;
  if (fact.pattern === true && fact.path === path) need.pattern = true;
}

/** Where a change to this path must be allowed, and what is wider about it. */
function writableFor(access: PathAccess): { path: string; wider?: string } | null {
  const folded = access.pattern === true;
  if (ENTRIES.has(access.mode)) {
    const parent = parentOf(access.path);
    return folded
      ? { path: literalDirectory(parent), wider: `${access.path} is a pattern for names that change` }
      : { path: parent, wider: 'all of it is writable, since entries change in it' };
  }
  if (!CONTENT.has(access.mode)) return null;
  return folded
    ? { path: literalDirectory(access.path), wider: `${access.path} is a pattern for names that change` }
    : { path: access.path };
}

/** The lowest directory above both. */
export function commonAncestor(a: string, b: string): string {
  let top = a;
  while (!isBelow(b, top)) top = parentOf(top);
  return top;
}

/** Drops needs that lie below others: a nested mount would be a mount of its own, and renames across it would fail. */
function outermost(writable: Map<string, Need>): Map<string, Need> {
  const kept = new Map<string, Need>();
  for (const need of [...writable.values()].sort(
    (a, b) => a.path.length - b.path.length || (a.path < b.path ? -1 : 1),
  )) {
    const above = kept.get(nearest(need.path, kept) ?? '');
    if (above === undefined) kept.set(need.path, need);
    else {
      above.modes = allModes([above, need]);
      above.seen += need.seen;
    }
  }
  return kept;
}

/** Where a path leads on this host, also when its last components do not exist yet: `/var/run/x.sock` → `/run/x.sock`. */
export function settle(path: string, host: HostView): string {
  for (let at = path; ; at = parentOf(at)) {
    const real = host.realpath(at);
    if (real !== null)
      return at === path ? real : `${real === '/' ? '' : real}${path.slice(at === '/' ? 0 : at.length)}`;
    if (at === '/') return path;
  }
}

/** A name that the service takes away and makes again is its own: a symlink that is there now says nothing of what was written under it. */
export const settleEntry = (path: string, host: HostView): string => {
  const directory = settle(parentOf(path), host);
  return `${directory === '/' ? '' : directory}${path.slice(path.lastIndexOf('/'))}`;
};

/** The path itself, or the nearest directory above it that a unit file can name. */
export function nameable(path: string): { path: string; wider?: string } {
  if (isNameable(path)) return { path };
  let at = parentOf(path);
  while (!isNameable(at)) at = parentOf(at);
  return { path: at, wider: `a name in it cannot be written in a unit file, so the rule covers all of ${at}` };
}

/** Joins writable needs whose entries are renamed or linked into each other: they must share one mount. */
function joinMoves(writable: Map<string, Need>, moves: PathNeeds['moves']): void {
  const holder = (path: string): Need | undefined => writable.get(nearest(parentOf(path), writable) ?? '');
  for (const move of moves) {
    // Where a link leads, nothing is written: but it must be the same mount.
    const linked = { path: parentOf(move.from), modes: only('stat'), facts: [move], seen: 0 };
    const a = holder(move.from) ?? (move.call === 'link' ? linked : undefined);
    const b = holder(move.to);
    if (a === undefined || b === undefined || a === b) continue;
    const top = commonAncestor(a.path, b.path);
    writable.delete(a.path);
    writable.delete(b.path);
    writable.set(top, {
      path: top,
      modes: allModes([a, b]),
      facts: [move, ...a.facts].slice(0, FACTS),
      seen: a.seen + b.seen,
      wider: `${move.call} between ${a.path} and ${b.path} needs both in one mount, so their common directory is writable`,
    });
  }
}

/**
 * What must be writable for the successful accesses of a profile. `provided`: directories whose own entries systemd makes, so that only
 * what lies deeper counts.
 */
export function writableNeeds(
  profile: Profile,
  { used, moves }: Pick<PathNeeds, 'used' | 'moves'>,
  host: HostView,
  provided: ReadonlySet<string> = new Set(),
): Map<string, Need> {
  const writable = new Map<string, Need>();
  const later = appearedLater(profile);
  for (const fact of profile.facts) {
    if (fact.kind !== 'path' || fact.errno !== undefined) continue;
    const change = writableFor(fact);
    if (change === null || KERNEL_TREES.some(tree => isBelow(fact.path, tree))) continue;
    // A mount is made of what is there at start.
    for (; later.has(change.path); change.path = parentOf(change.path))
      change.wider = `${change.path} appeared while the service ran, so all of ${parentOf(change.path)} is writable`;
    // The trace is the judge of what was there at start: had the service made this directory itself, then making it would be
    // a change of the directory above, which takes this need in. The host only tells where symlinks lead.
    const own = change.path === fact.path && used.get(fact.path)?.modes.has('delete') === true;
    const named = nameable(own ? settleEntry(change.path, host) : settle(change.path, host));
    if (!provided.has(named.path)) add(writable, named.path, fact.mode, fact, named.wider ?? change.wider);
  }
  const joined = outermost(writable);
  joinMoves(joined, moves);
  return outermost(joined);
}

/**
 * A script without `#!`: execve(2) fails, and shells and execvp(3) read it instead. Where it may not be executed they get EACCES, and do not.
 */
const isForShell = ({ mode, errno }: PathAccess): boolean => mode === 'exec' && errno === 'ENOEXEC';

/** The highest directory that others may not pass, which keeps everything below as it is; else the path. Null: it is not on this host. */
function refusedAt(path: string, host: HostView): string | null {
  if (host.type(path) === null) return null;
  let found = path;
  for (let at = parentOf(path); at !== '/'; at = parentOf(at))
    if (((host.owner(at)?.mode ?? 0o1) & 0o1) === 0) found = at;
  return found;
}

/** What the successful path accesses of a profile need. */
export function pathNeeds(profile: Profile, host: HostView): Omit<PathNeeds, 'renewed'> {
  const used = new Map<string, Need>();
  const refused = new Map<string, Need>();
  const links = new Map<string, string>();
  const moves: PathNeeds['moves'] = [];
  const sought = new Set<string>();
  for (const fact of profile.facts) {
    if (fact.kind === 'move' && fact.errno === undefined) moves.push(fact);
    if (fact.kind === 'path' && fact.errno === 'ENOENT') sought.add(fact.path);
    if (fact.kind === 'path' && fact.errno === 'EACCES' && !isForShell(fact)) {
      const path = refusedAt(fact.path, host);
      if (path !== null)
        add(refused, path, fact.mode, fact, path === fact.path ? undefined : `${fact.path} in it was denied`);
    }
    if (fact.kind !== 'path' || (fact.errno !== undefined && !isForShell(fact))) continue;
    add(used, fact.path, fact.mode, fact);
    if (fact.asked !== undefined) links.set(fact.asked, fact.path);
  }
  return { used, links, refused, writable: writableNeeds(profile, { used, moves }, host), moves, sought };
}
