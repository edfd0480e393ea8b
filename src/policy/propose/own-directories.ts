// RuntimeDirectory=, StateDirectory=, CacheDirectory=, LogsDirectory=: directories that systemd makes before the service starts, so that the
// directory above need not be writable, and one that went with the last boot or stop is there again.
// systemd gives them to User=, and removes those of /run at stop (systemd.exec(5)): they are proposed only where the trace shows that this does no harm.

import type { PathAccess } from '../../process/access.ts';
import { isBelow, parentOf } from '../../process/resolve.ts';
import type { Fact, Profile } from '../../profile/profile.ts';
import type { HostView } from '../host-view.ts';
import { withParents } from '../path-sets.ts';
import type { Directive } from '../policy.ts';
import { quotePath } from '../quote.ts';
import { modesOf, type Need, type PathNeeds, settle } from './path-needs.ts';
import { directive } from './path-plan.ts';

// biome-ignore format: one directive a line
const PLACES = {
  '/run':       'RuntimeDirectory',
  '/var/cache': 'CacheDirectory',
  '/var/lib':   'StateDirectory',
  '/var/log':   'LogsDirectory',
} as const satisfies Record<string, string>;

/** What systemd and its tools make in /run themselves. */
const OTHERS_RUN: ReadonlySet<string> = new Set(['/run/lock', '/run/systemd', '/run/udev', '/run/user']);
const ENTRIES: ReadonlySet<string> = new Set(['create', 'delete', 'bind']);
const DEFAULT_MODE = 0o755;
const PERMISSIONS = 0o7777;

type PathFact = Fact & PathAccess;

interface Directory {
  need: Need;
  because: string;
  /** Made and removed by the unit as it is. */
  gone?: true;
  /** Permission bits, where the machine tells them. */
  mode?: number | undefined;
}

interface Change {
  fact: PathFact;
  /** Where it lies on this host. */
  path: string;
}

/** A profile's changes of directory entries, also those that failed. */
class Entries {
  readonly #profile: Profile;
  readonly #changes: Change[];
  readonly #host: HostView;
  readonly #uid: number;

