// The facts of one run while it is observed: mutable, bounded, fast to touch again.
// When too many different paths turn up, whole directories are collapsed into `directory/*`, and that is reported.

import type { Access, Origin, PathAccess } from '../process/access.ts';
import { parentOf } from '../process/resolve.ts';
import { factKey } from './key.ts';
import { widen } from './slices.ts';

/** Different facts kept at most; beyond, directories with many names are collapsed. */
const FACT_LIMIT = 60_000;
/** Facts of one kind other than paths kept at most: they do not grow with the file system, only with an attacker's fantasy. */
const KIND_LIMIT = 5_000;
/** Directories whose pattern is remembered. */
const DIRECTORIES = 10_000;
/** Executables remembered per fact. */
const BY_LIMIT = 8;

/** One fact under observation. */
export interface Sighting {
  access: Access;
  count: number;
  /** One bit each; as a signed number, which is cheap to change. */
  slices: number;
  /** Seconds; NaN without time stamps. */
  first: number;
  last: number;
  origin: Origin;
  by: string[];
  /** The last executable that did it: spares a search of `by`. */
  lastBy: string | null;
}

export class Facts {
  readonly #facts = new Map<string, Sighting>();
  readonly #kinds = new Map<string, number>();
  readonly #collapsed = new Set<string>();
  /** Directories that were asked for, and what stands for them since the last collapse. */
  readonly #standIns = new Map<string, string>();
  readonly overflow = new Map<string, number>();
  /** Raised when sightings were replaced: whoever remembers one must look again. */
  generation = 0;

  /** Distinct facts. */
  get size(): number {
    return this.#facts.size;
  }

  values(): IterableIterator<[string, Sighting]> {
    return this.#facts.entries();
  }

  /** The sighting of an access; new ones start with count 0. Null when the bound of its kind is reached. */
  find(access: Access, origin: () => Origin): Sighting | null {
    const key = factKey(access);
    const known = this.#facts.get(key);
    if (known !== undefined) return known;
    if (access.kind === 'path') {
      const folded = this.#intoCollapsed(access);
      if (folded !== null) return this.find(folded, origin);
    } else {
      const count = (this.#kinds.get(access.kind) ?? 0) + 1;
      if (count > KIND_LIMIT) {
        this.#overflowed(`${access.kind}: more than ${KIND_LIMIT} different ones`, 1);
        return null;
      }
      this.#kinds.set(access.kind, count);
    }
    const sighting: Sighting = {
      access,
      count: 0,
      slices: 0,
      first: Number.NaN,
      last: Number.NaN,
      origin: origin(),
      by: [],
      lastBy: null,
    };
    this.#facts.set(key, sighting);
    if (this.#facts.size > FACT_LIMIT) this.#collapse();
    return this.#facts.get(key) ?? (access.kind === 'path' ? this.find(access, origin) : sighting);
  }

  widen(): void {
    for (const sighting of this.#facts.values()) sighting.slices = widen(sighting.slices);
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
    for (let names = 256; names >= 2 && this.#facts.size > FACT_LIMIT / 2; names = Math.floor(names / 4)) {
      const children = new Map<string, Set<string>>();
      for (const { access } of this.#facts.values()) {
        if (access.kind !== 'path') continue;
        for (let path = access.path; path !== '/'; path = parentOf(path)) {
          const parent = parentOf(path);
          const siblings = children.get(parent) ?? new Set();
          if (siblings.has(path)) break;
          children.set(parent, siblings.add(path));
        }
      }
      for (const [directory, siblings] of children)
        if (siblings.size >= names && directory !== '/') {
          this.#collapsed.add(this.#pattern(directory));
          this.#standIns.clear();
          this.#overflowed(`${directory}/*: too many names to keep apart; they are treated as one`, siblings.size);
        }
      this.#fold();
    }
  }

  #fold(): void {
    this.generation++;
    this.#standIns.clear();
    const entries = [...this.#facts];
    this.#facts.clear();
    for (const [key, sighting] of entries) {
      const folded = sighting.access.kind === 'path' ? this.#intoCollapsed(sighting.access) : null;
      const target = folded === null ? key : factKey(folded);
      const known = this.#facts.get(target);
      if (known === undefined) this.#facts.set(target, folded === null ? sighting : { ...sighting, access: folded });
      else join(known, sighting);
    }
  }
}

/** Adds one sighting to another of the same fact. */
function join(into: Sighting, other: Sighting): void {
  into.count += other.count;
  into.slices |= other.slices;
  if (other.first < into.first || Number.isNaN(into.first)) into.first = other.first;
  if (other.last > into.last || Number.isNaN(into.last)) into.last = other.last;
  for (const exe of other.by) addExecutable(into, exe);
}

/** Keeps the alphabetically first few: a choice that does not depend on the order of arrival. */
export function addExecutable(sighting: { by: string[] }, exe: string): void {
  if (sighting.by.includes(exe)) return;
  sighting.by.push(exe);
  sighting.by.sort();
  if (sighting.by.length > BY_LIMIT) sighting.by.pop();
}
