// RuntimeDirectory=, StateDirectory=, CacheDirectory=, LogsDirectory=: directories that systemd makes before the service starts, so that the
// directory above need not be writable, and one that went with the last boot or stop is there again.
// systemd gives them, with all that is in them, to User= and Group=, and removes those of /run at stop (systemd.exec(5)): they are proposed only where the trace shows that this does no harm.

import type { PathAccess } from '../../../process/access.ts';
import { isBelow, parentOf } from '../../../process/resolve.ts';
import type { Fact, Profile } from '../../../profile/profile.ts';
import { SERVICE_DIRECTORIES } from '../../directives/places.ts';
import type { HostView } from '../../host-view.ts';
import { nearest, withParents } from '../../path-sets.ts';
import type { Directive } from '../../policy.ts';
import { quotePath } from '../../quote.ts';
import type { Owner, Service } from '../target.ts';
import { modesOf, type Need, type PathNeeds, settle, writableNeeds } from './needs.ts';
import { directive } from './plan.ts';

/** What systemd and its tools make in /run themselves. */
const OTHERS_RUN: ReadonlySet<string> = new Set(['/run/lock', '/run/systemd', '/run/udev', '/run/user']);
const ENTRIES: ReadonlySet<string> = new Set(['create', 'delete', 'bind']);
const RUN = '/run';
const CHOWN = /chown/;
const DEFAULT_MODE = 0o755;
const PERMISSIONS = 0o7777;

type PathFact = Fact & PathAccess;

interface Directory {
  need: Need;
  because: string;
  /** Made and removed by the unit as it is. */
  gone?: true;
  /** The unit says so: whether it is removed at stop is settled there. */
  asked?: true;
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
  readonly #owner: Owner;

