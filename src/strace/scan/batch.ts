// What the scanner found of some lines, column by column, in memory that threads can share.

import { TOO_LONG } from './kinds.ts';

/** Lines that a batch holds at most. */
const CAPACITY = 8192;

/** No number: not met before, or too long to be remembered. */
export const UNNUMBERED = -1;

/** Bytes of all columns. */
export const BATCH_BYTES: number = CAPACITY * (8 + 4 * 4 + 1);

export class Batch {
  count = 0;
  /** Of the phrasebook whose numbers these are: those of two books never meet in one batch. */
  generation = 0;
  /** Seconds; NaN: the line shows no time. */
  readonly times: Float64Array;
  /** Of rules or phrases. */
  readonly ids: Int32Array;
  /** NO_PID: the line shows none. */
  readonly pids: Int32Array;
  /** Where the text stands in the bytes that were scanned: what is behind the prefix, or all of the line. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** See kinds.ts. */
  readonly kinds: Uint8Array;

  /** A batch whose columns begin at `base` of the memory, a multiple of 8. */
  constructor(memory: SharedArrayBuffer, base: number) {
    const column = (number: number): number => base + CAPACITY * (8 + 4 * number);
    this.times = new Float64Array(memory, base, CAPACITY);
    this.ids = new Int32Array(memory, column(0), CAPACITY);
    this.pids = new Int32Array(memory, column(1), CAPACITY);
    this.starts = new Int32Array(memory, column(2), CAPACITY);
    this.ends = new Int32Array(memory, column(3), CAPACITY);
    this.kinds = new Uint8Array(memory, column(4), CAPACITY);
  }

  get isFull(): boolean {
    return this.count === CAPACITY;
  }

  /** A line that was too long: without text, and of nobody. */
  addTooLong(): void {
    const i = this.count++;
    this.kinds[i] = TOO_LONG;
    this.starts[i] = 0;
    this.ends[i] = 0;
  }
}
