// What others make or replace while the service runs: a mount of a file holds that file, not its name. In an empty root the directory is
// bound instead, which is wider and says so. Sources: mount(8), bind mounts; rename(2); unix(7); systemd.exec(5), RuntimeDirectory=.

import { isBelow, parentOf } from '../../../process/resolve.ts';
import { appearedLater, readAgain } from '../../../profile/chronology.ts';
import type { Fact, Profile } from '../../../profile/profile.ts';
import { SHARED } from '../../directives/places.ts';
import type { HostView } from '../../host-view.ts';
import { withParents } from '../../path-sets.ts';
import type { Service } from '../target.ts';
import { servesHomes } from './families.ts';
import { KERNEL_TREES, modesOf, type Need, type PathNeeds, settle } from './needs.ts';
import { inAny, isFleeting } from './plan.ts';

/** Directories of packages: what lies there is replaced by updates only, after which services are started again. */
const PACKAGES: readonly string[] = [
  '/usr',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/bin',
  '/sbin',
  '/boot',
  ...KERNEL_TREES,
];
/** Homes hold secrets of others: they are never bound for one file in them. */
const NEVER: ReadonlySet<string> = new Set([
  ...SHARED.filter(path => path !== '/etc'),
  '/home',
  '/opt',
  '/root',
  '/srv',
  '/tmp',
  '/usr/local',
  '/var/tmp',
]);
/** What libc, the loader and systemd read at every start of a program, and which nobody edits for a service. */
const LIBC: ReadonlySet<string> = new Set(
  'gai.conf host.conf ld.so.cache ld.so.preload localtime locale.alias machine-id nsswitch.conf os-release protocols services timezone'
    .split(' ')
    .map(name => `/etc/${name}`),
);
/** Read by libc too, but edited and replaced: only where the service was seen to read them again. */
const ACCOUNTS: ReadonlySet<string> = new Set(
  'group hosts passwd resolv.conf shadow gshadow'.split(' ').map(name => `/etc/${name}`),
);
/** systemd makes these at boot, and keeps them. */
const STANDING: readonly string[] = ['/run/systemd', '/run/dbus', '/run/udev'];

/** Can the unit be told to read its files anew without a restart? */
export const isReloadable = (service: Service | undefined): boolean =>
  service !== undefined &&
  (service.type === 'notify-reload' || service.commands.some(({ name }) => name === 'ExecReload'));

type PathFact = Fact & { kind: 'path' };

/** The directory that is there for as long as the machine runs, in place of this one: a RuntimeDirectory= of another unit goes with it. */
const standing = (directory: string, host: HostView): string =>
  isFleeting(directory) && !inAny(directory, STANDING) && !host.isMadeAtBoot(directory) ? '/run' : directory;

function socketDirectory({ path }: PathFact, host: HostView): { path: string; wider: string } | null {
  if (inAny(path, STANDING)) return null;
  const directory = standing(parentOf(path), host);
  return {
    path: directory,
    wider: `${path} is made anew when its server restarts, so all of ${directory} is there`,
  };
}

/** The directory of a file that is read anew; null where the file alone is bound. */
function readAnew(
  { path, pattern }: PathFact,
  read: ReadonlySet<string>,
  reloadable: boolean,
): { path: string; wider: string } | null {
  const directory = parentOf(path);
  if (pattern === true || NEVER.has(directory) || inAny(path, PACKAGES) || isBelow(path, '/run') || LIBC.has(path))
    return null;
  const again = read.has(path);
  if (!again && (!reloadable || ACCOUNTS.has(path))) return null;
  const why = again ? 'was read again while the service ran' : 'is read again at a reload';
  return { path: directory, wider: `${path} ${why} and may be replaced meanwhile, so all of ${directory} is there` };
}

/** Directories that must be bound as they are, since what is used in them is made or replaced while the service runs. */
export function renewedDirectories(
  profile: Profile,
  needs: Pick<PathNeeds, 'used'>,
  host: HostView,
  service: Service | undefined,
): Map<string, Need> {
  const reloadable = isReloadable(service);
  const later = appearedLater(profile);
  const read = readAgain(profile);
  const homes = servesHomes(profile, host, service?.uid);
  const own = new Set([...needs.used].flatMap(([path, { modes }]) => (modes.has('bind') ? [path] : [])));
  const found = new Map<string, Need>();
  const add = (place: { path: string; wider: string } | null, fact: PathFact): void => {
    if (place === null || place.path === '/') return;
    const path = settle(place.path, host);
    if (found.has(path) || inAny(path, KERNEL_TREES)) return;
    found.set(path, {
      path,
      modes: modesOf([fact.mode]),
      facts: [fact],
      seen: fact.evidence.count,
      wider: place.wider,
    });
  };
  for (const fact of profile.facts) {
    if (fact.kind !== 'path' || fact.errno !== undefined) continue;
    const name = later.has(fact.path) ? fact.path : fact.asked;
    if (name !== undefined && later.has(name)) {
      let directory = parentOf(name);
      while (later.has(directory)) directory = parentOf(directory);
      add({ path: directory, wider: `${name} appeared while the service ran, so all of ${directory} is there` }, fact);
    }
    if (homes && isBelow(fact.path, '/home'))
      add({ path: '/home', wider: 'it is used for its owners, and others will come, so all of /home is there' }, fact);
    if (fact.mode === 'connect' && !own.has(fact.path)) add(socketDirectory(fact, host), fact);
    if (fact.mode === 'read') {
      add(readAnew(fact, read, reloadable), fact);
      // A symlink is replaced as well: the directory in which it lies.
      if (fact.asked !== undefined && host.type(fact.asked) === 'symlink')
        add(readAnew({ ...fact, path: fact.asked }, read, reloadable), fact);
    }
  }
  return found;
}

/** Directories in a place that is bound as a whole, in which nothing was used. */
export function unusedIn(top: string, used: Iterable<string>, host: HostView): string[] {
  const above = withParents(used);
  return (host.entries(top) ?? [])
    .map(name => `${top}/${name}`)
    .filter(path => host.type(path) === 'directory' && !above.has(path));
}
