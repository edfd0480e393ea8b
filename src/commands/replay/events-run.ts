// What `allowtrace events` does.

import { once } from 'node:events';
import { resolve } from 'node:path';
import { EXIT, UsageError } from '../../errors.ts';
import { growSlowly } from '../../host/memory.ts';
import { toJson } from '../../json.ts';
import { type Event, Events } from '../../process/events.ts';
import { setLayout, setLines } from '../../strace/file-set.ts';
import { findLog } from '../../strace/log.ts';
import type { Io } from '../cli/command.ts';
import { emptyLog, notStrace } from '../input/inputs.ts';
import type { EventsArguments } from './events.ts';

/** Writes events as they come, with the text of their line if that is wanted: each line gives one event, in order. */
class EventPrinter {
  readonly #io: Io;
  readonly #texts: string[] = [];
  readonly #raw: boolean;
  #full = false;

  constructor(io: Io, raw: boolean) {
    this.#io = io;
    this.#raw = raw;
  }

  readonly onLine = (text: string): void => {
    if (this.#raw) this.#texts.push(text);
  };

  readonly print = (event: Event): void => {
    const text = this.#texts.shift();
    this.#full = !this.#io.stdout.write(`${toJson(text === undefined ? event : { ...event, text })}\n`);
  };

  /** Waits until a slow reader has caught up. */
  async drained(): Promise<void> {
    if (!this.#full) return;
    this.#full = false;
    await once(this.#io.stdout, 'drain');
  }
}

/** Prints one log; an error when nothing in it was strace's. */
async function printLog(name: string, cwd: string | undefined, raw: boolean, io: Io): Promise<void> {
  const log = findLog(name, io.stdin);
  const printer = new EventPrinter(io, raw);
  const { onLine } = printer;
  const events = new Events(cwd === undefined ? undefined : resolve(cwd), printer.print);
  if (log.kind === 'set') {
    const layout = setLayout(log.files);
    const readers = log.files.map(({ pid }) => events.reader({ layout, pid, onLine }));
    for (const [file, line] of setLines(log.files, layout)) {
      readers[file]?.line(line);
      await printer.drained();
    }
    for (const reader of readers) reader.end();
    judge(
      name,
      events,
      readers.reduce((sum, { lines }) => sum + lines, 0),
    );
    return;
  }
  const reader = events.reader({ onLine });
  for await (const chunk of log.open()) {
    reader.push(chunk);
    await printer.drained();
  }
  reader.end();
  judge(name, events, reader.lines);
}

/** Tables of strace -c and notices are strace's, too. */
function judge(name: string, { calls, strange }: Events, lines: number): void {
  if (lines === 0) throw emptyLog(name);
  if (calls === 0 && strange !== null) throw notStrace(name, strange);
}

export async function run(args: EventsArguments, io: Io): Promise<number> {
  if (args.operands.length === 0)
    throw new UsageError('no-input', 'no input files', 'give a log, or - for standard input');
  growSlowly();
  for (const name of args.operands) await printLog(name, args.cwd, args.raw, io);
  return EXIT.ok;
}
