// Which trees the strategy `tmpfs` empties, and what comes with it. Sources: systemd.exec(5), TemporaryFileSystem=; tried on systemd 252.

import { isBelow } from '../../../process/resolve.ts';
import { quotePath } from '../../quote.ts';
import { type Need, type PathNeeds, reasonOf } from './needs.ts';
import type { PathPlan } from './plan.ts';
import { directive } from './plan.ts';

/** Lists of paths of the unit itself that mean nothing in an empty root. */
const REPLACED: readonly string[] = [
  'ReadWritePaths',
  'ReadOnlyPaths',
  'InaccessiblePaths',
  'ExecPaths',
  'NoExecPaths',
];

/** The empty places: the root, or what was `chosen`. */
export function emptyPlaces(
  needs: PathNeeds,
  writable: readonly Need[],
  chosen: readonly string[] | undefined,
  plan: PathPlan,
): readonly string[] {
  if (chosen !== undefined) {
    const trees = chosen.filter(tree => !isWhole(tree, needs, writable, plan));
    return emptyTrees(trees, plan, 'only these trees were to be emptied');
  }
  plan.directives.push(
    directive('TemporaryFileSystem', '/:ro', 'an empty root: only the paths bound below exist'),
    directive('MountAPIVFS', 'yes', '/proc, /sys and /dev are mounted again'),
    // For one path, systemd takes a read-only mount before a tmpfs: any of these settings would bring the old root back. And what they name is not there.
    directive('ProtectSystem', 'no', 'there is no system to protect, and any other value would put it back'),
    ...REPLACED.map(name => directive(name, '', 'what the unit said of paths is replaced')),
  );
  return ['/'];
}

/** Is all of a tree needed? Then it stays as it is: for one path, a tmpfs lies over what is bound there (seen on systemd 252). */
function isWhole(tree: string, { used }: PathNeeds, writable: readonly Need[], plan: PathPlan): boolean {
  const above = writable.find(({ path }) => isBelow(tree, path));
  const itself = used.get(tree);
  const need = above ?? (itself?.modes.has('list') === true ? itself : undefined);
  if (need === undefined) return false;
  plan.withheld.push({
    name: 'TemporaryFileSystem',
    value: `${tree}:ro`,
    because: above === undefined ? `${tree} was listed` : `${above.path} must be writable as a whole`,
    evidence: need.facts.map(reasonOf),
  });
  return true;
}

function emptyTrees(tops: readonly string[], plan: PathPlan, wider: string): readonly string[] {
  const value = tops.flatMap(top => quotePath(top, { colon: true }) ?? []).map(top => `${top}:ro`);
  if (value.length > 0)
    plan.directives.push({
      ...directive('TemporaryFileSystem', value.join(' '), 'empty trees: only the paths bound below exist'),
      wider,
    });
  plan.directives.push(directive('ProtectSystem', 'strict', 'what remains is read-only'));
  return tops;
}
