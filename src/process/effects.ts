// What a finished call does to the state of its process: changes that its text tells (changes.ts), and here those that depend on more.
// Effects happen on success only. Sources: the section 2 man pages.

import { annotationPath, fdArgument, int } from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import { word } from '../strace/words.ts';
import { applyChange, type Change } from './changes.ts';
import type { PathUse } from './paths.ts';
import type { Processes, Task } from './state.ts';
import type { Row } from './syscalls.ts';

/** RLIM64_INFINITY, as -X raw prints it. */
const INFINITY = 2 ** 64;

/** The hard limit of a `{rlim_cur=…, rlim_max=…}`: `8192*1024`, `8388608`, `RLIM64_INFINITY`. */
export function hardLimit(raw: string | undefined): number | null {
  const printed = /rlim_max=([^,} ]+)/.exec(raw ?? '')?.[1];
  if (printed === undefined) return null;
  const value = printed.startsWith('RLIM')
    ? INFINITY
    : printed.split('*').reduce((product, part) => product * Number(part), 1);
  return value < INFINITY ? value : Number.POSITIVE_INFINITY;
}

/** The clone flags in a call's text: words, for clone3 inside its struct; vfork and fork have none. */
export const cloneFlags = (text: string): string =>
  /\b(?:flags=)?((?:CLONE_[A-Z_]+|SIG[A-Z]+|\|)+)/.exec(text)?.[1] ?? '';

function closeRange(task: Task, call: Call): void {
  const flags = call.args[2] ?? '';
  const low = int(call.args[0]) ?? 0;
  const high = int(call.args[1]) ?? 0;
  if (flags.includes('CLOSE_RANGE_UNSHARE')) task.files = new Map(task.files);
  for (const [fd, file] of task.files) {
    if (fd < low || fd > high) continue;
    if (flags.includes('CLOSE_RANGE_CLOEXEC')) task.files.set(fd, { ...file, cloexec: true });
    else task.files.delete(fd);
  }
}

function exec(task: Task, use: PathUse | undefined, processes: Processes): void {
  if (task.exe === null && task.parent === null) processes.started = true;
  processes.leaveThreads(task);
  task.files = new Map([...task.files].filter(([, { cloexec }]) => !cloexec));
  task.exe = use?.path == null ? null : word(use.path);
}

function unshare(task: Task, flags: string): void {
  if (/CLONE_(?:FS|NEWNS|NEWUSER)/.test(flags)) task.fs = task.fs.copy();
  if (flags.includes('CLONE_FILES')) task.files = new Map(task.files);
}

/** setns(2) into another mount namespace, which starts at its root. */
function enterMounts(task: Task): void {
  task.fs = task.fs.copy();
  task.fs.cwd = null;
  task.fs.root = '/';
  task.fs.foreign = true;
}

/** setuid(2), setreuid(2), setresuid(2): -1 leaves an id as it is. */
function setUid(task: Task, call: Call): void {
  const before = task.uid;
  const [first, second, third] = call.args.map(raw => {
    const id = int(raw);
    return id === null || id === -1 || id === 0xffffffff ? null : id;
  });
  const one = call.args.length === 1;
  task.uid = (one ? first : second) ?? before;
  // Root's setuid(2) changes all three ids, other users' only the effective one.
  if (one && before !== null && before !== 0) {
    task.realUid ??= before;
    task.savedUid ??= before;
    return;
  }
  task.realUid = first ?? task.realUid ?? before;
  task.savedUid = call.args.length === 3 ? (third ?? task.savedUid ?? before) : task.uid;
}

/** prlimit64(2) and getrlimit(2): the hard limit that is in force after the call. */
function setLimit(task: Task, call: Call): void {
  const own = call.name === 'prlimit64' ? call.args.slice(1) : call.args;
  if (call.name === 'prlimit64' && call.args[0] !== '0') return;
  const [resource = '', ...limits] = own;
  const hard = limits.map(hardLimit).find(limit => limit !== null);
  if (hard != null) task.limits = { ...task.limits, [resource]: hard };
}

function endClone(task: Task, call: Call, processes: Processes): void {
  const { value, errno, hostPid } = call.result;
  const text = call.args.join(' ');
  const flags = cloneFlags(text);
  const child = processes.endClone(task, errno === undefined ? (hostPid ?? value) : null, flags);
  if (child !== null && flags.includes('CLONE_NEWNS')) child.fs.foreign = true;
  const pidfd = flags.includes('CLONE_PIDFD') ? /(?:parent_tid|pidfd)=\[(\d+)/.exec(text) : null;
  if (pidfd !== null) task.files.set(Number(pidfd[1]), { path: null, cloexec: true });
}

/**
 * Applies a finished call to the state. `uses` are its paths, resolved as they were at its entry; `change` is what its text tells
 * (`changeOf`).
 */
export function applyEffect(
  row: Row,
  call: Call,
  uses: readonly PathUse[],
  change: Change | null | undefined,
  task: Task,
  processes: Processes,
): void {
  if (change !== undefined) {
    if (change !== null) applyChange(change, task);
    return;
  }
  if (row.does === 'clone') {
    endClone(task, call, processes);
    return;
  }
  const { value, errno } = call.result;
  const [use] = uses;
  if (errno !== undefined || value === null) return;
  switch (row.does) {
    case 'chroot':
      if (use?.path != null) task.fs.root = word(use.path);
      break;
    case 'pivot_root':
      if (use?.path != null) processes.pivotRoot(task.fs.root, use.path);
      task.fs.foreign = true;
      break;
    case 'exec':
      exec(task, use, processes);
      break;
    case 'unshare':
      unshare(task, call.args[0] ?? '');
      if (call.args[0]?.includes('CLONE_NEWNS')) task.fs.foreign = true;
      break;
    case 'setns':
      if (/CLONE_NEWNS|^0$/.test(call.args[1] ?? '')) enterMounts(task);
      break;
    case 'close_range':
      closeRange(task, call);
      break;
    case 'pidfd_getfd':
      task.files.set(value, { path: annotationPath(call.result.annotation ?? '') ?? null, cloexec: true });
      break;
    case 'rename': {
      const [from, to] = uses;
      if (from?.path != null && to?.path != null) processes.rename(from.path, to.path);
      break;
    }
    case 'limit':
      setLimit(task, call);
      break;
    case 'setuid':
      setUid(task, call);
      break;
  }
}

/** AT_FDCWD with an annotation (-y, strace 5.15) tells the cwd at any call. */
export function shownCwd(row: Row, call: Call): string | undefined {
  for (const [, , dirfd] of row.at ?? []) {
    const raw = dirfd < 0 ? undefined : call.args[dirfd];
    if (!raw?.startsWith('AT_FDCWD<') && !raw?.startsWith('-100')) continue;
    const argument = fdArgument(raw);
    if (argument?.path !== undefined && !argument.deleted) return argument.path;
  }
  return undefined;
}
