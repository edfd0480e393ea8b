// Profiles for `merge`, one at a time, however many: files, folders of them, JSON Lines in files and on standard input.

import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileTrouble, UsageError } from '../../errors.ts';
import { parseProfile, readProfile } from '../../profile/file.ts';
import { byKey } from '../../profile/key.ts';
import type { Profile } from '../../profile/profile.ts';
import { LongLine, linesOf } from '../../text-lines.ts';

/** A line longer than this is no profile, and does not fit into memory either. */
const LINE_LIMIT = 64 * 1024 * 1024;
/** split2 looks at all of an unfinished line again with each piece: large pieces, few looks. */
const PIECE = 1 << 22;
const NEWLINE = 10;
/** A whole profile on the first line tells JSON Lines from a profile of many lines, which ends its first line after the version. */
const FIRST_LINE = /^\{"format":"allowtrace-profile","version":\d+,\s*$/;
const FIRST_BYTES = 200;

/** The files of the operands: folders stand for the .json and .jsonl files in them. */
export async function profileFiles(operands: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const name of operands) {
    const stats = name === '-' ? null : await stat(name).catch(() => null);
    if (stats?.isDirectory() !== true) {
      files.push(name);
      continue;
    }
    const inside = (await readdir(name)).filter(entry => /\.jsonl?$/.test(entry)).sort(byKey);
    if (inside.length === 0)
      throw new UsageError('no-input', `${name}: holds no profile`, 'profiles in a folder are named *.json or *.jsonl');
    for (const entry of inside) files.push(join(name, entry));
  }
  return files;
}

/** The profiles of a stream, each on a line of its own. Errors are UsageErrors. */
async function* lines(input: Readable, name: string): AsyncGenerator<Profile> {
  let number = 0;
  try {
    for await (const text of linesOf(input, LINE_LIMIT)) {
      number++;
      if (text.trim() !== '') yield parseProfile(text, name, number);
    }
  } catch (error) {
    if (error instanceof LongLine) throw new UsageError('bad-profile', `${name}: has a line of more than 64 MB`);
    throw error instanceof UsageError ? error : new UsageError('unreadable', `${name}: ${fileTrouble(error)}`);
  }
}

async function isJsonLines(path: string): Promise<boolean> {
  const file = await open(path).catch((error: unknown) => {
    throw new UsageError('unreadable', `${path}: ${fileTrouble(error)}`);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_BYTES), 0, FIRST_BYTES, 0);
    const head = buffer.subarray(0, bytesRead);
    const end = head.indexOf(NEWLINE);
    const first = head.toString('latin1', 0, end < 0 ? head.length : end);
    return first.startsWith('{"format":"allowtrace-profile"') && !FIRST_LINE.test(first);
  } catch (error) {
    throw new UsageError('unreadable', `${path}: ${fileTrouble(error)}`);
  } finally {
    await file.close();
  }
}

/** Every profile of one file; `-` is standard input. */
export async function* profilesIn(path: string, stdin: Readable): AsyncGenerator<Profile> {
  if (path === '-') yield* lines(stdin, 'standard input');
  else if (await isJsonLines(path)) yield* lines(createReadStream(path, { highWaterMark: PIECE }), path);
  else yield await readProfile(path);
}
