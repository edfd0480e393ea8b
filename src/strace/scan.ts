// The scanner: WebAssembly that works on memory of its own, in which text is put for it (assembly/scan.ts says what it does).
// Here is what JavaScript needs to make and to call it.

import { readFileSync } from 'node:fs';
import { packageFile } from '../package-files.ts';
import { NEWLINE } from './characters.ts';
import { OTHER } from './kinds.ts';
import { type Layout, PLAIN_LAYOUT } from './layout.ts';
import { isUsual, newPrefix, readPrefix } from './prefix.ts';
import type { Settle } from './records.ts';
import type { Block } from './scan-blocks.ts';
import { WORD } from './scan-layout.ts';

/** What assembly/scan.ts exports. Places are those of its memory. */
interface Assembly {
  readonly generation: WebAssembly.Global;
  readonly count: WebAssembly.Global;
  begin(inodes: boolean): void;
  addRule(length: number): void;
  addWord(length: number): void;
  addShown(length: number): void;
  scan(text: number, at: number, end: number, batch: number, lines: number): number;
  scanBody(text: number, batch: number, line: number): void;
}

let compiled: WebAssembly.Module | null = null;

const assemblyOver = (memory: WebAssembly.Memory): Assembly => {
  compiled ??= new WebAssembly.Module(readFileSync(packageFile('build/src/strace/scan.wasm')));
  return new WebAssembly.Instance<Assembly>(compiled, { env: { memory } }).exports;
};

export class Scanner {
  #layout: Layout = PLAIN_LAYOUT;
  #usual = false;
  readonly #prefix = newPrefix();
  readonly #assembly: Assembly;
  /** Where a word is put for the assembly. */
  readonly #word: Buffer;

  constructor(memory: WebAssembly.Memory) {
    this.#assembly = assemblyOver(memory);
    this.#word = Buffer.from(memory.buffer, WORD);
  }

  /** The lines from here on are of another log. `inodes`: calls on different sockets are different. */
  begin(layout: Layout, rules: readonly Settle[], inodes: boolean): void {
    this.#layout = layout;
    this.#usual = isUsual(layout);
    this.#assembly.begin(inodes);
    for (const { name, unless, shows } of rules) {
      this.#assembly.addRule(this.#word.write(name, 'latin1'));
      for (const one of unless) this.#assembly.addWord(this.#word.write(one, 'latin1'));
      if (shows !== undefined) this.#assembly.addShown(this.#word.write(shows, 'latin1'));
    }
  }

  /** Adds the lines of [at, end) of the block's text to its batch, as many as that holds; returns where the next line starts. */
  scan(block: Block, at: number, end: number): number {
    const { batch, text, columns } = block;
    const { generation, count } = this.#assembly;
    if (batch.count === 0) batch.generation = generation.value;
    if (batch.generation !== generation.value) return at;
    if (!this.#usual) return this.#scanUnusual(block, at, end);
    const next = this.#assembly.scan(text, text + at, text + end, columns, batch.count);
    batch.count = count.value;
    return next - text;
  }

  /** The same of a log whose prefix the assembly does not know. */
  #scanUnusual({ bytes, batch, text, columns }: Block, at: number, end: number): number {
    const { generation } = this.#assembly;
    const prefix = this.#prefix;
    while (at < end && !batch.isFull && generation.value === batch.generation) {
      const stop = bytes.indexOf(NEWLINE, at);
      const i = batch.count++;
      readPrefix(bytes, at, stop, this.#layout, prefix);
      batch.pids[i] = prefix.pid;
      batch.times[i] = prefix.time;
      batch.starts[i] = prefix.body < 0 ? at : prefix.body;
      batch.ends[i] = stop;
      batch.kinds[i] = OTHER;
      if (prefix.body >= 0) this.#assembly.scanBody(text, columns, i);
      at = stop + 1;
    }
    return at;
  }
}
