// The fast way over a piece of a log: what each line is, told from its bytes, without making a string of it. It keeps no state of
// processes and reports nothing by itself; whatever is not plainly one of the kinds is left to the plain way (plain.ts).
// It is AssemblyScript, which becomes WebAssembly, and reads 8 or 16 bytes a step where JavaScript reads one: most lines of a server's log are
// known from their bytes. That both ways come to the same is tested in test/profile/ways.test.ts.

import { DOT, EQUALS, GREATER, LESS, NEWLINE, SPACE, UNDERSCORE } from '../characters';
import { CALL, HEAD, OTHER, SETTLED, SETTLED_HEAD, SETTLED_TAIL, TAIL } from '../kinds';
import { NO_PID, PID_MAX, UNIX_DIGITS } from '../prefix-numbers';
import { CAPACITY, ENDS, IDS, KINDS, PIDS, STARTS, TIMES } from '../scan-layout';
import { beginBook, find, generation } from './phrases';
import { beginRules, holds, holdsAlways, isAt, ruleOf } from './rules';

export { generation } from './phrases';
export { addRule, addShown, addWord } from './rules';

const ROUND = 40;
const CLOSED = 41;
const A = 97;
const Z = 122;
/** ` <unfinished ...>` */
const UNFINISHED = <u32>memory.data<u8>([32, 60, 117, 110, 102, 105, 110, 105, 115, 104, 101, 100, 32, 46, 46, 46, 62]);
const UNFINISHED_LENGTH: u32 = 17;
/** ` resumed>` */
const RESUMED = <u32>memory.data<u8>([32, 114, 101, 115, 117, 109, 101, 100, 62]);
const RESUMED_LENGTH: u32 = 9;
/** `<... `: nothing else that strace prints begins with its first character. */
const RESUMPTION_LENGTH: u32 = 5;

/** Digits of what fits into 32 bits, and into 64. */
const SHORT_NUMBER: u32 = 9;
const LONG_NUMBER: u32 = 18;

/** Lines in the batch. */
export let count: i32 = 0;
/** Of the prefix that was read last. */
let pid: i32 = NO_PID;
let time: f64 = NaN;

/** The lines from here on are of another log, and settled by other rules. `inodes` of sockets count or not. */
export function begin(inodes: bool): void {
  beginBook(inodes);
  beginRules();
}

/**
 * Adds the lines of [at, end) to a batch that has `lines`, as many as it holds, where the prefix is that of `strace -f -ttt -o FILE`;
 * returns where the next line starts. Places in the batch count from `text`. A batch ends where the phrasebook starts anew.
 */
export function scan(text: u32, at: u32, end: u32, batch: u32, lines: i32): u32 {
  const book = generation;
  count = lines;
  while (at < end && count < CAPACITY && generation === book) {
    const stop = endOfLine(at, end);
    const body = readPrefix(at, stop);
    const line = batch + 4 * count;
    store<f64>(batch + 8 * count, time, TIMES);
    store<i32>(line, pid, PIDS);
    store<i32>(line, stop - text, ENDS);
    store<i32>(line, (body === 0 ? at : body) - text, STARTS);
    store<u8>(batch + count, <u8>OTHER, KINDS);
    if (body !== 0) classify(text, body, stop, batch, count);
    count++;
    at = stop + 1;
  }
  return at;
}

/** Tells what a line of a batch is whose prefix another has read. */
export function scanBody(text: u32, batch: u32, line: i32): void {
  const at = batch + 4 * line;
  classify(text, text + load<i32>(at, STARTS), text + load<i32>(at, ENDS), batch, line);
}

function endOfLine(at: u32, end: u32): u32 {
  const newline = i8x16.splat(<i8>NEWLINE);
  for (; at < end; at += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), newline));
    if (found !== 0) return min(at + ctz(found), end);
  }
  return end;
}

