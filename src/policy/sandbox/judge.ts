// What becomes of one access inside a sandbox: allowed, or refused with what outcome and by which line. Pure.
// Sources: path_resolution(7), open(2), rename(2), link(2), execve(2), mmap(2); everything was compared with systemd 252
// (test/policy/differential.test.ts).

import type { Access, MoveAccess, PathAccess } from '../../process/access.ts';
import { isBelow, parentOf } from '../../process/resolve.ts';
import { insteadOf } from '../directives/row.ts';
import { DIRECTIVE_ROWS } from '../directives/table.ts';
import { asOpened, denies, NODES, type Outcome } from '../effects.ts';
import type { Assignment } from '../findings.ts';
import type { FileType } from '../host-view.ts';
import { kernelName } from '../kernel-names.ts';
import { judgeAddress } from './address-rules.ts';
import type { Denial, Knowledge } from './denial.ts';
import { isOwnId } from './identity.ts';
import { judgeNetwork } from './network.ts';
import { firstOf, judgeRights } from './rights.ts';
import type { Sandbox } from './sandbox.ts';
import type { Rule } from './settings.ts';
import { filtered } from './system-call-filter.ts';
import { find, type Mount, mountOf, type Place } from './view.ts';

const denial = (outcome: Outcome, by: Assignment | null): Denial | null => (by === null ? null : { outcome, by });

/** Can the service pass and read what belongs to others? */
const overrides = ({ capabilities }: Sandbox): boolean =>
  capabilities.has.has('CAP_DAC_OVERRIDE') || capabilities.has.has('CAP_DAC_READ_SEARCH');

const missing = (place: Place & { found: false }, sandbox: Sandbox): Denial | null =>
  denial(
    place.mount.content.is === 'nothing' && place.errno === 'ENOENT' && !overrides(sandbox) ? 'EACCES' : place.errno,
    place.mount.by,
  );

const isDirectory = (place: Place): place is Place & { found: true } => place.found && place.type !== 'file';

/** A directory that the service may not even pass. */
const isClosed = (place: Place, sandbox: Sandbox): boolean =>
  place.found && place.content.is === 'nothing' && !overrides(sandbox);

/** A directory that systemd made for root alone, and a service that is not root. */
const isRoots = (place: Place, capability: string, { user, capabilities }: Sandbox): boolean =>
  place.found &&
  place.content.is === 'empty' &&
  place.content.closed === true &&
  user !== null &&
  !capabilities.has.has(capability);

/** Is something mounted on this very file, here or where it cannot be seen? */
function isBusy(path: string, { mounts: { list, busy } }: Sandbox, known: Knowledge): boolean {
  if (list.some(({ at }) => at === path)) return true;
  const { found, ...place } = find(list, path, { ...known, follow: false });
  return found && 'content' in place && place.content.is === 'host' && busy.has(place.content.path);
}

const isMountPoint = ({ mounts }: Sandbox, path: string): boolean => mounts.list.some(({ at }) => at === path);

/** Where the entry of a path would be made or taken away: its directory, with symlinks on the way followed. */
function entryOf(path: string, sandbox: Sandbox, known: Knowledge): { parent: Place; path: string } {
  const parent = find(sandbox.mounts.list, parentOf(path), { ...known, follow: true });
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { parent, path: parent.path === '/' ? `/${name}` : `${parent.path}/${name}` };
}

/** Is there a symlink in the last place? An open follows it, and makes what it leads to. */
const isFollowed = (path: string, { mounts }: Sandbox, known: Knowledge): boolean => {
  const place = find(mounts.list, path, { ...known, follow: false });
  return place.found && place.type === 'symlink';
};

