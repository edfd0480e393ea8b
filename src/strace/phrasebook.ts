// Which runs of bytes repeat earlier ones: each gets a number the second time it is seen. Bounded: when the book is full it starts anew.
// What is new in every call but tells nothing is left out of the comparison: addresses of memory, inodes of sockets and pipes, durations.
// Equality is decided by the bytes, never by the hash alone: a log must not be able to pass one call off as another.
// The loops are written for speed; test/profile/ways.test.ts shows that nothing is taken for what it is not.

/** Distinct phrases kept at once, and bytes of them. */
const PHRASES = 1 << 17;
const BYTES = 1 << 24;
/** Longer runs hold data, which does not repeat. */
const LONGEST = 512;
const SLOTS = 2 * PHRASES;
const ONCE_SLOTS = 1 << 18;

/** An answer of `find`: not seen before, or too long to be remembered. */
export const UNNUMBERED = -1;

const SPACE = 32;
const QUOTE = 34;
const DOT = 46;
const ZERO = 48;
const LESS = 60;
const GREATER = 62;
const BRACKET = 91;
const BACKSLASH = 92;
const X = 120;
/** Hexadecimal digits of an address of memory, as 64-bit kernels place programs. */
const ADDRESS_DIGITS = 12;

const isDigit = (code: number | undefined): boolean => code !== undefined && code >= 48 && code <= 57;
const isHex = (code: number | undefined): boolean => isDigit(code) || (code !== undefined && code >= 97 && code <= 102);

export class Phrasebook {
  /** Raised when all numbers have lost their meaning. */
  generation = 0;
  /** Inodes of sockets count: the calls are told apart by them. */
  readonly #inodes: boolean;
  #count = 0;
  readonly #slots = new Int32Array(SLOTS).fill(-1);
  readonly #hashes = new Int32Array(PHRASES);
  readonly #starts = new Int32Array(PHRASES + 1);
  readonly #text = new Uint8Array(BYTES);
  /** Hashes of what was seen once: most lines that do not repeat soon never do. */
  readonly #once = new Int32Array(ONCE_SLOTS);
  /** The phrase that is looked for, without what does not count. */
  readonly #wanted = new Uint8Array(LONGEST);

  constructor(inodes: boolean) {
    this.#inodes = inodes;
  }

  /** The number of bytes[start, end), or UNNUMBERED. Numbers count up from 0; a new one is the least that was not given. */
  find(bytes: Uint8Array, start: number, end: number): number {
    if (end - start > LONGEST) return UNNUMBERED;
    const wanted = this.#wanted;
    const length = strip(bytes, start, end, wanted, this.#inodes);
    const hash = hashOf(wanted, length);
    for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
      const number = this.#slots[slot] ?? -1;
      if (number < 0) return this.#meet(hash, slot, length);
      if (this.#hashes[number] === hash && this.#equals(number, length)) return number;
    }
  }

  #equals(number: number, length: number): boolean {
    const [text, wanted] = [this.#text, this.#wanted];
    const from = this.#starts[number] ?? 0;
    if ((this.#starts[number + 1] ?? 0) - from !== length) return false;
    for (let i = 0; i < length; i++) if (wanted[i] !== text[from + i]) return false;
    return true;
  }

  #meet(hash: number, slot: number, length: number): number {
    const once = (hash >>> 14) & (ONCE_SLOTS - 1);
    if (this.#once[once] !== hash) {
      this.#once[once] = hash;
      return UNNUMBERED;
    }
    const from = this.#starts[this.#count] ?? 0;
    if (this.#count === PHRASES || from + length > BYTES) {
      this.generation++;
      this.#count = 0;
      this.#slots.fill(-1);
      return UNNUMBERED;
    }
    const number = this.#count++;
    this.#text.set(this.#wanted.subarray(0, length), from);
    this.#starts[number + 1] = from + length;
    this.#hashes[number] = hash;
    this.#slots[slot] = number;
    return number;
  }
}

/** Copies bytes[start, end) to `out` without what does not count; returns how many bytes that are. Strings and names count in full. */
function strip(bytes: Uint8Array, start: number, end: number, out: Uint8Array, inodes: boolean): number {
  let length = 0;
  for (let i = start; i < end; ) {
    const code = bytes[i++] ?? 0;
    out[length++] = code;
    if (code === QUOTE) {
      while (i < end) {
        const inside = bytes[i++] ?? 0;
        out[length++] = inside;
        if (inside === QUOTE) break;
        if (inside === BACKSLASH && i < end) out[length++] = bytes[i++] ?? 0;
      }
    } else if (code === LESS) {
      let skip = i;
      if (bytes[i - 2] === SPACE) skip = duration(bytes, i);
      else if (!inodes) skip = inode(bytes, i);
      if (skip > i) i = skip;
      else while (i < end && bytes[i] !== GREATER) out[length++] = bytes[i++] ?? 0;
    } else if (code === X && bytes[i - 2] === ZERO) {
      i = address(bytes, i);
    }
  }
  return length;
}

/** Behind the digits of `0.000012>` at `at`, or `at`. */
function duration(bytes: Uint8Array, at: number): number {
  let i = at;
  while (isDigit(bytes[i]) || bytes[i] === DOT) i++;
  return bytes[i] === GREATER ? i : at;
}

/** Behind the digits of `socket:[123]>` or `pipe:[123]>` at `at`, or `at`. */
function inode(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  const open = first === 115 ? at + 7 : first === 112 ? at + 5 : -1;
  if (open < 0 || bytes[open] !== BRACKET) return at;
  let i = open + 1;
  while (isDigit(bytes[i])) i++;
  return bytes[i + 1] === GREATER ? i : at;
}

/** Behind the twelve digits of an address at `at`, or `at`. */
function address(bytes: Uint8Array, at: number): number {
  let i = at;
  while (i - at <= ADDRESS_DIGITS && isHex(bytes[i])) i++;
  return i - at === ADDRESS_DIGITS ? i : at;
}

/** Four bytes a step: half a nanosecond a byte, where a step for each byte takes two. */
function hashOf(bytes: Uint8Array, length: number): number {
  let hash = length;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    const word =
      (bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8) | ((bytes[i + 2] ?? 0) << 16) | ((bytes[i + 3] ?? 0) << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; i < length; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return hash ^ (hash >>> 13);
}
