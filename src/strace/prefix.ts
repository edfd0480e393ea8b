// The prefix of one line, read from its bytes as the log's layout says: strictly, so that nothing else is taken for it.
// Source: strace(1) and print_leader(); the order is pid, context, time, relative time, number, instruction pointer.

import type { Carrier } from './carriers.ts';
import { COLON, DOT, GREATER, LESS, QUESTION, SLASH, SPACE } from './characters.ts';
import { isDigit, isHex } from './digits.ts';
import { NO_PID, PID_MAX, UNIX_DIGITS } from './prefix-numbers.ts';

/** Which columns stand before the call. */
export interface Layout {
  /** `column`: `123  ` on every line (-o with -f) · `bracket`: `[pid 123] ` while several processes live, or nothing. */
  pid: 'column' | 'bracket';
  context: boolean;
  time: 'none' | 'day' | 'unix';
  /** -r: a column of its own. (With -t it is `(+ 0.000012)`, told apart by its bracket.) */
  relative: boolean;
  /** -n: `[ 257] `. */
  number: boolean;
  /** -i: `[00007f487b9e5011] `. */
  pointer: boolean;
  /** What stood before the columns, and was taken off. */
  carrier?: Carrier;
}

/** What a prefix said; reused from line to line, and numbers throughout, so that reading one makes no object. */
export interface Prefix {
  /** -1: the line shows none. */
  pid: number;
  /** -Y: where the command name stands, or [0, 0). */
  commStart: number;
  commEnd: number;
  /** Seconds: Unix time, or since midnight; NaN: the line shows none. */
  time: number;
  /** Where the call starts; -1: the prefix does not fit. */
  body: number;
  /** Of the digits read last: where they end, and the number they are. */
  digitsEnd: number;
  value: number;
}

export const newPrefix = (): Prefix => ({
  pid: NO_PID,
  commStart: 0,
  commEnd: 0,
  time: Number.NaN,
  body: -1,
  digitsEnd: 0,
  value: 0,
});

/** Seconds since the line before are never as long as a Unix time. */
const RELATIVE_DIGITS = 7;

const OPEN = 91;
const CLOSE = 93;

function skipSpaces(bytes: Uint8Array, at: number): number {
  while (bytes[at] === SPACE) at++;
  return at;
}

function skipDigits(bytes: Uint8Array, at: number): number {
  while (isDigit(bytes[at])) at++;
  return at;
}

/** Reads the digits at `at`, if there are any. */
function readDigits(bytes: Uint8Array, at: number, out: Prefix): void {
  let value = 0;
  for (let code = bytes[at] ?? 0; code >= 48 && code <= 57; code = bytes[at] ?? 0) {
    value = value * 10 + code - 48;
    at++;
  }
  out.digitsEnd = at;
  out.value = value;
}

const skipFraction = (bytes: Uint8Array, at: number): number => (bytes[at] === DOT ? skipDigits(bytes, at + 1) : at);

/** 10 to the power of its index; strace prints up to nine digits. */
const POWERS: readonly number[] = Array.from({ length: 20 }, (_, i) => 10 ** i);

/** `.213199` → 0.213199; without a fraction 0. */
function readFraction(bytes: Uint8Array, at: number, out: Prefix): number {
  out.digitsEnd = at;
  if (bytes[at] !== DOT) return 0;
  readDigits(bytes, at + 1, out);
  return out.value / (POWERS[out.digitsEnd - at - 1] ?? Number.POSITIVE_INFINITY);
}

function readPid(bytes: Uint8Array, at: number, end: number, out: Prefix): number {
  readDigits(bytes, at, out);
  const { digitsEnd, value } = out;
  if (digitsEnd === at || value > PID_MAX) return -1;
  out.pid = value;
  if (bytes[digitsEnd] !== LESS) return digitsEnd;
  for (let i = digitsEnd + 1; i < end; i++) {
    if (bytes[i] !== GREATER) continue;
    out.commStart = digitsEnd + 1;
    out.commEnd = i;
    return i + 1;
  }
  return -1;
}

/** `[pid ` */
const isBracketPid = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === OPEN &&
  bytes[at + 1] === 112 &&
  bytes[at + 2] === 105 &&
  bytes[at + 3] === 100 &&
  bytes[at + 4] === SPACE;

function readBracketPid(bytes: Uint8Array, at: number, end: number, out: Prefix): number {
  if (!isBracketPid(bytes, at)) return at;
  const after = readPid(bytes, skipSpaces(bytes, at + 5), end, out);
  return after >= 0 && bytes[after] === CLOSE && bytes[after + 1] === SPACE ? after + 2 : -1;
}