/** Creating or deleting an entry: its directory must be writable. */
function judgeEntry(access: PathAccess, path: string, sandbox: Sandbox, known: Knowledge): Denial | null {
  const entry = entryOf(path, sandbox, known);
  if (!entry.parent.found) return missing(entry.parent, sandbox);
  if (isClosed(entry.parent, sandbox)) return denial('EACCES', entry.parent.mount.by);
  if (entry.parent.type === 'file') return denial('ENOTDIR', entry.parent.mount.by);
  const over = isMountPoint(sandbox, entry.path);
  // What is a mount is there already, and is opened, not made.
  if (over && access.mode !== 'delete') return judgePath({ ...access, mode: 'write' }, sandbox, known);
  if (access.mode === 'create' && path !== access.path && isFollowed(path, sandbox, known))
    return judgeEntry(access, access.path, sandbox, known);
  const readOnly = denial('EROFS', entry.parent.mount.readOnly);
  if (readOnly !== null) return readOnly;
  const closed = isRoots(entry.parent, 'CAP_DAC_OVERRIDE', sandbox) ? denial('EACCES', entry.parent.mount.by) : null;
  if (access.mode !== 'delete') return closed;
  const place = find(sandbox.mounts.list, path, { ...known, follow: false });
  if (!place.found) return missing(place, sandbox);
  const busy = isBusy(entry.path, sandbox, known) ? mountOf(sandbox.mounts.list, entry.path).by : null;
  return closed ?? denial('EBUSY', busy);
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
      return denial(sandbox.capabilities.has.has('CAP_DAC_OVERRIDE') ? 'EROFS' : 'EACCES', mount.by);
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

/** Sockets, pipes and devices are written through the kernel, not in the file system; `other`: the log does not show which. */
const WRITTEN_THROUGH: ReadonlySet<FileType | null> = new Set(['device', 'socket', 'fifo', 'other']);
const isSpecial = (place: Place & { found: true }): boolean =>
  WRITTEN_THROUGH.has(place.type) || NODES.includes(place.path);

function judgePath(access: PathAccess, sandbox: Sandbox, known: Knowledge): Denial | null {
  const path = access.asked ?? access.path;
  if (access.mode === 'create' || access.mode === 'delete' || access.mode === 'bind')
    return judgeEntry(access, path, sandbox, known);
  const place = find(sandbox.mounts.list, path, { ...known, follow: known.itself !== true });
  if (!place.found) return missing(place, sandbox);
  if (place.content.is === 'nothing') return judgeHidden(access.mode, place, sandbox);
  const other = judgeType(access.mode, place, known);
  if (other !== null) return other;
  switch (access.mode) {
    case 'write':
      return isSpecial(place) ? null : denial('EROFS', place.mount.readOnly);
    case 'meta':
      return (
        denial('EROFS', place.mount.readOnly) ??
        (isRoots(place, 'CAP_FOWNER', sandbox) ? denial('EPERM', place.mount.by) : null)
      );
    case 'exec':
      return denial('EACCES', place.mount.noExec);
    case 'map':
      return denial('EPERM', place.mount.noExec);
    case 'list':
      // What the service makes, it fills itself.
      return isEmptied(place, sandbox) && !known.made(place.path) ? denial('empty', place.mount.by) : null;
    default:
      return null;
  }
}

/** Another kind of file than the one that was used is bound there. */
function judgeType(
  mode: PathAccess['mode'],
  { type, path, content, mount }: Place & { found: true },
  { host }: Knowledge,
): Denial | null {
  if (content.is === 'host' ? content.path === path : content.is !== 'empty') return null;
  const isDirectory = type === 'directory';
  // It may have been one before, opened without O_DIRECTORY.
  if (isDirectory && mode === 'read' && (path === '/' || host.type(path) === 'directory')) return null;
  if (isDirectory && (mode === 'read' || mode === 'write')) return denial('EISDIR', mount.by);
  if (isDirectory && (mode === 'exec' || mode === 'map')) return denial('EACCES', mount.by);
  if (!isDirectory && type !== null && (mode === 'list' || mode === 'chdir' || mode === 'chroot'))
    return denial('ENOTDIR', mount.by);
  return null;
}

/** A directory that was emptied, and into which nothing was mounted again. */
const isEmptied = ({ content, path }: Place & { found: true }, { mounts }: Sandbox): boolean =>
  content.is === 'empty' && content.own !== true && !mounts.list.some(({ at }) => at !== path && isBelow(at, path));

/** Mounts, and what rules say of paths: what the kernel does not show cannot be refused for another reason. */
function judgePlace(access: PathAccess, sandbox: Sandbox, known: Knowledge): Denial | null {
  const ruled = byRules(access, sandbox, known);
  return ruled?.outcome === 'ENOENT' ? ruled : (judgePath(asOpened(access), sandbox, known) ?? ruled);
}

/** rename and link: both names in one mount, and for rename neither a mount itself. */
function judgeMove(access: MoveAccess, sandbox: Sandbox, known: Knowledge): Denial | null {
  const from = entryOf(access.from, sandbox, known);
  const to = entryOf(access.to, sandbox, known);
  // What is not found or cannot be entered is the path accesses' business, as are read-only places.
  if (
    !isDirectory(from.parent) ||
    !isDirectory(to.parent) ||
    isClosed(from.parent, sandbox) ||
    isClosed(to.parent, sandbox)
  )
    return null;
  if (!find(sandbox.mounts.list, access.from, { ...known, follow: false }).found && access.call === 'link') return null;
  const list = sandbox.mounts.list;
  // link(2) asks for write access first, rename(2) for one mount.
  if (access.call === 'link' && to.parent.mount.readOnly !== null) return null;
  const left: Mount = access.call === 'link' ? mountOf(list, from.path) : from.parent.mount;
  const right = to.parent.mount;
  // Of two mounts that the host has itself nothing is known: what was seen to succeed lay in one.
  if (left !== right) return denial('EXDEV', left.at.length > right.at.length ? left.by : (right.by ?? left.by));
  if (access.call === 'link' || left.readOnly !== null) return null;
  const over = [from.path, to.path].find(path => isBusy(path, sandbox, known));
  return over === undefined ? null : denial('EBUSY', mountOf(list, over).by);
}

function judgeSyscall(access: Access & { kind: 'syscall' }, sandbox: Sandbox): Denial | null {
  const name = replaced(kernelName(access.name), sandbox);
  const foreign = byRules({ ...access, name }, sandbox);
  const own = sandbox.filter === null ? null : filtered(sandbox.filter, name);
  // The kernel takes the most restrictive answer of all filters; of errnos that of the filter installed last.
  return foreign?.outcome === 'SIGSYS' ? foreign : (own ?? foreign);
}

/** The call that libc makes instead, where a filter answers ENOSYS to the first. */
function replaced(call: string, { settings, context }: Sandbox): string {
  for (const { name, value } of settings) {
    const row = value === 'no' ? undefined : DIRECTIVE_ROWS.get(name);
    const instead = row === undefined ? [] : insteadOf(row, context.systemd);
    for (const [refused, made] of instead) if (refused === call) return made;
  }
  return call;
}

/** What lies in /dev is a device, unless it is known to be something else. */
const isDevice = (path: string, { host, made }: Knowledge): boolean => {
  const type = host.type(path);
  return type === 'device' || (type === null && !made(path));
};

/** Does this rule have a say about the access, as far as the accesses of a profile tell it? */
function applies({ by, effect }: Rule, access: Access, { user }: Sandbox, known: Knowledge): boolean {
  // socketpair(2) makes sockets too, and is not looked at; nor is sched_setattr(2), whose policy lies in memory.
  if (access.kind === 'socket' && by.name === 'RestrictAddressFamilies') return known.called?.('socket') ?? true;
  if (access.kind === 'feature' && by.name === 'RestrictRealtime') return known.called?.('sched_setscheduler') ?? true;
  if (access.kind === 'path') {
    // hidepid= of proc(5) exempts its group, which is root's.
    if (by.name === 'ProtectProc') return user !== null;
    if (effect.deny === 'devices') return isDevice(access.path, known);
  }
  return effect.deny !== 'network';
}

function byRules(access: Access, sandbox: Sandbox, known?: Knowledge): Denial | null {
  for (const rule of sandbox.rules) {
    if (known !== undefined && !applies(rule, access, sandbox, known)) continue;
    const outcome = denies(rule.effect, access, sandbox.context.sets);
    if (outcome !== null) return { outcome, by: rule.by };
  }
  return null;
}

function judgeCapability(access: Access & { kind: 'capability' }, sandbox: Sandbox): Denial | null {
  const { user } = sandbox;
  const { has, bounding } = sandbox.capabilities;
  if (user !== null && isOwnId(sandbox.identity, access)) return null;
  if (access.certain && !(access.from === 'file' ? bounding : has).has(access.name)) {
    const outcome = denies({ deny: 'capability', names: [access.name] }, access, sandbox.context.sets);
    const by = sandbox.capabilities.without(access.name);
    if (outcome !== null && by !== null) return { outcome, by };
  }
  return byRules(access, sandbox);
}

/** Of a service that says nothing: systemd.exec(5), UMask=. */
const DEFAULT_UMASK = 0o022;

/**
 * UMask= takes bits from what was made for a group and nobody else, as mknod(…, 0660): that was meant. 0644 and 0666 are what every program says.
 * Whoever needs the bits gets EACCES.
 */
function judgeUmask({ name, value }: Access & { kind: 'feature' }, { assignments }: Sandbox): Denial | null {
  if (name !== 'made-for-others') return null;
  const bits = Number.parseInt(value ?? '0', 8) & ~DEFAULT_UMASK;
  const by = assignments.findLast(one => one.name === 'UMask');
  if (by === undefined || (bits & 0o007) !== 0) return null;
  return (bits & Number.parseInt(by.value, 8)) === 0 ? null : { outcome: 'EACCES', by };
}

/** The same, and what owners and permission bits say to it. */
export function judgeWithRights(access: Access, sandbox: Sandbox, known: Knowledge): Denial | null {
  const denied = judge(access, sandbox, known);
  return access.kind === 'path' ? firstOf(denied, judgeRights(access, sandbox, known)) : denied;
}

/** The denial of an access, or null when it passes. Accesses that failed when they were seen are the caller's business. */
export function judge(access: Access, sandbox: Sandbox, known: Knowledge): Denial | null {
  switch (access.kind) {
    case 'path':
      return judgePlace(access, sandbox, known);
    case 'move':
      return judgeMove(access, sandbox, known);
    case 'syscall':
      return judgeSyscall(access, sandbox);
    case 'capability':
      return judgeCapability(access, sandbox);
    case 'feature':
      return judgeUmask(access, sandbox) ?? byRules(access, sandbox, known);
    default:
      return (
        byRules(access, sandbox, known) ??
        judgeNetwork(access, sandbox, known) ??
        judgeAddress(access, sandbox.addresses)
      );
  }
}
