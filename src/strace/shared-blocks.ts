// Memory that two threads share: blocks of text with what was found in it, each filled by one thread, read by the other, and filled again.
// It is shared rather than handed over because V8 makes every typed array slower once a buffer has been taken away from a thread.

import { Batch, CAPACITY, LINE_BYTES } from './batch.ts';
import { LINE_LIMIT } from './lines.ts';

/** Room for the longest line. */
const TEXT_BYTES = LINE_LIMIT + 1;
const BLOCKS = 4;

const FREE = 0;
const FULL = 1;

/** One block, as its threads see it. */
export interface Block {
  readonly bytes: Buffer;
  readonly batch: Batch;
}

/** What one thread gives the other to see the same blocks. */
export interface BlockMemory {
  states: SharedArrayBuffer;
  blocks: { text: SharedArrayBuffer; batch: SharedArrayBuffer }[];
}

export const newBlockMemory = (): BlockMemory => ({
  states: new SharedArrayBuffer(BLOCKS * Int32Array.BYTES_PER_ELEMENT),
  blocks: Array.from({ length: BLOCKS }, () => ({
    text: new SharedArrayBuffer(TEXT_BYTES),
    batch: new SharedArrayBuffer(CAPACITY * LINE_BYTES),
  })),
});

export class SharedBlocks {
  readonly blocks: readonly Block[];
  readonly #states: Int32Array;

  constructor({ states, blocks }: BlockMemory) {
    this.#states = new Int32Array(states);
    this.blocks = blocks.map(({ text, batch }) => ({ bytes: Buffer.from(text), batch: new Batch(batch) }));
  }

  /** Of the filling thread: the block is the other's from now on. */
  fill(block: number): void {
    Atomics.store(this.#states, block, FULL);
  }

  /** Of the filling thread: waits until the block has been read. */
  waitFor(block: number): void {
    Atomics.wait(this.#states, block, FULL);
  }

  /** Of the reading thread: the block may be filled again. */
  free(block: number): void {
    Atomics.store(this.#states, block, FREE);
    Atomics.notify(this.#states, block);
  }
}
