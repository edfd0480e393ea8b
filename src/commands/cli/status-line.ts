// A live line at the foot of the terminal: the rows above it scroll, so that the output of the traced command stays whole.
// Silent when stderr is no terminal. Source: xterm's control sequences (DECSTBM, DECSC, DECRC).

import type { Io } from './command.ts';

const FEWEST_ROWS = 4;

export class StatusLine {
  readonly #io: Io;
  readonly #wanted: boolean;
  #rows = 0;

  constructor(io: Io, wanted: boolean) {
    this.#io = io;
    this.#wanted = wanted && io.stderr.isTTY === true && io.env.TERM !== 'dumb';
  }

  get shown(): boolean {
    return this.#wanted && (this.#io.stderr.rows ?? 0) >= FEWEST_ROWS;
  }

  /** Shows `text`, which has to be printable; what does not fit is cut. */
  show(text: string): void {
    const { rows = 0, columns = 80 } = this.#io.stderr;
    if (!this.shown) return;
    // A new line first, so that the cursor does not stand in the row that is taken away.
    if (rows !== this.#rows) this.#io.stderr.write(`\n\x1b7\x1b[1;${rows - 1}r\x1b8\x1b[1A`);
    this.#rows = rows;
    this.#io.stderr.write(`\x1b7\x1b[${rows};1H\x1b[2K\x1b[2m${[...text].slice(0, columns - 1).join('')}\x1b[22m\x1b8`);
  }

  /** Gives the row back. */
  end(): void {
    if (this.#rows === 0) return;
    this.#io.stderr.write(`\x1b7\x1b[${this.#rows};1H\x1b[2K\x1b[r\x1b8`);
    this.#rows = 0;
  }
}
