// What changed between two sets of directives, in the one respect that a reviewer must see: what is allowed that was not (widened),
// and what is allowed no more (narrowed). Compares what the lines mean, not how they are written.
// Sources: systemd.exec(5) for how repeated lines add up, what `~` and an empty value do, and which value is the stricter one.

import { rowOf } from '../../row.ts';
import { strictness } from '../directives/table.ts';
import type { SyscallSets } from '../effects.ts';
import { plainValue } from '../sandbox/settings.ts';

/** One line `Name=value`, its value cut into words as systemd does. */
export interface Line {
  name: string;
  words: readonly string[];
}

export interface DirectiveChange {
  name: string;
  /** `changed`: neither value is the stricter one, or it is no matter of strictness. */
  change: 'widened' | 'narrowed' | 'changed';
  /** Words that are allowed now and were not; `all but …` when a list became the opposite one. */
  allowed: string[];
  /** Words that are not allowed any more. */
  refused: string[];
  /** The values, repeated lines joined by blanks; null where the directive is not set. */
  old: string | null;
  new: string | null;
}

/**
 * How the words of a list count. `grants`: each allows something; without the directive, nothing · `denies`: each takes something away ·
 * `only`: nothing but these words is allowed (with `~`: all but these); without the directive, everything.
 */
type ListSense = 'grants' | 'denies' | 'only';

// biome-ignore format: one row a directive
const LISTS: Readonly<Record<string, ListSense>> = {
  ReadWritePaths:            'grants',
  ExecPaths:                 'grants',
  BindPaths:                 'grants',
  BindReadOnlyPaths:         'grants',
  RuntimeDirectory:          'grants',
  StateDirectory:            'grants',
  CacheDirectory:            'grants',
  LogsDirectory:             'grants',
  ConfigurationDirectory:    'grants',
  AmbientCapabilities:       'grants',
  SupplementaryGroups:       'grants',
  DeviceAllow:               'grants',
  IPAddressAllow:            'grants',
  SocketBindAllow:           'grants',
  ReadOnlyPaths:             'denies',
  InaccessiblePaths:         'denies',
  NoExecPaths:               'denies',
  TemporaryFileSystem:       'denies',
  IPAddressDeny:             'denies',
  SocketBindDeny:            'denies',
  CapabilityBoundingSet:     'only',
  RestrictAddressFamilies:   'only',
  RestrictNamespaces:        'only',
  RestrictFileSystems:       'only',
  RestrictNetworkInterfaces: 'only',
  SystemCallFilter:          'only',
  SystemCallArchitectures:   'only',
};

/** What a list of the sense `only` lets through: exactly `words`, or all but them. */
interface Extent {
  allBut: boolean;
  words: Set<string>;
}

/** The words that one word stands for. */
const expand = (name: string, word: string, sets: SyscallSets): readonly string[] => {
  if (name !== 'SystemCallFilter') return [word];
  const call = word.replace(/:.*$/, '');
  return call.startsWith('@') ? [...sets(call)] : [call];
};

/** Adds up the lines of one directive: the first decides whether it lists what is allowed or what is refused. */
function extent(name: string, lines: readonly Line[], sets: SyscallSets): Extent {
  let all: Extent | null = null;
  for (const { words } of lines) {
    // An empty value resets: to no capability at all, else to no restriction.
    if (words.length === 0 && name !== 'CapabilityBoundingSet') {
      all = null;
      continue;
    }
    const [first = ''] = words;
    const refuses = first.startsWith('~');
    const listed = [first.replace(/^~/, ''), ...words.slice(1)].filter(word => word !== '' && word !== 'none');
    const value = listed.length === 1 ? plainValue(listed[0] ?? '') : '';
    if (value === 'yes' || value === 'no') {
      // RestrictNamespaces=yes allows none.
      all = { allBut: (value === 'no') !== refuses, words: new Set() };
      continue;
    }
    all ??= { allBut: refuses, words: new Set() };
    for (const word of listed.flatMap(entry => expand(name, entry, sets)))
      if (all.allBut === refuses) all.words.add(word);
      else all.words.delete(word);
  }
  return all ?? { allBut: true, words: new Set() };
}

