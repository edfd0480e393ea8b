// The order in which systemd makes mounts, and which of them it leaves out: directories before what lies in them, of two for one path
// the stricter. Source: normalize_mounts() in src/core/namespace.c of systemd 252.

import { isBelow } from '../../process/resolve.ts';
import { MOUNT_MODES } from '../directives/row.ts';
import type { Assignment } from '../findings.ts';
import type { MountEntry } from './mount-entries.ts';

/** Work on an entry while it is applied. */
export interface Pending extends MountEntry {
  applied: boolean;
  /** Whose flags it took over when duplicates were dropped. */
  readOnlyBy: Assignment | null;
  noExecBy: Assignment | null;
  execToo: boolean;
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
  return MOUNT_MODES.indexOf(a.mode) - MOUNT_MODES.indexOf(b.mode) || Number(b.flat === true) - Number(a.flat === true);
}

const isReadOnly = (entry: MountEntry): boolean =>
  entry.readOnly === true || entry.mode === 'read-only' || entry.mode === 'inaccessible';
const isNoExec = (entry: MountEntry): boolean =>
  ['noexec', 'inaccessible', 'private-sysfs', 'sysfs', 'procfs', 'private-cgroup'].includes(entry.mode);

/** An entry as it is before anything is mounted. */
export const pendingEntry = (entry: MountEntry): Pending => ({
  ...entry,
  applied: false,
  readOnlyBy: isReadOnly(entry) || entry.mode === 'private-dev' ? entry.by : null,
  noExecBy: isNoExec(entry) || entry.mode === 'private-dev' ? entry.by : null,
  execToo: entry.mode === 'exec',
});

/** Of entries for one path the first is kept, with the flags of the others; below what is inaccessible nothing is kept; repetitions go. */
export function normalised(entries: readonly Pending[]): Pending[] {
  const sorted = [...entries].sort(compare);
  const distinct: Pending[] = [];
  for (const entry of sorted) {
    const last = distinct.at(-1);
    if (last === undefined || last.path !== entry.path || last.applied || entry.applied) distinct.push(entry);
    else {
      // The flags of the small /dev are its mode's, and go with it.
      if (entry.mode !== 'private-dev') {
        last.readOnlyBy ??= entry.readOnlyBy;
        last.noExecBy ??= entry.noExecBy;
      }
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
