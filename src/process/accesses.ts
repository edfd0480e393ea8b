// A finished call → the accesses it was: paths as the host names them, with the kernel's answer where strace shows it.
// Numbers of processes and descriptors never become part of a path: those of /proc and /dev/fd are resolved or folded here.

import { annotationPath, fdArgument, stringArgument } from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import type { Access, Mode, MoveAccess, PathAccess } from './access.ts';
import { features, PENDING_CONNECT } from './features.ts';
import { isUnnamed } from './open-flags.ts';
import type { PathUse } from './paths.ts';
import { privileges } from './privileges.ts';
import type { Entry, Processes, Task } from './state.ts';
import type { Row } from './syscalls.ts';
import { isOfTracer } from './tracer.ts';

const NONE: readonly Access[] = [];

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

/** The kernel's own answer to an open: the annotation of the result, when it names the file that was asked for. */
function kernelAnswer(row: Row, call: Call, task: Task): string | undefined {
  const { annotation, deleted } = call.result;
  if (row.fd !== 'open' || row.at === undefined || annotation === undefined || deleted || task.fs.foreign)
    return undefined;
  if (call.name.startsWith('open_tree')) return undefined;
  const path = annotationPath(annotation);
  // A memfd, an unnamed temporary file or an anonymous inode has no path of its own.
  return path?.startsWith('/memfd:') ? undefined : path;
}

/** Written out for each case: a property that is added to an object later takes memory of its own, and these are many. */
function pathAccess(
  mode: Mode,
  path: string,
  asked: string,
  errno: string | undefined,
  uid: number | null,
): PathAccess {
  const kind = 'path';
  if (uid === null) {
    if (errno !== undefined) return { kind, mode, path, errno };
    return asked === path ? { kind, mode, path } : { kind, mode, path, asked };
  }
  if (errno !== undefined) return { kind, mode, path, errno, uid };
  return asked === path ? { kind, mode, path, uid } : { kind, mode, path, asked, uid };
}

/** What one path of a call was used for. `answer` is the kernel's, of a call that did not fail. */
function ofPath(
  use: PathUse,
  call: Call,
  task: Task,
  answer: string | undefined,
  errno: string | undefined,
  unnamed: boolean,
): Access[] {
  if (use.cut) return [{ kind: 'blind', what: 'strace has cut a path: it is longer than PATH_MAX, or than -s allows' }];
  if (use.path === null) return unresolved(use, call, errno);
  const asked = withoutNumbers(use.path, task);
  const path = answer === undefined ? asked : withoutNumbers(answer, task);
  if (path === null || asked === null) return [];
  if (unnamed) return ofUnnamed(path, task, errno);
  const [mode] = use.modes;
  // As fstat(2): what is open is looked at, and looked for nowhere. It may be the terminal or the file of whoever started the trace.
  if (use.viaFd && mode === 'stat') return [];
  if (use.modes.length === 1 && mode !== undefined) return [pathAccess(mode, path, asked, errno, task.uid)];
  return use.modes.map(each => pathAccess(each, path, asked, errno, task.uid));
}

function unresolved(use: PathUse, call: Call, errno: string | undefined): Access[] {
  const named = !use.viaFd || use.arg !== null;
  if (!named && errno !== undefined) return [];
  const asked = named ? (use.arg ?? '') : `descriptor of ${call.name}`;
  return use.modes.map(mode => ({ kind: 'unresolved', mode, asked }));
}

/** The file is made in the directory that was named, and has no name: the kernel calls it #INODE. */
function ofUnnamed(directory: string, task: Task, errno: string | undefined): Access[] {
  const path = `${directory === '/' ? '' : directory}/#*`;
  return (['create', 'write'] as const).map(mode => ({
    kind: 'path',
    mode,
    path,
    pattern: true,
    ...(errno === undefined ? {} : { errno }),
    ...(task.uid === null ? {} : { uid: task.uid }),
  }));
}

/** The descriptor that linkat(2) gives a name: its first argument with AT_EMPTY_PATH, or a link of /proc. */
function linkedFd({ args }: Call): number | undefined {
  const [dirfd, name] = args;
  if (name === '""') return fdArgument(dirfd)?.fd;
  const fd = OWN_FD.exec(stringArgument(name)?.text ?? '')?.[1];
  return fd === undefined ? undefined : Number(fd);
}