  constructor(profile: Profile, host: HostView, uid: number) {
    this.#profile = profile;
    this.#host = host;
    this.#uid = uid;
    this.#changes = profile.facts.flatMap(fact =>
      fact.kind === 'path' && ENTRIES.has(fact.mode) ? [{ fact, path: settle(fact.path, host) }] : [],
    );
  }

  /** Everything that was created or deleted in this directory. */
  changedIn(top: string): Set<string> {
    return new Set(
      this.#changes
        .filter(({ fact, path }) => fact.errno === undefined && parentOf(path) === top)
        .map(({ path }) => path),
    );
  }

  /** mkdir(2) of this path, made or found to exist. */
  #mkdir(path: string, errno: string | undefined): PathFact | undefined {
    return this.#changes.find(change => change.path === path && isMkdir(change.fact, errno))?.fact;
  }

  /** The service makes this directory when it is missing, can live with one that is there, and never removes it. */
  makes(path: string): PathFact | undefined {
    const made = this.#mkdir(path, undefined);
    if (made === undefined || !this.#isOwn(path)) return undefined;
    if (this.#changes.some(one => one.path === path && one.fact.mode === 'delete' && one.fact.errno === undefined))
      return undefined;
    return this.#mkdir(path, 'EEXIST') !== undefined || this.#isUsedBeside(made, path) ? made : undefined;
  }

  /** Something at or below `path` was used in a run that did not make it. */
  #isUsedBeside(made: PathFact, path: string): boolean {
    const runs = new Set(made.evidence.runs);
    return this.#profile.facts.some(
      fact =>
        fact.kind === 'path' &&
        fact.evidence.runs.some(run => !runs.has(run)) &&
        isBelow(settle(fact.path, this.#host), path),
    );
  }

  /** Directories below `top` that the service wanted to make and found: at another time they may be missing. */
  found(top: string): { path: string; fact: PathFact }[] {
    const found = new Map<string, PathFact>();
    for (const { path, fact } of this.#changes)
      if (path !== top && isBelow(path, top) && isMkdir(fact, 'EEXIST') && !found.has(path)) found.set(path, fact);
    const own = [...found].filter(([path]) => !OTHERS_RUN.has(path) && this.#isOwn(path));
    const above = withParents(own.map(([path]) => parentOf(path)));
    return own.flatMap(([path, fact]) => (above.has(path) ? [] : [{ path, fact }]));
  }

  /** A directory of this machine that belongs to the unit's user. */
  isOwnDirectory(path: string): boolean {
    return this.#host.type(path) === 'directory' && this.#isOwn(path) && !OTHERS_RUN.has(path);
  }

  mode(path: string): number | undefined {
    const owner = this.#host.owner(path);
    return owner === null ? undefined : owner.mode & PERMISSIONS;
  }

  /** systemd would give the directory to the unit's user: it must be his already. */
  #isOwn(path: string): boolean {
    const owner = this.#host.owner(path);
    return owner === null || owner.uid === this.#uid;
  }
}

/** mkdir(2), with success or this error. */
const isMkdir = ({ mode, errno, evidence }: PathFact, wanted: string | undefined): boolean =>
  mode === 'create' && errno === wanted && evidence.origin.syscall.startsWith('mkdir');

const needOf = (path: string, fact: PathFact): Need => ({
  path,
  modes: modesOf(['create']),
  facts: [fact],
  seen: fact.evidence.count,
  provided: true,
});

/** The directories of one place that systemd should make. */
function directoriesIn(top: string, entries: Entries, writable: Map<string, Need>, host: HostView): Directory[] {
  const directories: Directory[] = [];
  if (writable.has(top)) {
    const changed = [...entries.changedIn(top)];
    if (changed.length === 0) return [];
    const made = changed.map(path => ({ path, fact: entries.makes(path) }));
    for (const { path, fact } of made) {
      // Something else is made in the place itself, which must stay writable in any case.
      if (fact === undefined) return [];
      const because = `made by the service itself; so ${top} need not be writable`;
      directories.push({ need: needOf(path, fact), because, mode: entries.mode(path) });
    }
  }
  for (const need of top === '/run' ? writable.values() : []) {
    if (parentOf(need.path) !== top) continue;
    const provided: Need = { ...need, provided: true };
    if (host.known && host.type(need.path) === null)
      directories.push({ need: provided, because: 'was there when the service ran, and is not now', gone: true });
    else if (entries.isOwnDirectory(need.path)) {
      const because = 'would be missing after a boot, if nothing else makes it';
      directories.push({ need: provided, because, mode: entries.mode(need.path) });
    }
  }
  for (const { path, fact } of entries.found(top))
    if (!directories.some(({ need }) => isBelow(path, need.path) || isBelow(need.path, path)))
      directories.push({
        need: needOf(path, fact),
        because: 'the service would make it, were it not there',
        mode: entries.mode(path),
      });
  return directories;
}

/** Directories that systemd makes, and the needs as they are with them. `uid`: whom it gives them; null: not known, so none are proposed. */
export function ownDirectories(
  profile: Profile,
  needs: PathNeeds,
  host: HostView,
  uid: number | null,
): { needs: PathNeeds; directives: Directive[] } {
  if (uid === null) return { needs, directives: [] };
  const entries = new Entries(profile, host, uid);
  const writable = new Map(needs.writable);
  const directives: Directive[] = [];
  for (const [top, name] of Object.entries(PLACES)) {
    const directories = directoriesIn(top, entries, writable, host);
    const modes = new Set(directories.flatMap(({ mode }) => (mode === undefined ? [] : [mode])));
    const words = directories.map(({ need }) => quotePath(need.path.slice(top.length + 1)));
    const [mode = DEFAULT_MODE] = modes;
    // One mode serves all directories of a place.
    if (directories.length === 0 || modes.size > 1 || words.includes(null)) continue;
    const all = directories.map(({ need }) => need);
    const because = [...new Set(directories.map(one => one.because))].join('; ');
    directives.push(directive(name, words.join(' '), because, all));
    if (mode !== DEFAULT_MODE)
      directives.push(directive(`${name}Mode`, mode.toString(8).padStart(4, '0'), 'as it was', all));
    if (name === 'RuntimeDirectory' && !directories.some(({ gone }) => gone === true))
      directives.push(directive(`${name}Preserve`, 'yes', 'so far it was not removed at stop', all));
    if (directories.some(({ need }) => parentOf(need.path) === top)) writable.delete(top);
    for (const { need } of directories) writable.set(need.path, { ...writable.get(need.path), ...need });
  }
  return { needs: { ...needs, writable }, directives };
}
