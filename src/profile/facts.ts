// The facts of one run while it is observed: mutable, bounded, fast to touch again.
// When too many different paths turn up, whole directories are collapsed into `directory/*`, and that is reported.

import type { Access, Origin, PathAccess } from '../process/access.ts';
import { parentOf } from '../process/resolve.ts';
import { ownCopy } from '../strace/text.ts';
import { DEPTH, shallower } from './depth.ts';
import { byKey, factKey } from './key.ts';
import { Tallies } from './tallies.ts';

/** Different facts kept at most; beyond, directories with many names are collapsed. */
const FACT_LIMIT = 60_000;
/** Characters of all paths together. Real names have 60 on average; PATH_MAX allows 4,096. */
const TEXT_LIMIT = 8 << 20;
/** Facts of one kind other than paths kept at most: they do not grow with the file system, only with an attacker's fantasy. */
const KIND_LIMIT = 5_000;
/** Directories whose pattern is remembered. */
const DIRECTORIES = 10_000;
/** Executables remembered per fact. */
const BY_LIMIT = 8;

const TOO_DEEP = `names of more than ${DEPTH} directories: what is below is treated as one`;

/** One fact under observation. */
export interface Sighting<A extends Access = Access> {
  readonly access: A;
  /** Of its tally. */
  readonly number: number;
  readonly origin: Origin;
  /** Sorted; lists are shared between facts and replaced, never changed. */
  by: readonly string[];
  /** The next use of the same path. */
  next: Sighting<A> | null;
}

/** With it, and a NUL, the keys of all paths begin. */
const PATH: PathAccess['kind'] = 'path';
const BY_NOBODY: readonly string[] = [];

export class Facts {
  /** The uses of each path, chained: most paths have one or two, and a look-up makes no key. */
  readonly #paths = new Map<string, Sighting<PathAccess>>();
  /** All others by their keys. */
  readonly #others = new Map<string, Sighting>();
  readonly #kinds = new Map<string, number>();
  readonly #collapsed = new Set<string>();
  /** Directories that were asked for, and what stands for them since the last collapse. */
  readonly #standIns = new Map<string, string>();
  readonly overflow = new Map<string, number>();
  readonly tallies = new Tallies();
  /** By the numbers of their tallies. */
  readonly #numbered: Sighting[] = [];
  readonly #lists = new Map<string, readonly string[]>();
  /** Uses of paths, and characters of these paths. */
  #uses = 0;
  #text = 0;
  /** Collapsing frees no room any more: the names lie in `/` itself, or one in each directory. New ones are not kept. */
  #isFull = false;
  /** New paths that there was no room for. */
  dropped = 0;
  /** Raised when numbers of tallies have changed their meaning: whoever remembers one must look again. */
  generation = 0;

  /** Distinct facts. */
  get size(): number {
    return this.#uses + this.#others.size;
  }

  /** All facts in the order of a profile (order.ts), which is that of their keys: for paths, hardly a key has to be made. */
  *inOrder(): Generator<Sighting> {
    const keys = [...this.#others.keys()].sort();
    const behind = keys.findIndex(key => key > PATH);
    const cut = behind < 0 ? keys.length : behind;
    yield* this.#othersOf(keys.slice(0, cut));
    for (const path of [...this.#paths.keys()].sort()) yield* this.#usesOf(path);
    yield* this.#othersOf(keys.slice(cut));
  }

  *#othersOf(keys: readonly string[]): Generator<Sighting> {
    for (const key of keys) {
      const sighting = this.#others.get(key);
      if (sighting !== undefined) yield sighting;
    }
  }

  #usesOf(path: string): Sighting<PathAccess>[] {
    const uses: Sighting<PathAccess>[] = [];
    for (let use = this.#paths.get(path) ?? null; use !== null; use = use.next) uses.push(use);
    return uses.length === 1 ? uses : uses.sort((a, b) => byKey(factKey(a.access), factKey(b.access)));
  }

  *#pathUses(): Generator<Sighting<PathAccess>> {
    for (const head of this.#paths.values())
      for (let use: Sighting<PathAccess> | null = head; use !== null; use = use.next) yield use;
  }

  /** The sighting of an access, known or added with count 0: the access is its own from now on. Null when the bound of its kind is reached. */
  of(access: Access, origin: () => Origin): Sighting | null {
    const deep = shallower(access);
    const kept = deep ?? access;
    const known = this.#known(kept);
    if (known !== null) return known;
    if (deep !== null) this.#overflowed(TOO_DEEP, 1);
    return this.#new(kept, origin());
  }

  #known(access: Access): Sighting | null {
    if (access.kind !== 'path') return this.#others.get(factKey(access)) ?? null;
    const use = this.#use(access);
    if (use !== null) return use;
    const folded = this.#intoCollapsed(access);
    return folded === null ? null : this.#use(folded);
  }

  #use(access: PathAccess): Sighting<PathAccess> | null {
    let use = this.#paths.get(access.path) ?? null;
    while (use !== null && !isSameUse(use.access, access)) use = use.next;
    return use;
  }

  #new(access: Access, origin: Origin): Sighting | null {
    if (access.kind === 'path') return this.#addUse(this.#intoCollapsed(access) ?? access, origin);
    const count = (this.#kinds.get(access.kind) ?? 0) + 1;
    if (count > KIND_LIMIT) {
      this.#overflowed(`${access.kind}: more than ${KIND_LIMIT} different ones`, 1);
      return null;
    }
    this.#kinds.set(access.kind, count);
    const sighting = this.#add(access, origin);
    this.#others.set(factKey(access), sighting);
    return sighting;
  }

