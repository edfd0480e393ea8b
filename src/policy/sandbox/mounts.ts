// The mounts of a service: what its unit asks for, put in order and applied as systemd does it, over the host's files.
// Pure: the host is asked through HostView. Facts: setup_namespace() and apply_mounts() in src/core/namespace.c of systemd 252.

import { isBelow } from '../../process/resolve.ts';
import type { MountMode } from '../directives/row.ts';
import type { Assignment } from '../findings.ts';
import type { FileType, HostView } from '../host-view.ts';
import { INCOMING, type MountEntry } from './mount-entries.ts';
import { normalised, type Pending, pendingEntry } from './mount-order.ts';
import { type Content, find, type Mount, type Mounts, mountOf, type Place, type Search, topmost } from './view.ts';

/** Mounts of the host's /dev that the small one keeps. */
const DEVICE_MOUNTS: readonly string[] = ['/dev/pts', '/dev/shm', '/dev/mqueue', '/dev/hugepages'];
/** Modes that unmount whatever was mounted below before they mount themselves. Others only hide it. */
const UNMOUNTS: ReadonlySet<MountMode> = new Set(['inaccessible', 'tmpfs', 'empty', 'mqueue', 'private-dev', 'procfs']);
/** Flags of these are theirs alone, and not of the mounts below. */
const ALONE: ReadonlySet<MountMode> = new Set(['tmpfs', 'empty', 'private-dev']);

/** CHASE_SYMLINKS_MAX of systemd. */
const STEPS_AT_MOST = 32;

const UNTOLD: ReadonlySet<FileType | null> = new Set([null, 'other']);

/** mount(2): a directory cannot be mounted on a file, nor a file on a directory; what is missing is made, but not below a file bound from elsewhere. */
function fits(type: FileType | null, place: Place): boolean {
  if (!place.found) {
    const { at, content } = place.mount;
    return place.errno !== 'ENOTDIR' || content.is !== 'host' || content.path === at;
  }
  if (UNTOLD.has(place.type) || UNTOLD.has(type)) return true;
  return (type === 'directory') === (place.type === 'directory');
}

/** Where the service's root lies on the host, and what systemd makes there. */
export interface Root {
  path: string;
  base?: readonly string[];
}

/** Does the path end in symlinks that lead to each other? `-` takes what is missing, not that: ELOOP. */
function isLoop(path: string, host: HostView): boolean {
  const list = [{ at: '/', content: { is: 'host', path: '/' }, by: null, readOnly: null, noExec: null }] as const;
  const place = find(list, path, { host, made: () => false, follow: true });
  return !place.found && place.errno !== 'ENOENT';
}

/** The namespace while it is built. */
class Namespace {
  list: Mount[];
  readonly busy = new Set<string>();
  /** Mounts that a later one hides, though they are still there. */
  readonly #hidden = new Set<string>();
  readonly #host: HostView;
  /** Directories that systemd makes before: RuntimeDirectory= and similar. */
  readonly #provided: ReadonlySet<string>;

  constructor(host: HostView, root: Root, provided: ReadonlySet<string>) {
    this.#host = host;
    this.#provided = provided;
    this.list = [{ at: '/', content: { is: 'host', ...root }, by: null, readOnly: null, noExec: null }];
  }

  find(path: string, follow: Search['follow']): Place {
    return find(this.list, path, { host: this.#host, made: () => false, follow });
  }

  /** Puts a mount on a path. */
  #add(entry: Pending, content: Content): true {
    const place = this.find(entry.path, false);
    if (place.found && place.content.is === 'host') this.busy.add(place.content.path);
    const noExec = entry.noExec === true ? entry.by : null;
    this.list.push({ at: entry.path, content, by: entry.by, readOnly: null, noExec });
    return true;
  }

  /** Puts a mount on a path and all that is mounted there or below. */
  #cover(entry: Pending, content: Content): true {
    const { path, mode } = entry;
    if (UNMOUNTS.has(mode)) for (const one of this.busy) if (isBelow(one, path)) this.busy.delete(one);
    const [root, ...others] = this.list;
    for (const { at } of others) if (!UNMOUNTS.has(mode) && isBelow(at, path)) this.#hidden.add(at);
    const kept = others.filter(({ at }) => !isBelow(at, path));
    if (root !== undefined && kept.length < others.length) this.list = [root, ...kept];
    return this.#add(entry, content);
  }