const minus = (a: ReadonlySet<string>, b: ReadonlySet<string>): string[] => [...a].filter(word => !b.has(word)).sort();
const allBut = (words: ReadonlySet<string>): string =>
  words.size === 0 ? 'everything' : `all but ${[...words].sort().join(' ')}`;

/** Names a set where all its members are meant. */
function regroup(calls: readonly string[], lines: readonly Line[], sets: SyscallSets): string[] {
  let rest = new Set(calls);
  const groups: string[] = [];
  for (const word of lines.flatMap(({ words }) => words).map(entry => entry.replace(/^~/, ''))) {
    const members = word.startsWith('@') ? [...sets(word)] : [];
    if (members.length === 0 || !members.every(member => rest.has(member))) continue;
    groups.push(word);
    rest = new Set([...rest].filter(call => !members.includes(call)));
  }
  return [...groups, ...rest].sort();
}

/** What is allowed and refused anew, for a list of the sense `only`. */
function compareExtents(old: Extent, now: Extent): { allowed: string[]; refused: string[] } {
  if (old.allBut && now.allBut) return { allowed: minus(old.words, now.words), refused: minus(now.words, old.words) };
  if (!old.allBut && !now.allBut) return { allowed: minus(now.words, old.words), refused: minus(old.words, now.words) };
  if (now.allBut)
    return { allowed: [allBut(now.words)], refused: [...old.words].filter(word => now.words.has(word)).sort() };
  return { allowed: [...now.words].filter(word => old.words.has(word)).sort(), refused: [allBut(old.words)] };
}

function compareLists(name: string, sense: ListSense, old: readonly Line[], now: readonly Line[], sets: SyscallSets) {
  if (sense === 'only') {
    const { allowed, refused } = compareExtents(extent(name, old, sets), extent(name, now, sets));
    return { allowed: regroup(allowed, now, sets), refused: regroup(refused, old, sets) };
  }
  const words = (lines: readonly Line[]): Set<string> => new Set(lines.flatMap(line => line.words));
  const [more, less] = [minus(words(now), words(old)), minus(words(old), words(now))];
  return sense === 'grants' ? { allowed: more, refused: less } : { allowed: less, refused: more };
}

/** Which of two values of a choice is the stricter: below 0 when `now` is looser; null when that cannot be said. */
function compareChoices(name: string, old: string | undefined, now: string | undefined): number | null {
  const order = strictness(name);
  const loosest = order.length - 1;
  const rank = (value: string | undefined): number =>
    value === undefined || value === '' ? loosest : order.indexOf(plainValue(value));
  const [was, is] = [rank(old), rank(now)];
  return order.length === 0 || was < 0 || is < 0 ? null : was - is;
}

const wholeValue = (lines: readonly Line[]): string | null =>
  lines.length === 0 ? null : lines.map(({ words }) => words.join(' ')).join(' ');

function compare(name: string, old: readonly Line[], now: readonly Line[], sets: SyscallSets): DirectiveChange | null {
  const values = { old: wholeValue(old), new: wholeValue(now) };
  const sense = rowOf(LISTS, name);
  if (sense !== undefined) {
    const { allowed, refused } = compareLists(name, sense, old, now, sets);
    if (allowed.length === 0 && refused.length === 0) return null;
    return { name, change: allowed.length > 0 ? 'widened' : 'narrowed', allowed, refused, ...values };
  }
  const [was, is] = [old.at(-1)?.words.join(' '), now.at(-1)?.words.join(' ')];
  if (was === is) return null;
  const order = compareChoices(name, was, is);
  if (order === 0) return null;
  const change = order === null ? 'changed' : order < 0 ? 'widened' : 'narrowed';
  return { name, change, allowed: [], refused: [], ...values };
}

const RANK: Readonly<Record<DirectiveChange['change'], number>> = { widened: 0, narrowed: 1, changed: 2 };

/** Changes from `before` to `after`: what was widened first, for that is what a reviewer must see. */
export function diffDirectives(before: readonly Line[], after: readonly Line[], sets: SyscallSets): DirectiveChange[] {
  const names = [...new Set([...before, ...after].map(({ name }) => name))].sort();
  const of = (lines: readonly Line[], name: string): Line[] => lines.filter(line => line.name === name);
  return names
    .flatMap(name => compare(name, of(before, name), of(after, name), sets) ?? [])
    .sort((a, b) => RANK[a.change] - RANK[b.change]);
}
