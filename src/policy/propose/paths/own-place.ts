// Programs that look for their files beside themselves: by /proc/self/exe, as ld.so(8) does for $ORIGIN, or, as scripts do, by looking at
// the name that they were started by ($0). With an empty root a name that is a symlink becomes a mount of its own, and then the program
// believes to be there: only with the symlink itself does it find its files.

import { basename, resolve } from 'node:path/posix';
import { isBelow, parentOf } from '../../../process/resolve.ts';
import type { HostView } from '../../host-view.ts';
import type { Need, PathNeeds } from './needs.ts';

const SELF = '/proc/self/exe';
const PROGRAMS: ReadonlySet<string> = new Set(['bin', 'sbin']);
/** What lies in these is asked for by its whole name. */
const SHARED: ReadonlySet<string> = new Set(['/', '/usr', '/usr/local']);
/** As many symlinks as the kernel follows: path_resolution(7). */
const HOPS = 40;

/** The tree that a program came with: `/opt/jdk/bin/java` → `/opt/jdk`. */
function treeOf(program: string): string {
  const directory = parentOf(program);
  return PROGRAMS.has(basename(directory)) ? parentOf(directory) : directory;
}

/** The directories that hold the symlinks by which a path is reached, the root left out: /lib and similar lead to the same tree. */
function linkDirectories(path: string, host: HostView): string[] {
  const found = new Set<string>();
  let left = path.split('/').slice(1);
  let at = '/';
  for (let hops = 0; left.length > 0 && hops < HOPS; ) {
    const [name = '', ...rest] = left;
    const next = resolve(at, name);
    const target = host.link(next);
    if (target !== null) {
      hops++;
      if (at !== '/') found.add(at);
      left = [...resolve(at, target).split('/').slice(1), ...rest];
      at = '/';
    } else [at, left] = [next, rest];
  }
  return [...found];
}

/** A program that looked at the name that it goes by. */
const looksAtItself = ({ path, facts }: Need): boolean =>
  facts.some(fact => fact.kind === 'path' && fact.mode === 'stat' && fact.evidence.by.includes(path));

/** Of the programs that were started through a symlink and look beside themselves: the directories of the symlinks, and where they lead. */
export function ownPlaces({ used }: PathNeeds, host: HostView): { links: Need[]; programs: Need[] } {
  const askers = new Set(used.get(SELF)?.facts.flatMap(({ evidence }) => evidence.by));
  for (const need of used.values()) if (looksAtItself(need)) askers.add(need.path);
  const links: Need[] = [];
  const programs: Need[] = [];
  for (const name of askers) {
    const need = used.get(name);
    const real = host.realpath(name);
    if (need === undefined || real === null || real === name) continue;
    const tree = treeOf(real);
    if (SHARED.has(tree) || ![...used.keys()].some(path => path !== real && isBelow(path, tree))) continue;
    const wider = `${name} leads through a symlink in it, and looks for its files where that leads, so all of it is there`;
    links.push(...linkDirectories(name, host).map(path => ({ ...need, path, wider })));
    programs.push({ ...need, path: real });
  }
  return { links, programs };
}
