// Which runs of bytes repeat earlier ones: each gets a number the first time it is met, or, in a book that is filling up, the second time.
// Bounded: when the book is full it starts anew.
// What is new in every call but tells nothing is left out of the comparison: addresses of memory, inodes of sockets and pipes, durations.
// Most runs hold none of these and are looked up as they are; only what is not found is stripped.
// Equality is decided by the bytes, never by the hash alone: a log must not be able to pass one call off as another.

import { BACKSLASH, DOT, GREATER, LESS, QUOTE, SPACE } from '../characters.ts';
import { UNNUMBERED } from './batch.ts';

/** Distinct phrases kept at once, and bytes of them. */
const PHRASES = 1 << 17;
const TEXT_BYTES = 1 << 24;
/** Up to here the book takes what comes; beyond, only what came twice, since most lines that do not repeat soon never do. */
const EAGER = PHRASES / 2;
/** Longer runs hold data, which does not repeat. */
const LONGEST = 512;
const SLOTS = 2 * PHRASES;
/** Slots that are looked at for one phrase: lines made to have the same hash must not make the look-up slow. */
const PROBES = 32;
const ONCE_SLOTS = 1 << 18;
/** Of an address of memory, as 64-bit kernels place programs. */
const ADDRESS_DIGITS = 12;

const [ZERO, OPEN, P, S, X] = [48, 91, 112, 115, 120];

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isHex = (code: number): boolean => isDigit(code) || (code >= 97 && code <= 102);

/** Four bytes a step; all hashes are integers of 32 bits. */
function hashOf(bytes: DataView, start: number, length: number): number {
  let hash = length;
  const end = start + length;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ bytes.getInt32(at, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ bytes.getUint8(at), 0x01000193);
  return hash ^ (hash >>> 16);
}

/** Do the same bytes stand at both places? */
function isSame(one: DataView, at: number, other: DataView, start: number, length: number): boolean {
  let i = 0;
  for (; i + 4 <= length; i += 4) if (one.getInt32(at + i, true) !== other.getInt32(start + i, true)) return false;
  for (; i < length; i++) if (one.getUint8(at + i) !== other.getUint8(start + i)) return false;
  return true;
}

/** Where a run ends without the duration that -T prints behind a call. */
function beforeDuration(bytes: Uint8Array, start: number, end: number): number {
  let at = end - 1;
  if (bytes[at] !== GREATER) return end;
  do at--;
  while (at > start && (isDigit(bytes[at] ?? 0) || bytes[at] === DOT));
  return at > start && bytes[at] === LESS && bytes[at - 1] === SPACE ? at - 1 : end;
}

/** Behind the digits of `socket:[123]>` or `pipe:[123]>` at `at`, or `at`. */
function behindInode(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at];
  const open = first === S ? at + 7 : first === P ? at + 5 : end;
  if (open >= end || bytes[open] !== OPEN) return at;
  let i = open + 1;
  while (i < end && isDigit(bytes[i] ?? 0)) i++;
  return i + 1 < end && bytes[i + 1] === GREATER ? i : at;
}

/** Behind the twelve digits of an address at `at`, or `at`. */
function behindAddress(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && i - at <= ADDRESS_DIGITS && isHex(bytes[i] ?? 0)) i++;
  return i - at === ADDRESS_DIGITS ? i : at;
}

/** Text twice: by single bytes, and by more at a time. */
export interface Phrases {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export class Phrasebook {
  /** Raised when all numbers have lost their meaning. */
  generation = 0;
  /** Inodes of sockets count: calls that differ in nothing else are different. */
  #keepsInodes = false;
  #count = 0;
  #free = 0;
  /** By slot: the hash, and the number of its phrase + 1 (0: the slot is free). */
  readonly #hashes = new Int32Array(SLOTS);
  readonly #phrases = new Int32Array(SLOTS);
  /** Hashes of what was met once. */
  readonly #once = new Int32Array(ONCE_SLOTS);
  /** By number: where the phrase is in the text, and how long. */
  readonly #places = new Int32Array(PHRASES);
  readonly #lengths = new Int32Array(PHRASES);
  readonly #text = new Uint8Array(TEXT_BYTES);
  readonly #textView = new DataView(this.#text.buffer);
  /** The phrase that is looked for, without what does not count. */
  readonly #wanted = new Uint8Array(LONGEST);
  readonly #wantedView = new DataView(this.#wanted.buffer);

