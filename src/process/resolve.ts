// Path arithmetic as path_resolution(7) has it, without looking at any file system: lexical, on the host's tree.

import { DOT, SLASH } from '../strace/characters.ts';

/** Removes `//`, `/./`, a trailing `/` and `..` (which never climbs above `root`). `path` is absolute. */
export function normalise(path: string, root = '/'): string {
  if (isPlain(path)) return path;
  const inside = isBelow(path, root);
  const floor = inside && root !== '/' ? root.split('/').length - 1 : 0;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > floor) parts.pop();
  }
  return `/${parts.join('/')}`;
}

/** Has it nothing that could be removed? Most paths have not. */
function isPlain(path: string): boolean {
  const last = path.length - 1;
  for (let i = 0; i < last; i++) {
    if (path.charCodeAt(i) !== SLASH) continue;
    const next = path.charCodeAt(i + 1);
    if (next === SLASH || next === DOT) return false;
  }
  return last === 0 || path.charCodeAt(last) !== SLASH;
}

/** Is `path` the directory `top` or something below it? Both normalised. */
export function isBelow(path: string, top: string): boolean {
  return top === '/' || path === top || (path.startsWith(top) && path.charCodeAt(top.length) === SLASH);
}

/** The parent directory of a normalised absolute path; `/` is its own. */
export function parentOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut <= 0 ? '/' : path.slice(0, cut);
}

/**
 * The host path that `named` means for a process with root directory `root`, relative to `base` (null: unknown).
 * Null when it cannot be told.
 */
export function resolve(named: string, base: string | null, root: string): string | null {
  if (named.startsWith('/')) return normalise(root === '/' ? named : `${root}${named}`, root);
  if (base === null) return null;
  return normalise(named === '' ? base : `${base}/${named}`, root);
}
