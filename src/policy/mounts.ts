// What a service finds at a path: the mounts of its namespace, put in order and applied as systemd does it, over the host's files.
// Pure: the host is asked through HostView. Facts: setup_namespace() in src/core/namespace.c of systemd 252; path_resolution(7).

import { isBelow, parentOf } from '../process/resolve.ts';
import type { Assignment } from './findings.ts';
import type { FileType, HostView } from './host-view.ts';
import { MOUNT_MODES, type MountEntry } from './mount-entries.ts';

/** What a mount shows. */
export type Content =
  /** Files of the host, from this path on. */
  | { is: 'host'; path: string }
  /** Nothing but what is mounted below and what the service makes itself. */
  | { is: 'empty' }
  /** A directory that cannot even be searched, or a file of mode 000. */
  | { is: 'nothing'; of: FileType }
  | { is: 'devices' };

export interface Mount {
  at: string;
  content: Content;
  /** Who asked for it; null for the root that everything starts from. */
  by: Assignment | null;
  readOnly: Assignment | null;
  noExec: Assignment | null;
}

export interface Mounts {
  /** In the order they were made: of two at one place the later is on top. */
  list: Mount[];
  /** Why the service would not start. */
  failure: { by: Assignment; path: string } | null;
}

/** What is found at a path. */
export type Place =
  | { found: true; path: string; mount: Mount; content: Content; type: FileType | null }
  /** `mount` is where the search ended: whoever made it hides the path. `parent`: only the last name is missing. */
  | { found: false; path: string; mount: Mount; parent: boolean; errno: 'ENOENT' | 'ENOTDIR' | 'EACCES' };

export interface Search {
  host: HostView;
  /** Paths the service makes itself. */
  made: (path: string) => boolean;
  /** Follow a symlink in the last place. */
  follow: boolean;
}

/** PrivateDevices=: what the small /dev holds (mount_private_dev()). */
const DEVICES: Readonly<Record<string, FileType>> = {
  null: 'device',
  zero: 'device',
  full: 'device',
  random: 'device',
  urandom: 'device',
  tty: 'device',
  char: 'directory',
  block: 'directory',
};
/** Symlinks of the small /dev. */
const DEVICE_LINKS: Readonly<Record<string, string>> = {
  log: '/run/systemd/journal/dev-log',
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
  core: '/proc/kcore',
  ptmx: '/dev/pts/ptmx',
};
/** Mounts of the host's /dev that the small one keeps. */
const DEVICE_MOUNTS: readonly string[] = ['/dev/pts', '/dev/shm', '/dev/mqueue', '/dev/hugepages'];
const SELF: ReadonlySet<string> = new Set(['/proc/self', '/proc/thread-self']);
const LINKS_AT_MOST = 40;

const join = (top: string, name: string): string => (top === '/' ? `/${name}` : `${top}/${name}`);
const rebase = (path: string, from: string, to: string): string => {
  const rest = from === '/' ? path : path.slice(from.length);
  return to === '/' ? rest || '/' : `${to}${rest === '/' ? '' : rest}`;
};

const topmost = (list: readonly Mount[], at: string): Mount | undefined => list.findLast(mount => mount.at === at);

/** The mount that a path (whose symlinks are resolved) lies in. */
export function mountOf(list: readonly Mount[], path: string): Mount {
  for (let at = path; ; at = parentOf(at)) {
    const mount = topmost(list, at);
    if (mount !== undefined) return mount;
    if (at === '/') throw new Error('a namespace without a root');
  }
}

/** One step of the search: what `name` is inside `content`, which lies at `at`. */
function child(
  content: Content,
  at: string,
  name: string,
  list: readonly Mount[],
  { host, made }: Search,
): { content: Content; type: FileType | null } | { link: string } | null {
  const path = join(at, name);
  switch (content.is) {
    case 'host': {
      const source = join(content.path, name);
      // These lead to a number, which is another for every process.
      if (SELF.has(source)) return { content: { is: 'host', path: source }, type: 'directory' };
      const type = host.type(source);
      if (type === 'symlink') {
        const target = host.realpath(source);
        return target === null ? null : { link: target };
      }
      // What was seen was there; only where a bind shows another place can this host say that it is not.
      if (type === null && host.known && source !== path && !made(path)) return null;
      return { content: { is: 'host', path: source }, type };
    }
    case 'empty': {
      const deeper = list.some(mount => isBelow(mount.at, path));
      return deeper || made(path) ? { content: { is: 'empty' }, type: deeper ? 'directory' : null } : null;
    }
    case 'devices': {
      const target = at === '/dev' ? DEVICE_LINKS[name] : undefined;
      if (target !== undefined) return { link: target };
      const type = at === '/dev' ? DEVICES[name] : 'device';
      return type === undefined ? null : { content: { is: 'devices' }, type };
    }
    case 'nothing':
      return null;
  }
}

