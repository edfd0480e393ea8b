// What belongs to the numbers of a phrasebook: of calls what the sink keeps of them, of halves their texts, until the book starts anew.

import type { Batch } from './batch.ts';
import { Part } from './halves.ts';
import { UNNUMBERED } from './scan-layout.ts';

export class PhraseTable<M> {
  /** By number. The text of a call is not kept: it is on every line that repeats it. */
  readonly calls: (M | null | undefined)[] = [];
  readonly #halves: (Part<M> | undefined)[] = [];
  #generation = 0;

  /** From here on, numbers are those of this generation. */
  turnTo(generation: number): void {
    if (generation !== this.#generation) this.clear();
    this.#generation = generation;
  }

  /** No number has a meaning any more. */
  clear(): void {
    this.calls.length = 0;
    this.#halves.length = 0;
  }

  /** The half on line `i`: by its number, if it has one. */
  half(bytes: Buffer, batch: Batch, i: number): Part<M> {
    const id = batch.ids[i] ?? UNNUMBERED;
    const known = id === UNNUMBERED ? undefined : this.#halves[id];
    if (known !== undefined) return known;
    const half = new Part<M>(bytes.toString('latin1', batch.starts[i], batch.ends[i]), id !== UNNUMBERED);
    if (id !== UNNUMBERED) this.#halves[id] = half;
    return half;
  }
}
