// Which runs of bytes repeat earlier ones: each gets a number the first time it is seen, or, in a book that is filling up, the second time.
// Bounded: when the book is full it starts anew.
// What is new in every call but tells nothing is left out of the comparison: addresses of memory, inodes of sockets and pipes, durations.
// Most runs hold none of these and are looked up as they are; only what is not found is stripped.
// Equality is decided by the bytes, never by the hash alone: a log must not be able to pass one call off as another.

import { BACKSLASH, DOT, GREATER, LESS, QUOTE, SPACE } from '../characters';
import { BLOCKS, UNNUMBERED } from '../scan-layout';

/** Distinct phrases kept at once, and bytes of them. */
const PHRASES = 1 << 17;
const TEXT_BYTES: u32 = 1 << 24;
/** Up to here the book takes what comes; beyond, only what came twice, since most lines that do not repeat soon never do. */
const EAGER = PHRASES / 2;
/** Longer runs hold data, which does not repeat. */
const LONGEST: u32 = 512;
const SLOTS: u32 = 2 * PHRASES;
/** Slots that are looked at for one phrase: lines made to have the same hash must not make the look-up slow. */
const PROBES: u32 = 32;
const ONCE_SLOTS: u32 = 1 << 18;
/** Of an address of memory, as 64-bit kernels place programs. */
const ADDRESS_DIGITS: u32 = 12;

const ZERO = 48;
const OPEN = 91;
const P = 112;
const S = 115;
const X = 120;

/** A slot: the hash, and where the phrase is (0: the slot is free). */
const SLOT_BYTES: u32 = 8;
/** A phrase: its number, its length, its text. */
const HEADER_BYTES: u32 = 8;
const SLOT_TABLE: u32 = 1 << 20;
/** Hashes of what was seen once. */
const ONCE: u32 = SLOT_TABLE + SLOTS * SLOT_BYTES;
/** The phrase that is looked for, without what does not count. */
const WANTED: u32 = ONCE + 4 * ONCE_SLOTS;
const TEXT: u32 = WANTED + 2 * LONGEST;
const TEXT_END: u32 = TEXT + TEXT_BYTES;
if (TEXT_END + LONGEST > <u32>BLOCKS) unreachable();

/** Raised when all numbers have lost their meaning. */
export let generation: i32 = 0;
/** Inodes of sockets count: the calls are told apart by them. */
let keepsInodes: bool = false;

let count: i32 = 0;
let free: u32 = TEXT;

/** A new book; `inodes` count or not. That something was met once in the book before may stand: it changes no answer's truth. */
export function beginBook(inodes: bool): void {
  keepsInodes = inodes;
  clear();
}

function clear(): void {
  generation++;
  if (count > 0) memory.fill(SLOT_TABLE, 0, SLOTS * SLOT_BYTES);
  count = 0;
  free = TEXT;
}

/** The number of [start, end), or UNNUMBERED. Numbers count up from 0; a new one is the least that was not given. */
export function find(start: u32, end: u32): i32 {
  const to = beforeDuration(start, end);
  const length = to - start;
  if (length > LONGEST) return UNNUMBERED;
  const hash = hashOf(start, length);
  const number = lookUp(hash, start, length);
  if (number !== UNNUMBERED) return number;
  const wanted = strip(start, to);
  if (wanted === length) return meet(hash, length);
  const stripped = hashOf(WANTED, wanted);
  const known = lookUp(stripped, WANTED, wanted);
  return known === UNNUMBERED ? meet(stripped, wanted) : known;
}

function slotAt(hash: u32, i: u32): u32 {
  return SLOT_TABLE + ((hash + i) & (SLOTS - 1)) * SLOT_BYTES;
}

function lookUp(hash: u32, start: u32, length: u32): i32 {
  for (let i: u32 = 0; i < PROBES; i++) {
    const slot = slotAt(hash, i);
    const phrase = load<u32>(slot, 4);
    if (phrase === 0) return UNNUMBERED;
    if (load<u32>(slot) === hash && load<u32>(phrase, 4) === length && equals(phrase + HEADER_BYTES, start, length))
      return load<i32>(phrase);
  }
  return UNNUMBERED;
}

