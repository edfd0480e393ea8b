// Which runs of bytes repeat earlier ones: each gets a number the first time it is seen, or, in a book that is filling up, the second time.
// Bounded: when the book is full it starts anew.
// What is new in every call but tells nothing is left out of the comparison: addresses of memory, inodes of sockets and pipes, durations.
// Most runs hold none of these and are looked up as they are; only what is not found is stripped.
// Equality is decided by the bytes, never by the hash alone: a log must not be able to pass one call off as another.
// The loops are written for speed; test/profile/ways.test.ts shows that nothing is taken for what it is not.

import { BACKSLASH, DOT, GREATER, isDigit, isHex, LESS, QUOTE, SPACE } from './characters.ts';

/** Distinct phrases kept at once, and bytes of them. */
const PHRASES = 1 << 17;
const BYTES = 1 << 24;
/** Up to here the book takes what comes; beyond, only what came twice, since most lines that do not repeat soon never do. */
const EAGER = PHRASES / 2;
/** Longer runs hold data, which does not repeat. */
const LONGEST = 512;
const SLOTS = 2 * PHRASES;
/** Slots that are looked at for one phrase: lines made to have the same hash must not make the look-up slow. */
const PROBES = 32;
const ONCE_SLOTS = 1 << 18;

/** An answer of `find`: not seen before, or too long to be remembered. */
export const UNNUMBERED = -1;

const ZERO = 48;
const BRACKET = 91;
const X = 120;
/** Hexadecimal digits of an address of memory, as 64-bit kernels place programs. */
const ADDRESS_DIGITS = 12;

export class Phrasebook {
  /** Raised when all numbers have lost their meaning. */
  generation = 0;
  /** Inodes of sockets count: the calls are told apart by them. */
  readonly #inodes: boolean;
  #count = 0;
  readonly #slots = new Int32Array(SLOTS).fill(UNNUMBERED);
  readonly #hashes = new Int32Array(PHRASES);
  readonly #starts = new Int32Array(PHRASES + 1);
  readonly #text = new Uint8Array(BYTES);
  readonly #textView = new DataView(this.#text.buffer);
  /** Hashes of what was seen once. */
  readonly #once = new Int32Array(ONCE_SLOTS);
  /** The phrase that is looked for, without what does not count. */
  readonly #wanted = new Uint8Array(LONGEST);
  readonly #wantedView = new DataView(this.#wanted.buffer);

  constructor(inodes: boolean) {
    this.#inodes = inodes;
  }

