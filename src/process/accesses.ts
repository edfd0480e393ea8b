// A finished call → the accesses it was: paths as the host names them, with the kernel's answer where strace shows it.
// Numbers of processes and descriptors never become part of a path: /proc/self, /proc/[pid] and /dev/fd are resolved or folded here.

import { annotationPath } from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import type { Access, MoveAccess, PathAccess } from './access.ts';
import { features, PENDING_CONNECT } from './features.ts';
import type { PathUse } from './paths.ts';
import { privileges } from './privileges.ts';
import type { Entry, Task } from './state.ts';
import type { SyscallRow } from './syscalls.ts';

const OWN_FD = /^\/(?:proc\/(?:self|thread-self)\/(?:task\/\d+\/)?fd|dev\/fd)\/(\d+)$/;
const STANDARD_FD: Readonly<Record<string, number>> = { '/dev/stdin': 0, '/dev/stdout': 1, '/dev/stderr': 2 };
const PROC_PID = /^\/proc\/(\d+)(?=\/|$)/;
const TASK_ID = /^(\/proc\/[^/]+\/task\/)\d+(?=\/|$)/;

/**
 * A path without the numbers of this one run: /proc/<own pid> is /proc/self, another process's is /proc/[pid].
 * Null when the path is a magic link to a file descriptor that is no path.
 */
function withoutNumbers(path: string, task: Task): string | null {
  if (!path.startsWith('/proc/') && !path.startsWith('/dev/')) return path;
  const pid = PROC_PID.exec(path);
  if (pid !== null) {
    const own = Number(pid[1]) === task.pid || Number(pid[1]) === task.tgid;
    path = `/proc/${own ? 'self' : '[pid]'}${path.slice(pid[0].length)}`;
  }
  const fd = OWN_FD.exec(path);
  const number = fd === null ? STANDARD_FD[path] : Number(fd[1]);
  if (number !== undefined) return task.files.get(number)?.path ?? null;
  return path.replace(TASK_ID, '$1[tid]');
}

/** A temporary file without a name, open(2) with O_TMPFILE. */
const isUnnamed = (call: Call): boolean =>
  call.name.startsWith('open') && call.args.some(raw => raw.includes('O_TMPFILE'));

/** The kernel's own answer to an open: the annotation of the result, when it names the file that was asked for. */
function kernelAnswer(row: SyscallRow, call: Call, task: Task): string | undefined {
  const { annotation, deleted } = call.result;
  if (row.fd !== 'open' || row.at === undefined || annotation === undefined || deleted || task.fs.foreign)
    return undefined;
  if (call.name.startsWith('open_tree') || isUnnamed(call)) return undefined;
  const path = annotationPath(annotation);
  // A memfd, an unnamed temporary file or an anonymous inode has no path of its own.
  return path?.startsWith('/memfd:') ? undefined : path;
}

/** Adds what one path of a call was used for. */
function addPath(
  found: Access[],
  use: PathUse,
  call: Call,
  task: Task,
  answer: string | undefined,
  errno: string | undefined,
): void {
  if (use.cut) found.push({ kind: 'blind', what: 'a path longer than PATH_MAX was cut by strace' });
  else if (use.path === null) addUnresolved(found, use, call, errno);
  else {
    const asked = withoutNumbers(use.path, task);
    const path = answer === undefined ? asked : withoutNumbers(answer, task);
    if (path === null || asked === null) return;
    if (isUnnamed(call)) addUnnamed(found, path, task, errno);
    else
      for (const mode of use.modes) {
        const access: PathAccess = { kind: 'path', mode, path };
        if (asked !== path) access.asked = asked;
        if (errno !== undefined) access.errno = errno;
        if (task.uid !== null) access.uid = task.uid;
        found.push(access);
      }
  }
}

function addUnresolved(found: Access[], use: PathUse, call: Call, errno: string | undefined): void {
  const named = !use.viaFd || use.arg !== null;
  if (!named && errno !== undefined) return;
  const asked = named ? (use.arg ?? '') : `descriptor of ${call.name}`;
  for (const mode of use.modes) found.push({ kind: 'unresolved', mode, asked });
}

/** The file is made in the directory that was named, and has no name: the kernel calls it #INODE. */
function addUnnamed(found: Access[], directory: string, task: Task, errno: string | undefined): void {
  const path = `${directory === '/' ? '' : directory}/#*`;
  for (const mode of ['create', 'write'] as const)
    found.push({
      kind: 'path',
      mode,
      path,
      pattern: true,
      ...(errno === undefined ? {} : { errno }),
      ...(task.uid === null ? {} : { uid: task.uid }),
    });
}

function move(what: MoveAccess['call'], uses: readonly PathUse[], errno: string | undefined): MoveAccess[] {
  const [from, to] = uses;
  if (from?.path == null || to?.path == null) return [];
  return [{ kind: 'move', call: what, from: from.path, to: to.path, ...(errno === undefined ? {} : { errno }) }];
}

/** Every access of a finished call, the call itself included. Restarted calls (ERESTARTSYS …) come again and are left out. */
export function accesses(
  row: SyscallRow,
  call: Call,
  uses: readonly PathUse[],
  task: Task,
  entry: Entry,
  targetUid: (pid: number) => number | null,
): Access[] {
  const errno = call.name === 'connect' && PENDING_CONNECT.has(call.result.errno ?? '') ? undefined : call.result.errno;
  if (errno?.startsWith('ERESTART')) return [];
  const answer = errno === undefined ? kernelAnswer(row, call, task) : undefined;
  const found: Access[] = [];
  for (const use of uses) addPath(found, use, call, task, use === uses[0] ? answer : undefined, errno);
  if (row.does === 'rename' || row.does === 'link') found.push(...move(row.does, uses, errno));
  if (row.tells !== undefined) found.push(...features(row, call, task, entry));
  if (row.tells !== undefined || row.needs !== undefined) found.push(...privileges(row, call, task, targetUid));
  return found;
}
