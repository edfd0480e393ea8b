// What a finished call does to the state of its process: one word of the table, one function.
// Effects happen on success only (close(2) loses its fd on EINTR and EIO too). Sources: the section 2 man pages.

import { annotationPath, fdArgument } from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import { ownCopy, unescapeText } from '../strace/text.ts';
import type { PathUse } from './paths.ts';
import { normalise } from './resolve.ts';
import type { OpenFile, Processes, Task } from './state.ts';
import type { SyscallRow } from './syscalls.ts';

const NO_ENTRY = { cwd: null, root: '/' } as const;

/** The hard limit of a `{rlim_cur=…, rlim_max=…}`. */
export const hardLimit = (raw: string | undefined): string | null => /rlim_max=([^,}]+)/.exec(raw ?? '')?.[1] ?? null;

const int = (raw: string | undefined): number | null => {
  const digits = raw === undefined ? null : /^-?\d+/.exec(raw);
  return digits === null ? null : Number(digits[0]);
};

/** The clone flags in a call's text: words, for clone3 inside its struct; vfork and fork have none. */
export const cloneFlags = (text: string): string =>
  /\b(?:flags=)?((?:CLONE_[A-Z_]+|SIG[A-Z]+|\|)+)/.exec(text)?.[1] ?? '';

const fromAnnotation = (raw: string | undefined): string | null => {
  const annotation = raw === undefined ? null : /<(.*)>(?:\(deleted\))?$/.exec(raw);
  return annotation === null ? null : (annotationPath(annotation[1] ?? '') ?? null);
};

/** A descriptor that leads somewhere new, or nowhere (null). */
export interface FdEffect {
  readonly fd: number;
  readonly file: OpenFile | null;
}

const CHANGES_NO_FD = /^(?!F_DUPFD|F_SETFD|FIO|TIOCGPTPEER|NS_GET_)/;

/** The effect of a call when it depends on nothing but the call itself: null when there is none, undefined when it is of another kind. */
export function fdEffect(row: SyscallRow, call: Call, use: PathUse | undefined): FdEffect | null | undefined {
  const { value, errno } = call.result;
  if (row.does === 'close') {
    if (errno !== undefined && errno !== 'EINTR' && errno !== 'EIO') return null;
    return { fd: int(call.args[0]) ?? -1, file: null };
  }
  if (row.does === 'clone' || (row.does === 'exec' && errno === undefined)) return undefined;
  if (errno !== undefined || value === null) return null;
  if (row.does === 'fcntl' || row.does === 'ioctl') return CHANGES_NO_FD.test(call.args[1] ?? '') ? null : undefined;
  if (row.does !== undefined) return undefined;
  return row.fd === undefined || value < 0 ? null : { fd: value, file: openFile(row, call, use) };
}

export function applyFdEffect({ fd, file }: FdEffect, task: Task): void {
  if (file === null) task.files.delete(fd);
  else task.files.set(fd, file);
}

function openFile(row: SyscallRow, call: Call, use: PathUse | undefined): OpenFile {
  const { annotation, deleted } = call.result;
  const text = call.args.join(' ');
  const shown = annotation === undefined || deleted ? undefined : annotationPath(annotation);
  const unnamed = text.includes('O_TMPFILE') || call.name === 'fsmount' || call.name.startsWith('open_tree');
  const name = row.at !== undefined && !unnamed ? (shown ?? use?.path) : null;
  const named = name == null ? null : ownCopy(name);
  const socket = row.fd === 'socket' ? { family: call.args[0] ?? '', type: socketType(call.args[1]) } : undefined;
  const cloexec = row.fd === 'cloexec' || text.includes('CLOEXEC');
  return socket === undefined ? { path: named, cloexec } : { path: named, cloexec, socket };
}

/** SOCK_STREAM without SOCK_CLOEXEC and SOCK_NONBLOCK. */
export const socketType = (raw: string | undefined): string =>
  raw?.split('|').find(word => word !== 'SOCK_CLOEXEC' && word !== 'SOCK_NONBLOCK') ?? '';

function duplicate(
  task: Task,
  from: number | null,
  to: number | null,
  cloexec: boolean,
  raw: string | undefined,
): void {
  if (from === null || to === null || to < 0 || from === to) return;
  const source = task.files.get(from) ?? { path: fromAnnotation(raw), cloexec: false };
  task.files.set(to, { ...source, cloexec });
}

function control(task: Task, call: Call): void {
  const fd = int(call.args[0]);
  const command = call.args[1] ?? '';
  if (command.startsWith('F_DUPFD')) duplicate(task, fd, call.result.value, command.includes('CLOEXEC'), call.args[0]);
  else if (command === 'F_SETFD' || command === 'FIOCLEX' || command === 'FIONCLEX') {
    const file = fd === null ? undefined : task.files.get(fd);
    const cloexec = command === 'FIOCLEX' || (call.args[2]?.includes('FD_CLOEXEC') ?? false);
    if (fd !== null && file !== undefined) task.files.set(fd, { ...file, cloexec });
  } else if (/^(?:TIOCGPTPEER|NS_GET_)/.test(command) && call.result.value !== null)
    task.files.set(call.result.value, { path: null, cloexec: false });
}

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

