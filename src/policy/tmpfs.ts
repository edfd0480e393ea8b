// The strategy `tmpfs`: the true allow-list. The root is an empty, read-only tmpfs, and what was used is bound into it.
// Sources: systemd.exec(5), TemporaryFileSystem=, Bind*Paths=, MountAPIVFS=; what breaks was tried on systemd 252.

import { basename, join } from 'node:path/posix';
import type { Mode } from '../process/access.ts';
import { isBelow, parentOf } from '../process/resolve.ts';
import type { HostView } from './host-view.ts';
import { KERNEL_TREES, type Need, type PathNeeds, settle } from './path-needs.ts';
import type { Directive } from './policy.ts';
import { quotePath } from './quote.ts';
import { directive, modesText, type PathPlan, writableDirectives } from './strict.ts';

const TEMPORARY: readonly string[] = ['/tmp', '/var/tmp'];
/** So many names of one directory are bound as the directory: every bind is a mount, and thousands of mounts slow a start. */
const BUNDLE = 24;
/** Needed by systemd's own part of the start, or by every program that talks to it. */
const MANAGER: readonly string[] = [
  '/run/systemd/notify',
  '/run/systemd/journal/socket',
  '/run/systemd/journal/stdout',
  '/run/systemd/journal/dev-log',
];

/** Uses of a directory for which an empty one will do. */
const LOOKS: ReadonlySet<Mode> = new Set(['stat', 'chdir', 'chroot']);

const inAny = (path: string, tops: Iterable<string>): boolean => [...tops].some(top => isBelow(path, top));

/** What must be bound read-only, by every name it was asked for: what was used, unless it lies in something that is there anyway. */
function readable(
  needs: PathNeeds,
  writable: readonly Need[],
  host: HostView,
  ownTmp: boolean,
  emptyRoot: boolean,
): Need[] {
  const tops = writable.map(({ path }) => path);
  const wanted = new Map<string, Need>();
  const want = (name: string, need: Need): void => {
    // Where the symlinks of the root (/lib, /bin …) stay, a name is bound where they lead to.
    const path = emptyRoot || name === '/' ? name : join(settle(parentOf(name), host), basename(name));
    if (
      path === '/' ||
      inAny(path, KERNEL_TREES) ||
      inAny(settle(path, host), tops) ||
      (ownTmp && inAny(path, TEMPORARY))
    )
      return;
    if (host.known && host.type(path) === null) return;
    wanted.set(path, { ...need, path });
  };
  for (const [path, need] of needs.used) if (!path.includes('*')) want(path, need);
  for (const [asked, path] of needs.links) {
    const need = needs.used.get(path);
    if (need !== undefined) want(asked, need);
  }
  return bundle(skeleton(whole(wanted), tops));
}

/** What lies below a directory that was listed need not be named: the directory is bound. */
function whole(wanted: Map<string, Need>): Map<string, Need> {
  const listed = [...wanted].filter(([, { modes }]) => modes.has('list')).map(([path]) => path);
  return new Map([...wanted].filter(([path]) => !listed.some(top => top !== path && isBelow(path, top))));
}

/** Directories that were only looked at exist already as parents of what is bound below them. */
function skeleton(wanted: Map<string, Need>, tops: readonly string[]): Map<string, Need> {
  const parents = new Set<string>();
  for (const path of [...wanted.keys(), ...tops])
    for (let at = parentOf(path); at !== '/'; at = parentOf(at)) parents.add(at);
  return new Map(
    [...wanted].filter(([path, { modes }]) => !parents.has(path) || [...modes].some(mode => !LOOKS.has(mode))),
  );
}

