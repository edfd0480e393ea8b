// The fast way over a piece of a log: what each line is, told from its bytes, without making a string of it. It keeps no state of
// processes and reports nothing by itself; whatever is not plainly one of the kinds is left to the plain way (plain.ts).

import { DOT, EQUALS, GREATER, LESS, NEWLINE, SPACE, UNDERSCORE } from '../characters.ts';
import { type Layout, PLAIN_LAYOUT } from '../layout.ts';
import { isUsual, newPrefix, readPrefix } from '../prefix.ts';
import { NO_PID, PID_MAX, UNIX_DIGITS } from '../prefix-numbers.ts';
import type { Settle } from '../records.ts';
import type { Block } from './blocks.ts';
import { CALL, HEAD, OTHER, SETTLED, SETTLED_HEAD, SETTLED_TAIL, TAIL } from './kinds.ts';
import { Phrasebook } from './phrasebook.ts';
import { isAt, SettledNames } from './settled-names.ts';

const [ROUND, CLOSED, A, Z] = [40, 41, 97, 122];
const UNFINISHED = Buffer.from(' <unfinished ...>');
const RESUMED = Buffer.from(' resumed>');
/** `<... `: nothing else that strace prints begins with its first character. */
const RESUMPTION_LENGTH = 5;

/** Digits of a pid, and of what a double holds exactly. */
const PID_DIGITS = 9;
const EXACT_DIGITS = 15;

/** 0 to 9, or something else: there is no digit. */
const digitAt = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) - 48;
const isDigit = (digit: number): boolean => digit >= 0 && digit < 10;

/** Behind the letters, digits and underscores at `at`. */
function endOfName(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    const code = bytes[i] ?? 0;
    const letter = code | 32;
    if ((letter < A || letter > Z) && !(code >= 48 && code <= 57) && code !== UNDERSCORE) return i;
  }
  return end;
}

/** Does [from, end) end like a finished call: `)` blanks `= ` result? See finished.ts. */
function hasResult(bytes: Uint8Array, from: number, end: number): boolean {
  if (bytes[end - 1] === GREATER && bytes[end - 2] === DOT) return false;
  for (let at = end - 3; at > from; at--) {
    if (bytes[at + 1] !== EQUALS || bytes[at] !== SPACE || bytes[at + 2] !== SPACE) continue;
    while (at > from && bytes[at] === SPACE) at--;
    return bytes[at] === CLOSED;
  }
  return false;
}

export class Scanner {
  #layout: Layout = PLAIN_LAYOUT;
  #usual = false;
  #names = new SettledNames([]);
  readonly #book = new Phrasebook();
  readonly #prefix = newPrefix();
  /** Of the prefix that was read last. */
  #pid = NO_PID;
  #time = Number.NaN;

  /** The lines from here on are of another log. `inodes`: calls on different sockets are different. */
  begin(layout: Layout, rules: readonly Settle[], inodes: boolean): void {
    this.#layout = layout;
    this.#usual = isUsual(layout);
    this.#names = new SettledNames(rules);
    this.#book.begin(inodes);
  }

  /**
   * Adds the lines of [at, end) of the block's text to its batch, as many as that holds; returns where the next line starts. A batch ends
   * where the phrasebook starts anew.
   */
  scan(block: Block, at: number, end: number): number {
    const { bytes, batch } = block;
    if (batch.count === 0) batch.generation = this.#book.generation;
    let start = at;
    while (start < end && !batch.isFull && this.#book.generation === batch.generation) {
      const newline = bytes.indexOf(NEWLINE, start);
      const stop = newline < 0 || newline > end ? end : newline;
      const body = this.#usual ? this.#readUsual(bytes, start, stop) : this.#readUnusual(bytes, start, stop);
      const i = batch.count++;
      batch.times[i] = this.#time;
      batch.pids[i] = this.#pid;
      batch.starts[i] = body < 0 ? start : body;
      batch.ends[i] = stop;
      batch.kinds[i] = OTHER;
      if (body >= 0) this.#classify(block, body, stop, i);
      start = stop + 1;
    }
    return start;
  }

