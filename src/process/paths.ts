// Which paths a call uses, and how: the rows of syscalls.ts applied to its arguments and the state of its process.
// Nothing is changed here; the kernel's own answer (the annotation of the result) is left to accesses.ts.

import {
  AT_FDCWD,
  annotationPath,
  fdArgument,
  field,
  flagWords,
  socketAddress,
  stringArgument,
} from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import type { Mode } from './access.ts';
import { resolve } from './resolve.ts';
import type { Entry, Task } from './state.ts';
import type { PathSpec, PathWord, SyscallRow } from './syscalls.ts';

/** One path of one call. */
export interface PathUse {
  /** Host path, lexically normalised; null when it cannot be told. */
  path: string | null;
  /** As the program named it; null when it named none (the fd itself). */
  arg: string | null;
  dirfd: number | null;
  modes: Mode[];
  /** The target is the fd itself. */
  viaFd: boolean;
  /** The name was cut by strace: nothing can be said of it. */
  cut: boolean;
}

/** Access classes of open(2) flags. Source: open(2); kernel fs/open.c build_open_flags(). */
function openModes(flags: readonly string[]): Mode[] {
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

function modesOf(word: PathWord, call: Call, flags: number): Mode[] {
  switch (word) {
    case 'open':
      return openModes(flagWords(call.args[flags]));
    case 'open2':
      return openModes(flagWords(field(call.args[flags], 'flags')));
    case 'create+write':
      return ['create', 'write'];
    case 'write+create':
      return ['write', 'create'];
    case 'create+bind':
      return ['create', 'bind'];
    case 'read+write':
      return ['read', 'write'];
    case 'mount':
      return call.name.startsWith('open_tree') && !call.args[flags]?.includes('OPEN_TREE_CLONE') ? ['stat'] : ['mount'];
    default:
      return [word];
  }
}

/** What the fd argument refers to: by its annotation, by the task's table, or undefined when it is no path or unknown. */
function fdPath(
  raw: string | undefined,
  task: Task,
  entry: Entry,
): { fd: number | null; path: string | null; known: boolean } {
  const argument = fdArgument(raw);
  if (argument === null) return { fd: null, path: null, known: false };
  const { fd } = argument;
  if (fd === AT_FDCWD) return { fd, path: argument.path ?? entry.cwd, known: true };
  // What was deleted, or never had a name (O_TMPFILE), has no path that a rule could name.
  if (argument.path !== undefined) return { fd, path: argument.deleted ? null : argument.path, known: true };
  const file = task.files.get(fd);
  // An annotation that is no path (pipe:[…], socket:[…]) says as much as the table.
  return { fd, path: file?.path ?? null, known: file !== undefined || (raw?.includes('<') ?? false) };
}

const EMPTY_PATH = /AT_EMPTY_PATH|F_EMPTY_PATH|T_EMPTY_PATH/;
/** Calls whose NULL path means the fd itself. */
const NULL_IS_FD: ReadonlySet<string> = new Set([
  'utimensat',
  'utimensat_time64',
  'futimesat',
  'fanotify_mark',
  'statx',
]);

/** The name in argument `index`: a string, or the name of a socket address. Undefined: no name is there. */
function nameIn(call: Call, index: number, word: PathWord): { text: string; cut: boolean } | null | undefined {
  const raw = call.args[index];
  if (word === 'connect' || word === 'create+bind') {
    const path = socketAddress(raw)?.path;
    return path === undefined ? undefined : { text: path, cut: false };
  }
  if (raw === undefined) return undefined;
  return stringArgument(raw);
}

function useOf(spec: PathSpec, call: Call, task: Task, entry: Entry): PathUse | null {
  const [word, index, dirfdIndex, flagsIndex] = spec;
  const base = dirfdIndex < 0 ? { fd: null, path: entry.cwd, known: true } : fdPath(call.args[dirfdIndex], task, entry);
  const modes = modesOf(word, call, flagsIndex);
  const viaFd = (): PathUse | null =>
    base.path === null && base.known
      ? null
      : { path: base.path, arg: null, dirfd: base.fd, modes, viaFd: true, cut: false };
  if (index < 0) {
    if (dirfdIndex >= 0) return viaFd();
    const path = call.result.annotation === undefined ? null : (annotationPath(call.result.annotation) ?? null);
    return { path, arg: null, dirfd: null, modes, viaFd: true, cut: false };
  }
  const name = nameIn(call, index, word);
  if (name === undefined) return null;
  const empty = flagsIndex >= 0 && EMPTY_PATH.test(call.args[flagsIndex] ?? '');
  if (name === null)
    return dirfdIndex >= 0 && (empty || NULL_IS_FD.has(call.name)) && call.args[index] === 'NULL' ? viaFd() : null;
  if (name.text === '') return (empty || call.name === 'readlinkat') && dirfdIndex >= 0 ? viaFd() : null;
  const inRoot = word === 'open2' && (call.args[flagsIndex]?.includes('RESOLVE_IN_ROOT') ?? false);
  const root = inRoot && base.path !== null ? base.path : entry.root;
  const path = name.cut ? null : resolve(name.text, base.path, root);
  return { path, arg: name.text, dirfd: base.fd, modes, viaFd: false, cut: name.cut };
}

const byName = (call: Call, index: number, modes: Mode[], entry: Entry, base: string | null = entry.cwd): PathUse[] => {
  const name = stringArgument(call.args[index]);
  if (name === null || name.text === '') return [];
  const path = name.cut ? null : resolve(name.text, base, entry.root);
  return [{ path, arg: name.text, dirfd: null, modes, viaFd: false, cut: name.cut }];
};

const IOCTL_MODES: readonly (readonly [RegExp, Mode[]])[] = [
  [/FS_IOC(?:32)?_(?:SETFLAGS|FSSETXATTR)/, ['meta']],
  [/BTRFS_IOC_(?:SNAP_|SUBVOL_)/, ['create', 'delete']],
];

/** Paths that are there only under a condition, by the row's `tells`. */
function conditional(row: SyscallRow, call: Call, task: Task, entry: Entry): PathUse[] {
  const uses: PathUse[] = [];
  for (const tell of row.tells ?? []) {
    if (tell === 'mount-data') {
      const flags = call.args[3] ?? '';
      const source = stringArgument(call.args[0]);
      const binds = /MS_(?:BIND|MOVE)/.test(flags);
      if (
        source !== null &&
        (binds || source.text.startsWith('/')) &&
        !/MS_(?:REMOUNT|PRIVATE|SLAVE|SHARED|UNBINDABLE)/.test(flags)
      )
        uses.push(...byName(call, 0, ['mount'], entry));
    } else if (tell === 'fsconfig') {
      const command = call.args[1] ?? '';
      if (/FSCONFIG_SET_PATH/.test(command)) {
        const base = fdPath(call.args[4], task, entry);
        uses.push(...byName(call, 3, ['mount'], entry, base.path));
      } else if (/FSCONFIG_SET_STRING/.test(command) && stringArgument(call.args[2])?.text === 'source')
        uses.push(...byName(call, 3, ['mount'], entry).filter(use => use.arg?.startsWith('/')));
    } else if (tell === 'ioctl-path') {
      // chattr(1), ioctl_iflags(2), and Btrfs subvolumes, which are named relative to the descriptor.
      const modes: Mode[] | undefined = IOCTL_MODES.find(([pattern]) => pattern.test(call.args[1] ?? ''))?.[1];
      const { path, fd } = fdPath(call.args[0], task, entry);
      if (modes !== undefined && path !== null)
        uses.push({ path, arg: null, dirfd: fd, modes, viaFd: true, cut: false });
    } else if (tell === 'quota-file') {
      if (/Q_QUOTAON/.test(call.args[0] ?? '')) uses.push(...byName(call, 3, ['read', 'write'], entry));
    } else if (tell === 'bpf-path') {
      const name = /pathname="((?:[^"\\]|\\.)*)"/.exec(call.args[1] ?? '');
      const read = /BPF_F_RDONLY/.test(call.args[1] ?? '');
      const modes: Mode[] = call.args[0] === 'BPF_OBJ_PIN' ? ['create'] : read ? ['read'] : ['read', 'write'];
      if (name !== null) uses.push(...byName({ ...call, args: [`"${name[1]}"`] }, 0, modes, entry));
    }
  }
  return uses;
}

/** All paths of a call. `entry` holds what was true when the call was entered. */
export function pathUses(row: SyscallRow, call: Call, task: Task, entry: Entry): PathUse[] {
  const uses: PathUse[] = [];
  for (const spec of row.at ?? []) {
    const use = useOf(spec, call, task, entry);
    if (use !== null && use.modes.length > 0) uses.push(use);
  }
  if (row.tells !== undefined) uses.push(...conditional(row, call, task, entry));
  const [from, to] = uses;
  if (row.does === 'rename' && from !== undefined && to !== undefined) {
    const flags = call.args[4] ?? '';
    if (flags.includes('RENAME_EXCHANGE')) {
      from.modes = ['delete', 'create'];
      to.modes = ['delete', 'create'];
    } else if (flags.includes('RENAME_WHITEOUT')) from.modes = ['delete', 'create'];
  }
  return uses;
}