  /** A new book; `inodes` count or not. What was met once stays known: that only decides what is worth a number. */
  begin(inodes: boolean): void {
    this.#keepsInodes = inodes;
    this.#clear();
  }

  #clear(): void {
    this.generation++;
    if (this.#count > 0) this.#phrases.fill(0);
    this.#count = 0;
    this.#free = 0;
  }

  /** The number of [start, end), or UNNUMBERED. Numbers count up from 0; a new one is the least that was not given. */
  find({ bytes, view }: Phrases, start: number, end: number): number {
    const to = beforeDuration(bytes, start, end);
    const length = to - start;
    if (length > LONGEST) return UNNUMBERED;
    const hash = hashOf(view, start, length);
    const number = this.#lookUp(hash, view, start, length);
    if (number !== UNNUMBERED) return number;
    const wanted = this.#strip(bytes, start, to);
    if (wanted === length) return this.#meet(hash, length);
    const stripped = hashOf(this.#wantedView, 0, wanted);
    const known = this.#lookUp(stripped, this.#wantedView, 0, wanted);
    return known === UNNUMBERED ? this.#meet(stripped, wanted) : known;
  }

  #lookUp(hash: number, bytes: DataView, start: number, length: number): number {
    for (let i = 0; i < PROBES; i++) {
      const slot = (hash + i) & (SLOTS - 1);
      const number = (this.#phrases[slot] ?? 0) - 1;
      if (number < 0) return UNNUMBERED;
      if (
        this.#hashes[slot] === hash &&
        this.#lengths[number] === length &&
        isSame(this.#textView, this.#places[number] ?? 0, bytes, start, length)
      )
        return number;
    }
    return UNNUMBERED;
  }

  /** What was looked for and not found stands in #wanted: it gets a number, or is marked as met once. */
  #meet(hash: number, length: number): number {
    const once = (hash >>> 14) & (ONCE_SLOTS - 1);
    if (this.#count >= EAGER && this.#once[once] !== hash) {
      this.#once[once] = hash;
      return UNNUMBERED;
    }
    const slot = this.#freeSlot(hash);
    if (slot < 0) return UNNUMBERED;
    if (this.#count === PHRASES || this.#free + length > TEXT_BYTES) {
      this.#clear();
      return UNNUMBERED;
    }
    const number = this.#count++;
    this.#hashes[slot] = hash;
    this.#phrases[slot] = number + 1;
    this.#places[number] = this.#free;
    this.#lengths[number] = length;
    this.#text.set(this.#wanted.subarray(0, length), this.#free);
    this.#free += length;
    return number;
  }

  #freeSlot(hash: number): number {
    for (let i = 0; i < PROBES; i++) {
      const slot = (hash + i) & (SLOTS - 1);
      if (this.#phrases[slot] === 0) return slot;
    }
    return -1;
  }

  /** Copies [start, end) to #wanted without what does not count; returns how many bytes that are. Strings and names count in full. */
  #strip(bytes: Uint8Array, start: number, end: number): number {
    const wanted = this.#wanted;
    let out = 0;
    for (let at = start; at < end; ) {
      const code = bytes[at++] ?? 0;
      wanted[out++] = code;
      if (code === QUOTE) {
        while (at < end) {
          const inside = bytes[at++] ?? 0;
          wanted[out++] = inside;
          if (inside === QUOTE) break;
          if (inside === BACKSLASH && at < end) wanted[out++] = bytes[at++] ?? 0;
        }
      } else if (code === LESS) {
        const skip = this.#keepsInodes ? at : behindInode(bytes, at, end);
        if (skip > at) at = skip;
        else while (at < end && bytes[at] !== GREATER) wanted[out++] = bytes[at++] ?? 0;
      } else if (code === X && at - 2 >= start && bytes[at - 2] === ZERO) {
        at = behindAddress(bytes, at, end);
      }
    }
    return out;
  }
}
