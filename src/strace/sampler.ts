// Bytes cut anywhere → the layout of their lines, once, and then pieces of whole lines. The first lines are held back until it is known.

import type { Unwrap } from './carriers.ts';
import { detectCarried, type Layout, PLAIN_LAYOUT, SAMPLE_BYTES, SAMPLE_LINES } from './layout.ts';
import { LineCutter, type LineSink } from './lines.ts';
import { withoutColour } from './notices.ts';

/** The byte order mark of UTF-8, with which editors begin what they save. */
export const MARK = '\u00ef\u00bb\u00bf';

const startsWithMark = (bytes: Buffer, at: number): boolean => bytes.toString('latin1', at, at + MARK.length) === MARK;

export interface LayoutSink extends LineSink {
  /** Comes first, before any line. */
  start(layout: Layout): void;
}

export class Sampler {
  readonly #sink: LayoutSink;
  readonly #cutter = new LineCutter({
    lines: (bytes, start, end) => this.#lines(bytes, start, end),
    tooLong: () => this.#tooLong(),
  });
  /** Held back; null stands for a line that was too long. */
  #held: (Buffer | null)[] | null = [];
  /** What is taken off each line; null: nothing, as with most logs. */
  #clean: Unwrap | null = null;
  /** The first line is still to come. */
  #begins = true;

  constructor(sink: LayoutSink, layout?: Layout) {
    this.#sink = sink;
    if (layout === undefined) return;
    this.#held = null;
    sink.start(layout);
  }

  push(chunk: Buffer): void {
    this.#cutter.push(chunk);
  }

  end(): void {
    this.#cutter.end();
    if (this.#held !== null) this.#release(this.#held);
  }

  #lines(bytes: Buffer, from: number, end: number): void {
    const start = this.#begins && startsWithMark(bytes, from) ? from + MARK.length : from;
    this.#begins = false;
    if (this.#held === null) {
      this.#give(bytes, start, end);
      return;
    }
    this.#held.push(Buffer.from(bytes.subarray(start, end)));
    const size = this.#held.reduce((sum, piece) => sum + (piece?.length ?? 0), 0);
    if (size >= SAMPLE_BYTES || sample(this.#held).length >= SAMPLE_LINES) this.#release(this.#held);
  }

  #tooLong(): void {
    this.#begins = false;
    if (this.#held === null) this.#sink.tooLong();
    else this.#held.push(null);
  }

  #release(held: readonly (Buffer | null)[]): void {
    this.#held = null;
    const lines = sample(held);
    const plain = lines.map(line => withoutColour(withoutReturn(line)));
    const { layout, unwrap } = detectCarried(plain);
    // strace itself writes no such bytes: those of names are escaped.
    const returns = lines[0]?.endsWith('\r') === true;
    const colours = lines.some(line => line !== withoutColour(line));
    if (returns || colours || unwrap !== null)
      this.#clean = line => {
        const ended = returns ? withoutReturn(line) : line;
        const bare = colours ? withoutColour(ended) : ended;
        return unwrap === null ? bare : unwrap(bare);
      };
    this.#sink.start(layout ?? PLAIN_LAYOUT);
    for (const piece of held) {
      if (piece === null) this.#sink.tooLong();
      else this.#give(piece, 0, piece.length);
    }
  }

  #give(bytes: Buffer, start: number, end: number): void {
    if (this.#clean === null) this.#sink.lines(bytes, start, end);
    else {
      const lines = bytes
        .toString('latin1', start, end - 1)
        .split('\n')
        .map(this.#clean);
      const cleaned = Buffer.from(`${lines.join('\n')}\n`, 'latin1');
      this.#sink.lines(cleaned, 0, cleaned.length);
    }
  }
}

/** Lines end so on a terminal (`docker run -t`, `ssh -t`), and on Windows. */
const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

/** The same lines however the log was cut: the first SAMPLE_LINES that begin within SAMPLE_BYTES. */
function sample(held: readonly (Buffer | null)[]): string[] {
  const bytes = Buffer.concat(held.filter(piece => piece !== null));
  return bytes.toString('latin1', 0, SAMPLE_BYTES).replace(/\n+$/, '').split('\n', SAMPLE_LINES);
}