/** What was looked for and not found stands in WANTED: it gets a number, or is marked as met once. */
function meet(hash: u32, length: u32): i32 {
  const once = ONCE + 4 * ((hash >>> 14) & (ONCE_SLOTS - 1));
  if (count >= EAGER && load<u32>(once) !== hash) {
    store<u32>(once, hash);
    return UNNUMBERED;
  }
  const slot = freeSlot(hash);
  if (slot === 0) return UNNUMBERED;
  if (count === PHRASES || free + HEADER_BYTES + length > TEXT_END) {
    clear();
    return UNNUMBERED;
  }
  store<u32>(slot, hash);
  store<u32>(slot, free, 4);
  store<i32>(free, count);
  store<u32>(free, length, 4);
  memory.copy(free + HEADER_BYTES, WANTED, length);
  free += HEADER_BYTES + length;
  return count++;
}

function freeSlot(hash: u32): u32 {
  for (let i: u32 = 0; i < PROBES; i++) {
    const slot = slotAt(hash, i);
    if (load<u32>(slot, 4) === 0) return slot;
  }
  return 0;
}

function isDigit(code: u8): bool {
  return code >= 48 && code <= 57;
}
function isHex(code: u8): bool {
  return isDigit(code) || (code >= 97 && code <= 102);
}

/** Where a run ends without the duration that -T prints behind a call. */
function beforeDuration(start: u32, end: u32): u32 {
  let at = end - 1;
  if (load<u8>(at) !== GREATER) return end;
  do at--;
  while (at > start && (isDigit(load<u8>(at)) || load<u8>(at) === DOT));
  return at > start && load<u8>(at) === LESS && load<u8>(at - 1) === SPACE ? at - 1 : end;
}

/** Copies [start, end) to WANTED without what does not count; returns how many bytes that are. Strings and names count in full. */
function strip(start: u32, end: u32): u32 {
  let out = WANTED;
  for (let at = start; at < end; ) {
    const code = load<u8>(at++);
    store<u8>(out++, code);
    if (code === QUOTE) {
      while (at < end) {
        const inside = load<u8>(at++);
        store<u8>(out++, inside);
        if (inside === QUOTE) break;
        if (inside === BACKSLASH && at < end) store<u8>(out++, load<u8>(at++));
      }
    } else if (code === LESS) {
      const skip = keepsInodes ? at : inode(at, end);
      if (skip > at) at = skip;
      else while (at < end && load<u8>(at) !== GREATER) store<u8>(out++, load<u8>(at++));
    } else if (code === X && at - 2 >= start && load<u8>(at - 2) === ZERO) {
      at = address(at, end);
    }
  }
  return out - WANTED;
}

/** Behind the digits of `socket:[123]>` or `pipe:[123]>` at `at`, or `at`. */
function inode(at: u32, end: u32): u32 {
  const first = load<u8>(at);
  const open = first === S ? at + 7 : first === P ? at + 5 : end;
  if (open >= end || load<u8>(open) !== OPEN) return at;
  let i = open + 1;
  while (i < end && isDigit(load<u8>(i))) i++;
  return i + 1 < end && load<u8>(i + 1) === GREATER ? i : at;
}

/** Behind the twelve digits of an address at `at`, or `at`. */
function address(at: u32, end: u32): u32 {
  let i = at;
  while (i < end && i - at <= ADDRESS_DIGITS && isHex(load<u8>(i))) i++;
  return i - at === ADDRESS_DIGITS ? i : at;
}

function hashOf(start: u32, length: u32): u32 {
  let hash: u64 = length;
  const end = start + length;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    hash = (hash ^ load<u64>(at)) * 0x1e3779b97f4a75;
    hash ^= hash >>> 32;
  }
  for (; at < end; at++) hash = (hash ^ load<u8>(at)) * 0x100000001b3;
  hash ^= hash >>> 29;
  return <u32>(hash ^ (hash >>> 32));
}

function equals(one: u32, other: u32, length: u32): bool {
  let at: u32 = 0;
  for (; at + 16 <= length; at += 16)
    if (v128.any_true(v128.xor(v128.load(one + at), v128.load(other + at)))) return false;
  for (; at < length; at++) if (load<u8>(one + at) !== load<u8>(other + at)) return false;
  return true;
}