/** Finds a path as path_resolution(7) says, in the mounts of the service. */
export function find(list: readonly Mount[], path: string, search: Search): Place {
  let names = path.split('/').filter(name => name !== '');
  let at = '/';
  let mount = mountOf(list, '/');
  let content = mount.content;
  let type: FileType | null = 'directory';
  for (let hops = 0; names.length > 0; ) {
    const [name = '', ...rest] = names;
    const next = join(at, name);
    const over = topmost(list, next);
    if (over !== undefined && content.is !== 'nothing') {
      mount = over;
      content = over.content;
      type =
        over.content.is === 'nothing'
          ? over.content.of
          : over.content.is === 'host'
            ? search.host.type(over.content.path)
            : 'directory';
    } else {
      const step = child(content, at, name, list, search);
      const missing = (errno: 'ENOENT' | 'ENOTDIR' | 'EACCES'): Place => ({
        found: false,
        path: names.length === 1 ? next : join(at, names.join('/')),
        mount,
        parent: names.length === 1,
        errno,
      });
      if (step === null) return missing(content.is === 'nothing' && content.of !== 'directory' ? 'ENOTDIR' : 'ENOENT');
      if ('link' in step) {
        if (rest.length === 0 && !search.follow) return { found: true, path: next, mount, content, type: 'symlink' };
        if (++hops > LINKS_AT_MOST) return missing('ENOENT');
        // Inside a bind the symlink was resolved on the host: its target may lie in the same bind.
        const inside =
          mount.content.is === 'host' && mount.content.path !== mount.at && isBelow(step.link, mount.content.path);
        const target =
          inside && mount.content.is === 'host' ? rebase(step.link, mount.content.path, mount.at) : step.link;
        names = [...target.split('/').filter(part => part !== ''), ...rest];
        at = '/';
        mount = mountOf(list, '/');
        content = mount.content;
        type = 'directory';
        continue;
      }
      ({ content, type } = step);
    }
    at = next;
    names = rest;
  }
  return { found: true, path: at, mount, content, type };
}

/** Directories before what lies in them; for one path, the stricter first. */
function compare(a: MountEntry, b: MountEntry): number {
  const [left, right] = [a.path.split('/'), b.path.split('/')];
  if (a.path !== b.path) {
    for (let i = 0; i < Math.max(left.length, right.length); i++) {
      const [x, y] = [left[i], right[i]];
      if (x === y) continue;
      if (x === undefined || a.path === '/') return -1;
      if (y === undefined || b.path === '/') return 1;
      return x < y ? -1 : 1;
    }
  }
  return MOUNT_MODES.indexOf(a.mode) - MOUNT_MODES.indexOf(b.mode);
}

const isReadOnly = (entry: MountEntry): boolean =>
  entry.readOnly === true || entry.mode === 'read-only' || entry.mode === 'inaccessible';
const isNoExec = (entry: MountEntry): boolean =>
  entry.noExec === true || ['noexec', 'inaccessible', 'sysfs', 'procfs'].includes(entry.mode);

/** Work on an entry while it is applied. */
interface Pending extends MountEntry {
  applied: boolean;
  /** Whose flags it took over when duplicates were dropped. */
  readOnlyBy: Assignment | null;
  noExecBy: Assignment | null;
  execToo: boolean;
}

/** Of entries for one path the first is kept, with the flags of the others; below what is inaccessible nothing is kept; repetitions go. */
function normalised(entries: readonly Pending[]): Pending[] {
  const sorted = [...entries].sort(compare);
  const distinct: Pending[] = [];
  for (const entry of sorted) {
    const last = distinct.at(-1);
    if (last === undefined || last.path !== entry.path || last.applied || entry.applied) distinct.push(entry);
    else {
      last.readOnlyBy ??= entry.readOnlyBy;
      last.noExecBy ??= entry.noExecBy;
      last.execToo ||= entry.execToo;
    }
  }
  const reachable: Pending[] = [];
  let hidden: string | null = null;
  for (const entry of distinct) {
    if (hidden !== null && isBelow(entry.path, hidden)) continue;
    hidden = entry.mode === 'inaccessible' ? entry.path : null;
    reachable.push(entry);
  }
  const kept: Pending[] = [];
  for (const entry of reachable) {
    const above = kept.findLast(({ path }) => isBelow(entry.path, path));
    const repeats =
      ['read-only', 'read-write', 'read-write-implicit'].includes(entry.mode) && above?.mode === entry.mode;
    if (!repeats) kept.push(entry);
  }
  return kept;
}

const ROOT: Mount = { at: '/', content: { is: 'host', path: '/' }, by: null, readOnly: null, noExec: null };
const NOT_MADE = (): boolean => false;

