// What the run of a log is known by: the size, the beginning and the end of its text, however it is packed. To hash all of it would cost as
// much as the analysis.

import { createHash } from 'node:crypto';

/** Bytes of the beginning, and of the end. */
export const SAMPLE: number = 1 << 16;

/** `start` and `end`: the first and the last SAMPLE bytes, each of them all there is in a shorter text. */
export const identityOf = (size: number, start: Uint8Array, end: Uint8Array): string =>
  createHash('sha256').update(String(size)).update(start).update(end).digest('hex').slice(0, 16);

/** The identity of a text that comes in pieces. They are kept, not copied. */
export class Identity {
  #size = 0;
  readonly #first: Buffer[] = [];
  #last: Buffer[] = [];
  #lastSize = 0;

  add(piece: Buffer): void {
    if (this.#size < SAMPLE) this.#first.push(piece);
    this.#size += piece.length;
    this.#last.push(piece);
    this.#lastSize += piece.length;
    // What is left still holds the last bytes.
    for (
      let [oldest] = this.#last;
      oldest !== undefined && this.#lastSize - oldest.length >= SAMPLE;
      [oldest] = this.#last
    ) {
      this.#last.shift();
      this.#lastSize -= oldest.length;
    }
  }

  get id(): string {
    const [first, last] = [Buffer.concat(this.#first), Buffer.concat(this.#last)];
    return identityOf(this.#size, first.subarray(0, SAMPLE), last.subarray(Math.max(0, last.length - SAMPLE)));
  }
}
