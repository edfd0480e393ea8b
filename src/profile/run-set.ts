// A set of runs, one bit each: a fact seen on 10,000 hosts takes 1.25 KB.

const WORD = 32;

export class RunSet {
  #words = new Uint32Array(1);

  add(run: number): void {
    const word = Math.floor(run / WORD);
    if (word >= this.#words.length) {
      const grown = new Uint32Array(2 * word);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (run % WORD));
  }

  has(run: number): boolean {
    return (((this.#words[Math.floor(run / WORD)] ?? 0) >>> (run % WORD)) & 1) === 1;
  }

  /** Equal for equal sets. */
  get key(): string {
    const used = this.#words.findLastIndex(word => word !== 0) + 1;
    return Buffer.from(this.#words.buffer, 0, used * Uint32Array.BYTES_PER_ELEMENT).toString('latin1');
  }
}