/** The first symlink on the way to an entry's path, resolved; null when there is none. */
function followed(list: readonly Mount[], entry: Pending, host: HostView): string | null {
  const search: Search = { host, made: NOT_MADE, follow: true };
  const place = find(list, entry.path, search);
  return place.path === entry.path ? null : place.path;
}

/** Makes the mount of one entry. False: it cannot be made, and the service does not start. */
function apply(list: Mount[], entry: Pending, host: HostView): boolean {
  const place = find(list, entry.path, { host, made: NOT_MADE, follow: false });
  const exists = place.found && (place.content.is !== 'host' || !host.known || place.type !== null);
  const add = (content: Content): boolean => {
    list.push({ at: entry.path, content, by: entry.by, readOnly: null, noExec: null });
    return true;
  };
  const hide = (): void => {
    for (let i = list.length - 1; i > 0; i--) {
      const mount = list[i];
      if (mount !== undefined && isBelow(mount.at, entry.path)) list.splice(i, 1);
    }
  };
  switch (entry.mode) {
    case 'inaccessible':
      if (!exists) return entry.ignore === true;
      hide();
      return add({ is: 'nothing', of: place.found && place.type !== null ? place.type : 'directory' });
    case 'read-only':
    case 'read-write':
    case 'read-write-implicit':
    case 'exec':
    case 'noexec':
      if (!exists) return entry.ignore === true;
      if (topmost(list, entry.path) !== undefined) return true;
      return add(place.found ? place.content : { is: 'empty' });
    case 'bind': {
      const source = entry.source ?? entry.path;
      const real = host.realpath(source);
      if (real === null && host.known && entry.made !== true) return entry.ignore === true;
      return add({ is: 'host', path: real ?? source });
    }
    case 'private-tmp':
      return add({ is: 'empty' });
    case 'tmpfs':
    case 'empty':
    case 'mqueue':
      hide();
      return add({ is: 'empty' });
    case 'private-dev':
      hide();
      add({ is: 'devices' });
      for (const at of DEVICE_MOUNTS)
        list.push({ at, content: { is: 'host', path: at }, by: entry.by, readOnly: null, noExec: null });
      return true;
    case 'procfs':
      return add({ is: 'host', path: entry.path });
    case 'bind-dev':
    case 'sysfs':
      return topmost(list, entry.path) !== undefined || add({ is: 'host', path: entry.path });
    case 'run':
      // The host's /run is a mount already, and stays.
      if (topmost(list, entry.path) !== undefined) return true;
      return add(place.found && place.content.is === 'host' ? place.content : { is: 'empty' });
  }
}

/** Flags are set on an entry's mount and on those below it, but for those that lie at or below another entry. */
function flag(
  list: readonly Mount[],
  entries: readonly Pending[],
  { path, mode }: Pending,
  set: (mount: Mount) => void,
): void {
  const alone = ['tmpfs', 'empty', 'private-dev'].includes(mode);
  const others = entries.filter(entry => entry.path !== path && isBelow(entry.path, path));
  for (const mount of list) {
    if (mount.at !== path && (alone || !isBelow(mount.at, path))) continue;
    if (mount.at !== path && others.some(other => isBelow(mount.at, other.path))) continue;
    if (mount.at === path && topmost(list, path) !== mount) continue;
    set(mount);
  }
}

/** Applies the entries over the host's files (or over another root). */
export function applyMounts(entries: readonly MountEntry[], host: HostView, root = '/'): Mounts {
  const list: Mount[] = [{ ...ROOT, content: { is: 'host', path: root } }];
  let pending = normalised(
    entries.map(entry => ({
      ...entry,
      applied: false,
      readOnlyBy: isReadOnly(entry) || entry.mode === 'private-dev' ? entry.by : null,
      noExecBy: isNoExec(entry) || entry.mode === 'private-dev' ? entry.by : null,
      execToo: entry.exec === true || entry.mode === 'exec',
    })),
  );
  let failure: Mounts['failure'] = null;
  for (let again = true; again; ) {
    again = false;
    for (const entry of pending) {
      if (entry.applied) continue;
      const target = followed(list, entry, host);
      if (target !== null) {
        entry.path = target;
        again = true;
        break;
      }
      if (!apply(list, entry, host)) failure ??= { by: entry.by, path: entry.path };
      entry.applied = true;
    }
    if (again) pending = normalised(pending);
  }
  for (const entry of pending) {
    const { readOnlyBy, noExecBy } = entry;
    if (readOnlyBy !== null)
      flag(list, pending, entry, mount => {
        mount.readOnly ??= readOnlyBy;
      });
    if (noExecBy !== null)
      flag(list, pending, entry, mount => {
        mount.noExec ??= noExecBy;
      });
    else if (entry.execToo)
      flag(list, pending, entry, mount => {
        mount.noExec = null;
      });
  }
  return { list, failure };
}
