// Lines of a stream that others write: standard input, a profile, what journalctl prints. None is longer than is said, so that none fills memory.

import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import split2 from 'split2';

/** A line is longer than its bound. */
export class LongLine extends Error {}

/** The lines of a stream in UTF-8, without their newlines; errors of the stream are thrown as they are. `maxLength` in characters. */
export async function* linesOf(input: Readable, maxLength: number): AsyncGenerator<string> {
  const lines = split2('\n', { maxLength });
  input.on('error', error => lines.destroy(error));
  const ended = finished(lines).catch(() => undefined);
  try {
    for await (const line of input.pipe(lines)) yield String(line);
  } catch (error) {
    throw error instanceof Error && error.message === 'maximum buffer reached' ? new LongLine() : error;
  } finally {
    input.unpipe(lines);
    lines.destroy();
    await ended;
  }
}
