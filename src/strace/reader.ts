// Bytes or lines → records, the plain way (plain.ts), which reads every line in full, or the fast way (scan/, fast.ts), where the
// sink allows it. The scanning may have been done elsewhere before (scan/ahead.ts).

import { FastReader } from './fast.ts';
import type { Layout } from './layout.ts';
import { PhraseTable } from './phrase-table.ts';
import { PlainReader } from './plain.ts';
import type { PhraseSink, RecordSink, Settle } from './records.ts';
import { Sampler } from './sampler.ts';
import type { Batch } from './scan/batch.ts';
import { type Block, newBlock } from './scan/blocks.ts';
import { Scanner } from './scan/scanner.ts';

export interface ReaderOptions {
  /** Known layout (our own command line, or a sibling file); else it is concluded from the first lines. */
  layout?: Layout | undefined;
  /** -ff: the pid that the file's name tells. */
  pid?: number | undefined;
  /** Gets the text of each line before what it was is reported; '' for one that is too long. Only on the plain way. */
  onLine?: ((text: string) => void) | undefined;
}

/** Lines that have been scanned: what was found is in the batch, the text in the bytes. */
export interface Scanned {
  layout: Layout;
  bytes: Buffer;
  batch: Batch;
}

/** A scanner, and the block that lines are put into for it. */
interface Workplace {
  readonly scanner: Scanner;
  readonly block: Block;
}

/** What the fast way needs of memory, from the first line to the last of those who share it: the files of one -ff set. */
class Scanning<M> {
  readonly phrases = new PhraseTable<M>();
  #workplace: Workplace | null = null;
  #readers = 0;

  /** One more reader has lines to be scanned. */
  enter(layout: Layout, rules: readonly Settle[], inodes: boolean): Workplace {
    this.#readers++;
    if (this.#workplace !== null) return this.#workplace;
    this.#workplace = { scanner: new Scanner(), block: newBlock() };
    this.#workplace.scanner.begin(layout, rules, inodes);
    this.phrases.clear();
    return this.#workplace;
  }

  /** A reader that had entered has no more. */
  leave(): void {
    if (--this.#readers === 0) this.#workplace = null;
  }
}

/** Reads one log (or one file of a -ff set) and hands its records to a sink. */
export class TraceReader<M = unknown> {
  readonly #sink: RecordSink;
  readonly #phraseSink: PhraseSink<M> | null;
  readonly #options: ReaderOptions;
  #layout: Layout | null = null;
  #plain: PlainReader<M> | null = null;
  #fast: FastReader<M> | null = null;
  readonly #scanning: Scanning<M>;
  #workplace: Workplace | null = null;
  readonly #sampler: Sampler;
  /** The log comes scanned. */
  #taken = false;

  /** `phraseSink`: the same sink, if it takes the fast way; `kin`: a reader of the same layout, to share memory with. */
  constructor(
    sink: RecordSink,
    options: ReaderOptions = {},
    phraseSink: PhraseSink<M> | null = null,
    kin?: TraceReader<M>,
  ) {
    this.#sink = sink;
    this.#phraseSink = phraseSink;
    this.#options = options;
    this.#scanning = kin === undefined ? new Scanning() : kin.#scanning;
    this.#sampler = new Sampler(
      {
        start: layout => this.#start(layout),
        lines: (bytes, start, end) => this.#lines(bytes, start, end),
        tooLong: () => this.#plain?.tooLong(),
      },
      options.layout,
    );
  }

  /** Lines read so far. */
  get lines(): number {
    return this.#plain?.count ?? 0;
  }

  /** The layout of the lines, once it is known. */
  get layout(): Layout | null {
    return this.#layout;
  }

  /** Takes the next bytes of the log (or as many latin-1 characters), cut anywhere. */
  push(chunk: Uint8Array | string): void {
    const bytes =
      typeof chunk === 'string'
        ? Buffer.from(chunk, 'latin1')
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#sampler.push(bytes);
  }

  /** Takes one line (latin-1) without its newline. */
  line(text: string): void {
    this.push(`${text}\n`);
  }

  /** Takes lines that have been scanned by the rules of the sink: all of a log, or none of it. */
  take({ layout, bytes, batch }: Scanned): void {
    this.#taken = true;
    if (this.#layout === null) this.#start(layout);
    this.#fast?.take(bytes, batch);
  }

  /** The log has ended: what is left is read, what is pending is reported. */
  end(): void {
    if (!this.#taken) this.#sampler.end();
    if (this.#workplace !== null) this.#scanning.leave();
    this.#workplace = null;
    this.#plain?.end();
  }

  /** Nothing will be read any more, here or by its kin: what was kept of calls is given back. */
  forget(): void {
    this.#scanning.phrases.clear();
  }

  #lines(bytes: Buffer, start: number, end: number): void {
    if (this.#fast !== null && this.#layout !== null)
      this.#workplace ??= this.#scanning.enter(this.#layout, this.#fast.rules, this.#fast.inodes);
    if (this.#fast === null || this.#workplace === null) {
      this.#plain?.readAll(bytes, start, end);
      return;
    }
    const { scanner, block } = this.#workplace;
    const length = bytes.copy(block.bytes, 0, start, end);
    for (let at = 0; at < length; ) {
      block.batch.count = 0;
      at = scanner.scan(block, at, length);
      this.#fast.take(block.bytes, block.batch);
    }
  }

  #start(layout: Layout): void {
    this.#layout = layout;
    this.#plain = new PlainReader(this.#sink, layout, this.#options.pid, this.#options.onLine);
    if (this.#phraseSink !== null) this.#fast = new FastReader(this.#plain, this.#phraseSink, this.#scanning.phrases);
  }
}
