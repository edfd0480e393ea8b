// Scans a saved log in a thread of its own, ahead of who follows its processes: the scanning needs no state of them.
// Text and findings are in blocks of memory that both threads see, so that nothing is copied and memory is bounded.

import { Worker } from 'node:worker_threads';
import { UsageError } from '../errors.ts';
import type { Layout } from './layout.ts';
import type { LogFile } from './log.ts';
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
const WORTHWHILE: Readonly<Record<LogFile['packing'], number>> = { none: 8 << 20, gzip: 1 << 19, zstd: 1 << 19 };

export const worthScanningAhead = ({ packing, size }: LogFile): boolean => size >= WORTHWHILE[packing];

/** The lines of a log file, scanned. Each answer is valid until the next one is asked for. */
export async function* scanAhead(file: LogFile, rules: readonly Settle[], inodes: boolean): AsyncGenerator<Scanned> {
  const memory = newBlockMemory(BLOCKS);
  const shared = new Blocks(memory);
  const order: Order = { file, rules, inodes, memory };
  const worker = new Worker(new URL('./scan-worker.js', import.meta.url), {
    workerData: order,
    // It makes few objects, and none that live long.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  try {
    for await (const { layout, block, count, generation } of messages(worker)) {
      const filled = shared.at(block);
      filled.batch.count = count;
      filled.batch.generation = generation;
      yield { layout, ...filled };
      shared.free(block);
    }
  } finally {
    await worker.terminate();
  }
}

/** What the thread reports, in order, until it is done. */
async function* messages(worker: Worker): AsyncGenerator<Report> {
  const waiting: (Message | Error)[] = [];
  let wake = (): void => undefined;
  const add = (message: Message | Error): void => {
    waiting.push(message);
    wake();
  };
  worker.on('message', add);
  worker.on('error', add);
  for (;;) {
    const message = waiting.shift();
    if (message === undefined) {
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    } else if (message === 'end') return;
    else if (message instanceof Error) throw message;
    else if ('code' in message) throw new UsageError(message.code, message.message, message.hint);
    else yield message;
  }
}
