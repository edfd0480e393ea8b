// Which permission bits an access takes, and which a user has. Sources: path_resolution(7), inode(7).

import type { Mode, PathAccess } from '../process/access.ts';
import { parentOf } from '../process/resolve.ts';

/** Permission bits, as in one digit of an octal mode. */
export const [R, W, X] = [4, 2, 1];

/** Owner and permission bits of a file. */
export interface Owner {
  uid: number;
  gid: number;
  mode: number;
}

/** Who asks, without capabilities. */
export interface Subject {
  uid: number;
  gids: ReadonlySet<number>;
}

/** One bit that must be there, and what for: `to read /etc/x`. */
export interface Right {
  path: string;
  bit: number;
  why: string;
}

const READS: ReadonlySet<Mode> = new Set(['read', 'list', 'watch', 'map']);
const WRITES: ReadonlySet<Mode> = new Set(['write', 'connect']);
const ENTRIES: ReadonlySet<Mode> = new Set(['create', 'delete', 'bind']);
const ENTERS: ReadonlySet<Mode> = new Set(['chdir', 'chroot']);

export function permits({ uid, gids }: Subject, owner: Owner, bit: number): boolean {
  const bits = owner.uid === uid ? owner.mode >> 6 : gids.has(owner.gid) ? owner.mode >> 3 : owner.mode;
  return (bits & bit) !== 0;
}

/**
 * Of every directory above a path that has to be reached into, from the nearest upwards, what `judge` finds wrong with it. Many paths share
 * their directories, so the answers are remembered.
 */
export function reach<T>(judge: (right: Right) => readonly T[]): (path: string) => readonly T[] {
  const known = new Map<string, readonly T[]>([['/', []]]);
  const into = (directory: string): readonly T[] => {
    const answer = known.get(directory);
    if (answer !== undefined) return answer;
    const found = judge({ path: directory, bit: X, why: `to reach into ${directory}` });
    const above = into(parentOf(directory));
    const all = found.length === 0 ? above : [...found, ...above];
    known.set(directory, all);
    return all;
  };
  return path => into(parentOf(path));
}

/** The bits that an access takes of the file itself and of the directory that holds it, beside reaching it. */
export function rightsFor({ path, mode }: PathAccess): Right[] {
  const rights: Right[] = [];
  if (READS.has(mode)) rights.push({ path, bit: R, why: `to read ${path}` });
  if (WRITES.has(mode)) rights.push({ path, bit: W, why: `to write ${path}` });
  // chdir(2), chroot(2): search permission for the directory itself.
  if (ENTERS.has(mode)) rights.push({ path, bit: X, why: `to enter ${path}` });
  if (ENTRIES.has(mode)) rights.push({ path: parentOf(path), bit: W, why: `to ${mode} ${path}` });
  return rights;
}
