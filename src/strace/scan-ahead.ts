// Scans a saved log in a thread of its own, ahead of who follows its processes: the scanning needs no state of them.
// Text and findings are in blocks of memory that both threads see, so that nothing is copied and memory is bounded.

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { UsageError } from '../errors.ts';
import { packageFile } from '../package-files.ts';
import type { Layout } from './layout.ts';
import type { LogFile } from './log.ts';
import { type Packing, packingOf } from './packing.ts';
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
  /** Bytes of the log that its lines are. */
  size: number;
}

export interface ScannedAhead extends Scanned {
  /** Bytes of the log that these lines are. */
  size: number;
}

/** All has been scanned. */
export interface End {
  /** What the run is known by; null for a plain file, of which that was known before. */
  id: string | null;
}

type Message = Report | End | { code: string; message: string; hint: string | undefined };

/** Blocks that are filled ahead. */
const BLOCKS = 4;
/** Smaller files are read in less time than it takes to start a thread. */
const WORTHWHILE: Readonly<Record<Packing, number>> = { none: 8 << 20, gzip: 1 << 19, zstd: 1 << 19 };

const isWorthwhile = ({ size, packing }: LogFile): boolean => size >= WORTHWHILE[packing];

/** A file that is being scanned: the thread that does it, and what it has reported. */
class Scan {
  readonly #order: Order;
  readonly #worker: Worker;
  readonly #shared: Blocks;
  readonly #messages: (Message | Error)[] = [];
  #wake = (): void => undefined;

  constructor(order: Order) {
    this.#order = order;
    this.#shared = new Blocks(order.memory);
    this.#worker = new Worker(packageFile('build/bundle/scan-worker.cjs'), {
      workerData: order,
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

  /** Null where it is not worth a thread, or where there is no memory for it. */
  static of(file: LogFile, rules: readonly Settle[], inodes: boolean): Scan | null {
    const memory = isWorthwhile(file) ? newBlockMemory(BLOCKS) : null;
    return memory === null ? null : new Scan({ file, rules, inodes, memory });
  }

  isOf({ path, size }: LogFile, rules: readonly Settle[], inodes: boolean): boolean {
    const { file, rules: own, inodes: ownInodes } = this.#order;
    return file.path === path && file.size === size && own === rules && ownInodes === inodes;
  }

  stop(): Promise<number> {
    return this.#worker.terminate();
  }

  /** The lines. Each answer is valid until the next one is asked for; the last word is what the run is known by. */
  async *lines(): AsyncGenerator<ScannedAhead, string | null> {
    this.#worker.ref();
    for (;;) {
      const message = await this.#next();
      if ('id' in message) return message.id;
      const { layout, block, count, generation, size } = message;
      const filled = this.#shared.at(block);
      filled.batch.count = count;
      filled.batch.generation = generation;
      yield { layout, size, ...filled };
      this.#shared.free(block);
    }
  }

  /** What the thread reports next. */
  async #next(): Promise<Report | End> {
    for (;;) {
      const message = this.#messages.shift();
      if (message === undefined) {
        await new Promise<void>(resolve => {
          this.#wake = resolve;
        });
      } else if (message instanceof Error) throw message;
      else if ('code' in message) throw new UsageError(message.code, message.message, message.hint);
      else return message;
    }
  }
}

/** The scan that was begun before anybody asked for it. */
let begun: Scan | null = null;

/** Of a file, so much tells what it is. */
const START_BYTES = 64;

/** Programs, which may be words of a command line too, and profiles, which are JSON. */
const isNoLog = (start: Buffer): boolean => start.includes(0) || start.toString('latin1').trimStart().startsWith('{');

/** The file of this name, if there is one that may be a log. */
function fileOf(path: string): LogFile | null {
  try {
    const stats = statSync(path);
    // Files of /proc have no size, and some of them wait for what is to come: /proc/kmsg.
    if (!stats.isFile() || stats.size === 0) return null;
    const bytes = Buffer.alloc(START_BYTES);
    const fd = openSync(path, 'r');
    const start = bytes.subarray(0, readSync(fd, bytes));
    closeSync(fd);
    const packing = packingOf(start);
    return packing === 'none' && isNoLog(start) ? null : { path, packing, size: stats.size };
  } catch {
    // Whoever really wants to read it will say what is wrong with it.
    return null;
  }
}

/** The first large file that may be a log among these words of a command line; null: none is worth a thread. */
export function largeLog(words: readonly string[]): LogFile | null {
  for (const word of words) {
    const file = fileOf(word);
    if (file !== null && isWorthwhile(file)) return file;
  }
  return null;
}

/**
 * Begins to scan a large file that a command line names, while its words have still to be understood: a thread takes as long to start as
 * they do. Should the file not be asked for, the thread waits, its blocks being full, and ends with the process.
 */
export function beginScan(file: LogFile, rules: readonly Settle[], inodes: boolean): void {
  begun ??= Scan.of(file, rules, inodes);
}

/**
 * The lines of a log file, scanned. Each answer is valid until the next one is asked for; the last word is what the run is known by, where
 * that is not known of a file before it is read. Null where the file is so small that it is read in
 * less time than it takes to start a thread, or where there is no memory for it.
 */
export function scanAhead(
  file: LogFile,
  rules: readonly Settle[],
  inodes: boolean,
): AsyncGenerator<ScannedAhead, string | null> | null {
  const isBegun = begun?.isOf(file, rules, inodes) === true;
  const scan = isBegun ? begun : Scan.of(file, rules, inodes);
  if (!isBegun) void begun?.stop();
  begun = null;
  return scan === null ? null : linesOf(scan);
}

async function* linesOf(scan: Scan): AsyncGenerator<ScannedAhead, string | null> {
  try {
    return yield* scan.lines();
  } finally {
    await scan.stop();
  }
}
