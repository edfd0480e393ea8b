// The strategy `tmpfs`: the true allow-list. The root is an empty, read-only tmpfs, and what was used is bound into it.
// Sources: systemd.exec(5), TemporaryFileSystem=, Bind*Paths=, MountAPIVFS=; what breaks was tried on systemd 252.

import { basename, join } from 'node:path/posix';
import type { Mode } from '../../../process/access.ts';
import { isBelow, parentOf, resolve } from '../../../process/resolve.ts';
import { HOMES } from '../../directives/places.ts';
import type { HostView } from '../../host-view.ts';
import { isInside, nearest, withParents } from '../../path-sets.ts';
import type { Directive } from '../../policy.ts';
import { quotePath } from '../../quote.ts';
import { blockList, type MachineLists } from './block-list.ts';
import { emptyPlaces } from './empty-places.ts';
import {
  allModes,
  KERNEL_TREES,
  literalDirectory,
  type Need,
  nameable,
  type PathNeeds,
  reasonOf,
  settle,
  settleEntry,
} from './needs.ts';
import { ownPlaces } from './own-place.ts';
import type { PathPlan } from './plan.ts';
import { directive, inAny, modesText, optionalToWrite, writableDirectives } from './plan.ts';
import {
  noExecDirectives,
  privateTmp,
  protectHome,
  readOnlyRun,
  readOnlySharedMemory,
  TEMPORARY,
  untouchedDirectives,
} from './private-places.ts';
import { unusedIn } from './renewed.ts';
import { strictPaths } from './strict.ts';

/** So many names of one directory are bound as the directory: every bind is a mount, and thousands of mounts slow a start. */
const BUNDLE = 24;
/** Needed by systemd's own part of the start, or by every program that talks to it. */
const MANAGER: readonly string[] = [
  '/run/systemd/notify',
  '/run/systemd/journal/socket',
  '/run/systemd/journal/stdout',
  '/run/systemd/journal/dev-log',
];

/** Where systemd-logind makes a directory for each user who is logged in. */
const SESSIONS = '/run/user';

/** Uses of a directory for which an empty one will do. */
const LOOKS: ReadonlySet<Mode> = new Set(['stat', 'chdir', 'chroot']);

/** What must be bound read-only, by every name it was asked for: what was used, unless it lies in something that is there anyway. */
function readable(
  needs: PathNeeds,
  writable: readonly Need[],
  host: HostView,
  ownTmp: boolean,
  isEmptied: (path: string) => boolean,
  names: ReadonlyMap<string, Alias>,
): Need[] {
  const tops = new Set(writable.map(({ path }) => path));
  const wanted = new Map<string, Need>();
  const want = (name: string, need: Need): void => {
    // Where symlinks stay (/lib, /bin …), a name is bound where they lead to.
    const path = isEmptied(name) || name === '/' ? name : join(settle(parentOf(name), host), basename(name));
    if (
      path === '/' ||
      inAny(path, KERNEL_TREES) ||
      // In a directory that is bound, a symlink is a symlink: it may be the service's own, and gone after a boot.
      nearest(settleEntry(path, host), tops) !== undefined ||
      nearest(settle(path, host), tops) !== undefined ||
      nearest(name, names) !== undefined ||
      (ownTmp && inAny(path, TEMPORARY)) ||
      // There is an empty one: see emptyHomes.
      (HOMES.includes(path) && [...need.modes].every(mode => LOOKS.has(mode)))
    )
      return;
    const named = nameable(path);
    wanted.set(named.path, { ...need, ...named });
  };
  for (const [path, need] of needs.used)
    if (need.pattern !== true) want(path, need);
    else want(literalDirectory(path), { ...need, wider: `${path} is a pattern for names that change` });
  for (const [asked, path] of needs.links) {
    const need = needs.used.get(path);
    if (need !== undefined) want(asked, need);
  }
  const { links, programs } = ownPlaces(needs, host);
  for (const need of programs) want(need.path, need);
  for (const need of links) want(need.path, need);
  for (const need of needs.renewed.values()) want(need.path, need);
  for (const need of needs.refused.values()) if (!wanted.has(need.path)) want(need.path, need);
  const entire = new Set([...links.map(({ path }) => path), ...needs.renewed.keys(), ...needs.refused.keys()]);
  const bound = bundle(skeleton(whole(wanted, entire), tops));
  return [...bound, ...linkedFrom(bound, wanted, tops, host)];
}

