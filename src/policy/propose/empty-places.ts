// Which trees the strategy `tmpfs` empties, and what comes with it. Sources: systemd.exec(5), TemporaryFileSystem=; tried on systemd 252.

import { isBelow } from '../../process/resolve.ts';
import type { HostView } from '../host-view.ts';
import { quotePath } from '../quote.ts';
import { KERNEL_TREES, type Need, reasonOf } from './path-needs.ts';
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
  writable: readonly Need[],
  host: HostView,
  chosen: readonly string[] | undefined,
  plan: PathPlan,
): readonly string[] {
  if (chosen !== undefined)
    return emptyTrees(untorn(chosen, writable, plan), plan, 'only these trees were to be emptied');
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
  return emptyTrees(untorn(tops, writable, plan), plan, wider);
}

/**
 * A tree that is, or lies in, a directory which must be writable as a whole stays as it is: for one path, what binds it does not come through
 * a read-only tmpfs (EROFS, systemd 252).
 */
function untorn(chosen: readonly string[], writable: readonly Need[], plan: PathPlan): string[] {
  return chosen.filter(top => {
    const above = writable.find(({ path }) => isBelow(top, path));
    if (above === undefined) return true;
    const because = `${above.path === top ? 'it' : `${above.path}, in which it lies,`} must be writable as a whole`;
    plan.withheld.push({
      name: 'TemporaryFileSystem',
      value: `${top}:ro`,
      because,
      evidence: above.facts.map(reasonOf),
    });
    return false;
  });
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
