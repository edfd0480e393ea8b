// How deep a name is kept apart. Whoever asks about paths goes from each of them up to the root, so that names of two thousand directories
// (which PATH_MAX allows, and nobody uses) would take a thousand times their length.

import type { Access, PathAccess } from '../process/access.ts';

/** Components of a name at most; what is deeper is `DIRECTORY/*`. */
export const DEPTH = 64;

/** Nothing shorter is deeper: a component has a slash and a character. */
const SHORTEST = 2 * DEPTH;

/** The first components of a path that is too deep; null of others. */
function shallow(path: string): string | null {
  if (path.length <= SHORTEST) return null;
  let at = 0;
  for (let depth = 1; depth <= DEPTH; depth++) {
    at = path.indexOf('/', at + 1);
    if (at < 0) return null;
  }
  return `${path.slice(0, at)}/*`;
}

function shallowPath(access: PathAccess): PathAccess | null {
  const path = shallow(access.path);
  if (path === null && (access.asked === undefined || shallow(access.asked) === null)) return null;
  const { asked: _, ...rest } = access;
  return path === null ? rest : { ...rest, path, pattern: true };
}

/** An access with names that are deep enough; null where they are. */
export function shallower(access: Access): Access | null {
  if (access.kind === 'path') return shallowPath(access);
  if (access.kind !== 'move') return null;
  const [from, to] = [shallow(access.from), shallow(access.to)];
  return from === null && to === null ? null : { ...access, from: from ?? access.from, to: to ?? access.to };
}