  /** Reads a prefix of any layout; returns where the call starts, or -1. */
  #readUnusual(bytes: Buffer, start: number, end: number): number {
    const prefix = this.#prefix;
    readPrefix(bytes, start, end, this.#layout, prefix);
    this.#pid = prefix.pid;
    this.#time = prefix.time;
    return prefix.body;
  }

  /** Reads `PID SECONDS.FRACTION ` or `PID<COMMAND> SECONDS `, the prefix of `strace -f -ttt -o FILE`; returns where the call starts, or -1. */
  #readUsual(bytes: Uint8Array, start: number, end: number): number {
    this.#pid = NO_PID;
    this.#time = Number.NaN;
    let at = start;
    let pid = 0;
    let digit = digitAt(bytes, at);
    for (; isDigit(digit); digit = digitAt(bytes, ++at)) pid = pid * 10 + digit;
    if (at === start || at - start > PID_DIGITS || pid > PID_MAX) return -1;
    if (bytes[at] === LESS) {
      while (at < end && bytes[at] !== GREATER) at++;
      at++;
    }
    if (at >= end || bytes[at] !== SPACE) return -1;
    // `%-5u `: the pid is padded to five columns, and one blank follows.
    const padded = Math.max(start + 6, at + 1);
    while (at < padded && bytes[at] === SPACE) at++;
    const from = at;
    let time = 0;
    for (digit = digitAt(bytes, at); isDigit(digit); digit = digitAt(bytes, ++at)) time = time * 10 + digit;
    if (at - from < UNIX_DIGITS || at - from > EXACT_DIGITS) return -1;
    if (bytes[at] === DOT) {
      const dot = at;
      let part = 0;
      let power = 1;
      for (digit = digitAt(bytes, ++at); isDigit(digit); digit = digitAt(bytes, ++at)) {
        part = part * 10 + digit;
        power *= 10;
      }
      if (at - dot > EXACT_DIGITS) return -1;
      time += part / power;
    }
    if (at >= end || bytes[at] !== SPACE) return -1;
    this.#pid = pid;
    this.#time = time;
    return at + 1;
  }

  /** Tells what [at, end) is, a line without its prefix. */
  #classify(block: Block, at: number, end: number, i: number): void {
    if (at >= end) return;
    const first = block.bytes[at] ?? 0;
    if ((first >= A && first <= Z) || first === UNDERSCORE) this.#call(block, at, end, i);
    else if (first === LESS) this.#resumed(block, at, end, i);
  }

  #call(block: Block, at: number, end: number, i: number): void {
    const { bytes, batch } = block;
    const open = endOfName(bytes, at, end);
    if (open === end || bytes[open] !== ROUND) return;
    const rule = this.#names.find(bytes, at, open);
    if (bytes[end - 1] === GREATER && bytes[end - 2] === DOT) {
      const cut = end - UNFINISHED.length;
      if (cut < open || !isAt(bytes, cut, UNFINISHED)) return;
      const isSettled = rule >= 0 && this.#names.holdsAlways(rule);
      batch.kinds[i] = isSettled ? SETTLED_HEAD : HEAD;
      batch.ids[i] = isSettled ? rule : this.#book.find(block, at, cut);
      batch.ends[i] = cut;
    } else if (hasResult(bytes, open, end)) {
      const isSettled = rule >= 0 && this.#names.holds(rule, bytes, open, end);
      batch.kinds[i] = isSettled ? SETTLED : CALL;
      batch.ids[i] = isSettled ? rule : this.#book.find(block, at, end);
    }
  }

  /** `<... name resumed>` with a result. */
  #resumed(block: Block, at: number, end: number, i: number): void {
    const { bytes, batch } = block;
    const name = at + RESUMPTION_LENGTH;
    let stop = name;
    while (stop < end && bytes[stop] !== SPACE) stop++;
    if (stop + RESUMED.length > end || !isAt(bytes, stop, RESUMED) || !hasResult(bytes, stop, end)) return;
    const rule = this.#names.find(bytes, name, stop);
    const isSettled = rule >= 0 && this.#names.holdsAlways(rule);
    batch.kinds[i] = isSettled ? SETTLED_TAIL : TAIL;
    batch.ids[i] = isSettled ? rule : this.#book.find(block, at, end);
  }
}