/** In a directory that is bound as a whole, symlinks are symlinks: what they lead to must be there too. */
function linkedFrom(
  bound: readonly Need[],
  wanted: Map<string, Need>,
  tops: ReadonlySet<string>,
  host: HostView,
): Need[] {
  const whole = new Set(bound.map(({ path }) => path));
  const isThere = (path: string): boolean => nearest(path, tops) !== undefined || nearest(path, whole) !== undefined;
  return [...wanted.values()].flatMap(need => {
    if (nearest(parentOf(need.path), whole) === undefined) return [];
    // Below /proc they lead to whoever asks: /etc/mtab. All of it is there.
    const lost = steps(need.path, host).find(path => !isThere(path) && !inAny(path, KERNEL_TREES));
    return lost === undefined ? [] : [{ ...need, path: lost }];
  });
}

/** As many symlinks as path_resolution(7) follows. */
const LINKS_AT_MOST = 40;

/** What a name leads to, one symlink after the other: `libblas.so.3` → `/etc/alternatives/…` → a library. */
function steps(path: string, host: HostView): string[] {
  const found: string[] = [];
  let at = settleEntry(path, host);
  for (let text = host.link(at); text !== null && found.length < LINKS_AT_MOST; text = host.link(at)) {
    const target = resolve(text, parentOf(at), '/');
    if (target === null) break;
    at = settleEntry(target, host);
    found.push(at);
  }
  return found;
}

/** What lies below a directory that was listed, or is needed in its entirety, need not be named: the directory is bound. */
function whole(wanted: Map<string, Need>, entire: ReadonlySet<string>): Map<string, Need> {
  const isBound = (path: string, { modes }: Need): boolean => modes.has('list') || entire.has(path);
  const listed = new Set([...wanted].filter(([path, need]) => isBound(path, need)).map(([path]) => path));
  return new Map([...wanted].filter(([path]) => !isInside(path, listed)));
}

/** Directories that were only looked at exist already as parents of what is bound below them. */
function skeleton(wanted: Map<string, Need>, tops: ReadonlySet<string>): Map<string, Need> {
  const parents = withParents([...wanted.keys(), ...tops].map(parentOf));
  parents.delete('/');
  return new Map(
    [...wanted].filter(([path, { modes }]) => !parents.has(path) || [...modes].some(mode => !LOOKS.has(mode))),
  );
}