  #addUse(access: PathAccess, origin: Origin): Sighting | null {
    if (this.#isFull && this.#isOver(1)) {
      this.dropped++;
      return null;
    }
    const head = this.#paths.get(access.path);
    // The name may be a piece of its line, and would keep all of that.
    access.path = head?.access.path ?? ownCopy(access.path);
    const sighting = this.#add(access, origin);
    this.#insert(sighting, head);
    if (this.#isFull || !this.#isOver(1)) return sighting;
    this.#collapse();
    return this.#known(access);
  }

  /** Is more than this share of the room taken? */
  #isOver(share: number): boolean {
    return this.size > share * FACT_LIMIT || this.#text > share * TEXT_LIMIT;
  }

  #insert(sighting: Sighting<PathAccess>, head: Sighting<PathAccess> | undefined): void {
    this.#uses++;
    if (head === undefined) {
      this.#paths.set(sighting.access.path, sighting);
      this.#text += sighting.access.path.length;
    } else {
      sighting.next = head.next;
      head.next = sighting;
    }
  }

  #add<A extends Access>(access: A, origin: Origin): Sighting<A> {
    const sighting: Sighting<A> = { access, number: this.tallies.add(), origin, by: BY_NOBODY, next: null };
    this.#numbered[sighting.number] = sighting;
    return sighting;
  }

  /** Remembers that this executable did it, too. */
  addExecutable(number: number, exe: string): void {
    const sighting = this.#numbered[number];
    if (sighting === undefined) return;
    sighting.by = sighting.by.length === 0 ? this.#alone(exe) : withExecutable(sighting.by, exe);
  }

  /** The list of this executable alone: most facts have one, and share it. */
  #alone(exe: string): readonly string[] {
    const known = this.#lists.get(exe);
    if (known !== undefined) return known;
    const list = [exe];
    this.#lists.set(exe, list);
    return list;
  }

  #overflowed(what: string, count: number): void {
    this.overflow.set(what, (this.overflow.get(what) ?? 0) + count);
  }

  /** The pattern that stands for this path, when one of its directories was collapsed. */
  #intoCollapsed(access: PathAccess): PathAccess | null {
    if (this.#collapsed.size === 0) return null;
    const path = this.#pattern(access.path);
    if (path === access.path) return null;
    const { asked: _, ...rest } = access;
    return { ...rest, path, pattern: true };
  }

  #pattern(path: string): string {
    if (path === '/') return path;
    const directory = parentOf(path);
    const parent = this.#standIn(directory);
    if (this.#collapsed.has(parent)) return `${parent}/*`;
    return parent === directory ? path : parent + path.slice(path.lastIndexOf('/'));
  }

  /** `#pattern` of a directory: many names ask for the same one. */
  #standIn(directory: string): string {
    const known = this.#standIns.get(directory);
    if (known !== undefined) return known;
    if (this.#standIns.size >= DIRECTORIES) this.#standIns.clear();
    const pattern = this.#pattern(directory);
    this.#standIns.set(directory, pattern);
    return pattern;
  }

  /** Collapses the directories that hold the most names until half of the room is free. */
  #collapse(): void {
    for (let names = 256; names >= 2 && this.#isOver(0.5); names = Math.floor(names / 4)) {
      for (const [directory, siblings] of this.#directories())
        if (siblings >= names && directory !== '/') {
          this.#collapsed.add(this.#pattern(directory));
          this.#standIns.clear();
          this.#overflowed(`${directory}/*: too many names to keep apart; they are treated as one`, siblings);
        }
      this.#fold();
    }
    this.#isFull = this.#isOver(0.9);
  }

  /** How many names each directory holds, as far as they were used. */
  #directories(): Map<string, number> {
    const counts = new Map<string, number>();
    const counted = new Set<string>();
    for (const used of this.#paths.keys())
      for (let path = used; path !== '/' && !counted.has(path); path = parentOf(path)) {
        counted.add(path);
        const parent = parentOf(path);
        counts.set(parent, (counts.get(parent) ?? 0) + 1);
      }
    return counts;
  }

  #fold(): void {
    this.generation++;
    this.#standIns.clear();
    const uses = [...this.#pathUses()];
    this.#paths.clear();
    this.#uses = 0;
    this.#text = 0;
    for (const use of uses) {
      const access = this.#intoCollapsed(use.access) ?? use.access;
      const head = this.#paths.get(access.path);
      let known = head ?? null;
      while (known !== null && !isSameUse(known.access, access)) known = known.next;
      if (known === null) this.#insert(this.#renew(use, access), head);
      else this.#join(known, use);
    }
  }

  /** The same under a name that stands for more. */
  #renew(use: Sighting<PathAccess>, access: PathAccess): Sighting<PathAccess> {
    const renewed = { ...use, access, next: null };
    this.#numbered[use.number] = renewed;
    return renewed;
  }

  /** Adds one sighting to another of the same fact. */
  #join(into: Sighting, other: Sighting): void {
    this.tallies.join(into.number, other.number);
    for (const exe of other.by) into.by = withExecutable(into.by, exe);
  }
}

/** Of one path: are the two the same fact? */
const isSameUse = (a: PathAccess, b: PathAccess): boolean =>
  a.mode === b.mode &&
  a.errno === b.errno &&
  a.uid === b.uid &&
  a.asked === b.asked &&
  a.pattern === b.pattern &&
  a.inferred === b.inferred;

/** Keeps the alphabetically first few: a choice that does not depend on the order of arrival. */
export function withExecutable(by: readonly string[], exe: string): readonly string[] {
  const isLate = by.length === BY_LIMIT && exe > (by[BY_LIMIT - 1] ?? '');
  return isLate || by.includes(exe) ? by : [...by, exe].sort().slice(0, BY_LIMIT);
}