function readTime(bytes: Uint8Array, at: number, kind: 'day' | 'unix', out: Prefix): number {
  if (kind === 'unix') {
    readDigits(bytes, at, out);
    if (out.digitsEnd - at < UNIX_DIGITS) return -1;
    const seconds = out.value;
    out.time = seconds + readFraction(bytes, out.digitsEnd, out);
  } else {
    if (skipDigits(bytes, at) - at !== 2 || bytes[at + 2] !== COLON || bytes[at + 5] !== COLON) return -1;
    const seconds = twoDigits(bytes, at) * 3600 + twoDigits(bytes, at + 3) * 60 + twoDigits(bytes, at + 6);
    out.time = seconds + readFraction(bytes, at + 8, out);
  }
  return bytes[out.digitsEnd] === SPACE ? out.digitsEnd + 1 : -1;
}

const twoDigits = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 48) - 48) * 10 + (bytes[at + 1] ?? 48) - 48;

/** Seconds since the line before: right-aligned and alone (-r), or `(+     0.000028) ` behind a time. */
function skipRelative(bytes: Uint8Array, at: number, alone: boolean): number {
  if (!alone && (bytes[at] !== 40 || bytes[at + 1] !== 43)) return -1;
  const from = skipSpaces(bytes, alone ? at : at + 2);
  const digits = skipDigits(bytes, from);
  if (digits === from || (alone && digits - from > RELATIVE_DIGITS)) return -1;
  let end = skipFraction(bytes, digits);
  if (end === digits + 1) return -1;
  if (!alone && bytes[end++] !== 41) return -1;
  return bytes[end] === SPACE ? end + 1 : -1;
}

type Bracketed = 'context' | 'number' | 'pointer';

/** `[…] ` holding a security context, the number of the call or the instruction pointer. */
function skipBracket(bytes: Uint8Array, at: number, what: Bracketed, end: number): number {
  if (bytes[at] !== OPEN) return -1;
  const from = what === 'number' ? skipSpaces(bytes, at + 1) : at + 1;
  let to = from;
  while (to < end && bytes[to] !== CLOSE && bytes[to] !== SPACE) to++;
  if (bytes[to] !== CLOSE || bytes[to + 1] !== SPACE) return -1;
  if (what === 'number' && (to === from || skipDigits(bytes, from) !== to)) return -1;
  if (what === 'pointer' && !isPointer(bytes, from, to)) return -1;
  // `[pod/NAME/CONTAINER] ` is kubectl's.
  if (what === 'context' && bytes.subarray(from, to).includes(SLASH)) return -1;
  return to + 2;
}

function isPointer(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== 8 && to - from !== 16) return false;
  const unknown = bytes[from] === QUESTION;
  for (let i = from; i < to; i++) if (unknown ? bytes[i] !== QUESTION : !isHex(bytes[i])) return false;
  return true;
}

/** `%-5u `: the pid is padded to five columns, and one blank follows; more blanks belong to what comes next. */
function skipPidPadding(bytes: Uint8Array, start: number, at: number): number {
  const stop = Math.max(start + 6, at + 1);
  while (at < stop && bytes[at] === SPACE) at++;
  return at;
}

function readPidColumn(bytes: Uint8Array, start: number, end: number, layout: Layout, out: Prefix): number {
  const at = readPid(bytes, start, end, out);
  if (at < 0 || bytes[at] !== SPACE) return -1;
  return layout.relative && layout.time === 'none' ? at + 1 : skipPidPadding(bytes, start, at);
}

/** Reads the prefix of the line `bytes[start, end)` as `layout` says; `out.body` is -1 when it does not fit. */
export function readPrefix(bytes: Uint8Array, start: number, end: number, layout: Layout, out: Prefix): void {
  out.pid = NO_PID;
  out.commStart = 0;
  out.commEnd = 0;
  out.time = Number.NaN;
  out.body = -1;
  let at =
    layout.pid === 'column' ? readPidColumn(bytes, start, end, layout, out) : readBracketPid(bytes, start, end, out);
  if (at >= 0 && layout.context) at = skipBracket(bytes, at, 'context', end);
  if (at >= 0 && layout.time !== 'none') at = readTime(bytes, at, layout.time, out);
  if (at >= 0 && layout.relative) at = skipRelative(bytes, at, layout.time === 'none');
  if (at >= 0 && layout.number) at = skipBracket(bytes, at, 'number', end);
  if (at >= 0 && layout.pointer) at = skipBracket(bytes, at, 'pointer', end);
  if (at <= end) out.body = at;
}

/** The layout of `strace -f -ttt -o FILE`, and of allowtrace's own logs: a pid, a Unix time and nothing else. */
export const isUsual = ({ pid, time, context, relative, number, pointer }: Layout): boolean =>
  pid === 'column' && time === 'unix' && !context && !relative && !number && !pointer;
