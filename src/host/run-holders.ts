// Who holds what lies in /run: open files, working directories and bound sockets of every process, and the process that a pid file names.
// It only looks. Sources: proc_pid_fd(5), proc_pid_net(5) (unix), proc_pid_status(5).

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** One process of this machine, as far as it holds something in /run. */
export interface Holder {
  /** It belongs to the unit that was asked about. */
  own: boolean;
  /** Its effective uid. */
  uid: number;
  /** Paths below /run, as the kernel names them. */
  holds: string[];
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

const link = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};

const names = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

/** `/var/run` and `/var/lock` are other names of the same directories. */
export const inRun = (path: string): string =>
  path.replace(/^\/var\/(?=run\/|lock\/)/, '/').replace(/^\/lock\//, '/run/lock/');

const isInRun = (path: string): boolean => path.startsWith('/run/');

/** Inode → path of the sockets that are bound in /run, of one network namespace. */
function boundSockets(pid: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of read(`/proc/${pid}/net/unix`).split('\n')) {
    const [, inode, path] = /^\S+ \S+ \S+ \S+ \S+ \S+ +(\d+) (\/.*)$/.exec(line) ?? [];
    if (inode !== undefined && path !== undefined && isInRun(inRun(path))) found.set(inode, inRun(path));
  }
  return found;
}

const isOf = (unit: string, pid: string): boolean =>
  read(`/proc/${pid}/cgroup`)
    .split('\n')
    .some(line => `${line}/`.includes(`/${unit}/`));

/** Every process, with what it holds in /run. */
export function holdersInRun(unit: string): Holder[] {
  const namespaces = new Map<string, Map<string, string>>();
  return names('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(pid => {
      const namespace = link(`/proc/${pid}/ns/net`);
      const sockets = namespaces.get(namespace) ?? boundSockets(pid);
      namespaces.set(namespace, sockets);
      const open = [`/proc/${pid}/cwd`, ...names(`/proc/${pid}/fd`).map(fd => `/proc/${pid}/fd/${fd}`)].map(link);
      const holds = open.flatMap(target => sockets.get(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '') ?? inRun(target));
      const uid = Number(/^Uid:\s*\d+\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
      return { own: isOf(unit, pid), uid, holds: holds.filter(isInRun) };
    });
}

/** Whether a file at or below `path` holds nothing but the number of a process that runs and does not belong to the unit. */
export function namesOther(path: string, unit: string): boolean {
  const below = names(path);
  if (below.length > 0) return below.some(name => /\.pid$/.test(name) && namesOther(join(path, name), unit));
  const pid = /^\s*(\d{1,10})\s*$/.exec(/\.pid$/.test(path) ? read(path) : '')?.[1];
  return pid !== undefined && read(`/proc/${pid}/cgroup`) !== '' && !isOf(unit, pid);
}
