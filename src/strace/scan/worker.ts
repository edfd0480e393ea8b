// The thread that ahead.ts starts: reads a log file, unpacks and scans it, and reports what it found, block by block.
// It waits when all blocks are full.

import { closeSync, openSync, readSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { UsageError } from '../../errors.ts';
import { NEWLINE } from '../characters.ts';
import { Identity } from '../identity.ts';
import type { Layout } from '../layout.ts';
import { Sampler } from '../sampler.ts';
import type { End, Order, Report } from './ahead.ts';
import { type Block, Blocks, CHUNK_BYTES, FRONT_BYTES } from './blocks.ts';
import { Scanner } from './scanner.ts';

/** The first piece is small: the code that scans it is not compiled yet, and somebody waits for it. */
const FIRST_BYTES = 1 << 16;

/** Scans one file. */
class ScanJob {
  readonly #port: MessagePort;
  readonly #order: Order;
  readonly #shared: Blocks;
  #layout: Layout | null = null;
  #scanner: Scanner | null = null;
  /** The block that is being filled. */
  #at = 0;
  #block: Block;
  /** Bytes at its front, and of its lines. */
  #used = 0;
  #size = 0;

  constructor(port: MessagePort, order: Order) {
    this.#port = port;
    this.#order = order;
    this.#shared = new Blocks(order.memory);
    this.#block = this.#shared.waitFor(this.#at);
  }

  async run(): Promise<End> {
    const sampler = new Sampler({
      start: layout => {
        this.#layout = layout;
        const { rules, inodes } = this.#order;
        this.#scanner = new Scanner();
        this.#scanner.begin(layout, rules, inodes);
      },
      lines: (bytes, start, end) => this.#lines(bytes, start, end),
      tooLong: () => this.#tooLong(),
    });
    const { file } = this.#order;
    let id: string | null = null;
    if (file.packing === 'none') this.#read(file.path, sampler);
    else id = await this.#unpack(sampler);
    sampler.end();
    this.#report();
    return { id };
  }

  /** Resolves to what the text is known by. */
  async #unpack(sampler: Sampler): Promise<string> {
    const { openLogFile } = await import('../log.ts');
    const identity = new Identity();
    for await (const chunk of openLogFile(this.#order.file)) {
      identity.add(chunk);
      sampler.push(chunk);
    }
    return identity.id;
  }

  /** Reads a plain file straight into the blocks. */
  #read(path: string, sampler: Sampler): void {
    const fd = openSync(path, 'r');
    try {
      for (let length = FIRST_BYTES; ; length = CHUNK_BYTES) {
        const { bytes } = this.#block;
        bytes[FRONT_BYTES - 1] = NEWLINE;
        const size = readSync(fd, bytes, FRONT_BYTES, length, null);
        if (size === 0) return;
        sampler.push(bytes.subarray(FRONT_BYTES, FRONT_BYTES + size));
        this.#report();
      }
    } finally {
      closeSync(fd);
    }
  }

  #lines(bytes: Buffer, start: number, end: number): void {
    const from = this.#placeOf(bytes, start) ?? this.#copy(bytes, start, end);
    const to = from + end - start;
    const stop = this.#scanner?.scan(this.#block, from, to) ?? to;
    this.#size += stop - from;
    if (stop === to) return;
    // The batch is full: it leaves with the lines it is about, the others go on in the next.
    this.#report();
    this.#lines(bytes, start + stop - from, end);
  }

  /** Where bytes[start] is in the block that is being filled, if it is there. */
  #placeOf(bytes: Buffer, start: number): number | null {
    const { buffer, byteOffset, length } = this.#block.bytes;
    const place = bytes.byteOffset + start - byteOffset;
    return bytes.buffer === buffer && place >= 0 && place < length ? place : null;
  }

  /** Copies lines to the front of a block; returns where they stand. */
  #copy(bytes: Buffer, start: number, end: number): number {
    if (this.#used + end - start >= FRONT_BYTES) this.#report();
    const at = this.#used;
    this.#used += end - start;
    bytes.copy(this.#block.bytes, at, start, end);
    return at;
  }

  #tooLong(): void {
    if (this.#block.batch.isFull) this.#report();
    this.#block.batch.addTooLong();
  }

  /** The block is complete: goes on to the next one, when that has been read. */
  #report(): void {
    const { count, generation } = this.#block.batch;
    if (this.#layout === null || count === 0) return;
    const report: Report = { layout: this.#layout, block: this.#at, count, generation, size: this.#size };
    this.#shared.fill(this.#at);
    this.#port.postMessage(report);
    this.#at = this.#shared.after(this.#at);
    this.#block = this.#shared.waitFor(this.#at);
    this.#block.batch.count = 0;
    this.#used = 0;
    this.#size = 0;
  }
}

/** Runs the order this thread was started with; an error that is meant for the user's eyes is sent as such. */
async function main(port: MessagePort, order: Order): Promise<void> {
  try {
    port.postMessage(await new ScanJob(port, order).run());
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    port.postMessage({ code: error.code, message: error.message, hint: error.hint });
  }
  port.close();
}

const order: Order = workerData;
if (parentPort !== null) void main(parentPort, order);
