// Which trees the strategy `tmpfs` empties, and what comes with it. Sources: systemd.exec(5), TemporaryFileSystem=; tried on systemd 252.

import { isBelow } from '../../process/resolve.ts';
import type { HostView } from '../host-view.ts';
import { quotePath } from '../quote.ts';
import { KERNEL_TREES, type Need, type PathNeeds, reasonOf } from './path-needs.ts';
import { directive } from './path-plan.ts';
import type { PathPlan } from './strict.ts';

/** Directories that are never emptied: the kernel's, those that PrivateTmp= decides about, and /run itself. */
const NEVER_EMPTIED: ReadonlySet<string> = new Set([...KERNEL_TREES, '/run', '/tmp', '/lost+found']);
/** Directories of hier(7) below the root, for a machine that is not known. */
const TOPS: readonly string[] = [
  '/boot',
  '/efi',
  '/etc',
  '/home',
  '/media',
  '/mnt',
  '/opt',
  '/root',
  '/srv',
  '/usr',
  '/var',
];

/** Lists of paths of the unit itself that mean nothing in an empty root. */
const REPLACED: readonly string[] = [
  'ReadWritePaths',
  'ReadOnlyPaths',
  'InaccessiblePaths',
  'ExecPaths',
  'NoExecPaths',
];

/**
 * The empty places: what was `chosen`, else the root. But /run cannot be bound into an empty root beside Protect* settings (226/NAMESPACE for
 * /run/systemd/incoming, systemd 252): a service that creates files in /run itself gets every other tree emptied instead.
 */
export function emptyPlaces(
  needs: PathNeeds,
  writable: readonly Need[],
  host: HostView,
  chosen: readonly string[] | undefined,
  plan: PathPlan,
): readonly string[] {
  const untorn = (trees: readonly string[]): string[] => trees.filter(tree => !isWhole(tree, needs, writable, plan));
  if (chosen !== undefined) return emptyTrees(untorn(chosen), plan, 'only these trees were to be emptied');
  if (!writable.some(({ path }) => path === '/run' || path === '/')) {
    plan.directives.push(
      directive('TemporaryFileSystem', '/:ro', 'an empty root: what is not bound below is not there'),
      directive('MountAPIVFS', 'yes', '/proc, /sys and /dev are mounted again'),
      // For one path, systemd takes a read-only mount before a tmpfs: any of these settings would bring the old root back. And what they name is not there.
      directive('ProtectSystem', 'no', 'there is no system to protect, and any other value would put it back'),
      ...REPLACED.map(name => directive(name, '', 'what the unit said of paths is replaced')),
    );
    return ['/'];
  }
  const tops = (host.entries('/') ?? TOPS.map(top => top.slice(1)))
    .map(name => `/${name}`)
    .filter(top => !NEVER_EMPTIED.has(top) && (!host.known || host.type(top) === 'directory'));
  const wider = 'the service creates files in /run itself, which cannot be bound into an empty root: all of /run stays';
  return emptyTrees(untorn(tops), plan, wider);
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
      ...directive('TemporaryFileSystem', value.join(' '), 'empty trees: what is not bound below is not there'),
      wider,
    });
  plan.directives.push(directive('ProtectSystem', 'strict', 'what remains is read-only'));
  return tops;
}
