// What the scanner found of some lines, column by column, in one block of memory that threads can share.

/** What a line is. */
export const KIND = {
  /** Anything else: a line for the plain way. [start, end) is all of it. */
  other: 0,
  /** A complete call that is settled; `id` numbers its rule. [start, end) is the call. */
  settled: 1,
  /** The first half of a call that is settled always, without its mark; `id` numbers its rule. */
  settledHead: 2,
  /** The second half of such a call, complete; `id` numbers its rule. [start, end) is all of the line. */
  settledTail: 3,
  /** A complete call; `id` is its phrase. */
  call: 4,
  /** The first half of a call, without its mark; `id` is its phrase. */
  head: 5,
  /** The second half of a call, with its mark; `id` is its phrase. */
  tail: 6,
  /** A line that was too long to be held; [start, end) is empty. */
  tooLong: 7,
} as const;

/** Lines that a batch holds at most. */
export const CAPACITY = 8_192;
/** Of a line in all columns. */
export const LINE_BYTES = 8 + 4 * 4 + 1;

export class Batch {
  count = 0;
  /** Of the phrasebook whose numbers these are: those of two books never meet in one batch. */
  generation = 0;
  /** Seconds; NaN: the line shows no time. */
  readonly times: Float64Array;
  /** Of rules or phrases. */
  readonly ids: Int32Array;
  /** -1: the line shows no pid. */
  readonly pids: Int32Array;
  /** Where the text stands in the bytes that were scanned. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly kinds: Uint8Array;

  constructor(block: ArrayBufferLike = new ArrayBuffer(CAPACITY * LINE_BYTES)) {
    let at = CAPACITY * 8;
    this.times = new Float64Array(block, 0, CAPACITY);
    const integers = (): Int32Array => {
      const column = new Int32Array(block, at, CAPACITY);
      at += CAPACITY * 4;
      return column;
    };
    this.ids = integers();
    this.pids = integers();
    this.starts = integers();
    this.ends = integers();
    this.kinds = new Uint8Array(block, at, CAPACITY);
  }

  get isFull(): boolean {
    return this.count === CAPACITY;
  }

  /** A line that was too long: without text, and of nobody. */
  addTooLong(): void {
    const i = this.count++;
    this.kinds[i] = KIND.tooLong;
    this.starts[i] = 0;
    this.ends[i] = 0;
  }
}
