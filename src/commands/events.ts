// `allowtrace events`: every line of a log as one JSON object, for jq and for finding out what allowtrace made of it.

import { once } from 'node:events';
import { Readable } from 'node:stream';
import split2 from 'split2';
import { EXIT, UsageError } from '../errors.ts';
import { type Event, Events } from '../process/events.ts';
import { setLayout, setLines } from '../strace/file-set.ts';
import { findLog } from '../strace/log.ts';
import { defineCommand, type Io } from './command.ts';

/** Writes events as they come; waits when the reader is slow. */
class EventPrinter {
  readonly #io: Io;
  readonly #raw: boolean;
  readonly #texts: string[] = [];
  #full = false;

  constructor(io: Io, raw: boolean) {
    this.#io = io;
    this.#raw = raw;
  }

  /** Remembers the text of a line until its event comes: events come in the order of lines, one each. */
  expect(text: string): void {
    if (this.#raw) this.#texts.push(text);
  }

  print(event: Event): void {
    const text = this.#texts.shift();
    this.#full = !this.#io.stdout.write(`${JSON.stringify(text === undefined ? event : { ...event, text })}\n`);
  }

  async drained(): Promise<void> {
    if (!this.#full) return;
    this.#full = false;
    await once(this.#io.stdout, 'drain');
  }
}

async function printLog(name: string, cwd: string | undefined, raw: boolean, io: Io): Promise<number> {
  const log = await findLog(name, io.stdin);
  const printer = new EventPrinter(io, raw);
  const events = new Events(cwd, event => printer.print(event));
  let lines = 0;
  if (log.kind === 'set') {
    const layout = setLayout(log.files);
    const readers = log.files.map(({ pid }) => events.reader({ layout, pid }));
    for (const [file, line] of setLines(log.files, layout)) {
      printer.expect(line);
      readers[file]?.line(line);
      lines++;
      await printer.drained();
    }
    for (const reader of readers) reader.end();
    return lines;
  }
  const reader = events.reader();
  // latin-1 in, latin-1 out: a byte stays one character, whatever a file name holds.
  const source = Readable.from(latin1(log.open()));
  for await (const line of source.pipe(split2('\n'))) {
    printer.expect(String(line));
    reader.line(String(line));
    lines++;
    await printer.drained();
  }
  reader.end();
  return lines;
}

async function* latin1(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield chunk.toString('latin1');
}

export default defineCommand({
  operands: 'LOG…',
  description:
    'Writes one JSON object for each line of a saved strace log: what kind of line it is, the call, the paths it names as the host sees them, and its result. docs/events.md describes every field.',
  options: {
    cwd: { type: 'string', describe: 'where the first process started, when the log does not tell', requiresArg: true },
    raw: { type: 'boolean', describe: 'add the text of the line', default: false },
  },
  examples: [
    ['allowtrace events daemon.strace', 'every line as JSON'],
    ["allowtrace events daemon.strace | jq -r '.paths[]?.path'", 'all paths'],
  ],
  async run(args, io) {
    if (args.operands.length === 0)
      throw new UsageError('no-input', 'no log was given', 'give a log, or - for standard input');
    for (const name of args.operands)
      if ((await printLog(name, args.cwd, args.raw, io)) === 0) throw new UsageError('empty-log', `${name}: is empty`);
    return EXIT.ok;
  },
});
