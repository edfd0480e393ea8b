// The thread that scan-ahead.ts starts: reads a log file, unpacks and scans it, and reports what it found, block by block.
// It waits when all blocks are full.

import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { UsageError } from '../errors.ts';
import type { Layout } from './layout.ts';
import { openLogFile } from './log.ts';
import { Sampler } from './sampler.ts';
import { Scanner } from './scan.ts';
import type { Order, Report } from './scan-ahead.ts';
import { type Block, SharedBlocks } from './shared-blocks.ts';

/** Scans one file. */
class ScanJob {
  readonly #port: MessagePort;
  readonly #order: Order;
  readonly #shared: SharedBlocks;
  #layout: Layout | null = null;
  #scanner: Scanner | null = null;
  /** The block that is being filled. */
  #at = 0;
  #block: Block | undefined;
  #used = 0;

  constructor(port: MessagePort, order: Order) {
    this.#port = port;
    this.#order = order;
    this.#shared = new SharedBlocks(order.memory);
    this.#block = this.#shared.blocks[0];
  }

  async run(): Promise<void> {
    const sampler = new Sampler({
      start: layout => {
        this.#layout = layout;
        this.#scanner = new Scanner(layout, this.#order.rules, this.#order.inodes);
      },
      lines: (bytes, start, end) => this.#lines(bytes, start, end),
      tooLong: () => this.#tooLong(),
    });
    for await (const chunk of openLogFile(this.#order.file)) sampler.push(chunk);
    sampler.end();
    this.#report();
  }

  #lines(bytes: Buffer, start: number, end: number): void {
    const block = this.#room(end - start);
    if (block === undefined) return;
    bytes.copy(block.bytes, this.#used, start, end);
    const at = this.#used;
    this.#used += end - start;
    const stop = this.#scanner?.scan(block.bytes, at, this.#used, block.batch) ?? this.#used;
    if (stop === this.#used) return;
    // The batch is full: it leaves with the lines it is about, the others go on in the next.
    this.#report();
    this.#lines(bytes, start + stop - at, end);
  }

  #tooLong(): void {
    if (this.#block?.batch.isFull) this.#report();
    this.#room(0)?.batch.addTooLong();
  }

  /** A block with room for so many bytes. */
  #room(size: number): Block | undefined {
    if (this.#block !== undefined && this.#used + size > this.#block.bytes.length) this.#report();
    return this.#block;
  }

  /** The block is complete: goes on to the next one, when that has been read. */
  #report(): void {
    const { blocks } = this.#shared;
    const { count, generation } = this.#block?.batch ?? { count: 0, generation: 0 };
    if (this.#layout === null || count === 0) return;
    const report: Report = { layout: this.#layout, block: this.#at, count, generation };
    this.#shared.fill(this.#at);
    this.#port.postMessage(report);
    this.#at = (this.#at + 1) % blocks.length;
    this.#shared.waitFor(this.#at);
    this.#block = blocks[this.#at];
    this.#used = 0;
    if (this.#block !== undefined) this.#block.batch.count = 0;
  }
}

/** Runs the order this thread was started with; an error that is meant for the user's eyes is sent as such. */
async function main(port: MessagePort, order: Order): Promise<void> {
  try {
    await new ScanJob(port, order).run();
    port.postMessage('end');
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    port.postMessage({ code: error.code, message: error.message, hint: error.hint });
  }
  port.close();
}

const order: Order = workerData;
if (parentPort !== null) await main(parentPort, order);
