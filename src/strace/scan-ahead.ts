// Scans a saved log in a thread of its own, ahead of who follows its processes: the scanning needs no state of them.
// Text and findings are in blocks of memory that both threads see, so that nothing is copied and memory is bounded.

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { UsageError } from '../errors.ts';
import type { Layout } from './layout.ts';
import type { LogFile } from './log.ts';
import { MAGIC_BYTES, type Packing, packingOf } from './packing.ts';
import type { Scanned } from './reader.ts';
import type { Settle } from './records.ts';
import { type BlockMemory, Blocks, newBlockMemory } from './scan-blocks.ts';

/** What the thread is asked to do. */
export interface Order {
  file: LogFile;
  rules: readonly Settle[];
  inodes: boolean;
  memory: BlockMemory;
}

/** A block that has been filled. */
export interface Report {
  layout: Layout;
  block: number;
  count: number;
  generation: number;
}

type Message = Report | 'end' | { code: string; message: string; hint: string | undefined };

/** Blocks that are filled ahead. */
const BLOCKS = 4;
/** Smaller files are read in less time than it takes to start a thread. */
const WORTHWHILE: Readonly<Record<Packing, number>> = { none: 8 << 20, gzip: 1 << 19, zstd: 1 << 19 };

export const worthScanningAhead = ({ packing, size }: LogFile): boolean => size >= WORTHWHILE[packing];

/** A file that is being scanned: the thread that does it, and what it has reported. */
class Scan {
  readonly #order: Order;
  readonly #worker: Worker;
  readonly #shared: Blocks;
  readonly #messages: (Message | Error)[] = [];
  #wake = (): void => undefined;

  constructor(file: LogFile, rules: readonly Settle[], inodes: boolean) {
    this.#order = { file, rules, inodes, memory: newBlockMemory(BLOCKS) };
    this.#shared = new Blocks(this.#order.memory);
    this.#worker = new Worker(new URL('./scan-worker.js', import.meta.url), {
      workerData: this.#order,
      // It makes few objects, and none that live long.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    const add = (message: Message | Error): void => {
      this.#messages.push(message);
      this.#wake();
    };
    this.#worker.on('message', add);
    this.#worker.on('error', add);
    // While nobody waits for what it finds, it keeps no process alive.
    this.#worker.unref();
  }

  isOf({ path, size }: LogFile, rules: readonly Settle[], inodes: boolean): boolean {
    const { file, rules: own, inodes: ownInodes } = this.#order;
    return file.path === path && file.size === size && own === rules && ownInodes === inodes;
  }

  stop(): Promise<number> {
    return this.#worker.terminate();
  }

  /** The lines. Each answer is valid until the next one is asked for. */
  async *lines(): AsyncGenerator<Scanned> {
    this.#worker.ref();
    for await (const { layout, block, count, generation } of this.#reports()) {
      const filled = this.#shared.at(block);
      filled.batch.count = count;
      filled.batch.generation = generation;
      yield { layout, ...filled };
      this.#shared.free(block);
    }
  }

  /** What the thread reports, in order, until it is done. */
  async *#reports(): AsyncGenerator<Report> {
    for (;;) {
      const message = this.#messages.shift();
      if (message === undefined) {
        await new Promise<void>(resolve => {
          this.#wake = resolve;
        });
      } else if (message === 'end') return;
      else if (message instanceof Error) throw message;
      else if ('code' in message) throw new UsageError(message.code, message.message, message.hint);
      else yield message;
    }
  }
}

/** The scan that was begun before anybody asked for it. */
let begun: Scan | null = null;

/** The file of this name, if it is one that is worth a thread. */
function largeFile(path: string): LogFile | null {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return null;
    const bytes = Buffer.alloc(MAGIC_BYTES);
    const fd = openSync(path, 'r');
    readSync(fd, bytes);
    closeSync(fd);
    const file: LogFile = { path, packing: packingOf(bytes), size: stats.size };
    return worthScanningAhead(file) ? file : null;
  } catch {
    // Whoever really wants to read it will say what is wrong with it.
    return null;
  }
}

/**
 * Begins to scan the first large file among these words of a command line, which have still to be understood: a thread takes as long to
 * start as they do. Should the file not be asked for, the thread waits, its blocks being full, and ends with the process.
 */
export function beginScan(words: readonly string[], rules: readonly Settle[], inodes: boolean): void {
  const [file] = words.flatMap(word => largeFile(word) ?? []);
  if (file !== undefined) begun = new Scan(file, rules, inodes);
}

/** The lines of a log file, scanned. Each answer is valid until the next one is asked for. */
export async function* scanAhead(file: LogFile, rules: readonly Settle[], inodes: boolean): AsyncGenerator<Scanned> {
  const scan = begun?.isOf(file, rules, inodes) === true ? begun : new Scan(file, rules, inodes);
  if (scan !== begun) void begun?.stop();
  begun = null;
  try {
    yield* scan.lines();
  } finally {
    await scan.stop();
  }
}
