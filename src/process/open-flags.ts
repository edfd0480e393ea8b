// What the flags of open(2) and its kin say. Source: open(2); kernel fs/open.c build_open_flags().

import type { Call } from '../strace/parse.ts';
import { ownCopy } from '../strace/text.ts';
import type { Mode } from './access.ts';
import type { Row } from './syscalls.ts';

/** The ways in which a log opens files are few; one that is made up may show any. */
const known = new Map<string, readonly Mode[]>();
const KNOWN = 1000;

/** Access classes, by the flags as strace prints them. */
export function openModes(flags: string): readonly Mode[] {
  let modes = known.get(flags);
  if (modes === undefined) {
    modes = modesOf(flags.split('|'));
    if (known.size < KNOWN) known.set(ownCopy(flags), modes);
  }
  return modes;
}

function modesOf(flags: readonly string[]): Mode[] {
  const has = (word: string): boolean => flags.includes(word);
  if (has('O_PATH')) return ['stat'];
  const modes = new Set<Mode>();
  const both = has('O_RDWR') || has('O_ACCMODE');
  const writes = both || has('O_WRONLY');
  if (both || !writes) modes.add(has('O_DIRECTORY') && !writes ? 'list' : 'read');
  if (writes || has('O_TRUNC')) modes.add('write');
  if (has('O_CREAT') || has('O_TMPFILE')) modes.add('create');
  if (has('O_TMPFILE')) modes.add('write');
  return [...modes];
}

/** The argument in which the flags of a call that names a path stand. */
const flagsOf = ({ at }: Row, call: Call): string => call.args[at?.[0]?.[3] ?? -1] ?? '';

/** A temporary file without a name: O_TMPFILE. */
export const isUnnamed = (row: Row, call: Call): boolean => flagsOf(row, call).includes('O_TMPFILE');

/** Is the new descriptor closed when a program is started? */
export const isCloexec = (row: Row, call: Call): boolean =>
  row.fd === 'cloexec' ||
  (row.at === undefined ? call.args.some(raw => raw.includes('CLOEXEC')) : flagsOf(row, call).includes('CLOEXEC'));
