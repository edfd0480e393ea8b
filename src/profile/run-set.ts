// A set of runs, one bit each: a fact seen on 10,000 hosts takes 1.25 KB, and one of a few runs no more than a number.

const WORD = 32;

export class RunSet {
  /** The first 32 runs, and all others. */
  #first = 0;
  #others: Uint32Array | null = null;

  add(run: number): void {
    const bit = 1 << (run % WORD);
    const word = Math.floor(run / WORD) - 1;
    if (word < 0) {
      this.#first |= bit;
      return;
    }
    if (this.#others === null || word >= this.#others.length) {
      const grown = new Uint32Array(2 * word + 1);
      grown.set(this.#others ?? []);
      this.#others = grown;
    }
    this.#others[word] = (this.#others[word] ?? 0) | bit;
  }

  has(run: number): boolean {
    const word = Math.floor(run / WORD) - 1;
    const bits = word < 0 ? this.#first : (this.#others?.[word] ?? 0);
    return ((bits >>> (run % WORD)) & 1) === 1;
  }

  /** Equal for equal sets. */
  get key(): string {
    const others = this.#others?.subarray(0, this.#others.findLastIndex(word => word !== 0) + 1);
    const bytes = others === undefined ? '' : Buffer.from(others.buffer, 0, others.byteLength).toString('latin1');
    return `${this.#first} ${bytes}`;
  }
}
