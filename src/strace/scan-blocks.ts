// The memory of a scanner: what it keeps for itself, and behind that blocks of text with what was found in it. Two threads can share it:
// each block is filled by one, read by the other, and filled again.
// It is shared rather than handed over because V8 makes every typed array slower once a buffer has been taken away from a thread.

import { Batch } from './batch.ts';
import { LINE_LIMIT } from './lines.ts';
import { BATCH_BYTES, BLOCKS, STATES, STEP } from './scan-layout.ts';

const PAGE = 65_536;

const rounded = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;

/** Lines are copied to the front of a block, where there is room for the longest; a newline stands behind them. */
export const FRONT_BYTES: number = rounded(LINE_LIMIT + 2, STEP);
/** A piece of a file is read to where it stays. */
export const CHUNK_BYTES: number = 1 << 19;
const BLOCK_BYTES = FRONT_BYTES + CHUNK_BYTES + STEP + BATCH_BYTES;

const FREE = 0;
const FULL = 1;

/** One block, as its threads see it. */
export interface Block {
  readonly bytes: Buffer;
  readonly batch: Batch;
  /** Where in the memory the text begins, and the columns of the batch. */
  readonly text: number;
  readonly columns: number;
}

/** What one thread gives the other to see the same blocks. */
export interface BlockMemory {
  memory: WebAssembly.Memory;
  blocks: number;
}

/**
 * Pages that are never written to take no memory. Null where this process may not have the 10 GB of addresses that V8 puts aside for each
 * memory (`ulimit -v`): then there is no scanner, and every line goes the plain way.
 */
export function newBlockMemory(blocks: number): BlockMemory | null {
  const pages = Math.ceil((BLOCKS + blocks * BLOCK_BYTES) / PAGE);
  try {
    return { memory: new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }), blocks };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function blockAt({ buffer }: WebAssembly.Memory, number: number): Block {
  const text = BLOCKS + number * BLOCK_BYTES;
  const columns = text + FRONT_BYTES + CHUNK_BYTES + STEP;
  return {
    bytes: Buffer.from(buffer, text, FRONT_BYTES + CHUNK_BYTES),
    batch: new Batch(buffer, columns),
    text,
    columns,
  };
}

/** The blocks, in a ring. */
export class Blocks {
  readonly #blocks: readonly Block[];
  readonly #states: Int32Array;

  constructor({ memory, blocks }: BlockMemory) {
    this.#states = new Int32Array(memory.buffer, STATES, blocks);
    this.#blocks = Array.from({ length: blocks }, (_, number) => blockAt(memory, number));
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
