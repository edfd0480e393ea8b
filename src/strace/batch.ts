// What the scanner found of some lines, column by column, in memory that threads can share.

import { TOO_LONG } from './kinds.ts';
import { CAPACITY, ENDS, IDS, KINDS, PIDS, STARTS, TIMES } from './scan-layout.ts';

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

  constructor(memory: SharedArrayBuffer, base: number) {
    this.times = new Float64Array(memory, base + TIMES, CAPACITY);
    this.ids = new Int32Array(memory, base + IDS, CAPACITY);
    this.pids = new Int32Array(memory, base + PIDS, CAPACITY);
    this.starts = new Int32Array(memory, base + STARTS, CAPACITY);
    this.ends = new Int32Array(memory, base + ENDS, CAPACITY);
    this.kinds = new Uint8Array(memory, base + KINDS, CAPACITY);
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
