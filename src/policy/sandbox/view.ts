// What a service finds at a path, given the mounts of its namespace (mounts.ts) and the files of the host.
// Pure: the host is asked through HostView. Source: path_resolution(7); PrivateDevices= as in mount_private_dev() of systemd 252.

import { isBelow, parentOf } from '../../process/resolve.ts';
import { rowOf } from '../../row.ts';
import type { Assignment } from '../findings.ts';
import type { FileType, HostView } from '../host-view.ts';

/** What a mount shows. */
export type Content =
  /** Files of the host, from this path on. `base`: directories that systemd makes in it where they are missing. */
  | { is: 'host'; path: string; base?: readonly string[] }
  /**
   * Nothing but what is mounted below and what the service makes itself. `own`: meant to be so, such as a file system of the kernel's. `closed`: it
   * belongs to root, and others cannot change it.
   */
  | { is: 'empty'; own?: true; closed?: true }
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
  /** Files of the host that something is mounted on, also where that is out of sight: they cannot be renamed or deleted. */
  busy: Set<string>;
  /** Why the service would not start: every line with a mount that cannot be made, once. The others are made as if it were not there. */
  failures: { by: Assignment; path: string }[];
}

/** What is found at a path. */
export type Place =
  | { found: true; path: string; mount: Mount; content: Content; type: FileType | null }
  /** `mount` is where the search ended: whoever made it hides the path. `parent`: only the last name is missing. */
  | { found: false; path: string; mount: Mount; parent: boolean; errno: Lost };

export type Lost = 'ENOENT' | 'ENOTDIR' | 'EACCES' | 'ELOOP';

