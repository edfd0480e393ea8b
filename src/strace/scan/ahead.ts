// Scans a saved log in a thread of its own, ahead of who follows its processes: the scanning needs no state of them.
// Text and findings are in blocks of memory that both threads see, so that nothing is copied and memory is bounded.

import { Worker } from 'node:worker_threads';
import { UsageError } from '../../errors.ts';
import { packageFile } from '../../package-files.ts';
import type { Layout } from '../layout.ts';
import type { LogFile } from '../log.ts';
import type { Packing } from '../packing.ts';
import type { Scanned } from '../reader.ts';
import type { Settle } from '../records.ts';
import { type BlockMemory, Blocks, newBlockMemory } from './blocks.ts';

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

/** A file that is being scanned: the thread that does it, and what it has reported. */
class Scan {
  readonly #worker: Worker;
  readonly #shared: Blocks;
  readonly #messages: (Message | Error)[] = [];
  #wake = (): void => undefined;

  constructor(order: Order) {
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
  }

  stop(): Promise<number> {
    return this.#worker.terminate();
  }

  /** The lines. Each answer is valid until the next one is asked for; the last word is what the run is known by. */
  async *lines(): AsyncGenerator<ScannedAhead, string | null> {
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

/**
 * The lines of a log file, scanned. Each answer is valid until the next one is asked for; the last word is what the run is known by, where
 * that is not known of a file before it is read. Null where the file is so small that it is read in
 * less time than it takes to start a thread.
 */
export function scanAhead(
  file: LogFile,
  rules: readonly Settle[],
  inodes: boolean,
): AsyncGenerator<ScannedAhead, string | null> | null {
  if (file.size < WORTHWHILE[file.packing]) return null;
  return linesOf(new Scan({ file, rules, inodes, memory: newBlockMemory(BLOCKS) }));
}

async function* linesOf(scan: Scan): AsyncGenerator<ScannedAhead, string | null> {
  try {
    return yield* scan.lines();
  } finally {
    await scan.stop();
  }
}
