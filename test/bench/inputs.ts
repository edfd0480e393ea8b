// The logs that are timed: programs traced under load by the script beside this file, repeated to the size that is asked for.
// A repeat is not a copy: processes, times, inodes of sockets and addresses of memory move on, as they do in a log of that length.

import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { execa } from 'execa';
import { root } from '../support/fixtures.ts';

/** What is traced, in the order in which a repeat holds it. */
export const PROGRAMS = ['nginx', 'redis', 'opensmtpd', 'compiler', 'find', 'python'] as const;

export type Program = (typeof PROGRAMS)[number];

/** Between the process ids of two programs in one log. */
const PID_STEP = 2_000;
/** Process ids start anew here: PID_MAX_LIMIT of the kernel is 4,194,304. */
const PID_WRAP = 4_000_000;
const MOVING = /\b\d{4,7}\b|(?<=:\[)\d+(?=\])|\b0x(?:5[56]|7[ef])[0-9a-f]{10}\b/g;

/** Traces every program; `work` scales how much each does. Logs that are there already are kept. */
export async function recordPrograms(folder: string, work: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (PROGRAMS.every(program => existsSync(recording(folder, program)))) return;
  await execa(join(root, 'test/bench/record'), [folder, String(work)], { stdin: 'ignore' });
}

/** Where the log of one program is. */
export const recording = (folder: string, program: Program): string => join(folder, `${program}.strace`);

/** One recorded log, ready to be moved. */
class Recording {
  readonly seconds: number;
  readonly #start: number;
  readonly #pids: ReadonlySet<string>;
  readonly #lines: readonly string[];

  constructor(text: string) {
    this.#lines = text.trimEnd().split('\n');
    this.#pids = new Set(this.#lines.map(line => line.slice(0, line.indexOf(' '))));
    this.#start = startOf(this.#lines[0] ?? '');
    this.seconds = Math.ceil(startOf(this.#lines.at(-1) ?? '') - this.#start) + 1;
  }

  /** Its lines, as if it had been recorded at `start` seconds and later in the life of the machine; by pieces. */
  *moved(start: number, repeat: number, pidStep: number): Generator<string> {
    const move = (found: string): string => {
      if (found.startsWith('0x')) return `0x${(Number(found) + repeat * 0x2000).toString(16)}`;
      if (this.#pids.has(found)) return String(Number(found) + pidStep);
      return found;
    };
    const inode = (found: string, at: number, line: string): string =>
      line.charCodeAt(at - 1) === 91 ? String(Number(found) + repeat * 10_000) : move(found);
    let piece = '';
    for (const line of this.#lines) {
      const [pid = '', time = ''] = line.split(/ +/, 2);
      const seconds = Number(time.slice(0, -7)) - Math.floor(this.#start) + start;
      const body = line.slice(line.indexOf(time) + time.length).replace(MOVING, inode);
      piece += `${String(Number(pid) + pidStep).padEnd(5)} ${seconds}${time.slice(-7)}${body}\n`;
      if (piece.length > 1 << 20) {
        yield piece;
        piece = '';
      }
    }
    yield piece;
  }
}

const startOf = (line: string): number => Number(line.split(/ +/, 2)[1]);

async function* repeated(folder: string, programs: readonly Program[], bytes: number): AsyncGenerator<Buffer> {
  const recordings: Recording[] = [];
  for (const program of programs) recordings.push(new Recording(await readFile(recording(folder, program), 'latin1')));
  let written = 0;
  let clock = 1_795_500_000;
  for (let repeat = 0, run = 0; written < bytes; repeat++) {
    for (const one of recordings) {
      for (const piece of one.moved(clock, repeat, (run * PID_STEP) % PID_WRAP)) {
        const chunk = Buffer.from(piece, 'latin1');
        written += chunk.length;
        yield chunk;
      }
      clock += one.seconds;
      run++;
    }
  }
}

/** A file that is written once and then found again. */
async function cached(path: string, write: (temporary: string) => Promise<unknown>): Promise<string> {
  if (existsSync(path)) return path;
  await write(`${path}.part`);
  await rename(`${path}.part`, path);
  return path;
}

/** A log of at least so many bytes (whole repeats of the programs); resolves to its path. */
export const repeatedLog = (
  folder: string,
  name: string,
  programs: readonly Program[],
  bytes: number,
): Promise<string> =>
  cached(join(folder, `${name}.strace`), path => pipeline(repeated(folder, programs, bytes), createWriteStream(path)));

/** The same log, packed. */
export const gzipped = (log: string): Promise<string> =>
  cached(`${log}.gz`, path => pipeline(createReadStream(log), createGzip(), createWriteStream(path)));

export const zstandard = (log: string): Promise<string> =>
  cached(`${log}.zst`, path => execa('zstd', ['-q', '-f', '-o', path, log]));

/** Bytes and lines of a log. */
export async function measure(log: string): Promise<{ bytes: number; lines: number }> {
  const { size } = await stat(log);
  let lines = 0;
  const stream: Readable = createReadStream(log, { highWaterMark: 1 << 20 });
  for await (const chunk of stream)
    if (Buffer.isBuffer(chunk)) for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  return { bytes: size, lines };
}