/** From where linkat(2) moves what a descriptor leads to: a file without a name comes from the directory it was made in. */
function linkedFrom(call: Call, task: Task): { from: string | undefined } | null {
  const fd = linkedFd(call);
  const file = fd === undefined ? undefined : task.files.get(fd);
  if (fd === undefined) return null;
  return { from: file?.unnamedIn === undefined ? (file?.path ?? undefined) : `${file.unnamedIn}/#*` };
}

function move(row: Row, call: Call, uses: readonly PathUse[], task: Task, errno: string | undefined): MoveAccess[] {
  const what = row.does === 'link' ? 'link' : 'rename';
  const linked = what === 'link' ? linkedFrom(call, task) : null;
  const from = linked === null ? uses[0]?.path : linked.from;
  const to = uses.at(-1)?.path;
  if (from == null || to == null || (linked === null && uses.length < 2)) return [];
  return [{ kind: 'move', call: what, from, to, ...(errno === undefined ? {} : { errno }) }];
}

function ofPaths(
  row: Row,
  call: Call,
  uses: readonly PathUse[],
  task: Task,
  errno: string | undefined,
  processes: Processes,
): readonly Access[] {
  const [first] = uses;
  if (first === undefined) return NONE;
  const unnamed = row.fd === 'open' && isUnnamed(row, call);
  const answer = errno === undefined && !unnamed ? kernelAnswer(row, call, task) : undefined;
  const found = ofPath(first, call, task, answer, errno, unnamed);
  if (row.fd === 'open' && first.path?.startsWith('/proc/')) return ofProc(found, first.path, task, processes);
  for (let i = 1; i < uses.length; i++) {
    const use = uses[i];
    if (use !== undefined) found.push(...ofPath(use, call, task, undefined, errno, unnamed));
  }
  return found;
}

/** What is opened below /proc: /proc/<pid of the tracer> is /proc/[tracer]. */
function ofProc(found: readonly Access[], asked: string, task: Task, processes: Processes): readonly Access[] {
  const [access, more] = found;
  if (access?.kind !== 'path') return found;
  const isAsked = isOfTracer(access.mode === 'read' && more === undefined ? access.path : '', task);
  if (!isAsked || processes.has(Number(PROC_PID.exec(asked)?.[1]))) return found;
  return [{ ...access, path: access.path.replace('[pid]', '[tracer]') }];
}

const ADDRESS = /^0x[0-9a-f]+$/;

/** strace shows the address of a name instead of the name with -e raw=…, and where it could not read it. */
const shownAsAddress = ({ at }: Row, { name, args }: Call): readonly Access[] =>
  at?.some(([, index]) => index >= 0 && ADDRESS.test(args[index] ?? '')) === true
    ? [{ kind: 'blind', what: `of a name that ${name} was given, the log shows only the address (-e raw=…)` }]
    : NONE;

/** One list of two, where most are empty. */
const both = (some: readonly Access[], more: readonly Access[]): readonly Access[] =>
  more.length === 0 ? some : some.length === 0 ? more : [...some, ...more];

/** Every access of a finished call, the call itself included. Restarted calls (ERESTARTSYS …) come again and are left out. */
export function accesses(
  row: Row,
  call: Call,
  uses: readonly PathUse[],
  task: Task,
  entry: Entry,
  processes: Processes,
): readonly Access[] {
  const errno = call.name === 'connect' && PENDING_CONNECT.has(call.result.errno ?? '') ? undefined : call.result.errno;
  if (errno?.startsWith('ERESTART')) return NONE;
  let found = ofPaths(row, call, uses, task, errno, processes);
  if (errno === undefined && uses.length < (row.at?.length ?? 0)) found = both(found, shownAsAddress(row, call));
  if (row.does === 'rename' || row.does === 'link') found = both(found, move(row, call, uses, task, errno));
  if (row.tells !== undefined) found = both(found, features(row, call, task, entry, processes));
  if (row.tells !== undefined || row.needs !== undefined)
    found = both(found, privileges(row, call, task, processes.uidOf));
  return found;
}
