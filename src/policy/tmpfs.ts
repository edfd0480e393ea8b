// The strategy `tmpfs`: the true allow-list. The root is an empty, read-only tmpfs, and what was used is bound into it.
// Sources: systemd.exec(5), TemporaryFileSystem=, Bind*Paths=, MountAPIVFS=; what breaks was tried on systemd 252.

import { isBelow, parentOf } from '../process/resolve.ts';
import type { HostView } from './host-view.ts';
import { KERNEL_TREES, type Need, type PathNeeds } from './path-needs.ts';
import type { Directive } from './policy.ts';
import { quotePath } from './quote.ts';
import { directive, modesText, type PathPlan, writableDirectives } from './strict.ts';

const TEMPORARY: readonly string[] = ['/tmp', '/var/tmp'];
/** So many names of one directory are bound as the directory: every bind is a mount, and thousands of mounts slow a start. */
const BUNDLE = 24;
/** Directories that are there as parents of what is bound: that they were looked at is no reason to bind all of them. */
const SKELETON: ReadonlySet<string> = new Set([
  '/',
  '/bin',
  '/boot',
  '/etc',
  '/home',
  '/lib',
  '/lib64',
  '/mnt',
  '/opt',
  '/root',
  '/run',
  '/sbin',
  '/srv',
  '/usr',
  '/usr/bin',
  '/usr/lib',
  '/usr/lib64',
  '/usr/local',
  '/usr/sbin',
  '/usr/share',
  '/var',
  '/var/cache',
  '/var/lib',
  '/var/log',
  '/var/run',
  '/var/spool',
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
]);
/** Needed by systemd's own part of the start, or by every program that talks to it. */
const MANAGER: readonly string[] = [
  '/run/systemd/notify',
  '/run/systemd/journal/socket',
  '/run/systemd/journal/stdout',
  '/run/systemd/journal/dev-log',
];

const inAny = (path: string, tops: Iterable<string>): boolean => [...tops].some(top => isBelow(path, top));

/** What must be bound read-only: what was used, unless it lies in something that is there anyway. */
function readable(needs: PathNeeds, writable: readonly Need[], host: HostView, ownTmp: boolean): Need[] {
  const tops = writable.map(({ path }) => path);
  const wanted = new Map<string, Need>();
  const want = (path: string, need: Need): void => {
    if (SKELETON.has(path) && !need.modes.has('list')) return;
    if (inAny(path, KERNEL_TREES) || inAny(path, tops) || (ownTmp && inAny(path, TEMPORARY))) return;
    if (host.known && host.type(path) === null) return;
    wanted.set(path, need);
  };
  for (const [path, need] of needs.used) if (!path.includes('*')) want(path, need);
  for (const [asked, path] of needs.links) {
    const need = needs.used.get(path);
    if (need !== undefined) want(asked, need);
  }
  return bundle(drop(wanted));
}

/** What lies below something wanted whole need not be named. A directory is whole when it was listed. */
function drop(wanted: Map<string, Need>): Map<string, Need> {
  const whole = [...wanted].filter(([, { modes }]) => modes.has('list')).map(([path]) => path);
  return new Map([...wanted].filter(([path]) => !whole.some(top => top !== path && isBelow(path, top))));
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

/** Symlinks on the way to what was used: they are gone with the old root, so their place is bound as well. */
function linkBinds(needs: PathNeeds, host: HostView): string[] {
  const links = new Set<string>();
  for (const path of [...needs.used.keys(), ...needs.links.keys()])
    for (let at = path; at !== '/'; at = parentOf(at)) if (host.type(at) === 'symlink') links.add(at);
  return [...links];
}

export function tmpfsPaths(needs: PathNeeds, host: HostView): PathPlan {
  const plan: PathPlan = { directives: [], withheld: [], notes: [] };
  const all = [...needs.writable.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const tmpNeeds = [...needs.used.values()].filter(({ path }) => inAny(path, TEMPORARY) && !TEMPORARY.includes(path));
  const ownTmp = !tmpNeeds.some(({ modes }) => modes.has('bind'));
  plan.directives.push(directive('TemporaryFileSystem', '/:ro', 'an empty root: what is not bound below is not there'));
  plan.directives.push(directive('MountAPIVFS', 'yes', '/proc, /sys and /dev are mounted again'));
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
  writableDirectives('BindPaths', writable, host, plan);
  const tops = writable.map(({ path }) => path);
  for (const need of readable(needs, writable, host, ownTmp)) pushBind(plan, need, host);
  for (const link of linkBinds(needs, host)) {
    const target = host.realpath(link);
    if (target === null || (SKELETON.has(target) === false && host.type(target) !== 'directory') || inAny(link, tops))
      continue;
    linkDirective(plan, needs, link, target, tops);
  }
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

/** A symlinked directory such as /var/run or /lib: what was used below its target appears below its name too. */
function linkDirective(plan: PathPlan, needs: PathNeeds, link: string, target: string, tops: readonly string[]): void {
  const value = quotePath(link, { colon: true });
  if (value === null) return;
  const below = tops.find(top => isBelow(target, top) || isBelow(top, target));
  if (below !== undefined && isBelow(target, below)) {
    plan.directives.push(directive('BindPaths', value, `a symlink to ${target}, which is writable`));
    return;
  }
  const used = [...needs.used.values()].filter(({ path }) => isBelow(path, target) && path !== target);
  const [first] = used;
  if (first === undefined) return;
  plan.directives.push({
    ...directive('BindReadOnlyPaths', value, `a symlink to ${target}, below which files were used`, used),
    wider: `all of ${target} appears there: systemd cannot make the symlink itself`,
  });
}
