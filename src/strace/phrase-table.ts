// What belongs to the numbers of a phrasebook: of calls what the sink keeps of them, of halves their texts, until the book starts anew.

import { Part } from './halves.ts';
import { type Batch, UNNUMBERED } from './scan/batch.ts';

/** Things by number: without holes, since V8 makes a table that is slow to search of an array that is written to far behind its end. */
class Numbered<T> {
  readonly #all: (T | null)[] = [];

  get(number: number): T | null {
    return number < this.#all.length ? (this.#all[number] ?? null) : null;
  }

  set(number: number, one: T | null): void {
    while (this.#all.length <= number) this.#all.push(null);
    this.#all[number] = one;
  }

  clear(): void {
    this.#all.length = 0;
  }
}

export class PhraseTable<M> {
  /** The text of a call is not kept: it is on every line that repeats it. */
  readonly calls: Numbered<M> = new Numbered();
  readonly #halves: Numbered<Part<M>> = new Numbered();
  #generation = 0;

  /** From here on, numbers are those of this generation. */
  turnTo(generation: number): void {
    if (generation !== this.#generation) this.clear();
    this.#generation = generation;
  }

  /** No number has a meaning any more. */
  clear(): void {
    this.calls.clear();
    this.#halves.clear();
  }

  /** The half on line `i`: by its number, if it has one. */
  half(bytes: Buffer, batch: Batch, i: number): Part<M> {
    const id = batch.ids[i] ?? UNNUMBERED;
    if (id === UNNUMBERED) return new Part(bytes.toString('latin1', batch.starts[i], batch.ends[i]));
    const known = this.#halves.get(id);
    if (known !== null) return known;
    const half = new Part<M>(bytes.toString('latin1', batch.starts[i], batch.ends[i]), true);
    this.#halves.set(id, half);
    return half;
  }
}
