// The machine on which the trace was made, as far as the trace shows it: what was used without being made was there at start.
// A check runs elsewhere, on a runner of CI perhaps; of what both know, this machine says more (symlinks, types), the trace decides what exists.

import { isBelow, parentOf } from '../../process/resolve.ts';
import { appearedLater, madeAnew } from '../../profile/chronology.ts';
import type { Fact, Profile } from '../../profile/profile.ts';
import type { FileType, HostView } from '../host-view.ts';
import { nearest } from '../path-sets.ts';

export const hasFailed = (fact: Fact): boolean => 'errno' in fact && fact.errno !== undefined;

/** What the trace adds to a host. */
export interface TraceHost {
  host: HostView;
  /** The service made this itself, or something above it. */
  made: (path: string) => boolean;
  /** The service makes, removes or renames what has this name. */
  replaced: (path: string) => boolean;
}

const ENTRIES: ReadonlySet<string> = new Set(['create', 'delete', 'bind']);

/** Symlinks that every system with systemd has: file-hierarchy(7). */
const LEGACY_LINKS: readonly (readonly [string, string])[] = [
  ['/var/run', '/run'],
  ['/var/lock', '/run/lock'],
];

/** Uses that show what a path is; of others `other` is concluded: it may be anything. */
const SHOWN: Readonly<Record<string, FileType>> = {
  read: 'file',
  write: 'file',
  exec: 'file',
  map: 'file',
  list: 'directory',
  chdir: 'directory',
  chroot: 'directory',
  connect: 'socket',
};

function madePaths(facts: readonly Fact[]): Set<string> {
  const made = new Set<string>();
  for (const fact of facts) {
    if (fact.kind === 'path' && (fact.mode === 'create' || fact.mode === 'bind')) {
      made.add(fact.path);
      if (fact.asked !== undefined) made.add(fact.asked);
    }
    if (fact.kind === 'move') made.add(fact.to);
  }
  return made;
}

function replacedPaths(facts: readonly Fact[]): Set<string> {
  const replaced = new Set<string>();
  for (const fact of facts) {
    if (fact.kind === 'path' && ENTRIES.has(fact.mode)) replaced.add(fact.path);
    if (fact.kind === 'move') replaced.add(fact.from).add(fact.to);
  }
  return replaced;
}

/** `/lib/x/y` and `/usr/lib/x/y` → `/lib` and `/usr/lib`: the shortest part that must be the symlink. */
function withoutCommonTail(asked: string, path: string): [string, string] {
  const [left, right] = [asked.split('/'), path.split('/')];
  while (left.length > 2 && right.length > 2 && left.at(-1) === right.at(-1)) {
    left.pop();
    right.pop();
  }
  return [left.join('/'), right.join('/')];
}

/** What was there at start: paths that were used and not made, and all directories above what was used or made. */
function thereAtStart(facts: readonly Fact[], made: (path: string) => boolean): Map<string, FileType> {
  const there = new Map<string, FileType>();
  const directory = (path: string): void => {
    for (let at = path; there.get(at) !== 'directory' && !made(at); at = parentOf(at)) there.set(at, 'directory');
  };
  for (const fact of facts) {
    if (fact.kind !== 'path' || fact.pattern === true) continue;
    directory(parentOf(fact.path));
    const shown = SHOWN[fact.mode] ?? 'other';
    const known = there.get(fact.path) ?? 'other';
    if (shown === 'directory') directory(fact.path);
    else if (known === 'other' && !made(fact.path)) there.set(fact.path, shown);
  }
  return there;
}

/** A host as the trace of a profile completes it. */
export function traceHost(host: HostView, profile: Profile): TraceHost {
  const facts = profile.facts.filter(fact => !hasFailed(fact));
  const names = madePaths(facts);
  /** directory → was it, or something above it, made? */
  const directories = new Map<string, boolean>([['/', false]]);
  const inMade = (directory: string): boolean => {
    const known = directories.get(directory);
    if (known !== undefined) return known;
    const answer = names.has(directory) || inMade(parentOf(directory));
    directories.set(directory, answer);
    return answer;
  };
  const made = (path: string): boolean => names.has(path) || inMade(parentOf(path));
  const replaced = replacedPaths(facts);
  const later = appearedLater(profile);
  const anew = madeAnew(profile);
  const cameLater = (path: string): boolean => nearest(path, later) !== undefined;
  const there = thereAtStart(facts, path => made(path) || cameLater(path));
  /** What others made in /run while the service ran is gone after a boot, though this machine has it now. */
  const isGone = (path: string): boolean => isBelow(path, '/run') && cameLater(path);
  const links = new Map<string, string>(host.known ? [] : LEGACY_LINKS);
  for (const fact of facts)
    if (fact.kind === 'path' && fact.asked !== undefined) {
      const [from, to] = withoutCommonTail(fact.asked, fact.path);
      if (!there.has(from)) links.set(from, to);
      else if (!there.has(fact.asked)) links.set(fact.asked, fact.path);
    }
  return {
    host: {
      ...host,
      realpath: path =>
        isGone(path) ? null : (host.realpath(path) ?? links.get(path) ?? (there.has(path) ? path : null)),
      link: path => host.link(path) ?? (host.type(path) === null ? (links.get(path) ?? null) : null),
      type: path =>
        isGone(path) ? null : (host.type(path) ?? (links.has(path) ? 'symlink' : (there.get(path) ?? null))),
      isAbsent: path =>
        isGone(path) ||
        anew.has(path) ||
        (host.type(path) === null &&
          (cameLater(path) || (host.isAbsent(path) && !there.has(path) && !links.has(path)))),
    },
    made,
    replaced: path => replaced.has(path),
  };
}
