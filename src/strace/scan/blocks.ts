// Blocks of text with what was found in it. Two threads can share them: each block is filled by one, read by the other, and filled again.
// They are shared rather than handed over because V8 makes every typed array slower once a buffer has been taken away from a thread.

import { LINE_LIMIT } from '../lines.ts';
import { BATCH_BYTES, Batch } from './batch.ts';

const rounded = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Lines are copied to the front of a block, where there is room for the longest; a newline stands behind them. */
export const FRONT_BYTES: number = rounded(LINE_LIMIT + 2);
/** A piece of a file is read to where it stays. */
export const CHUNK_BYTES: number = 1 << 19;
const TEXT_BYTES = FRONT_BYTES + CHUNK_BYTES;

const FREE = 0;
const FULL = 1;

/** One block, as its threads see it. */
export interface Block {
  readonly bytes: Buffer;
  /** The same bytes. */
  readonly view: DataView;
  readonly batch: Batch;
}

/** What one thread gives the other to see the same blocks: the state of each, and each block's memory. */
export interface BlockMemory {
  readonly states: SharedArrayBuffer;
  readonly blocks: readonly SharedArrayBuffer[];
}

/** Pages that are never written to take no memory. */
export const newBlockMemory = (blocks: number): BlockMemory => ({
  states: new SharedArrayBuffer(4 * blocks),
  blocks: Array.from({ length: blocks }, () => new SharedArrayBuffer(TEXT_BYTES + BATCH_BYTES)),
});

const blockIn = (memory: SharedArrayBuffer): Block => ({
  bytes: Buffer.from(memory, 0, TEXT_BYTES),
  view: new DataView(memory, 0, TEXT_BYTES),
  batch: new Batch(memory, TEXT_BYTES),
});

/** A block that one thread has for itself. */
export const newBlock = (): Block => blockIn(new SharedArrayBuffer(TEXT_BYTES + BATCH_BYTES));

/** The blocks, in a ring. */
export class Blocks {
  readonly #blocks: readonly Block[];
  readonly #states: Int32Array;

  constructor({ states, blocks }: BlockMemory) {
    this.#states = new Int32Array(states);
    this.#blocks = blocks.map(blockIn);
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