/** Reads `PID SECONDS.FRACTION ` or `PID<COMMAND> SECONDS `; returns where the call starts, or 0 when the line begins otherwise. */
function readPrefix(start: u32, end: u32): u32 {
  pid = NO_PID;
  time = NaN;
  let at = start;
  let shown: u32 = 0;
  let digit = digitAt(at);
  for (; digit < 10; digit = digitAt(++at)) shown = shown * 10 + digit;
  if (at === start || at - start > SHORT_NUMBER || shown > <u32>PID_MAX) return 0;
  if (load<u8>(at) === LESS) {
    while (at < end && load<u8>(at) !== GREATER) at++;
    at++;
  }
  if (at >= end || load<u8>(at) !== SPACE) return 0;
  // `%-5u `: the pid is padded to five columns, and one blank follows.
  const stop = max(start + 6, at + 1);
  while (at < stop && load<u8>(at) === SPACE) at++;
  const from = at;
  let seconds: u64 = 0;
  for (digit = digitAt(at); digit < 10; digit = digitAt(++at)) seconds = seconds * 10 + digit;
  if (at - from < <u32>UNIX_DIGITS || at - from > LONG_NUMBER) return 0;
  let now = <f64>seconds;
  if (load<u8>(at) === DOT) {
    let part: u64 = 0;
    let power: u64 = 1;
    const dot = at;
    for (digit = digitAt(++at); digit < 10; digit = digitAt(++at)) {
      part = part * 10 + digit;
      power *= 10;
    }
    if (at - dot > LONG_NUMBER) return 0;
    now += <f64>part / <f64>power;
  }
  if (at >= end || load<u8>(at) !== SPACE) return 0;
  pid = shown;
  time = now;
  return at + 1;
}

/** 10 or more: there is none. */
function digitAt(at: u32): u32 {
  return <u32>load<u8>(at) - 48;
}

/** Tells what [at, end) is, a line without its prefix. */
function classify(text: u32, at: u32, end: u32, batch: u32, line: i32): void {
  if (at >= end) return;
  const first: i32 = load<u8>(at);
  if ((first >= A && first <= Z) || first === UNDERSCORE) call(text, at, end, batch, line);
  else if (first === LESS) resumed(at, end, batch, line);
}

function call(text: u32, at: u32, end: u32, batch: u32, line: i32): void {
  const open = endOfName(at, end);
  if (open === end || load<u8>(open) !== ROUND) return;
  const rule = ruleOf(at, open);
  if (load<u8>(end - 1) === GREATER && load<u8>(end - 2) === DOT) {
    const cut = end - UNFINISHED_LENGTH;
    if (cut < open || !isAt(cut, UNFINISHED, UNFINISHED_LENGTH)) return;
    const isSettled = rule >= 0 && holdsAlways(rule);
    put(batch, line, isSettled ? SETTLED_HEAD : HEAD, isSettled ? rule : find(at, cut));
    store<i32>(batch + 4 * line, cut - text, ENDS);
  } else if (hasResult(open, end)) {
    const isSettled = rule >= 0 && holds(rule, open, end);
    put(batch, line, isSettled ? SETTLED : CALL, isSettled ? rule : find(at, end));
  }
}

/** `<... name resumed>` with a result. */
function resumed(at: u32, end: u32, batch: u32, line: i32): void {
  const name = at + RESUMPTION_LENGTH;
  const stop = indexOf(SPACE, name, end);
  if (stop + RESUMED_LENGTH > end || !isAt(stop, RESUMED, RESUMED_LENGTH) || !hasResult(stop, end)) return;
  const rule = ruleOf(name, stop);
  const isSettled = rule >= 0 && holdsAlways(rule);
  put(batch, line, isSettled ? SETTLED_TAIL : TAIL, isSettled ? rule : find(at, end));
}

function put(batch: u32, line: i32, kind: i32, id: i32): void {
  store<u8>(batch + line, <u8>kind, KINDS);
  store<i32>(batch + 4 * line, id, IDS);
}

/** Behind the letters, digits and underscores at `at`. */
function endOfName(at: u32, end: u32): u32 {
  for (; at < end; at++) {
    const code = load<u8>(at);
    const letter: i32 = code | 32;
    if ((letter < A || letter > Z) && !(code >= 48 && code <= 57) && code !== UNDERSCORE) return at;
  }
  return end;
}

function indexOf(code: i32, at: u32, end: u32): u32 {
  while (at < end && load<u8>(at) !== code) at++;
  return at;
}

/** Does [from, end) end like a finished call: `)` blanks `= ` result? See finished.ts. */
function hasResult(from: u32, end: u32): bool {
  if (load<u8>(end - 1) === GREATER && load<u8>(end - 2) === DOT) return false;
  for (let at = end - 3; at > from; at--) {
    if (load<u8>(at + 1) !== EQUALS || load<u8>(at) !== SPACE || load<u8>(at + 2) !== SPACE) continue;
    while (at > from && load<u8>(at) === SPACE) at--;
    return load<u8>(at) === CLOSED;
  }
  return false;
}
