// How often, when and by which program each fact was seen. Most lines of a log only add to that, and what they add to lies together in
// 32 bytes of one block of memory: as properties of objects it would be spread over several places that the processor has to wait for.

import { widen } from './slices.ts';

/** Of a tally, in numbers of 64 bits: count, first and last time in seconds (NaN without time stamps), then two of 32 bits. */
const COUNT = 0;
const FIRST = 1;
const LAST = 2;
const SIZE = 4;
/** In numbers of 32 bits: the slices, one bit each, as a signed number; and the executable that was last. */
const SLICES = 6;
const BY = 7;
const INTEGERS = 2 * SIZE;

/** The number of no executable. */
export const NOBODY = 0;

export class Tallies {
  #values = new Float64Array(64 * SIZE);
  #integers = new Int32Array(this.#values.buffer);
  #size = 0;
  readonly #released: number[] = [];

  /** The number of a new tally. */
  add(): number {
    const number = this.#released.pop() ?? this.#size++;
    if (number * SIZE >= this.#values.length) this.#grow();
    this.#values[number * SIZE + COUNT] = 0;
    this.#values[number * SIZE + FIRST] = Number.NaN;
    this.#values[number * SIZE + LAST] = Number.NaN;
    this.#integers[number * INTEGERS + SLICES] = 0;
    this.#integers[number * INTEGERS + BY] = NOBODY;
    return number;
  }

  #grow(): void {
    const values = new Float64Array(2 * this.#values.length);
    values.set(this.#values);
    this.#values = values;
    this.#integers = new Int32Array(values.buffer);
  }

  /** Seen once more: `now` in seconds, or NaN. Returns whether another executable was the last to do it, which is to be remembered. */
  touch(number: number, now: number, slice: number, by: number): boolean {
    const values = this.#values;
    const integers = this.#integers;
    const at = number * SIZE;
    const marks = number * INTEGERS;
    values[at + COUNT] = (values[at + COUNT] ?? 0) + 1;
    integers[marks + SLICES] = (integers[marks + SLICES] ?? 0) | slice;
    if (!Number.isNaN(now)) {
      if (Number.isNaN(values[at + FIRST])) values[at + FIRST] = now;
      if (!(now <= (values[at + LAST] ?? Number.NaN))) values[at + LAST] = now;
    }
    if (by === NOBODY || integers[marks + BY] === by) return false;
    integers[marks + BY] = by;
    return true;
  }

  count(number: number): number {
    return this.#values[number * SIZE + COUNT] ?? 0;
  }

  first(number: number): number {
    return this.#values[number * SIZE + FIRST] ?? Number.NaN;
  }

  last(number: number): number {
    return this.#values[number * SIZE + LAST] ?? Number.NaN;
  }

  /** One bit each, as a signed number. */
  slices(number: number): number {
    return this.#integers[number * INTEGERS + SLICES] ?? 0;
  }

  /** Slices become twice as wide. */
  widen(): void {
    for (let at = SLICES; at < this.#size * INTEGERS; at += INTEGERS)
      this.#integers[at] = widen(this.#integers[at] ?? 0);
  }

  /** Adds one tally to another of the same fact; its number will be given anew. */
  join(into: number, other: number): void {
    const values = this.#values;
    values[into * SIZE + COUNT] = this.count(into) + this.count(other);
    if (this.first(other) < this.first(into) || Number.isNaN(this.first(into)))
      values[into * SIZE + FIRST] = this.first(other);
    if (this.last(other) > this.last(into) || Number.isNaN(this.last(into)))
      values[into * SIZE + LAST] = this.last(other);
    this.#integers[into * INTEGERS + SLICES] = this.slices(into) | this.slices(other);
    this.#released.push(other);
  }
}
