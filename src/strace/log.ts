// Saved logs: finds what a name means (file, standard input, -ff set), opens it, unpacks gzip and zstd, and yields its bytes.
// It looks only at the first bytes of a file; what the lines say is the reader's business.

import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fileTrouble, UsageError } from '../errors.ts';
import { identityOf, SAMPLE } from './identity.ts';
import { type Packing, packingOf } from './packing.ts';

/** A file that holds a log, and how it is packed. */
export interface LogFile {
  path: string;
  packing: Packing;
  /** Bytes on disk. */
  size: number;
}

/** One log: a single stream (of a file, unless it is a pipe), or the files of a -ff set (one per process). */
export type Log =
  | {
      kind: 'single';
      name: string;
      /** Null where it is known only when all of the text has been read: of a stream, and of a packed file. */
      id: string | null;
      /** Bytes of text, when they are known. */
      size: number | undefined;
      file: LogFile | null;
      /** The first bytes of the file as they lie on the disk; none of a stream. */
      start: Buffer;
      /** The text; where there is no id yet, each chunk is memory of its own. */
      open: () => AsyncIterable<Buffer>;
    }
  | { kind: 'set'; name: string; id: string; size: number; files: { path: string; pid: number }[] };

// Large enough that reading costs nothing, small enough for the cache of a processor.
const CHUNK = 1 << 18;
const NOTHING = Buffer.alloc(0);

/** What a file is known by before it is read: its first bytes, and an identity made of its size, its beginning and its end. */
interface Sample {
  start: Buffer;
  id: string;
}

function sampleOf(path: string, size: number): Sample {
  const fd = openSync(path, 'r');
  try {
    const read = (position: number): Buffer => {
      const buffer = Buffer.alloc(SAMPLE);
      return buffer.subarray(0, readSync(fd, buffer, 0, SAMPLE, position));
    };
    const start = read(0);
    return { start, id: identityOf(size, start, read(Math.max(0, size - SAMPLE))) };
  } finally {
    closeSync(fd);
  }
}

function checkText(name: string, bytes: Buffer): void {
  if (bytes.length === 0)
    throw new UsageError(
      'empty-log',
      `${name}: is empty`,
      'did the traced command start? strace -f -o FILE COMMAND writes a log',
    );
  if (/^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2)))
    throw new UsageError(
      'binary-log',
      `${name}: is text in UTF-16`,
      'iconv -f utf-16 -t utf-8 FILE | allowtrace COMMAND - reads it',
    );
  const nul = bytes.indexOf(0);
  if (nul >= 0)
    throw new UsageError(
      'binary-log',
      `${name}: is a binary file (a NUL byte at offset ${nul})`,
      'give the text that `strace -f -o FILE` wrote',
    );
}

const damaged = (name: string, why: string, unpacker: string): UsageError =>
  new UsageError(
    'damaged-log',
    `${name}: cannot be read to its end: ${why}`,
    `a copy that was cut off? \`${unpacker} FILE | allowtrace COMMAND -\` reads as far as it goes`,
  );

async function* chunks(stream: Readable, name: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
  } catch (error) {
    throw damaged(name, fileTrouble(error), 'zcat');
  }
}

async function* gunzip(path: string): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { highWaterMark: CHUNK });
  const stream = createGunzip({ chunkSize: CHUNK });
  source.on('error', error => stream.destroy(error));
  yield* chunks(source.pipe(stream), path);
}

async function* unzstd(path: string): AsyncGenerator<Buffer> {
  const { execa } = await import('execa');
  // Node 20 has no zstd of its own.
  const child = execa('zstd', ['-dcq', '--', path], {
    buffer: false,
    stdin: 'ignore',
    stderr: 'ignore',
    reject: false,
  });
  yield* chunks(child.stdout, path);
  const { exitCode, code } = await child;
  if (code === 'ENOENT')
    throw new UsageError('no-zstd', `${path}: zstd is not installed`, 'apt-get install zstd, or unpack the log first');
  if (exitCode !== 0) throw damaged(path, 'zstd could not unpack it', 'zstdcat');
}