function newFds(task: Task, list: string | undefined, cloexec: boolean): void {
  for (const item of list?.matchAll(/(?:^\[|, ?|\[)(\d+)(<[^,\]]*>)?/g) ?? [])
    task.files.set(Number(item[1]), { path: fromAnnotation(item[2]), cloexec });
}

function exec(task: Task, use: PathUse | undefined, processes: Processes): void {
  processes.leaveThreads(task);
  task.files = new Map([...task.files].filter(([, { cloexec }]) => !cloexec));
  task.exe = use?.path ?? null;
}

function unshare(task: Task, flags: string): void {
  if (/CLONE_(?:FS|NEWNS|NEWUSER)/.test(flags)) task.fs = { ...task.fs };
  if (flags.includes('CLONE_FILES')) task.files = new Map(task.files);
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

/** Applies a finished call to the state. `uses` are its paths, resolved as they were at its entry. */
export function applyEffect(
  row: SyscallRow,
  call: Call,
  uses: readonly PathUse[],
  task: Task,
  processes: Processes,
): void {
  const { value } = call.result;
  const failed = call.result.errno !== undefined;
  const [use] = uses;
  const effect = fdEffect(row, call, use);
  if (effect !== undefined) {
    if (effect !== null) applyFdEffect(effect, task);
    return;
  }
  if (row.does === 'clone') {
    const flags = cloneFlags(call.args.join(' '));
    const child = processes.endClone(task, failed ? null : (call.result.hostPid ?? value), flags);
    if (child !== null && flags.includes('CLONE_NEWNS')) child.fs.foreign = true;
    const pidfd = flags.includes('CLONE_PIDFD') ? /(?:parent_tid|pidfd)=\[(\d+)/.exec(call.args.join(' ')) : null;
    if (pidfd !== null) task.files.set(Number(pidfd[1]), { path: null, cloexec: true });
    return;
  }
  if (failed || value === null) return;
  if (row.fd !== undefined && value >= 0) task.files.set(value, openFile(row, call, use));
  switch (row.does) {
    case 'chdir':
    case 'fchdir':
      task.fs.cwd = use?.path ?? null;
      break;
    case 'chroot':
      if (use?.path != null) task.fs.root = use.path;
      break;
    case 'pivot_root':
      if (use?.path != null) processes.pivotRoot(task.fs.root, use.path);
      task.fs.foreign = true;
      break;
    case 'getcwd':
      resync(task, call);
      break;
    case 'exec':
      exec(task, use, processes);
      break;
    case 'unshare':
      unshare(task, call.args[0] ?? '');
      if (call.args[0]?.includes('CLONE_NEWNS')) task.fs.foreign = true;
      break;
    case 'setns':
      if (/CLONE_NEWNS|^0$/.test(call.args[1] ?? '')) task.fs = { ...task.fs, ...NO_ENTRY, foreign: true };
      break;
    case 'dup':
      duplicate(task, int(call.args[0]), value, false, call.args[0]);
      break;
    case 'dup2':
      duplicate(task, int(call.args[0]), value, call.args[2]?.includes('O_CLOEXEC') ?? false, call.args[0]);
      break;
    case 'fcntl':
    case 'ioctl':
      control(task, call);
      break;
    case 'close_range':
      closeRange(task, call);
      break;
    case 'pipe':
      newFds(
        task,
        call.args.find(raw => raw.startsWith('[')),
        call.args.join(' ').includes('CLOEXEC'),
      );
      break;
    case 'recvmsg':
      for (const list of (call.args[1] ?? '').matchAll(/SCM_RIGHTS, cmsg_data=(\[[^\]]*\])/g))
        newFds(task, list[1], call.args.join(' ').includes('MSG_CMSG_CLOEXEC'));
      break;
    case 'pidfd_getfd':
      task.files.set(value, { path: annotationPath(call.result.annotation ?? '') ?? null, cloexec: true });
      break;
    case 'rename': {
      const [from, to] = uses;
      if (from?.path != null && to?.path != null) processes.rename(from.path, to.path);
      break;
    }
    case 'uid':
      if (call.name.startsWith('getuid')) task.realUid = value;
      if (call.name.startsWith('geteuid') || task.uid === null) task.uid = value;
      break;
    case 'umask':
      task.fs.umask ??= value;
      task.fs.ownUmask = Number.parseInt(call.args[0] ?? '', 8) !== task.fs.umask;
      break;
    case 'limit':
      setLimit(task, call);
      break;
    case 'setuid':
      setUid(task, call);
      break;
  }
}

/** getcwd(2) tells the cwd as the process sees it, below its root. */
function resync(task: Task, call: Call): void {
  const text = /^"((?:[^"\\]|\\.)*)"/.exec(call.args[0] ?? '');
  const seen = text === null ? '' : unescapeText(text[1] ?? '');
  if (seen.startsWith('/')) task.fs.cwd = normalise(task.fs.root === '/' ? seen : `${task.fs.root}${seen}`);
}

/** AT_FDCWD with an annotation (-y, strace 5.15) tells the cwd at any call. */
export function shownCwd(row: SyscallRow, call: Call): string | undefined {
  for (const [, , dirfd] of row.at ?? []) {
    const raw = dirfd < 0 ? undefined : call.args[dirfd];
    if (!raw?.startsWith('AT_FDCWD<') && !raw?.startsWith('-100')) continue;
    const argument = fdArgument(raw);
    if (argument?.path !== undefined && !argument.deleted) return argument.path;
  }
  return undefined;
}