  /** Makes the mount of one entry. False: it cannot be made, and the service does not start. */
  mount(entry: Pending): boolean {
    const host = this.#host;
    const { path } = entry;
    const place = this.find(path, false);
    const exists = place.found && (place.content.is !== 'host' || !host.isAbsent(place.content.path));
    const isMount = topmost(this.list, path) !== undefined;
    if (entry.present === true && !exists) return true;
    switch (entry.mode) {
      case 'inaccessible':
        if (!exists) return entry.ignore === true;
        return this.#cover(entry, { is: 'nothing', of: place.type ?? 'directory' });
      case 'read-only':
      case 'read-write':
      case 'read-write-implicit':
      case 'exec':
      case 'noexec':
        if (!exists) return entry.ignore === true;
        return isMount || this.#add(entry, place.content);
      case 'bind': {
        const source = entry.source ?? path;
        const real = host.realpath(source);
        const leadsNowhere = real === null && host.type(source) === 'symlink';
        if ((leadsNowhere || host.isAbsent(real ?? source)) && !this.#provided.has(source))
          return entry.ignore === true && (real !== null || !isLoop(source, host));
        return fits(host.type(real ?? source), place) && this.#cover(entry, { is: 'host', path: real ?? source });
      }
      case 'private-tmp':
        return fits('directory', place) && this.#cover(entry, { is: 'empty' });
      case 'tmpfs':
      case 'empty':
      case 'mqueue': {
        const content: Content = { is: 'empty', ...(entry.mode === 'mqueue' || entry.shared ? {} : { closed: true }) };
        return fits('directory', place) && this.#cover(entry, content);
      }
      case 'private-dev':
        this.#cover(entry, { is: 'devices' });
        for (const at of DEVICE_MOUNTS)
          this.list.push({ at, content: { is: 'host', path: at }, by: entry.by, readOnly: null, noExec: null });
        return true;
      case 'bpffs':
        return exists ? this.#cover(entry, { is: 'empty', own: true }) : entry.ignore === true;
      case 'procfs':
      case 'private-sysfs':
      case 'private-cgroup':
        return this.#cover(entry, { is: 'host', path });
      case 'bind-dev':
      case 'sysfs':
        return isMount || this.#add(entry, { is: 'host', path });
      case 'run':
        // The host's /run is a mount already, and stays.
        return (
          isMount ||
          this.#add(entry, exists && place.content.is === 'host' ? place.content : { is: 'empty', closed: true })
        );
    }
  }

  /**
   * Sets flags on an entry's mount and on those below it, but for those that lie at or below another entry. An entry that is no mount is
   * made one; one that is hidden is left alone. False: it is not there, and the service does not start.
   */
  flag({ path, mode, ignore, by }: Pending, entries: readonly Pending[], set: (mount: Mount) => void): boolean {
    if (topmost(this.list, path) === undefined) {
      if (this.#hidden.has(path)) return true;
      const place = this.find(path, false);
      if (!place.found) return ignore === true;
      const { readOnly, noExec } = place.mount;
      this.list.push({ at: path, content: place.content, by, readOnly, noExec });
    }
    const own = topmost(this.list, path);
    if (own !== undefined) set(own);
    if (ALONE.has(mode)) return true;
    const below = this.list.filter(({ at }) => at !== path && isBelow(at, path));
    if (below.length === 0) return true;
    const others = entries.filter(entry => entry.path !== path && isBelow(entry.path, path));
    for (const mount of below) if (!others.some(other => isBelow(mount.at, other.path))) set(mount);
    return true;
  }
}

/** Applies the entries over the host's files (or over another root). */
export function applyMounts(entries: readonly MountEntry[], host: HostView, root: Root = { path: '/' }): Mounts {
  const provided = entries.flatMap(({ made, source }) => (made === true && source !== undefined ? [source] : []));
  const namespace = new Namespace(host, root, new Set(provided));
  const failures: Mounts['failures'] = [];
  const fail = (by: Assignment, path: string): void => {
    // What lies below may only be missing because of it.
    if (!failures.some(known => known.by === by || isBelow(path, known.path))) failures.push({ by, path });
  };
  const followed = new Map<Pending, number>();
  let pending = normalised(entries.map(pendingEntry));
  for (let next = pending[0]; next !== undefined; next = pending.find(({ applied }) => !applied)) {
    const place = namespace.find(next.path, 'one');
    const steps = followed.get(next) ?? 0;
    if (place.path !== next.path && steps < STEPS_AT_MOST) {
      // One symlink on the way, or one `..`: the entry belongs elsewhere, and the order may be another.
      followed.set(next, steps + 1);
      next.path = place.path;
      pending = normalised(pending);
      continue;
    }
    const isLost = place.path !== next.path || (!place.found && place.errno !== 'ENOENT');
    if (isLost || !namespace.mount(next)) fail(next.by, next.path);
    next.applied = true;
  }
  for (const entry of pending) {
    const { by, path, readOnlyBy } = entry;
    if (readOnlyBy === null) continue;
    const set = (mount: Mount): void => {
      mount.readOnly ??= readOnlyBy;
    };
    if (!namespace.flag(entry, pending, set)) fail(by, path);
  }
  for (const entry of pending) {
    const { by, path, noExecBy, execToo } = entry;
    if (noExecBy === null && !execToo) continue;
    const set = (mount: Mount): void => {
      mount.noExec = noExecBy === null ? null : (mount.noExec ?? noExecBy);
    };
    if (!namespace.flag(entry, pending, set)) fail(by, path);
  }
  const { list, busy } = namespace;
  // The last step: systemd's own mount for later ones must be within reach.
  const incoming = entries.find(({ path }) => path === INCOMING);
  if (incoming !== undefined && failures.length === 0 && topmost(list, INCOMING) === undefined)
    fail(mountOf(list, INCOMING).by ?? incoming.by, INCOMING);
  return { list, busy, failures };
}