/** Directories of which many names were used are bound as a whole. */
function bundle(wanted: Map<string, Need>): Need[] {
  const siblings = new Map<string, Need[]>();
  for (const [path, need] of wanted) {
    const parent = parentOf(path);
    const list = siblings.get(parent) ?? [];
    list.push({ ...need, path });
    siblings.set(parent, list);
  }
  const bundled: Need[] = [];
  for (const [parent, list] of siblings) {
    const [first] = list;
    if (list.length < BUNDLE || first === undefined || parent === '/' || parent === '/etc') bundled.push(...list);
    else
      bundled.push({
        ...first,
        path: parent,
        modes: allModes(list),
        seen: list.reduce((sum, { seen }) => sum + seen, 0),
        wider: `${list.length} names in it were used, so all of it is there`,
      });
  }
  const tops = new Set(bundled.filter(({ wider }) => wider !== undefined).map(({ path }) => path));
  return bundled.filter(({ path }) => !isInside(path, tops)).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What a name means that leads by a symlink into a place that must be writable. */
interface Alias {
  source: string;
  /** The writable place in which it lies. */
  top: string;
}

/**
 * Other names of what is writable, through symlinks such as /var/run, or /etc/resolv.conf: with the old root the symlinks are gone. The
 * symlink, as far as this host knows it, → what it leads to.
 */
function aliases(needs: PathNeeds, tops: ReadonlySet<string>, host: HostView): Map<string, Alias> {
  const found = new Map<string, Alias>();
  for (const name of [...needs.used.keys(), ...needs.links.keys()]) {
    const path = needs.links.get(name) ?? settle(name, host);
    const top = nearest(path, tops);
    // /proc, /sys and /dev are there, with their own symlinks; some of them are another process's than this one's.
    if (top === undefined || path === name || inAny(name, KERNEL_TREES)) continue;
    const alias = symlinkInto(name, top, host) ?? sameEnd(name, path, top) ?? { name, source: path };
    if (nearest(alias.name, tops) === undefined) found.set(alias.name, { source: alias.source, top });
  }
  return found;
}

/** The part of a name, from its beginning, that leads into `top` on this host. */
function symlinkInto(name: string, top: string, host: HostView): { name: string; source: string } | null {
  for (let end = name.indexOf('/', 1); ; end = name.indexOf('/', end + 1)) {
    const part = end < 0 ? name : name.slice(0, end);
    const source = settle(part, host);
    if (isBelow(source, top)) return { name: part, source };
    if (end < 0) return null;
  }
}

/** Where nothing is known of the host: what stands before the end that both names have. */
function sameEnd(name: string, path: string, top: string): { name: string; source: string } | null {
  const rest = path.slice(top.length);
  const alias = name.slice(0, name.length - rest.length);
  return name.endsWith(rest) && alias !== '' ? { name: alias, source: top } : null;
}

/** Are the homes out of reach but for what is bound? The directive for it is added to the plan. */
function hidesHomes(needs: PathNeeds, emptied: readonly string[], host: HostView, plan: PathPlan): boolean {
  const emptyRoot = emptied.includes('/');
  const session = [...needs.used.values()].find(({ path }) => path !== SESSIONS && isBelow(path, SESSIONS));
  // Directories of sessions come and go while the service runs: bound at its start, they would not be these. And where /run is bound, an empty
  // file system would lie over this part of it.
  const isWhole = needs.writable.has('/run') || needs.used.get('/run')?.modes.has('list') === true;
  if (session !== undefined && (!emptyRoot || isWhole)) {
    const because = `${session.path} was used, which ${emptyRoot ? 'is part of all of /run' : 'comes and goes'}`;
    plan.withheld.push({ name: 'ProtectHome', value: 'tmpfs', because, evidence: session.facts.map(reasonOf) });
    return false;
  }
  // In an empty root they are out of reach anyway.
  return protectHome(needs, 'tmpfs', emptied, host, plan) || emptyRoot;
}

/** `bound`: whether a path is itself bound; an empty file system there would lie over it (seen on systemd 252). */
function emptyHomes(needs: PathNeeds, bound: (path: string) => boolean, plan: PathPlan): void {
  const isTmpfs = plan.directives.some(({ name, value }) => name === 'ProtectHome' && value === 'tmpfs');
  const [homes, because] = isTmpfs
    ? [['/home', '/root'], 'ProtectHome=tmpfs alone lets files be made there']
    : [HOMES.filter(path => needs.used.has(path)), 'an empty directory will do'];
  const words = homes.filter(path => !bound(path)).map(path => `${path}:ro`);
  if (words.length > 0) plan.directives.push(directive('TemporaryFileSystem', words.join(' '), because));
}

/** Of these, more is there than the service has to do with when they are bound for a name in them. */
const WHOLE: readonly string[] = ['/etc', '/run'];
/** systemd's own part of the start needs these. */
const KEPT: readonly string[] = ['/run/systemd', '/run/credentials'];

/** InaccessiblePaths= for the directories of a place that is bound as a whole, in which nothing was used. */
function hideUnused(top: string, needs: PathNeeds, host: HostView, plan: PathPlan): void {
  const used = [
    ...needs.used.keys(),
    ...needs.links.keys(),
    ...needs.writable.keys(),
    ...needs.renewed.keys(),
    // Hidden, they would answer EACCES to whoever is not root: perl(1) ends where it looks for a module so.
    ...needs.sought,
    ...KEPT,
  ];
  const words = unusedIn(top, [...used, ...used.map(path => settle(path, host))], host);
  const value = words.flatMap(path => quotePath(path, { prefix: '-' }) ?? []).join(' ');
  if (value !== '')
    plan.directives.push(
      directive('InaccessiblePaths', value, `nothing in them was used, though all of ${top} is there`),
    );
}

/** `chosen`: trees to be emptied instead of the root. */
export function tmpfsPaths(
  needs: PathNeeds,
  host: HostView,
  chosen: readonly string[] | undefined,
  lists: MachineLists | null,
): PathPlan {
  const plan: PathPlan = { directives: [], withheld: [], notes: [] };
  const root = needs.writable.get('/');
  if (root !== undefined) {
    const instead = strictPaths(needs, host, false, lists);
    instead.withheld.push({
      name: 'TemporaryFileSystem',
      value: '/:ro',
      because: 'names in / itself are made or deleted',
      evidence: root.facts.map(reasonOf),
    });
    return instead;
  }
  const all = [...needs.writable.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const ownTmp = privateTmp(needs, host, plan);
  const writable = all.filter(({ path }) => !inAny(path, KERNEL_TREES) && !(ownTmp && inAny(path, TEMPORARY)));
  const emptied = emptyPlaces(needs, writable, chosen, plan);
  const emptyRoot = emptied.includes('/');
  const hidden = hidesHomes(needs, emptied, host, plan) ? [...emptied, ...HOMES] : emptied;
  const isEmptied = (path: string): boolean => inAny(path, hidden);
  const tops = new Set(writable.map(({ path }) => path));
  writableDirectives(
    'BindPaths',
    writable.filter(({ path }) => isEmptied(path)),
    host,
    plan,
  );
  writableDirectives(
    'ReadWritePaths',
    writable.filter(({ path }) => !isEmptied(path)),
    host,
    plan,
  );
  // Outside the emptied trees everything is still there.
  const names = aliases(needs, tops, host);
  const bound = readable(needs, writable, host, ownTmp, isEmptied, names).filter(
    // Of an unknown host nobody knows which names lead into them, as /lib does: binding what is there anyway does no harm.
    ({ path }) => isEmptied(path) || !host.known,
  );
  const there = new Set(bound.map(({ path }) => path));
  if (emptyRoot) emptyHomes(needs, path => tops.has(path) || there.has(path), plan);
  for (const need of bound) pushBind(plan, need, host);
  for (const [alias, { source, top }] of names) {
    const provided = source === top ? needs.writable.get(top)?.provided : undefined;
    const [place, name] = [quotePath(source, { colon: true }), quotePath(alias, { colon: true })];
    if (place !== null && name !== null && isEmptied(alias))
      plan.directives.push(
        directive(
          'BindPaths',
          pair(optionalToWrite({ path: source, provided }, host), place, name),
          `a name of ${source}, through a symlink`,
        ),
      );
  }
  for (const top of WHOLE) if (there.has(top)) hideUnused(top, needs, host, plan);
  if (emptyRoot)
    for (const path of MANAGER)
      if (nearest(path, tops) === undefined && nearest(path, there) === undefined)
        plan.directives.push(directive('BindReadOnlyPaths', `-${path}`, 'sockets of systemd and its journal'));
  untouchedDirectives(needs, writable, host, lists !== null, plan);
  if (!emptyRoot) readOnlyRun(writable, plan);
  readOnlySharedMemory(needs, plan);
  noExecDirectives(needs, writable, ownTmp, host, plan);
  const visible = (path: string): boolean =>
    isInside(path, there) || nearest(path, tops) !== undefined || !isEmptied(path);
  if (lists !== null) plan.directives.push(...blockList(needs, host, { ...lists, programs: true, visible }));
  return plan;
}

/** `SOURCE:NAME` of Bind*Paths=; quoted as one word when either needs it. */
const pair = (prefix: string, source: string, name: string): string =>
  source.startsWith('"') || name.startsWith('"')
    ? `"${prefix}${unquoted(source)}:${unquoted(name)}"`
    : `${prefix}${source}:${name}`;

const unquoted = (word: string): string => (word.startsWith('"') ? word.slice(1, -1) : word);

/** Is this a directory that equals an empty one, which is root's? It need not even be this one. */
function isEmptyEnough({ path, modes }: Need, host: HostView): boolean {
  const real = host.realpath(path);
  const owner = host.owner(path);
  return (
    [...modes].every(mode => LOOKS.has(mode)) &&
    real !== null &&
    host.type(real) === 'directory' &&
    owner?.uid === 0 &&
    owner.gid === 0 &&
    (owner.mode & 0o7777) === 0o755
  );
}

function pushBind(plan: PathPlan, need: Need, host: HostView): void {
  if (isEmptyEnough(need, host)) {
    const empty = quotePath(need.path, { colon: true });
    if (empty !== null)
      plan.directives.push(
        directive('TemporaryFileSystem', pair('', empty, 'ro'), `${modesText(need)}: an empty directory will do`, [
          need,
        ]),
      );
    return;
  }
  // What was only read may be gone one day: then it is missing, as it would be without a sandbox, and no reason not to start.
  const value = quotePath(need.path, { prefix: '-', colon: true });
  if (value !== null) plan.directives.push(bindDirective(value, need, host));
}

/** A mount shows more than a name: what was only looked at can be read too, and what was listed is there with all that is in it. */
function widerThanSeen({ path, modes }: Need, host: HostView): Pick<Need, 'wider'> {
  if (modes.has('list')) return { wider: 'it was listed, so all of it is there' };
  if ([...modes].some(mode => !LOOKS.has(mode))) return {};
  const real = host.realpath(path);
  const inside = real !== null && host.type(real) === 'directory' ? 'all of it is there' : 'it can be read';
  return { wider: `it was only looked at, but ${inside}` };
}

const bindDirective = (value: string, need: Need, host: HostView): Directive => ({
  ...directive(
    'BindReadOnlyPaths',
    value,
    need.inferred === undefined ? modesText(need) : `${modesText(need)} (${need.inferred})`,
    [{ ...widerThanSeen(need, host), ...need }],
  ),
});