export interface Search {
  host: HostView;
  /** Paths the service makes itself. */
  made: (path: string) => boolean;
  /** Follow a symlink in the last place. `one`: stop behind the first symlink or `..` anywhere; `path` is then where that leads. */
  follow: boolean | 'one';
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
/** These lead to a number, which is another for every process; and so do the links in it (`exe`, `cwd`, `fd/3`). */
const SELF: readonly string[] = ['/proc/self', '/proc/thread-self'];
const LINKS_AT_MOST = 40;

const join = (top: string, name: string): string => (top === '/' ? `/${name}` : `${top}/${name}`);
const rebase = (path: string, from: string, to: string): string => {
  const rest = from === '/' ? path : path.slice(from.length);
  return to === '/' ? rest || '/' : `${to}${rest === '/' ? '' : rest}`;
};

/** The topmost mounts of a list by their place, and how many of the list are in it already: lists only grow at their end. */
interface ByPlace {
  known: number;
  top: Map<string, Mount>;
}
const byPlace = new WeakMap<readonly Mount[], ByPlace>();

/** The mount one sees at this very place. */
export function topmost(list: readonly Mount[], at: string): Mount | undefined {
  let places = byPlace.get(list);
  if (places === undefined) {
    places = { known: 0, top: new Map() };
    byPlace.set(list, places);
  }
  for (; places.known < list.length; places.known++) {
    const mount = list[places.known];
    if (mount !== undefined) places.top.set(mount.at, mount);
  }
  return places.top.get(at);
}

/** The mount that a path (whose symlinks are resolved) lies in. */
export function mountOf(list: readonly Mount[], path: string): Mount {
  for (let at = path; ; at = parentOf(at)) {
    const mount = topmost(list, at);
    if (mount !== undefined) return mount;
    if (at === '/') throw new Error('a namespace without a root');
  }
}

/** One step of the search: what `name` is inside `content`, which lies at `at`. `resolved`: the link was followed on the host, to its end. */
function child(
  content: Content,
  at: string,
  name: string,
  list: readonly Mount[],
  { host, made }: Search,
): { content: Content; type: FileType | null } | { link: string; resolved?: true } | null {
  const path = join(at, name);
  switch (content.is) {
    case 'host': {
      const source = join(content.path, name);
      const type = SELF.includes(source) ? 'directory' : host.type(source);
      if (SELF.some(own => isBelow(source, own)))
        return { content: { is: 'host', path: source }, type: type === 'symlink' ? null : type };
      if (type === 'symlink') {
        // Those of the kernel say no path.
        const said = isBelow(source, '/proc') ? null : host.link(source);
        if (said !== null) return { link: said };
        const target = host.realpath(source);
        if (target !== null) return { link: target, resolved: true };
        // It leads nowhere now, as a link to a socket does while its server is stopped. What was seen was there.
        return source === path ? { content: { is: 'host', path: source }, type: null } : null;
      }
      // What was seen was there; only where a bind shows another place can this host say that it is not.
      if (type === null && host.known && source !== path && !made(path)) {
        // Unless systemd made it, to mount something there.
        if (content.base?.includes(name) === true) return { content: { is: 'host', path: source }, type: 'directory' };
        const deeper = list.some(mount => isBelow(mount.at, path));
        return deeper ? { content: { is: 'host', path: source }, type: 'directory' } : null;
      }
      return { content: { is: 'host', path: source }, type };
    }
    case 'empty': {
      const deeper = list.some(mount => isBelow(mount.at, path));
      if (deeper) return { content: { is: 'empty', closed: true }, type: 'directory' };
      return made(path) ? { content: { is: 'empty' }, type: null } : null;
    }
    case 'devices': {
      const target = at === '/dev' ? rowOf(DEVICE_LINKS, name) : undefined;
      if (target !== undefined) return { link: target };
      const type = at === '/dev' ? rowOf(DEVICES, name) : 'device';
      if (type !== undefined) return { content: { is: 'devices' }, type };
      return made(path) ? { content, type: null } : null;
    }
    case 'nothing':
      // Making it is refused already.
      return made(path) ? { content, type: null } : null;
  }
}

const namesIn = (path: string): string[] => path.split('/').filter(name => name !== '' && name !== '.');

/** What is no directory has nothing below it; `other` may be anything. */
const LEAVES: ReadonlySet<FileType | null> = new Set(['file', 'socket', 'fifo', 'device']);

const typeOf = ({ content }: Mount, { host }: Search): FileType | null => {
  if (content.is === 'nothing') return content.of;
  return content.is === 'host' ? host.type(content.path) : 'directory';
};

/** Where a symlink leads that was found in a mount. */
function targetOf(step: { link: string; resolved?: true }, at: string, { content, at: top }: Mount): string {
  if (!step.link.startsWith('/')) return join(at, step.link);
  // It was resolved on the host, and its target may lie in the same bind.
  const isInside = step.resolved === true && content.is === 'host' && content.path !== top;
  return isInside && isBelow(step.link, content.path) ? rebase(step.link, content.path, top) : step.link;
}

/** Finds a path as path_resolution(7) says, in the mounts of the service. */
export function find(list: readonly Mount[], path: string, search: Search): Place {
  let names = namesIn(path);
  let at = '/';
  let mount = mountOf(list, '/');
  let content = mount.content;
  let type: FileType | null = 'directory';
  const restart = (target: readonly string[]): void => {
    names = [...target];
    at = '/';
    mount = mountOf(list, '/');
    content = mount.content;
    type = 'directory';
  };
  for (let hops = 0; names.length > 0; ) {
    const [name = '', ...rest] = names;
    const next = join(at, name);
    const missing = (errno: Lost): Place => ({
      found: false,
      path: names.length === 1 ? next : join(at, names.join('/')),
      mount,
      parent: names.length === 1,
      errno,
    });
    const moved = (target: readonly string[]): Place | null => {
      if (search.follow === 'one')
        return { found: true, path: `/${target.join('/')}`, mount, content, type: 'symlink' };
      restart(target);
      return null;
    };
    if (name === '..') {
      const above = moved([...namesIn(parentOf(at)), ...rest]);
      if (above !== null) return above;
      continue;
    }
    const over = topmost(list, next);
    if (over !== undefined && content.is !== 'nothing') {
      mount = over;
      content = over.content;
      type = typeOf(over, search);
    } else {
      const step = child(content, at, name, list, search);
      if (LEAVES.has(type)) return missing('ENOTDIR');
      if (step === null) return missing(content.is === 'nothing' && content.of !== 'directory' ? 'ENOTDIR' : 'ENOENT');
      if ('link' in step) {
        if (rest.length === 0 && search.follow === false) {
          const own: Content = content.is === 'host' ? { is: 'host', path: join(content.path, name) } : content;
          return { found: true, path: next, mount, content: own, type: 'symlink' };
        }
        if (++hops > LINKS_AT_MOST) return missing('ELOOP');
        const there = moved([...namesIn(targetOf(step, at, mount)), ...rest]);
        if (there !== null) return there;
        continue;
      }
      ({ content, type } = step);
    }
    at = next;
    names = rest;
  }
  return { found: true, path: at, mount, content, type };
}
