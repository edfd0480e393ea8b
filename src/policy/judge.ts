// What becomes of one access inside a sandbox: allowed, or refused with what outcome and by which line. Pure.
// Sources: path_resolution(7), open(2), rename(2), link(2), execve(2), mmap(2); everything was compared with systemd 252
// (test/policy/differential.test.ts).

import type { Access, MoveAccess, PathAccess } from '../process/access.ts';
import { parentOf } from '../process/resolve.ts';
import { denies, type Outcome } from './effects.ts';
import type { Assignment } from './findings.ts';
import type { HostView } from './host-view.ts';
import { kernelName } from './kernel-names.ts';
import { find, type Mount, mountOf, type Place } from './mounts.ts';
import type { Sandbox } from './sandbox.ts';
import { filtered } from './system-call-filter.ts';

export interface Denial {
  outcome: Outcome;
  by: Assignment;
}

/** What is known beside the sandbox. */
export interface Knowledge {
  host: HostView;
  /** Paths that the service makes itself, so that they are there where nothing was before. */
  made: (path: string) => boolean;
}

const denial = (outcome: Outcome, by: Assignment | null): Denial | null => (by === null ? null : { outcome, by });

/** Can the service pass and read what belongs to others? */
const overrides = ({ capabilities }: Sandbox): boolean =>
  capabilities.has.has('CAP_DAC_OVERRIDE') || capabilities.has.has('CAP_DAC_READ_SEARCH');

const missing = (place: Place & { found: false }, sandbox: Sandbox): Denial | null =>
  denial(
    place.mount.content.is === 'nothing' && place.errno === 'ENOENT' && !overrides(sandbox) ? 'EACCES' : place.errno,
    place.mount.by,
  );

const isMountPoint = (sandbox: Sandbox, path: string): boolean => sandbox.mounts.list.some(({ at }) => at === path);

/** Where the entry of a path would be made or taken away: its directory, with symlinks on the way followed. */
function entryOf(path: string, sandbox: Sandbox, known: Knowledge): { parent: Place; path: string } {
  const parent = find(sandbox.mounts.list, parentOf(path), { ...known, follow: true });
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { parent, path: parent.path === '/' ? `/${name}` : `${parent.path}/${name}` };
}

/** Creating or deleting an entry: its directory must be writable. */
function judgeEntry(access: PathAccess, path: string, sandbox: Sandbox, known: Knowledge): Denial | null {
  const entry = entryOf(path, sandbox, known);
  if (!entry.parent.found) return missing(entry.parent, sandbox);
  if (isMountPoint(sandbox, entry.path)) {
    const mount = mountOf(sandbox.mounts.list, entry.path);
    if (access.mode === 'delete') return denial('EBUSY', mount.by);
    return denial('EROFS', mount.readOnly);
  }
  const readOnly = denial('EROFS', entry.parent.mount.readOnly);
  if (readOnly !== null) return readOnly;
  if (access.mode !== 'delete') return null;
  const place = find(sandbox.mounts.list, path, { ...known, follow: false });
  return place.found ? null : missing(place, sandbox);
}

/** A file or directory that InaccessiblePaths= covers. */
function judgeHidden(mode: PathAccess['mode'], place: Place & { found: true }, sandbox: Sandbox): Denial | null {
  const { mount } = place;
  switch (mode) {
    case 'stat':
      return null;
    case 'exec':
    case 'map':
      return denial('EACCES', mount.by);
    case 'write':
    case 'meta':
      return denial('EROFS', mount.by);
    case 'connect':
      return denial(overrides(sandbox) ? 'ECONNREFUSED' : 'EACCES', mount.by);
    case 'chdir':
    case 'chroot':
      return overrides(sandbox) ? null : denial('EACCES', mount.by);
    default:
      return denial(overrides(sandbox) ? 'empty' : 'EACCES', mount.by);
  }
}

/** Sockets, pipes and devices are written through the kernel, not in the file system. */
const isSpecial = (place: Place & { found: true }): boolean =>
  place.type === 'device' || place.type === 'socket' || place.type === 'other';

function judgePath(access: PathAccess, sandbox: Sandbox, known: Knowledge): Denial | null {
  const path = access.asked ?? access.path;
  if (access.mode === 'create' || access.mode === 'delete' || access.mode === 'bind')
    return judgeEntry(access, path, sandbox, known);
  const place = find(sandbox.mounts.list, path, { ...known, follow: true });
  if (!place.found) return missing(place, sandbox);
  if (place.content.is === 'nothing') return judgeHidden(access.mode, place, sandbox);
  switch (access.mode) {
    case 'write':
      return isSpecial(place) ? null : denial('EROFS', place.mount.readOnly);
    case 'meta':
      return denial('EROFS', place.mount.readOnly);
    case 'exec':
      return denial('EACCES', place.mount.noExec);
    case 'map':
      return denial('EPERM', place.mount.noExec);
    default:
      return null;
  }
}

/** rename and link: both names in one mount, and for rename neither a mount itself. Read-only places are the path accesses' business. */
function judgeMove(access: MoveAccess, sandbox: Sandbox, known: Knowledge): Denial | null {
  const from = entryOf(access.from, sandbox, known);
  const to = entryOf(access.to, sandbox, known);
  if (!from.parent.found || !to.parent.found) return null;
  const list = sandbox.mounts.list;
  const left: Mount = access.call === 'link' ? mountOf(list, from.path) : from.parent.mount;
  const right = to.parent.mount;
  // Of two mounts that the host has itself nothing is known: what was seen to succeed lay in one.
  if (left !== right) return denial('EXDEV', left.at.length > right.at.length ? left.by : (right.by ?? left.by));
  if (access.call === 'link') return null;
  const over = [from.path, to.path].find(path => isMountPoint(sandbox, path));
  return over === undefined ? null : denial('EBUSY', mountOf(list, over).by);
}

function judgeSyscall(access: Access & { kind: 'syscall' }, sandbox: Sandbox): Denial | null {
  const name = kernelName(access.name);
  const foreign = byRules({ ...access, name }, sandbox);
  const own = sandbox.filter === null ? null : filtered(sandbox.filter, name);
  // The kernel takes the most restrictive answer of all filters; of errnos that of the filter installed last.
  return foreign?.outcome === 'SIGSYS' ? foreign : (own ?? foreign);
}

function byRules(access: Access, { rules, context }: Sandbox): Denial | null {
  for (const { effect, by } of rules) {
    const outcome = denies(effect, access, context.sets);
    if (outcome !== null) return { outcome, by };
  }
  return null;
}

function judgeCapability(access: Access & { kind: 'capability' }, sandbox: Sandbox): Denial | null {
  if (access.certain && !sandbox.capabilities.has.has(access.name)) {
    const outcome = denies({ deny: 'capability', names: [access.name] }, access, sandbox.context.sets);
    const by = sandbox.capabilities.without(access.name);
    if (outcome !== null && by !== null) return { outcome, by };
  }
  return byRules(access, sandbox);
}

/** The denial of an access, or null when it passes. Accesses that failed when they were seen are the caller's business. */
export function judge(access: Access, sandbox: Sandbox, known: Knowledge): Denial | null {
  switch (access.kind) {
    case 'path':
      return byRules(access, sandbox) ?? judgePath(access, sandbox, known);
    case 'move':
      return judgeMove(access, sandbox, known);
    case 'syscall':
      return judgeSyscall(access, sandbox);
    case 'capability':
      return judgeCapability(access, sandbox);
    default:
      return byRules(access, sandbox);
  }
}
