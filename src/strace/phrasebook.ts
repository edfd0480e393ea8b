// Which runs of bytes repeat earlier ones: each gets a number the second time it is seen. Bounded: when the book is full it starts anew.
// Equality is decided by the bytes, never by the hash alone: a log must not be able to pass one call off as another.

/** Distinct phrases kept at once. */
const PHRASES = 8_192;
/** Longer runs hold data, which does not repeat. */
const LONGEST = 384;
const SLOTS = 4 * PHRASES;
const ONCE_SLOTS = 1 << 16;

/** An answer of `find`: not seen before, or too long to be remembered. */
export const UNNUMBERED = -1;

export class Phrasebook {
  /** Raised when all numbers have lost their meaning. */
  generation = 0;
  #count = 0;
  readonly #slots = new Int32Array(SLOTS).fill(-1);
  readonly #hashes = new Int32Array(PHRASES);
  readonly #starts = new Int32Array(PHRASES + 1);
  readonly #text = new Uint8Array(PHRASES * LONGEST);
  /** Hashes of what was seen once: most lines that do not repeat at once never do. */
  readonly #once = new Int32Array(ONCE_SLOTS);

  /** The number of bytes[start, end), or UNNUMBERED. Numbers count up from 0; a new one is the least that was not given. */
  find(bytes: Uint8Array, start: number, end: number): number {
    if (end - start > LONGEST) return UNNUMBERED;
    const hash = hashOf(bytes, start, end);
    for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
      const number = this.#slots[slot] ?? -1;
      if (number < 0) return this.#meet(hash, slot, bytes, start, end);
      if (this.#hashes[number] === hash && this.#equals(number, bytes, start, end)) return number;
    }
  }

  #equals(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const text = this.#text;
    const from = this.#starts[number] ?? 0;
    if ((this.#starts[number + 1] ?? 0) - from !== end - start) return false;
    for (let i = start, at = from; i < end; i++, at++) if (bytes[i] !== text[at]) return false;
    return true;
  }

  #meet(hash: number, slot: number, bytes: Uint8Array, start: number, end: number): number {
    const once = (hash >>> 15) & (ONCE_SLOTS - 1);
    if (this.#once[once] !== hash) {
      this.#once[once] = hash;
      return UNNUMBERED;
    }
    if (this.#count === PHRASES) {
      this.#clear();
      return UNNUMBERED;
    }
    const number = this.#count++;
    const from = this.#starts[number] ?? 0;
    this.#text.set(bytes.subarray(start, end), from);
    this.#starts[number + 1] = from + end - start;
    this.#hashes[number] = hash;
    this.#slots[slot] = number;
    return number;
  }

  #clear(): void {
    this.generation++;
    this.#count = 0;
    this.#slots.fill(-1);
  }
}

/** Four bytes a step: half a nanosecond a byte, which a hash of each byte in turn is four times over. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  let i = start;
  for (; i + 3 < end; i += 4) {
    const word =
      (bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return hash ^ (hash >>> 13);
}
