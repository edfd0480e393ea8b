// What a service left in /run at an earlier start, and would not find after a boot. /run is empty then but for what systemd, tmpfiles.d and
// other services make. Pure: what is known of the machine in, paths out.
//
// A thing counts as the unit's own only with evidence: its RuntimeDirectory= or PIDFile=, its name, its user, what its processes hold open,
// what it was observed to make. Whatever another process holds, or another unit has as its RuntimeDirectory=, stays where it is.

import { isBelow } from '../process/resolve.ts';

/** Directories in which every service has entries of its own. */
const SHARED = ['/run/private', '/run/lock', '/run'] as const;

/** Of systemd, of the machine, or of us: never a service's own. */
const NEVER: ReadonlySet<string> = new Set(
  'allowtrace credentials dbus host initctl lock log mount netns private shm systemd udev user utmp'
    .split(' ')
    .map(name => `/run/${name}`),
);

/** The entry of /run, /run/lock or /run/private that holds a path; null: none that is a service's. */
export function slotOf(path: string): string | null {
  const top = SHARED.find(directory => path.startsWith(`${directory}/`));
  if (top === undefined) return null;
  const [name = ''] = path.slice(top.length + 1).split('/');
  const slot = `${top}/${name}`;
  return name === '' || NEVER.has(slot) ? null : slot;
}

export interface RunView {
  /** Names by which the unit's own entries go: of the unit, of its program. */
  names: readonly string[];
  /** RuntimeDirectory= and PIDFile= of the unit, as paths. */
  declared: readonly string[];
  /** What its processes hold, and what it was observed to make. */
  made: readonly string[];
  /** Entries of the shared directories that belong to the users it runs as, if to no other process. */
  owned: readonly string[];
  /** What processes of others hold. */
  held: readonly string[];
  /** RuntimeDirectory= of other units. */
  foreign: readonly string[];
  /** Everything in the shared directories. */
  entries: readonly string[];
  exists: (path: string) => boolean;
}

const isNamed = (entry: string, names: readonly string[]): boolean => {
  const bare = entry.replace(/^.*\//, '').replace(/\.(?:pid|lock|sock|socket)$/, '');
  return names.includes(bare);
};

/** The paths to set aside before a start like the one after a boot: none lies below another. */
export function leftovers(view: RunView): string[] {
  const { names, declared, made, owned, held, foreign, entries, exists } = view;
  const slots = new Set(
    [...declared, ...made, ...owned, ...entries.filter(entry => isNamed(entry, names))].flatMap(
      path => slotOf(path) ?? [],
    ),
  );
  const isHeld = (path: string): boolean => held.some(other => isBelow(other, path));
  const ofOthers = foreign.filter(path => !declared.includes(path));
  const paths = [...slots].flatMap(slot => {
    const isShared = isHeld(slot) || ofOthers.some(path => isBelow(path, slot));
    return isShared ? made.filter(path => path !== slot && isBelow(path, slot) && !isHeld(path)) : [slot];
  });
  const unique = [...new Set(paths)].filter(exists).sort();
  return unique.filter(path => !unique.some(other => other !== path && isBelow(path, other)));
}
