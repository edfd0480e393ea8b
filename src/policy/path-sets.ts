// Sets of paths that are asked what lies above or below a path. An answer takes as long as the path is deep, however large the set is.

import { parentOf } from '../process/resolve.ts';

/** The nearest of `tops` (or the key of a map) at or above a path; undefined when there is none. Paths are normalised. */
export function nearest(path: string, tops: { has(path: string): boolean }): string | undefined {
  for (let at = path; ; at = parentOf(at)) {
    if (tops.has(at)) return at;
    if (at === '/') return undefined;
  }
}

/** Does a path lie below one of `tops`? */
export const isInside = (path: string, tops: { has(path: string): boolean }): boolean =>
  path !== '/' && nearest(parentOf(path), tops) !== undefined;

/** These paths and all directories above them: it has a directory exactly when one of the paths lies at or below it. */
export function withParents(paths: Iterable<string>): Set<string> {
  const found = new Set<string>();
  for (const path of paths) for (let at = path; !found.has(at); at = parentOf(at)) found.add(at);
  return found;
}
