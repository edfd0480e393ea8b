// The files of `strace -ff -o PREFIX`, one per process, as one sequence of lines: by time stamp, or file by file without.
// At most one chunk of each file is in memory, and no file stays open.

import { closeSync, openSync, readSync } from 'node:fs';
import { detectLayout, type Layout, PLAIN_LAYOUT } from './layout.ts';
import { newPrefix, type Prefix, readPrefix } from './prefix.ts';
import { MARK } from './sampler.ts';

const CHUNK = 1 << 16;

/** One file's next line. */
class Cursor {
  readonly path: string;
  readonly pid: number;
  line: string | null = null;
  time = 0;
  #lines: string[] = [];
  #next = 0;
  #rest = '';
  #offset = 0;
  #ended = false;

  constructor(path: string, pid: number) {
    this.path = path;
    this.pid = pid;
  }

  /** Moves to the next line; `line` is null behind the last. */
  advance(layout: Layout, prefix: Prefix): void {
    while (this.#next >= this.#lines.length && !this.#ended) this.#fill();
    this.line = this.#lines[this.#next++] ?? null;
    if (this.line === null) return;
    readPrefix(Buffer.from(this.line, 'latin1'), 0, this.line.length, layout, prefix);
    // A line without a time of its own belongs to the one before.
    if (prefix.body >= 0 && !Number.isNaN(prefix.time)) this.time = prefix.time;
  }

  #fill(): void {
    const fd = openSync(this.path, 'r');
    const buffer = Buffer.alloc(CHUNK);
    const size = readSync(fd, buffer, 0, CHUNK, this.#offset);
    closeSync(fd);
    this.#offset += size;
    const read = buffer.toString('latin1', 0, size);
    const text = this.#rest + (this.#offset === size && read.startsWith(MARK) ? read.slice(MARK.length) : read);
    this.#lines = text.replaceAll('\r\n', '\n').split('\n');
    this.#next = 0;
    this.#rest = this.#lines.pop() ?? '';
    if (size === 0) {
      this.#ended = true;
      if (this.#rest !== '') this.#lines = [this.#rest];
      this.#rest = '';
    }
  }
}

/** A binary heap of cursors, the earliest first; ties go to the lower pid. */
class Earliest {
  readonly #heap: Cursor[] = [];

  static #before(a: Cursor, b: Cursor): boolean {
    return a.time < b.time || (a.time === b.time && a.pid < b.pid);
  }

  push(cursor: Cursor): void {
    let at = this.#heap.push(cursor) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = this.#heap[up];
      if (parent === undefined || !Earliest.#before(cursor, parent)) break;
      this.#heap[at] = parent;
      at = up;
    }
    this.#heap[at] = cursor;
  }

  pop(): Cursor | undefined {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (last === undefined || last === top) return top;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [this.#heap[left], this.#heap[left + 1]];
      const child = b !== undefined && a !== undefined && Earliest.#before(b, a) ? left + 1 : left;
      const below = this.#heap[child];
      if (below === undefined || !Earliest.#before(below, last)) break;
      this.#heap[at] = below;
      at = child;
    }
    this.#heap[at] = last;
    return top;
  }
}

/** The layout that the files share (they hold no pids). */
export function setLayout(files: readonly { path: string; pid: number }[]): Layout {
  const sample: string[] = [];
  const prefix = newPrefix();
  for (const { path, pid } of files.slice(0, 8)) {
    const cursor = new Cursor(path, pid);
    for (let i = 0; i < 50; i++) {
      cursor.advance(PLAIN_LAYOUT, prefix);
      if (cursor.line === null) break;
      sample.push(cursor.line);
    }
  }
  return detectLayout(sample) ?? PLAIN_LAYOUT;
}

/** Yields every line of the set with the index of its file. Without time stamps, parents (lower pids) come first, file by file. */
export function* setLines(
  files: readonly { path: string; pid: number }[],
  layout: Layout,
): Generator<[file: number, line: string]> {
  const prefix = newPrefix();
  const index = new Map(files.map(({ pid }, i) => [pid, i]));
  const cursors = files.map(({ path, pid }) => new Cursor(path, pid));
  if (layout.time === 'none') {
    for (const [i, cursor] of cursors.entries())
      for (cursor.advance(layout, prefix); cursor.line !== null; cursor.advance(layout, prefix)) yield [i, cursor.line];
    return;
  }
  const waiting = new Earliest();
  for (const cursor of cursors) {
    cursor.advance(layout, prefix);
    if (cursor.line !== null) waiting.push(cursor);
  }
  for (let cursor = waiting.pop(); cursor !== undefined; cursor = waiting.pop()) {
    if (cursor.line !== null) yield [index.get(cursor.pid) ?? 0, cursor.line];
    cursor.advance(layout, prefix);
    if (cursor.line !== null) waiting.push(cursor);
  }
}
