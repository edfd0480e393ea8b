// The phrases behind the numbers of a phrasebook: the same number is the same object, until the book starts anew.

import type { Batch } from './batch.ts';
import { SharedPhrase } from './halves.ts';
import { withoutMark } from './notices.ts';
import { UNNUMBERED } from './phrasebook.ts';

export class PhraseTable<M> {
  readonly #phrases: (SharedPhrase<M> | undefined)[] = [];
  #generation = 0;

  /** From here on, numbers are those of this generation. */
  turnTo(generation: number): void {
    if (generation === this.#generation) return;
    this.#phrases.length = 0;
    this.#generation = generation;
  }

  /** The phrase of line `i`: by its number, if it has one. */
  of(bytes: Buffer, batch: Batch, i: number): SharedPhrase<M> {
    const id = batch.ids[i] ?? UNNUMBERED;
    const known = id === UNNUMBERED ? undefined : this.#phrases[id];
    if (known !== undefined) return known;
    const text = withoutMark(bytes.toString('latin1', batch.starts[i], batch.ends[i]));
    const phrase = new SharedPhrase<M>(text, id !== UNNUMBERED);
    if (id !== UNNUMBERED) this.#phrases[id] = phrase;
    return phrase;
  }
}
