// Which calls are settled by their names alone, or by their names unless one of some words stands in them.

import { GREATER, LESS } from '../characters.ts';
import type { Settle } from '../records.ts';

const SLOTS = 4096;

interface Rule {
  readonly name: Uint8Array;
  /** The rule does not hold where one of these stands. */
  readonly words: readonly Uint8Array[];
  /** By byte: 1 where one of the words begins with it. */
  readonly begins: Uint8Array;
  /** The rule holds only where this stands, outside of `<…>`. */
  readonly shown: Uint8Array | null;
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function ruleFor({ name, unless, shows }: Settle): Rule {
  const words = unless.map(latin1);
  const begins = new Uint8Array(256);
  for (const [first = 0] of words) begins[first] = 1;
  return { name: latin1(name), words, begins, shown: shows === undefined ? null : latin1(shows) };
}

/** Does the word stand at `at`? */
export function isAt(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

const startsWith = (bytes: Uint8Array, at: number, end: number, word: Uint8Array): boolean =>
  at + word.length <= end && isAt(bytes, at, word);

/** Where the word stands first, outside of `<…>`, which the traced program may have named; `end`: nowhere. */
function shownAt(bytes: Uint8Array, at: number, end: number, word: Uint8Array): number {
  const [first] = word;
  for (let i = at; i < end; i++) {
    const code = bytes[i];
    if (code === first && startsWith(bytes, i, end, word)) return i;
    if (code === LESS) while (i + 1 < end && bytes[i + 1] !== GREATER) i++;
  }
  return end;
}

function slotOf(bytes: Uint8Array, at: number, end: number): number {
  let hash = 0;
  for (let i = at; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i] ?? 0)) | 0;
  return (hash ^ (hash >>> 12)) & (SLOTS - 1);
}

export class SettledNames {
  readonly #rules: readonly Rule[];
  /** Hash of a name → number of its rule + 1; collisions go on to the next slot. */
  readonly #slots = new Uint16Array(SLOTS);

  constructor(rules: readonly Settle[]) {
    this.#rules = rules.map(ruleFor);
    for (const [number, { name }] of this.#rules.entries()) {
      let slot = slotOf(name, 0, name.length);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
      this.#slots[slot] = number + 1;
    }
  }

  /** The number of the rule for the name [at, end), or -1. */
  find(bytes: Uint8Array, at: number, end: number): number {
    for (let slot = slotOf(bytes, at, end); ; slot = (slot + 1) & (SLOTS - 1)) {
      const number = (this.#slots[slot] ?? 0) - 1;
      const rule = this.#rules[number];
      if (rule === undefined) return -1;
      if (rule.name.length === end - at && isAt(bytes, at, rule.name)) return number;
    }
  }

  /** Does the rule hold whatever stands in the call? */
  holdsAlways(rule: number): boolean {
    return this.#rules[rule]?.words.length === 0;
  }

  /** Does the rule hold for the call whose text behind the name is [at, end)? */
  holds(rule: number, bytes: Uint8Array, at: number, end: number): boolean {
    const found = this.#rules[rule];
    if (found === undefined) return false;
    const { words, begins, shown } = found;
    if (words.length === 0) return true;
    const from = shown === null ? at : shownAt(bytes, at, end, shown);
    if (from === end) return false;
    for (let i = from; i < end; i++)
      if (begins[bytes[i] ?? 0] !== 0 && words.some(word => startsWith(bytes, i, end, word))) return false;
    return true;
  }
}
