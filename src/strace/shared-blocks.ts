// Memory that two threads share: blocks of text with what was found in it, each filled by one thread, read by the other, and filled again.
// It is shared rather than handed over because V8 makes every typed array slower once a buffer has been taken away from a thread.

import { Batch, CAPACITY, LINE_BYTES } from './batch.ts';
import { LINE_LIMIT } from './lines.ts';

/** Lines are copied to the front of a block, where there is room for the longest; a newline stands behind them. */
export const FRONT_BYTES: number = LINE_LIMIT + 2;
/** A piece of a file is read to where it stays. */
export const CHUNK_BYTES: number = 1 << 19;
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
    text: new SharedArrayBuffer(FRONT_BYTES + CHUNK_BYTES),
    batch: new SharedArrayBuffer(CAPACITY * LINE_BYTES),
  })),
});

/** The blocks, in a ring. */
export class SharedBlocks {
  readonly #blocks: readonly Block[];
  readonly #states: Int32Array;

  constructor({ states, blocks }: BlockMemory) {
    this.#states = new Int32Array(states);
    this.#blocks = blocks.map(({ text, batch }) => ({ bytes: Buffer.from(text), batch: new Batch(batch) }));
  }

  at(block: number): Block {
    const found = this.#blocks[block];
    if (found === undefined) throw new RangeError(`there is no block ${block}`);
    return found;
  }

  after(block: number): number {
    return (block + 1) % this.#blocks.length;
  }

  /** Of the filling thread: the block is the other's from now on. */
  fill(block: number): void {
    Atomics.store(this.#states, block, FULL);
  }

  /** Of the filling thread: the block, once it has been read. */
  waitFor(block: number): Block {
    Atomics.wait(this.#states, block, FULL);
    return this.at(block);
  }

  /** Of the reading thread: the block may be filled again. */
  free(block: number): void {
    Atomics.store(this.#states, block, FREE);
    Atomics.notify(this.#states, block);
  }
}