  constructor(profile: Profile, host: HostView, owner: Owner) {
    this.#profile = profile;
    this.#host = host;
    this.#owner = owner;
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
    // Of a machine that is not known: it is its own, unless it gave it away.
    if (made === undefined || !this.#isOwn(path, !this.#isGivenAway(path))) return undefined;
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
  #existing(top: string): [path: string, fact: PathFact][] {
    const found = new Map<string, PathFact>();
    for (const { path, fact } of this.#changes)
      if (path !== top && isBelow(path, top) && isMkdir(fact, 'EEXIST') && !found.has(path)) found.set(path, fact);
    return [...found].filter(([path]) => !OTHERS_RUN.has(path));
  }

  /**
   * Of these, those of other users that lie in `top` itself, and hold only what the service made: nobody else seems to make them. systemd is no
   * help, since it gives them to the unit's user before each command.
   */
  foreign(top: string): { path: string; fact: PathFact; given: boolean }[] {
    return this.#existing(top).flatMap(([path, fact]) => {
      if (parentOf(path) !== top || this.#isOwn(path, true)) return [];
      const made = this.changedIn(path);
      const alone = this.#host.entries(path)?.every(name => made.has(`${path}/${name}`)) === true;
      return alone ? [{ path, fact, given: this.#isGivenAway(path) }] : [];
    });
  }

  #isGivenAway(path: string): boolean {
    return this.#profile.facts.some(
      fact =>
        fact.kind === 'path' &&
        fact.mode === 'meta' &&
        fact.errno === undefined &&
        CHOWN.test(fact.evidence.origin.syscall) &&
        settle(fact.path, this.#host) === path,
    );
  }

  /** Of these, those of its own. */
  found(top: string): { path: string; fact: PathFact }[] {
    // Whose it is, where it was there already, only this machine can say.
    const own = this.#existing(top).filter(([path]) => this.#isOwn(path, false));
    const above = withParents(own.map(([path]) => parentOf(path)));
    return own.flatMap(([path, fact]) => (above.has(path) ? [] : [{ path, fact }]));
  }

  /** A directory of this machine that belongs to the unit's user and group. */
  isOwnDirectory(path: string): boolean {
    return this.#host.type(path) === 'directory' && this.#isOwn(path, true) && !OTHERS_RUN.has(path);
  }

  mode(path: string): number | undefined {
    const owner = this.#host.owner(path);
    return owner === null ? undefined : owner.mode & PERMISSIONS;
  }

  /** systemd would give the directory to the unit's user and group: it must be theirs already. `unknown`: the answer where nobody knows. */
  #isOwn(path: string, unknown: boolean): boolean {
    const owner = this.#host.owner(path);
    if (owner === null) return unknown;
    return owner.uid === this.#owner.uid && owner.gid === this.#owner.gid;
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
});

const provided = (need: Need): Need => ({ ...need, provided: true });

/** What is writable, and what of it would be left without the place itself. */
interface Writable {
  now: ReadonlyMap<string, Need>;
  deeper: ReadonlyMap<string, Need>;
}

/** The directories of one place that systemd should make. */
function directoriesIn(
  top: string,
  entries: Entries,
  { now: writable, deeper }: Writable,
  host: HostView,
  asked: ReadonlySet<string>,
): Directory[] {
  const directories: Directory[] = [];
  if (entries.foreign(top).length > 0 && writable.has(top)) return [];
  if (writable.has(top)) {
    const changed = [...entries.changedIn(top)];
    if (changed.length === 0) return [];
    const made = changed.map(path => ({ path, fact: entries.makes(path) }));
    for (const { path, fact } of made) {
      // Something else is made in the place itself, which must stay writable in any case.
      if (fact === undefined) return [];
      const because = `made by the service itself; so ${top} need not be writable`;
      directories.push({ need: provided(needOf(path, fact)), because, mode: entries.mode(path) });
    }
  }
  for (const need of top === '/run' ? writable.values() : []) {
    if (parentOf(need.path) !== top) continue;
    if (asked.has(need.path))
      directories.push({
        need: provided(need),
        because: 'as the unit has it already',
        asked: true,
        mode: entries.mode(need.path),
      });
    else if (host.known && host.type(need.path) === null)
      directories.push({ need: provided(need), because: 'was there when the service ran, and is not now', gone: true });
    else if (entries.isOwnDirectory(need.path)) {
      const because = 'would be missing after a boot, if nothing else makes it';
      directories.push({ need: provided(need), because, mode: entries.mode(need.path) });
    }
  }
  // Below what is writable it would be a mount that restricts nothing, and that rename(2) and link(2) cannot leave.
  for (const { path, fact } of entries.found(top))
    if (
      nearest(parentOf(path), deeper) === undefined &&
      !directories.some(({ need }) => isBelow(path, need.path) || isBelow(need.path, path))
    )
      directories.push({
        need: provided(needOf(path, fact)),
        because: 'the service would make it, were it not there',
        mode: entries.mode(path),
      });
  return directories;
}

/** Each of the directories would be a mount: would a rename or a link that was observed cross its edge? */
function cutsMoves(
  directories: readonly Directory[],
  { moves, writable }: Pick<PathNeeds, 'moves' | 'writable'>,
): boolean {
  const mounts = new Set([...writable.keys(), ...directories.map(({ need }) => need.path)]);
  const mountOf = (name: string): string | undefined => nearest(parentOf(name), mounts);
  return moves.some(({ from, to }) => {
    const [left, right] = [mountOf(from), mountOf(to)];
    return left !== right && directories.some(({ need }) => need.path === left || need.path === right);
  });
}

/**
 * Directories that systemd makes, and the needs as they are with them. Where it is not known whom it gives them, none are proposed; those
 * that the unit has are there all the same.
 */
export function ownDirectories<Needs extends Omit<PathNeeds, 'renewed'>>(
  profile: Profile,
  needs: Needs,
  host: HostView,
  { owner, runtimeDirectories }: Pick<Service, 'owner' | 'runtimeDirectories'>,
): { needs: Needs; directives: Directive[]; notes: string[] } {
  const writable = new Map(needs.writable);
  const asked = new Set(runtimeDirectories);
  for (const path of asked) {
    const need = writable.get(path);
    if (need !== undefined) writable.set(path, { ...need, asked: true });
  }
  if (owner === null) return { needs: { ...needs, writable }, directives: [], notes: [] };
  const entries = new Entries(profile, host, owner);
  const directives: Directive[] = [];
  const foreign = entries.foreign(RUN);
  for (const { path, fact } of foreign) {
    if (writable.has(RUN)) break;
    for (const below of [...writable.keys()]) if (isBelow(below, RUN)) writable.delete(below);
    writable.set(RUN, { ...needOf(RUN, fact), wider: `${path} is made in it after a boot` });
  }
  const notes = foreign.flatMap(({ path, given }) =>
    given
      ? []
      : [
          `${path} belongs to another user, and was there when the service wanted to make it: how it is given to him after a boot was not seen, so that may be refused; learn once with it missing`,
        ],
  );
  const dropped = new Set<string>();
  for (const [top, name] of Object.entries(SERVICE_DIRECTORIES)) {
    const deeper = writable.has(top) ? writableNeeds(profile, needs, host, new Set([top])) : writable;
    const directories = directoriesIn(top, entries, { now: writable, deeper }, host, asked);
    if (cutsMoves(directories, { ...needs, writable: deeper })) continue;
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
    const kept = directories.flatMap(one => (one.asked === true ? [] : [one.need]));
    if (name === 'RuntimeDirectory' && kept.length > 0 && !directories.some(({ gone }) => gone === true))
      directives.push(directive(`${name}Preserve`, 'yes', 'so far it was not removed at stop', kept));
    if (directories.some(({ need }) => parentOf(need.path) === top) && writable.delete(top)) dropped.add(top);
    for (const { need } of directories) writable.set(need.path, { ...writable.get(need.path), ...need });
  }
  // What lies deeper in such a place, as /run/lock does, had been taken in by it.
  if (dropped.size > 0)
    for (const [path, need] of writableNeeds(profile, needs, host, dropped))
      if (nearest(path, writable) === undefined) writable.set(path, need);
  return { needs: { ...needs, writable }, directives, notes };
}
