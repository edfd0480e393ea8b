// Bytes cut anywhere → pieces of whole lines, without looking at more than the newlines at a chunk's two ends.
// A line longer than LINE_LIMIT is never held: its bytes are dropped as they come, and it is reported in its place.

import { NEWLINE } from './characters.ts';

/** strace's own limits are far below. */
export const LINE_LIMIT: number = 1 << 20;

/** Chunks are taken in steps of this many bytes, so that a line that is too long meets the limit wherever it is cut. */
const STEP = 1 << 18;

export interface LineSink {
  /** bytes[start, end) are whole lines with their newlines (the last line of a log is given one). They are lent for this call. */
  lines(bytes: Buffer, start: number, end: number): void;
  /** Here was a line longer than LINE_LIMIT. */
  tooLong(): void;
}

export class LineCutter {
  readonly #sink: LineSink;
  /** The beginning of a line whose end has not come: #held[0, #size). */
  #held = Buffer.allocUnsafeSlow(512);
  #size = 0;
  #skipping = false;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at += STEP) this.#push(chunk.subarray(at, at + STEP));
  }

  #push(chunk: Buffer): void {
    let at = 0;
    if (this.#skipping || this.#size > 0) {
      const stop = chunk.indexOf(NEWLINE);
      if (stop < 0) {
        this.#hold(chunk);
        return;
      }
      at = stop + 1;
      this.#hold(chunk.subarray(0, at));
      if (!this.#skipping) this.#sink.lines(this.#held, 0, this.#size);
      this.#skipping = false;
      this.#size = 0;
    }
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > at) this.#sink.lines(chunk, at, end);
    if (end < chunk.length) this.#hold(chunk.subarray(Math.max(at, end)));
  }

  /** No more will come: what is left is the last line. */
  end(): void {
    const size = this.#size;
    this.#size = 0;
    if (size === 0) return;
    this.#held[size] = NEWLINE;
    this.#sink.lines(this.#held, 0, size + 1);
  }

  #hold(part: Buffer): void {
    if (this.#skipping) return;
    const size = this.#size + part.length;
    const length = part[part.length - 1] === NEWLINE ? size - 1 : size;
    if (length > LINE_LIMIT) {
      this.#sink.tooLong();
      this.#size = 0;
      this.#skipping = true;
      return;
    }
    if (size >= this.#held.length) {
      const wider = Buffer.allocUnsafeSlow(2 * size);
      this.#held.copy(wider, 0, 0, this.#size);
      this.#held = wider;
    }
    part.copy(this.#held, this.#size);
    this.#size = size;
  }
}
