// Path arithmetic as path_resolution(7) has it, without looking at any file system: lexical, on the host's tree.

/** Removes `//`, `/./`, a trailing `/` and `..` (which never climbs above `root`). `path` is absolute. */
export function normalise(path: string, root = '/'): string {
  if (!path.includes('//') && !path.includes('/.') && (path.length === 1 || !path.endsWith('/'))) return path;
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

/** Is `path` the directory `top` or something below it? Both normalised. */
export function isBelow(path: string, top: string): boolean {
  return top === '/' || path === top || (path.startsWith(top) && path.charCodeAt(top.length) === 47);
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
