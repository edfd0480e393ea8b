// What is said of a file that was read to its end and is no log.

import { UsageError } from '../errors.ts';
import type { Unrecognised } from '../profile/profile.ts';
import { printable } from '../render/printable.ts';
import { howToUnwrap } from '../strace/carriers.ts';

const HINT = 'record one with: strace -f -y -o FILE COMMAND';
const SHOWN = 80;

export const emptyLog = (name: string): UsageError => new UsageError('empty-log', `${name}: is empty`, HINT);

/** `sample`: the first line that was not understood. */
export const notStrace = (name: string, sample: Omit<Unrecognised['samples'][number], 'trace'>): UsageError =>
  new UsageError(
    'not-strace',
    `${name}:${sample.line}: is not strace output (${sample.why}): ${printable(sample.text.slice(0, SHOWN))}`,
    howToUnwrap(sample.text) ?? HINT,
  );

export const withoutCalls = (name: string): UsageError =>
  new UsageError('no-calls', `${name}:1: holds no system calls (a table of strace -c, or only notices)`, HINT);