/** Plain files are read ahead: while one chunk is analysed, the next is on its way. */
async function* readFile(path: string): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    let [front, back] = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
    let next = file.read(front, 0, CHUNK);
    for (;;) {
      const { bytesRead } = await next;
      if (bytesRead === 0) return;
      next = file.read(back, 0, CHUNK);
      yield front.subarray(0, bytesRead);
      [front, back] = [back, front];
    }
  } finally {
    await file.close();
  }
}

const OPEN: Readonly<Record<Packing, (path: string) => AsyncIterable<Buffer>>> = {
  none: readFile,
  gzip: gunzip,
  zstd: unzstd,
};

/** The text of a log file, unpacked. Each chunk of a plain one is valid until the next is asked for. */
export const openLogFile = ({ path, packing }: LogFile): AsyncIterable<Buffer> => OPEN[packing](path);

function single(path: string, size: number): Log {
  const { start, id } = sampleOf(path, size);
  const packing = packingOf(start);
  if (packing === 'none') checkText(path, start);
  const file: LogFile = { path, packing, size };
  return {
    kind: 'single',
    name: path,
    id: packing === 'none' ? id : null,
    size: packing === 'none' ? size : undefined,
    file,
    start,
    open: () => openLogFile(file),
  };
}

/** What a file gives; in words where it cannot be read. */
function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError('unreadable', `${path}: ${fileTrouble(error)}`);
  }
}

/** The files PREFIX.PID of `strace -ff -o PREFIX` among these of a directory, by pid. */
function set(directory: string, names: readonly string[], prefix: string, name: string): Log | null {
  const matching = names.filter(
    file =>
      file.startsWith(prefix) && /\.\d+$/.test(file) && (prefix === '' || /^\.\d+$/.test(file.slice(prefix.length))),
  );
  const files = matching
    .map(file => ({ path: join(directory, file), pid: Number(/\d+$/.exec(file)?.[0]) }))
    // A folder or a FIFO may be called so, too.
    .filter(({ path }) => orNull(() => statSync(path).isFile()) === true)
    .sort((a, b) => a.pid - b.pid);
  if (files.length === 0) return null;
  const hash = createHash('sha256');
  let size = 0;
  for (const { path } of files) {
    const length = statSync(path).size;
    hash.update(readable(path, () => sampleOf(path, length)).id);
    size += length;
  }
  return { kind: 'set', name, id: hash.digest('hex').slice(0, 16), size, files };
}

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}

/** Finds the log that `name` stands for: a file, a folder or prefix of -ff files, or `-` for standard input. */
export function findLog(name: string, stdin: Readable): Log {
  if (name === '-')
    return {
      kind: 'single',
      name: '-',
      id: null,
      size: undefined,
      file: null,
      start: NOTHING,
      open: () => chunks(stdin, 'standard input'),
    };
  const found = orNull(() => statSync(name));
  if (found === null) {
    // A shell completes the prefix with its dot.
    const prefix = basename(name).replace(/\.$/, '');
    const names = orNull(() => readdirSync(dirname(name))) ?? [];
    const files = prefix === '' ? null : set(dirname(name), names, prefix, name);
    if (files !== null) return files;
    throw new UsageError(
      'no-such-log',
      `${name}: no such file`,
      'give a log of `strace -f -o FILE`, a folder or prefix of `strace -ff -o PREFIX`, or - for standard input',
    );
  }
  if (found.isDirectory()) {
    const files = set(
      name,
      readable(name, () => readdirSync(name)),
      '',
      name,
    );
    if (files === null)
      throw new UsageError(
        'no-such-log',
        `${name}: this folder holds no files named PREFIX.PID of \`strace -ff -o PREFIX\``,
        'name the log itself, or the folder that -ff wrote to',
      );
    return files;
  }
  if (!found.isFile())
    return {
      kind: 'single',
      name,
      id: null,
      size: undefined,
      file: null,
      start: NOTHING,
      open: () => chunks(createReadStream(name, { highWaterMark: CHUNK }), name),
    };
  return readable(name, () => single(name, found.size));
}
