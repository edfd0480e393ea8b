// What is remembered of a call whose text repeats: which facts it was and what it changed of its process, as long as that is in the same
// circumstances. The call itself is not kept, so that tens of thousands can be remembered; in other circumstances it is parsed again.
// Whatever new state an access may depend on belongs into Circumstances; a test compares remembered calls with calls read anew.

import type { Change } from '../process/changes.ts';
import { looksAtProcess } from '../process/need-words.ts';
import type { PathUse } from '../process/paths.ts';
import type { Circumstances } from '../process/state.ts';
import type { Row, Tell } from '../process/syscalls.ts';
import { fdArgument } from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import { NO_FACT } from './sightings.ts';

/** Circumstances remembered of one call: different programs open the same libraries. */
const VARIANTS = 8;

const NONE: readonly number[] = [];

/** A system call: what all calls of one name have in common. */
export interface Syscall {
  readonly name: string;
  readonly row: Row;
  /** The table has it. */
  readonly isKnown: boolean;
  /** The number of the fact that it was called, not by another ABI; NO_FACT before the first time. */
  fact: number;
}

/** What a first half tells. */
export interface Begun {
  /** Where the process is has to be kept until the call ends. */
  readonly keepsEntry: boolean;
  /** The flags of a clone; null: it is none. */
  readonly cloneFlags: string | null;
}

/** What a text was in some circumstances. There are as many of these as of anything here, so each is as small as can be. */
export class Memo {
  readonly syscall: Syscall;
  /** The cwd that the arguments tell (-y). */
  readonly cwd: string | undefined;
  /** Null when nothing is remembered: the call has to be read each time. */
  circumstances: Circumstances | null = null;
  /** Its facts by their numbers, which mean the same as long as the generation of the circumstances lasts. Most calls are one, or two. */
  first: number = NO_FACT;
  second: number = NO_FACT;
  others: readonly number[] = NONE;
  change: Change | null = null;
  /** What the same text was in other circumstances. */
  next: Memo | null = null;

  constructor(syscall: Syscall, cwd: string | undefined) {
    this.syscall = syscall;
    this.cwd = cwd;
  }
}

/** What is kept of a text. */
export type Kept = Begun | Memo;

/** What the call was before, in these circumstances; else null. */
export function recall(memo: Memo, circumstances: Circumstances): Memo | null {
  for (let one: Memo | null = memo; one !== null; one = one.next) if (one.circumstances === circumstances) return one;
  return null;
}

/** Remembers what a call was; returns what is to be kept of its text. */
export function remember(
  memo: Memo,
  circumstances: Circumstances,
  facts: readonly number[],
  change: Change | null,
): Memo {
  const older = isWorthKeeping(memo, circumstances) ? memo : null;
  const one = older === null ? memo : new Memo(memo.syscall, memo.cwd);
  one.circumstances = circumstances;
  one.first = facts[0] ?? NO_FACT;
  one.second = facts[1] ?? NO_FACT;
  one.others = facts.length < 3 ? NONE : facts.slice(2);
  one.change = change;
  one.next = older;
  return one;
}

/** Is there anything in a memo that may be recalled later, and room for more? */
function isWorthKeeping(memo: Memo, { generation }: Circumstances): boolean {
  if (memo.circumstances?.generation !== generation) return false;
  let variants = 0;
  for (let one: Memo | null = memo; one !== null; one = one.next) variants++;
  return variants < VARIANTS;
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
/** Names below these may hold the number of a process or a descriptor. */
const isNumbered = (path: string): boolean => path.startsWith('/proc/') || path.startsWith('/dev/');

const showsPath = ({ args }: Call, fd: number): boolean => fdArgument(args[fd])?.path !== undefined;

/** Do the facts of this call depend only on its circumstances, and not on the descriptor table or the process's number? */
export function isRepeatable({ at, tells, needs }: Row, call: Call, uses: readonly PathUse[]): boolean {
  if (needs?.some(looksAtProcess)) return false;
  const { annotation } = call.result;
  if (annotation !== undefined && isNumbered(annotation)) return false;
  for (const { path, arg } of uses) {
    if (path !== null && isNumbered(path)) return false;
    if (arg !== null && isNumbered(arg)) return false;
  }
  if (tells !== undefined)
    for (const tell of tells) if (!TELLS_BY_TEXT.has(tell) && !showsPath(call, TELLS_BY_FD[tell] ?? -1)) return false;
  if (at !== undefined)
    for (const [word, path, dirfd] of at) {
      if (word === 'connect' || word === 'create+bind') return false;
      if (dirfd >= 0 && !call.args[path]?.startsWith('"/') && !showsPath(call, dirfd)) return false;
    }
  return true;
}
