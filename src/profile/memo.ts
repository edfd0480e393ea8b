// What is remembered of a call whose text repeats: its parts, and the facts it was, as long as its process is in the same circumstances.
// Whatever new state an access may depend on belongs into Circumstances; a test compares remembered calls with calls read anew.

import type { PathUse } from '../process/paths.ts';
import type { Entry, Task } from '../process/state.ts';
import type { SyscallRow } from '../process/syscalls.ts';
import { fdArgument } from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import type { Sighting } from './facts.ts';

/** All that the accesses of a repeatable call depend on, beside its text. */
interface Circumstances {
  cwd: string | null;
  root: string;
  exe: string | null;
  uid: number | null;
  ownUmask: boolean;
  foreign: boolean;
  /** Of the facts: their sightings are the same objects. */
  generation: number;
}

/** A parsed call. */
export interface Memo {
  call: Call;
  row: SyscallRow;
  /** The cwd that its arguments tell (-y). */
  cwd: string | undefined;
  /** What it was when it was last looked at. */
  seen: { circumstances: Circumstances; uses: readonly PathUse[]; sightings: readonly Sighting[] } | null;
}

const circumstances = (task: Task, entry: Entry, generation: number): Circumstances => ({
  cwd: entry.cwd,
  root: entry.root,
  exe: task.exe,
  uid: task.uid,
  ownUmask: task.fs.ownUmask,
  foreign: task.fs.foreign,
  generation,
});

/** What the call was before, when nothing that matters has changed since; else null. */
export function recall({ seen }: Memo, task: Task, entry: Entry, generation: number): Memo['seen'] {
  if (seen === null) return null;
  const then = seen.circumstances;
  return then.cwd === entry.cwd &&
    then.root === entry.root &&
    then.exe === task.exe &&
    then.uid === task.uid &&
    then.ownUmask === task.fs.ownUmask &&
    then.foreign === task.fs.foreign &&
    then.generation === generation
    ? seen
    : null;
}

/** Remembers what the call was, if it would be the same again. */
export function remember(
  memo: Memo,
  uses: readonly PathUse[],
  sightings: readonly Sighting[],
  task: Task,
  entry: Entry,
  generation: number,
): void {
  if (isRepeatable(memo, uses)) memo.seen = { circumstances: circumstances(task, entry, generation), uses, sightings };
}

/** Names below these may hold the number of a process or a descriptor. */
const NUMBERED = /^\/(?:proc|dev)\//;

/** Do the facts of this call depend only on its circumstances, and not on the descriptor table or the process's number? */
function isRepeatable({ call, row }: Memo, uses: readonly PathUse[]): boolean {
  if (row.at === undefined || row.needs !== undefined || row.tells?.some(tell => tell !== 'mode')) return false;
  if (NUMBERED.test(call.result.annotation ?? '') || uses.some(({ path }) => NUMBERED.test(path ?? ''))) return false;
  return row.at.every(([word, path, dirfd]) => {
    if (word === 'connect' || word === 'create+bind') return false;
    return dirfd < 0 || call.args[path]?.startsWith('"/') || fdArgument(call.args[dirfd])?.path !== undefined;
  });
}
