// What is remembered of a call whose text repeats: which facts it was and what it did to its process, as long as that is in the same
// circumstances. The call itself is not kept, so that tens of thousands can be remembered; in other circumstances it is parsed again.
// Whatever new state an access may depend on belongs into Circumstances; a test compares remembered calls with calls read anew.

import type { Circumstances } from '../process/circumstances.ts';
import { type FdEffect, fdEffect } from '../process/effects.ts';
import type { PathUse } from '../process/paths.ts';
import type { SyscallRow, Tell } from '../process/syscalls.ts';
import { fdArgument } from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';

/** What a call was in some circumstances. */
export interface Seen {
  readonly circumstances: Circumstances;
  /** Of the facts: their numbers mean the same. */
  readonly generation: number;
  /** By their numbers. */
  readonly facts: readonly number[];
  readonly effect: FdEffect | null;
  readonly next: Seen | null;
}

/** What a first half tells. */
export interface Begun {
  readonly kind: 'begun';
  /** Where the process is has to be kept until the call ends. */
  readonly keepsEntry: boolean;
  /** The flags of a clone; null: it is none. */
  readonly cloneFlags: string | null;
}

/** A call: parsed, or remembered. */
export interface Memo {
  readonly kind: 'call';
  readonly name: string;
  readonly row: SyscallRow;
  /** The cwd that its arguments tell (-y). */
  readonly cwd: string | undefined;
  /** Null when what is remembered is all that is needed of it. */
  call: Call | null;
  seen: Seen | null;
}

/** What is kept of a text. */
export type Kept = Begun | Memo;

/** Circumstances remembered of one call: different programs open the same libraries. */
const VARIANTS = 8;

const NONE: readonly number[] = [];

/** What the call was before, in these circumstances; else null. */
export function recall({ seen }: Memo, circumstances: Circumstances, generation: number): Seen | null {
  for (let one = seen; one !== null; one = one.next)
    if (one.circumstances === circumstances && one.generation === generation) return one;
  return null;
}

/** Remembers what the call was, if it would be the same again. */
export function remember(
  memo: Memo,
  call: Call,
  uses: readonly PathUse[],
  facts: readonly number[],
  circumstances: Circumstances,
  generation: number,
): void {
  const effect = fdEffect(memo.row, call, uses[0]);
  if (effect === undefined || !isRepeatable(memo.row, call, uses)) return;
  let [kept, variants] = [memo.seen, 0];
  for (let one = kept; one !== null; one = one.next) variants++;
  if (variants >= VARIANTS || kept?.generation !== generation) kept = null;
  // A copy has no room to grow: what was pushed to has room for seventeen.
  const exact = facts.length === 0 ? NONE : facts.slice();
  memo.seen = { circumstances, generation, facts: exact, effect, next: kept };
  memo.call = null;
}

/** What the text of a call, and the circumstances, tell in full; what else a row tells may depend on descriptors or other processes. */
const TELLS_BY_TEXT: ReadonlySet<Tell> = new Set([
  'identity',
  'ipc-mq',
  'ipc-sysv',
  'memory',
  'mknod',
  'mode',
  'namespace',
  'peer-credentials',
  'personality',
  'prctl',
  'realtime',
  'shmat',
  'socket',
]);
/** The same where the descriptor shows what it is: its argument. */
const TELLS_BY_FD: Readonly<Partial<Record<Tell, number>>> = { map: 4, 'ioctl-path': 0 };
/** Conditions of needs that look at more of a process than its effective uid. */
const STATEFUL_NEED = / if (?:other-uid|raise)$/;
/** Names below these may hold the number of a process or a descriptor. */
const NUMBERED = /^\/(?:proc|dev)\//;

/** Do the facts of this call depend only on its circumstances, and not on the descriptor table or the process's number? */
function isRepeatable(row: SyscallRow, call: Call, uses: readonly PathUse[]): boolean {
  const shows = (fd: number): boolean => fdArgument(call.args[fd])?.path !== undefined;
  if (row.needs?.some(need => STATEFUL_NEED.test(need))) return false;
  if (NUMBERED.test(call.result.annotation ?? '') || uses.some(({ path }) => NUMBERED.test(path ?? ''))) return false;
  for (const tell of row.tells ?? []) if (!TELLS_BY_TEXT.has(tell) && !shows(TELLS_BY_FD[tell] ?? -1)) return false;
  return (row.at ?? []).every(([word, path, dirfd]) => {
    if (word === 'connect' || word === 'create+bind') return false;
    return dirfd < 0 || call.args[path]?.startsWith('"/') || shows(dirfd);
  });
}
