// What owners and permission bits deny a service that is not root, or that is root without CAP_DAC_*. Pure: the host is asked through HostView.
// Sources: path_resolution(7), capabilities(7), user_namespaces(7), chmod(2) (sticky), unix(7).

import type { Mode, PathAccess } from '../../process/access.ts';
import { isBelow, parentOf } from '../../process/resolve.ts';
import { NODES } from '../effects.ts';
import type { Assignment } from '../findings.ts';
import { type Owner, permits, R, W, X } from '../permissions.ts';
import type { Denial, Knowledge } from './denial.ts';
import type { Sandbox } from './sandbox.ts';
import { find } from './view.ts';

/** `unknown`: it depends on an owner or mode that is not known here, or on who was observed. */
export type RightsAnswer = (Denial & { early: boolean }) | 'unknown' | null;

/** Files of processes have rules of their own: proc(5). */
const OF_PROCESSES = /^\/proc\/(?!sys\/)/;

/** The bit that a use takes of the file itself. */
const BITS: Readonly<Partial<Record<Mode, number>>> = {
  read: R,
  list: R,
  watch: R,
  map: R,
  write: W,
  connect: W,
  exec: X,
  chdir: X,
  chroot: X,
};
const ENTRIES: ReadonlySet<Mode> = new Set(['create', 'delete', 'bind']);
const STICKY = 0o1000;

/** Does a capability reach a file of this owner? In a user namespace only where the owner is mapped. */
const reaches = ({ settings, identity }: Sandbox, { uid, gid }: Owner): boolean =>
  !settings.some(({ name, value }) => name === 'PrivateUsers' && value === 'yes') ||
  ((uid === 0 || uid === identity.uid) && (gid === 0 || identity.gids.has(gid)));

/** Which directories of each sandbox can be passed, by whether it is known who passed them: many paths share theirs. */
const passages = new WeakMap<Sandbox, Map<string, RightsAnswer>>();

/** What permission bits, and nothing else, deny of an access that passed when it was observed. */
export function judgeRights(access: PathAccess, sandbox: Sandbox, known: Knowledge): RightsAnswer {
  const { identity, capabilities, directories } = sandbox;
  const { has } = capabilities;
  if (has.has('CAP_DAC_OVERRIDE') && has.has('CAP_FOWNER') && sandbox.user === null && !isPrivate(sandbox)) return null;
  // It was this very user who did it, or somebody whom the service has to become first.
  if (access.uid !== undefined && access.uid !== 0) return null;
  if (access.pattern === true || OF_PROCESSES.test(access.path) || NODES.includes(access.path)) return null;
  const isOwn = (path: string): boolean => known.made(path) || directories.some(top => isBelow(path, top));
  /** Owner and mode of what the service sees there; null: it is its own, or no file of the host. */
  const ownerOf = (path: string): Owner | 'unknown' | null => {
    const place = find(sandbox.mounts.list, path, { ...known, follow: true });
    if (!place.found || place.content.is !== 'host' || isOwn(place.path)) return null;
    if (identity.uid === null) return 'unknown';
    return known.host.owner(place.content.path) ?? 'unknown';
  };
  const lineFor = (capability: string): Assignment | null => identity.by ?? capabilities.without(capability);
  const lacks = (path: string, bit: number, early: boolean, isDirectory = false): RightsAnswer => {
    const owner = ownerOf(path);
    if (owner === null || owner === 'unknown') return owner;
    if (permits({ uid: identity.uid ?? 0, gids: identity.gids }, owner, bit)) return null;
    const reading = bit === R || (bit === X && isDirectory);
    const saved = has.has('CAP_DAC_OVERRIDE') || (reading && has.has('CAP_DAC_READ_SEARCH'));
    if (saved && reaches(sandbox, owner)) return null;
    // Nobody knows whether it was root who was not denied it.
    if (access.uid === undefined) return 'unknown';
    const by = lineFor(reading ? 'CAP_DAC_READ_SEARCH' : 'CAP_DAC_OVERRIDE') ?? privateBy(sandbox);
    return by === null ? null : { outcome: 'EACCES', by, early };
  };
  const isOwners = (owner: Owner): boolean =>
    owner.uid === identity.uid || (has.has('CAP_FOWNER') && reaches(sandbox, owner));
  const path = access.asked ?? access.path;
  const passed = passages.get(sandbox) ?? new Map<string, RightsAnswer>();
  passages.set(sandbox, passed);
  const passing = (directory: string): RightsAnswer => {
    const key = `${access.uid === undefined ? '?' : ''}${directory}`;
    const before = passed.get(key);
    if (before !== undefined) return before;
    const above = directory === '/' ? null : passing(parentOf(directory));
    const answer = above === null || above === 'unknown' ? (lacks(directory, X, true, true) ?? above) : above;
    passed.set(key, answer);
    return answer;
  };
  const answers: RightsAnswer[] = [passing(parentOf(path))];
  const bit = BITS[access.mode];
  const owner = ownerOf(path);
  if (bit !== undefined) answers.push(lacks(path, bit, true, access.mode === 'chdir' || access.mode === 'chroot'));
  else if (ENTRIES.has(access.mode)) {
    // What is there already is opened.
    const isOpened = access.mode === 'create' && known.host.type(access.path) === 'file' && !isOwn(access.path);
    answers.push(isOpened ? lacks(path, W, true) : lacks(parentOf(path), W, false));
    const parent = ownerOf(parentOf(path));
    const isRoots = access.uid === 0;
    if (isRoots && access.mode === 'delete' && isKnown(owner) && isKnown(parent) && (parent.mode & STICKY) !== 0)
      if (!isOwners(owner) && !isOwners(parent)) answers.push(denial('EPERM', lineFor('CAP_FOWNER')));
  } else if (access.mode === 'meta') {
    if (owner === 'unknown') answers.push(owner);
    else if (access.uid === 0 && owner !== null && !isOwners(owner))
      answers.push(denial('EPERM', lineFor('CAP_FOWNER')));
  }
  const found = answers.filter(answer => answer !== null);
  return found.find(answer => answer !== 'unknown') ?? found[0] ?? null;
}

const isKnown = (owner: Owner | 'unknown' | null): owner is Owner => owner !== null && owner !== 'unknown';

const denial = (outcome: string, by: Assignment | null): RightsAnswer =>
  by === null ? null : { outcome, by, early: false };

const privateBy = ({ settings }: Sandbox): Assignment | null =>
  settings.find(({ name, value }) => name === 'PrivateUsers' && value === 'yes')?.by ?? null;
const isPrivate = (sandbox: Sandbox): boolean => privateBy(sandbox) !== null;

/** Both answers as the kernel gives them: who may not open a file hears of that before he hears that nothing can be written. */
export function firstOf(denied: Denial | null, lack: RightsAnswer): Denial | null {
  if (lack === null || lack === 'unknown') return denied;
  return denied === null || (lack.early && denied.outcome === 'EROFS')
    ? { outcome: lack.outcome, by: lack.by }
    : denied;
}