/** Directories of which many names were used are bound as a whole. */
function bundle(wanted: Map<string, Need>): Need[] {
  const siblings = new Map<string, Need[]>();
  for (const [path, need] of wanted) {
    const parent = parentOf(path);
    siblings.set(parent, [...(siblings.get(parent) ?? []), { ...need, path }]);
  }
  const bundled: Need[] = [];
  for (const [parent, list] of siblings) {
    const [first] = list;
    if (list.length < BUNDLE || first === undefined || parent === '/' || parent === '/etc') bundled.push(...list);
    else
      bundled.push({
        ...first,
        path: parent,
        modes: new Set(list.flatMap(({ modes }) => [...modes])),
        seen: list.reduce((sum, { seen }) => sum + seen, 0),
        wider: `${list.length} names in it were used, so all of it is there`,
      });
  }
  const tops = bundled.filter(({ wider }) => wider !== undefined).map(({ path }) => path);
  return bundled
    .filter(({ path }) => !tops.some(top => top !== path && isBelow(path, top)))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Symlinked directories, such as /var/run, on the way to what was used: with the old root they are gone. */
function linkedDirectories(needs: PathNeeds, host: HostView): Set<string> {
  const links = new Set<string>();
  for (const path of [...needs.used.keys(), ...needs.links.keys()])
    for (let at = parentOf(path); at !== '/'; at = parentOf(at)) if (host.type(at) === 'symlink') links.add(at);
  return links;
}

/** Directories of hier(7) below the root that can be emptied one by one. */
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

/**
 * The empty places. Usually that is the root. But /run cannot be bound into an empty root beside Protect* settings
 * (226/NAMESPACE for /run/systemd/incoming, systemd 252): a service that creates files in /run itself gets every other tree emptied instead.
 */
function emptyPlaces(writable: readonly Need[], host: HostView, plan: PathPlan): boolean {
  if (!writable.some(({ path }) => path === '/run')) {
    plan.directives.push(
      directive('TemporaryFileSystem', '/:ro', 'an empty root: what is not bound below is not there'),
    );
    plan.directives.push(directive('MountAPIVFS', 'yes', '/proc, /sys and /dev are mounted again'));
    return true;
  }
  const tops = TOPS.filter(top => !host.known || host.type(top) === 'directory');
  plan.directives.push({
    ...directive(
      'TemporaryFileSystem',
      tops.map(top => `${top}:ro`).join(' '),
      'empty trees: what is not bound below is not there',
    ),
    wider: 'the service creates files in /run itself, which cannot be bound into an empty root: all of /run stays',
  });
  plan.directives.push(directive('ProtectSystem', 'strict', 'what remains is read-only'));
  return false;
}

export function tmpfsPaths(needs: PathNeeds, host: HostView): PathPlan {
  const plan: PathPlan = { directives: [], withheld: [], notes: [] };
  const all = [...needs.writable.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const tmpNeeds = [...needs.used.values()].filter(({ path }) => inAny(path, TEMPORARY) && !TEMPORARY.includes(path));
  const ownTmp = !tmpNeeds.some(({ modes }) => modes.has('bind'));
  if (ownTmp)
    plan.directives.push(
      directive(
        'PrivateTmp',
        'yes',
        tmpNeeds.length === 0 ? 'nothing in /tmp was used' : 'files in /tmp were used',
        tmpNeeds,
      ),
    );
  const writable = all.filter(({ path }) => !inAny(path, KERNEL_TREES) && !(ownTmp && inAny(path, TEMPORARY)));
  const emptyRoot = emptyPlaces(writable, host, plan);
  const tops = writable.map(({ path }) => path);
  const inRun = writable.filter(({ path }) => isBelow(path, '/run'));
  writableDirectives('BindPaths', emptyRoot ? writable : writable.filter(need => !inRun.includes(need)), host, plan);
  if (!emptyRoot) writableDirectives('ReadWritePaths', inRun, host, plan);
  for (const need of readable(needs, writable, host, ownTmp, emptyRoot)) {
    // Outside the emptied trees everything is still there.
    if (emptyRoot || TOPS.some(top => isBelow(need.path, top))) pushBind(plan, need, host);
  }
  for (const link of linkedDirectories(needs, host)) {
    const target = host.realpath(link);
    const value = quotePath(link, { colon: true });
    if (target !== null && value !== null && inAny(target, tops) && !inAny(link, tops))
      plan.directives.push(directive('BindPaths', value, `a symlink to ${target}, which is writable`));
  }
  if (!emptyRoot) return plan;
  for (const path of MANAGER)
    if (!inAny(path, tops)) {
      const value = quotePath(path, { prefix: '-', colon: true });
      if (value !== null)
        plan.directives.push(directive('BindReadOnlyPaths', value, 'sockets of systemd and its journal'));
    }
  return plan;
}

function pushBind(plan: PathPlan, need: Need, host: HostView): void {
  const value = quotePath(need.path, { prefix: host.known && host.type(need.path) !== null ? '' : '-', colon: true });
  if (value === null)
    plan.notes.push(`${need.path} is not UTF-8, which systemd refuses in a unit file: bind its directory by hand`);
  else plan.directives.push(bindDirective(value, need));
}

const bindDirective = (value: string, need: Need): Directive => ({
  ...directive(
    'BindReadOnlyPaths',
    value,
    need.inferred === undefined ? modesText(need) : `${modesText(need)} (${need.inferred})`,
    [need],
  ),
});
