// The tree of paths as compact data for the browser script, and the sums that are shown at branches. Names are made printable here, so
// that the script shows and searches what people see.

import type { PathNode } from '../path-tree.ts';
import { printable } from '../printable.ts';
import { type PathEntry, USES, type Use } from './paths.ts';
import { count, number, time } from './text.ts';

export type TreeNode = PathNode<PathEntry>;

/** A use, as it is said of paths to which it was done. */
const DONE: Readonly<Record<Use, string>> = {
  read: 'read',
  write: 'written',
  execute: 'executed',
  connect: 'connected to',
  failed: 'only failed',
};

/** What is said about one path: uses as [word, kind of use, count], first and last time, programs, rules, notes; all indices into `words`. */
type EntryWords = readonly [
  uses: readonly (readonly [number, number, number])[],
  first: number,
  last: number,
  by: number[],
  rules: number[],
  notes: number[],
];

/** One entry of each list per node; parents come before their children. */
export interface TreeWords {
  names: string[];
  /** Index of the parent; -1 for the root. */
  parents: number[];
  /** Null for a directory about which nothing is said itself. */
  entries: (EntryWords | null)[];
  words: string[];
  /** The kinds of use: their names, and how they are said of paths. */
  uses: readonly (readonly [Use, string])[];
}

function remembered<K>(make: (key: K) => number): (key: K) => number {
  const known = new Map<K, number>();
  return key => {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  };
}

/** The data, and the index of each node in it. */
export function treeWords(root: TreeNode): { data: TreeWords; index: ReadonlyMap<TreeNode, number> } {
  const words = new Map<string, number>();
  const word = (text: string): number => {
    const known = words.get(text) ?? words.size;
    words.set(text, known);
    return known;
  };
  // The same seconds, programs and rules are said of very many paths.
  const momentOf = remembered((second: number) => word(time(second)));
  const moment = (seconds: number | undefined): number => (seconds === undefined ? -1 : momentOf(Math.floor(seconds)));
  const shownOf = remembered((text: string) => word(printable(text)));
  const shown = (texts: readonly string[]): number[] => texts.map(shownOf);
  const entryWords = ({ uses, first, last, by, rules, notes }: PathEntry): EntryWords => [
    uses.map(({ what, use, count: times }) => [word(what), USES.indexOf(use), times] as const),
    moment(first),
    moment(last),
    shown(by),
    shown(rules),
    shown(notes),
  ];
  const data: TreeWords = { names: [], parents: [], entries: [], words: [], uses: USES.map(use => [use, DONE[use]]) };
  const index = new Map<TreeNode, number>();
  const visit = (node: TreeNode, parent: number): void => {
    const own = data.names.length;
    const [entry] = node.items;
    index.set(node, own);
    data.names.push(printable(node.name));
    data.parents.push(parent);
    data.entries.push(entry === undefined ? null : entryWords(entry));
    for (const child of node.children) visit(child, own);
  };
  visit(root, -1);
  data.words = [...words.keys()];
  return { data, index };
}

/** `failed` counts for a path to which nothing else was done. */
const counted = ({ uses }: PathEntry): Set<Use> => {
  const done = new Set(uses.map(({ use }) => use));
  if (done.size > 1) done.delete('failed');
  return done;
};

/** Per node: how many paths lie below it, and for each kind of use how many of them were used so. */
export type Sums = ReadonlyMap<TreeNode, readonly number[]>;

export function sumsOf(root: TreeNode): Sums {
  const sums = new Map<TreeNode, readonly number[]>();
  const visit = (node: TreeNode): number[] => {
    const sum = [0, ...USES.map(() => 0)];
    for (const child of node.children) for (const [i, n] of visit(child).entries()) sum[i] = (sum[i] ?? 0) + n;
    sums.set(node, [...sum]);
    for (const entry of node.items) {
      sum[0] = (sum[0] ?? 0) + 1;
      for (const use of counted(entry)) sum[USES.indexOf(use) + 1] = (sum[USES.indexOf(use) + 1] ?? 0) + 1;
    }
    return sum;
  };
  visit(root);
  return sums;
}

/** `230 paths: 180 read, 12 written`. The script writes the same. */
export function sumText([paths = 0, ...uses]: readonly number[]): string {
  const parts = uses.map((n, i) => (n === 0 ? '' : `${number(n)} ${DONE[USES[i] ?? 'read']}`));
  return `${count(paths, 'path')}: ${parts.filter(part => part !== '').join(', ')}`;
}
