// The thread that scan-ahead.ts starts: reads a log file, unpacks and scans it, and hands over what it found, block by block.
// It keeps at most so many blocks as it was given; it waits when all of them are with the other side.

import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { UsageError } from '../errors.ts';
import { Batch } from './batch.ts';
import type { Layout } from './layout.ts';
import { openLogFile } from './log.ts';
import { Sampler } from './sampler.ts';
import { Scanner } from './scan.ts';
import type { Block, Order, Report } from './scan-ahead.ts';

/** Room for two chunks of a file. */
const BLOCK_BYTES = 1 << 19;

/** Scans one file. */
class ScanJob {
  readonly #port: MessagePort;
  readonly #order: Order;
  readonly #free: Block[] = [];
  #wake: (() => void) | null = null;
  /** Filled, and waiting to be handed over: what one chunk gave. */
  readonly #full: Report[] = [];
  #made = 0;
  #layout: Layout | null = null;
  #scanner: Scanner | null = null;
  #batch = new Batch();
  #bytes = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #used = 0;

  constructor(port: MessagePort, order: Order) {
    this.#port = port;
    this.#order = order;
    port.on('message', (block: Block) => {
      this.#free.push(block);
      this.#wake?.();
    });
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
    for await (const chunk of openLogFile(this.#order.file)) {
      sampler.push(chunk);
      await this.#handOver();
    }
    sampler.end();
    this.#fill();
    await this.#handOver();
  }

  #lines(bytes: Buffer, start: number, end: number): void {
    if (this.#used + end - start > this.#bytes.length) this.#fill();
    if (end - start > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(end - start);
    bytes.copy(this.#bytes, this.#used, start, end);
    let at = this.#used;
    this.#used += end - start;
    while (at < this.#used) {
      at = this.#scanner?.scan(this.#bytes, at, this.#used, this.#batch) ?? this.#used;
      if (at === this.#used) break;
      // The batch is full: it leaves with the lines it is about, the others go on in the next.
      const rest = Buffer.from(this.#bytes.subarray(at, this.#used));
      this.#used = at;
      this.#fill();
      this.#lines(rest, 0, rest.length);
      return;
    }
  }

  #tooLong(): void {
    if (this.#batch.isFull) this.#fill();
    this.#batch.addTooLong();
  }

  /** The block is complete. */
  #fill(): void {
    if (this.#layout === null || this.#batch.count === 0) return;
    const { block, count, generation } = this.#batch;
    this.#full.push({ layout: this.#layout, text: this.#bytes.buffer, batch: block, count, generation });
    const free = this.#free.pop();
    this.#made += free === undefined ? 1 : 0;
    this.#batch = new Batch(free?.batch);
    this.#bytes = free === undefined ? Buffer.allocUnsafeSlow(BLOCK_BYTES) : Buffer.from(free.text);
    this.#used = 0;
  }

  async #handOver(): Promise<void> {
    for (const report of this.#full) this.#port.postMessage(report, [report.text, report.batch]);
    this.#full.length = 0;
    while (this.#made >= this.#order.blocks && this.#free.length === 0) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
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
