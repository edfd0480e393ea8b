// Bytes or lines → records. It holds the first lines back until it knows their layout, then sends them the plain way (plain.ts), which
// reads every line in full, or the fast way (fast.ts), where the sink allows it.

import { FastReader } from './fast.ts';
import { detectLayout, type Layout, PLAIN_LAYOUT, SAMPLE_BYTES, SAMPLE_LINES } from './layout.ts';
import { LineCutter } from './lines.ts';
import { withoutColour } from './notices.ts';
import { PlainReader } from './plain.ts';
import type { PhraseSink, RecordSink } from './records.ts';

export interface ReaderOptions {
  /** Known layout (our own command line, or a sibling file); else it is concluded from the first lines. */
  layout?: Layout | undefined;
  /** -ff: the pid that the file's name tells. */
  pid?: number | undefined;
  /** Gets the text of each line before what it was is reported; '' for one that is too long. Only on the plain way. */
  onLine?: ((text: string) => void) | undefined;
}

/** Reads one log (or one file of a -ff set) and hands its records to a sink. */
export class TraceReader<M = unknown> {
  readonly #sink: RecordSink;
  readonly #phraseSink: PhraseSink<M> | null;
  readonly #options: ReaderOptions;
  readonly #cutter = new LineCutter({
    lines: (bytes, start, end) => this.#lines(bytes, start, end),
    tooLong: () => this.#tooLong(),
  });
  /** Held back until the layout is known; null for a line that was too long. */
  readonly #held: (Buffer | null)[] = [];
  #layout: Layout | null = null;
  #plain: PlainReader<M> | null = null;
  #fast: FastReader<M> | null = null;

  /** `phraseSink`: the same sink, if it takes the fast way. */
  constructor(sink: RecordSink, options: ReaderOptions = {}, phraseSink: PhraseSink<M> | null = null) {
    this.#sink = sink;
    this.#phraseSink = phraseSink;
    this.#options = options;
    if (options.layout !== undefined) this.#start(options.layout);
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
    this.#cutter.push(bytes);
  }

  /** Takes one line (latin-1) without its newline. */
  line(text: string): void {
    this.push(`${text}\n`);
  }

  /** The log has ended: what is left is read, what is pending is reported. */
  end(): void {
    this.#cutter.end();
    if (this.#layout === null) this.#concludeLayout();
    this.#plain?.end();
  }

  #lines(bytes: Buffer, start: number, end: number): void {
    if (this.#fast !== null) this.#fast.read(bytes, start, end);
    else if (this.#plain !== null) this.#plain.readAll(bytes, start, end);
    else {
      this.#held.push(Buffer.from(bytes.subarray(start, end)));
      if (this.#sample().length >= SAMPLE_LINES || this.#heldBytes >= SAMPLE_BYTES) this.#concludeLayout();
    }
  }

  #tooLong(): void {
    if (this.#plain === null) this.#held.push(null);
    else this.#plain.tooLong();
  }

  get #heldBytes(): number {
    return this.#held.reduce((sum, piece) => sum + (piece?.length ?? 0), 0);
  }

  /** The same lines however the log was cut: the first SAMPLE_LINES that begin within SAMPLE_BYTES. */
  #sample(): string[] {
    const pieces = this.#held.filter(piece => piece !== null);
    const text = Buffer.concat(pieces).toString('latin1', 0, SAMPLE_BYTES).trimEnd();
    return withoutColour(text).split('\n', SAMPLE_LINES);
  }

  #concludeLayout(): void {
    this.#start(detectLayout(this.#sample()) ?? PLAIN_LAYOUT);
    for (const piece of this.#held) {
      if (piece === null) this.#tooLong();
      else this.#lines(piece, 0, piece.length);
    }
    this.#held.length = 0;
  }

  #start(layout: Layout): void {
    this.#layout = layout;
    this.#plain = new PlainReader(this.#sink, layout, this.#options.pid, this.#options.onLine);
    if (this.#phraseSink !== null) this.#fast = new FastReader(this.#plain, this.#phraseSink, layout);
  }
}
