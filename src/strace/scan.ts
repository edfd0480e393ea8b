// The fast way over a piece of a log: what each line is, told from its bytes, without making a string of it. It keeps no state
// of processes and reports nothing by itself; whatever is not plainly one of the kinds below is left to the reader's plain way.
// It is written for speed: most lines of a server's log are known from their bytes (docs/benchmarks.md has what that gives).
// That both ways come to the same is tested in test/profile/ways.test.ts.

import { type Batch, CAPACITY, KIND } from './batch.ts';
import { DOT, GREATER, LESS, NEWLINE, SPACE, UNDERSCORE } from './characters.ts';
import { hasResult } from './finished.ts';
import { Phrasebook, UNNUMBERED } from './phrasebook.ts';
import { isUsual, type Layout, newPrefix, readPrefix, readUsualPrefix } from './prefix.ts';
import type { Settle } from './records.ts';

/** A rule in the scanner's form. */
interface Rule {
  name: Uint8Array;
  /** The words that make it void, and a mark for each byte that one of them begins with. */
  words: readonly Uint8Array[];
  begins: Uint8Array;
}

const BRACKET = 40;
const NAME_SLOTS = 4_096;

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const UNFINISHED = bytesOf(' <unfinished ...>');
const RESUMED = bytesOf(' resumed>');

export class Scanner {
  readonly #layout: Layout;
  readonly #usual: boolean;
  readonly #prefix = newPrefix();
  /** Of the bytes that are scanned. */
  #view: DataView = new DataView(new ArrayBuffer(0));
  readonly #phrases: Phrasebook;
  readonly #rules: Rule[];
  /** Hash of a name → number of its rule, or -1; collisions go on to the next slot. */
  readonly #names = new Int16Array(NAME_SLOTS).fill(UNNUMBERED);
  /** Of the name read last: where its rule is looked for. */
  #nameHash = 0;

  /** `inodes`: calls on different sockets are different. */
  constructor(layout: Layout, rules: Iterable<Settle>, inodes: boolean) {
    this.#layout = layout;
    this.#usual = isUsual(layout);
    this.#phrases = new Phrasebook(inodes);
    this.#rules = [...rules].map(({ name, unless }) => {
      const begins = new Uint8Array(256);
      for (const word of unless) begins[word.charCodeAt(0)] = 1;
      return { name: bytesOf(name), words: unless.map(bytesOf), begins };
    });
    this.#rules.forEach(({ name }, i) => {
      this.#readName(name, 0, name.length, BRACKET);
      let slot = this.#nameHash;
      while (this.#names[slot] !== UNNUMBERED) slot = (slot + 1) & (NAME_SLOTS - 1);
      this.#names[slot] = i;
    });
  }

  /** Adds the lines of bytes[at, end) to `batch`, as many as it holds; returns where the next line starts. */
  scan(bytes: Buffer, at: number, end: number, batch: Batch): number {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (batch.count === 0) batch.generation = this.#phrases.generation;
    while (at < end && batch.count < CAPACITY && this.#phrases.generation === batch.generation) {
      let stop = bytes.indexOf(NEWLINE, at);
      if (stop < 0 || stop > end) stop = end;
      this.#line(bytes, at, stop, batch);
      at = stop + 1;
    }
    return at;
  }

  #line(bytes: Buffer, start: number, end: number, batch: Batch): void {
    const i = batch.count++;
    const prefix = this.#prefix;
    if (!this.#usual || !readUsualPrefix(bytes, start, end, prefix))
      readPrefix(bytes, start, end, this.#layout, prefix);
    batch.pids[i] = prefix.pid;
    batch.times[i] = prefix.time;
    batch.starts[i] = start;
    batch.ends[i] = end;
    batch.kinds[i] = KIND.other;
    const at = prefix.body;
    if (at < 0) return;
    const first = bytes[at] ?? 0;
    if (first >= UNDERSCORE && first <= 122) this.#call(bytes, at, end, batch, i);
    else if (first === LESS) this.#resumed(bytes, at, end, batch, i);
  }

  #call(bytes: Buffer, at: number, end: number, batch: Batch, i: number): void {
    const open = this.#readName(bytes, at, end, BRACKET);
    if (open === end) return;
    const id = this.#rule(bytes, at, open);
    const rule = this.#rules[id];
    if (bytes[end - 1] === GREATER && bytes[end - 2] === DOT) {
      const cut = end - UNFINISHED.length;
      if (cut < open || !equals(bytes, cut, UNFINISHED)) return;
      const settled = rule !== undefined && rule.words.length === 0;
      batch.kinds[i] = settled ? KIND.settledHead : KIND.head;
      batch.ids[i] = settled ? id : this.#phrases.find(this.#view, at, cut);
      batch.starts[i] = at;
      batch.ends[i] = cut;
    } else if (hasResult(bytes, open, end)) {
      const settled = rule !== undefined && !holdsWord(rule, bytes, open, end);
      batch.kinds[i] = settled ? KIND.settled : KIND.call;
      batch.ids[i] = settled ? id : this.#phrases.find(this.#view, at, end);
      batch.starts[i] = at;
    }
  }

  /** `<... name resumed>` with a result. */
  #resumed(bytes: Buffer, at: number, end: number, batch: Batch, i: number): void {
    const name = at + 5;
    const stop = this.#readName(bytes, name, end, SPACE);
    if (!equals(bytes, stop, RESUMED) || !hasResult(bytes, stop, end)) return;
    const id = this.#rule(bytes, name, stop);
    if (this.#rules[id]?.words.length === 0) {
      batch.kinds[i] = KIND.settledTail;
      batch.ids[i] = id;
    } else {
      batch.kinds[i] = KIND.tail;
      batch.ids[i] = this.#phrases.find(this.#view, at, end);
      batch.starts[i] = at;
    }
  }

  /** Hashes the name at `at` up to the byte `stop`; returns where that is, or `end`. */
  #readName(bytes: Uint8Array, at: number, end: number, stop: number): number {
    let hash = 0;
    let i = at;
    for (; i < end; i++) {
      const code = bytes[i] ?? 0;
      if (code === stop) break;
      hash = Math.imul(hash, 31) + code;
    }
    this.#nameHash = slotOf(hash);
    return i;
  }

  /** The number of the rule for the name bytes[at, end), which has just been hashed, or -1. */
  #rule(bytes: Uint8Array, at: number, end: number): number {
    for (let slot = this.#nameHash; ; slot = (slot + 1) & (NAME_SLOTS - 1)) {
      const id = this.#names[slot] ?? UNNUMBERED;
      if (id === UNNUMBERED) return id;
      const name = this.#rules[id]?.name;
      if (name?.length === end - at && equals(bytes, at, name)) return id;
    }
  }
}

const slotOf = (hash: number): number => (hash ^ (hash >>> 12)) & (NAME_SLOTS - 1);

function equals(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

function holdsWord({ words, begins }: Rule, bytes: Uint8Array, at: number, end: number): boolean {
  if (words.length === 0) return false;
  for (let i = at; i < end; i++) {
    if (begins[bytes[i] ?? 0] === 0) continue;
    for (const word of words) if (i + word.length <= end && equals(bytes, i, word)) return true;
  }
  return false;
}
