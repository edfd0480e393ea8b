// The facts of a profile by kind, and those about paths by where they lie: sorted out once for many questions.

import { isBelow } from '../process/resolve.ts';
import type { Fact, Profile } from './profile.ts';

export type FactKind = Fact['kind'];
export type FactOf<K extends FactKind> = Extract<Fact, { kind: K }>;

/** `/usr` for everything in it. `guess`: likely the same, and then no other string is made. */
function treeOf(path: string, guess = '/'): string {
  if (path.startsWith(guess) && path[guess.length] === '/') return guess;
  const end = path.indexOf('/', 1);
  return end < 0 ? path : path.slice(0, end);
}

/** Indices by key. Those of one key come together: facts are sorted. */
class Groups<K> {
  readonly #groups = new Map<K, number[]>();
  #key: K | undefined;
  #group: number[] = [];

  add(key: K, index: number): void {
    if (key !== this.#key) {
      this.#key = key;
      this.#group = this.#groups.get(key) ?? [];
      this.#groups.set(key, this.#group);
    }
    this.#group.push(index);
  }

  get(key: K): readonly number[] {
    return this.#groups.get(key) ?? [];
  }
}

export class FactIndex {
  readonly #facts: readonly Fact[];
  /** Indices of the facts of a kind. */
  readonly #kinds = new Groups<FactKind>();
  /** Of those about paths in a tree, by their path or the name that was asked for; made when a tree is asked about. */
  #trees: Groups<string> | null = null;

  constructor(facts: readonly Fact[]) {
    this.#facts = facts;
    for (const [i, { kind }] of facts.entries()) this.#kinds.add(kind, i);
  }

  /** All facts of one kind, in the profile's order. */
  ofKind<K extends FactKind>(kind: K): FactOf<K>[] {
    const isKind = (fact: Fact): fact is FactOf<K> => fact.kind === kind;
    return this.#at(this.#kinds.get(kind)).filter(isKind);
  }

  /** Facts of these kinds, and those about paths at or below any of `tops` (by their path or the name that was asked for); in the profile's order. */
  select(kinds: Iterable<FactKind>, tops: Iterable<string>): Fact[] {
    const found = new Set<number>();
    for (const kind of kinds) for (const i of this.#kinds.get(kind)) found.add(i);
    for (const top of tops)
      for (const i of top === '/' ? this.#kinds.get('path') : this.#inTree(treeOf(top))) {
        const fact = this.#facts[i];
        if (fact?.kind === 'path' && (isBelow(fact.path, top) || isBelow(fact.asked ?? fact.path, top))) found.add(i);
      }
    return this.#at([...found].sort((a, b) => a - b));
  }

  #inTree(tree: string): readonly number[] {
    this.#trees ??= this.#sortedByTree();
    return this.#trees.get(tree);
  }

  #sortedByTree(): Groups<string> {
    const trees = new Groups<string>();
    let last = '/';
    for (const i of this.#kinds.get('path')) {
      const fact = this.#facts[i];
      if (fact?.kind !== 'path') continue;
      last = treeOf(fact.path, last);
      trees.add(last, i);
      const other = treeOf(fact.asked ?? fact.path, last);
      if (other !== last) trees.add(other, i);
    }
    return trees;
  }

  #at(indices: readonly number[]): Fact[] {
    const found: Fact[] = [];
    for (const i of indices) {
      const fact = this.#facts[i];
      if (fact !== undefined) found.push(fact);
    }
    return found;
  }
}

const indexes = new WeakMap<readonly Fact[], FactIndex>();

/** The index of a profile's facts, which do not change any more. It is made once. */
export function indexOf({ facts }: Profile): FactIndex {
  const known = indexes.get(facts) ?? new FactIndex(facts);
  indexes.set(facts, known);
  return known;
}