  /** The number of bytes[start, end), or UNNUMBERED. Numbers count up from 0; a new one is the least that was not given. */
  find(bytes: DataView, start: number, end: number): number {
    const to = beforeDuration(bytes, end);
    if (to - start > LONGEST) return UNNUMBERED;
    const hash = hashOf(bytes, start, to);
    const number = this.#lookUp(hash, bytes, start, to);
    if (number !== UNNUMBERED) return number;
    const length = strip(bytes, start, to, this.#wanted, this.#inodes);
    if (length === to - start) return this.#meet(hash, length);
    const wanted = this.#wantedView;
    const stripped = hashOf(wanted, 0, length);
    const known = this.#lookUp(stripped, wanted, 0, length);
    return known === UNNUMBERED ? this.#meet(stripped, length) : known;
  }

  #lookUp(hash: number, bytes: DataView, start: number, end: number): number {
    for (let i = 0; i < PROBES; i++) {
      const number = this.#slots[(hash + i) & (SLOTS - 1)] ?? UNNUMBERED;
      if (number === UNNUMBERED) return UNNUMBERED;
      if (this.#hashes[number] === hash && this.#equals(number, bytes, start, end)) return number;
    }
    return UNNUMBERED;
  }

  #equals(number: number, bytes: DataView, start: number, end: number): boolean {
    const text = this.#textView;
    let at = this.#starts[number] ?? 0;
    if ((this.#starts[number + 1] ?? 0) - at !== end - start) return false;
    let i = start;
    for (; i + 3 < end; i += 4, at += 4) if (bytes.getInt32(i) !== text.getInt32(at)) return false;
    for (; i < end; i++, at++) if (bytes.getUint8(i) !== text.getUint8(at)) return false;
    return true;
  }

  /** What was looked for and not found stands in `#wanted`: it gets a number, or is marked as met once. */
  #meet(hash: number, length: number): number {
    const once = (hash >>> 14) & (ONCE_SLOTS - 1);
    if (this.#count >= EAGER && this.#once[once] !== hash) {
      this.#once[once] = hash;
      return UNNUMBERED;
    }
    const slot = this.#freeSlot(hash);
    if (slot < 0) return UNNUMBERED;
    const from = this.#starts[this.#count] ?? 0;
    if (this.#count === PHRASES || from + length > BYTES) {
      this.generation++;
      this.#count = 0;
      this.#slots.fill(UNNUMBERED);
      return UNNUMBERED;
    }
    const number = this.#count++;
    this.#text.set(this.#wanted.subarray(0, length), from);
    this.#starts[number + 1] = from + length;
    this.#hashes[number] = hash;
    this.#slots[slot] = number;
    return number;
  }

  #freeSlot(hash: number): number {
    for (let i = 0; i < PROBES; i++) {
      const slot = (hash + i) & (SLOTS - 1);
      if (this.#slots[slot] === UNNUMBERED) return slot;
    }
    return -1;
  }
}

/** Where a run ends without the duration that -T prints behind a call. */
function beforeDuration(bytes: DataView, end: number): number {
  let at = end - 1;
  if (bytes.getUint8(at) !== GREATER) return end;
  do at--;
  while (at > 0 && (isDigit(bytes.getUint8(at)) || bytes.getUint8(at) === DOT));
  return at > 0 && bytes.getUint8(at) === LESS && bytes.getUint8(at - 1) === SPACE ? at - 1 : end;
}

/** Copies bytes[start, end) to `out` without what does not count; returns how many bytes that are. Strings and names count in full. */
function strip(bytes: DataView, start: number, end: number, out: Uint8Array, inodes: boolean): number {
  let length = 0;
  for (let i = start; i < end; ) {
    const code = bytes.getUint8(i++);
    out[length++] = code;
    if (code === QUOTE) {
      while (i < end) {
        const inside = bytes.getUint8(i++);
        out[length++] = inside;
        if (inside === QUOTE) break;
        if (inside === BACKSLASH && i < end) out[length++] = bytes.getUint8(i++);
      }
    } else if (code === LESS) {
      const skip = inodes ? i : inode(bytes, i, end);
      if (skip > i) i = skip;
      else while (i < end && bytes.getUint8(i) !== GREATER) out[length++] = bytes.getUint8(i++);
    } else if (code === X && i - 2 >= start && bytes.getUint8(i - 2) === ZERO) {
      i = address(bytes, i, end);
    }
  }
  return length;
}

/** Behind the digits of `socket:[123]>` or `pipe:[123]>` at `at`, or `at`. */
function inode(bytes: DataView, at: number, end: number): number {
  if (at >= end) return at;
  const first = bytes.getUint8(at);
  const open = first === 115 ? at + 7 : first === 112 ? at + 5 : end;
  if (open >= end || bytes.getUint8(open) !== BRACKET) return at;
  let i = open + 1;
  while (i < end && isDigit(bytes.getUint8(i))) i++;
  return i + 1 < end && bytes.getUint8(i + 1) === GREATER ? i : at;
}

/** Behind the twelve digits of an address at `at`, or `at`. */
function address(bytes: DataView, at: number, end: number): number {
  let i = at;
  while (i < end && i - at <= ADDRESS_DIGITS && isHex(bytes.getUint8(i))) i++;
  return i - at === ADDRESS_DIGITS ? i : at;
}

/** Four bytes a step: half a nanosecond a byte, where a step for each byte takes two. */
function hashOf(bytes: DataView, start: number, end: number): number {
  let hash = end - start;
  let i = start;
  for (; i + 3 < end; i += 4) {
    hash = Math.imul(hash ^ bytes.getInt32(i), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; i < end; i++) hash = Math.imul(hash ^ bytes.getUint8(i), 0x01000193);
  return hash ^ (hash >>> 13);
}
