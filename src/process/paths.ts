// Which paths a call uses, and how: the rows of syscalls.ts applied to its arguments and the state of its process.
// Nothing is changed here; the kernel's own answer (the annotation of the result) is left to accesses.ts.

import {
  AT_FDCWD,
  annotationPath,
  type FdArgument,
  fdArgument,
  field,
  socketAddress,
  stringArgument,
} from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import type { Mode } from './access.ts';
import { openModes } from './open-flags.ts';
import { resolve } from './resolve.ts';
import type { Entry, Task } from './state.ts';
import type { PathSpec, PathWord, Row, Tell } from './syscalls.ts';

/** One path of one call. */
export interface PathUse {
  /** Host path, lexically normalised; null when it is unknown. */
  path: string | null;
  /** As the program named it; null when it named none (the fd itself). */
  arg: string | null;
  dirfd: number | null;
  modes: readonly Mode[];
  /** The target is the fd itself. */
  viaFd: boolean;
  /** The name was cut by strace: nothing can be said of it. */
  cut: boolean;
}

/** The lists of modes that calls share, by the words of the table. */
const MODES: Readonly<Record<Exclude<PathWord, 'open' | 'open2'>, readonly Mode[]>> = {
  stat: ['stat'],
  read: ['read'],
  list: ['list'],
  write: ['write'],
  create: ['create'],
  delete: ['delete'],
  meta: ['meta'],
  exec: ['exec'],
  map: ['map'],
  connect: ['connect'],
  bind: ['bind'],
  mount: ['mount'],
  watch: ['watch'],
  chdir: ['chdir'],
  chroot: ['chroot'],
  'write+create': ['write', 'create'],
  'create+bind': ['create', 'bind'],
  'read+write': ['read', 'write'],
};

function modesOf(word: PathWord, call: Call, flags: number): readonly Mode[] {
  if (word === 'open') return openModes(call.args[flags] ?? '');
  if (word === 'open2') return openModes(field(call.args[flags], 'flags') ?? '');
  if (word === 'mount' && call.name.startsWith('open_tree') && !call.args[flags]?.includes('OPEN_TREE_CLONE'))
    return MODES.stat;
  return MODES[word];
}

/** The path that a descriptor leads to: by its annotation, or by the task's table; null: it is none, or is not known. */
function fdPath(argument: FdArgument, task: Task, entry: Entry): string | null {
  if (argument.fd === AT_FDCWD) return argument.path ?? entry.cwd;
  // What was deleted, or never had a name (O_TMPFILE), has no path that a rule could name.
  if (argument.path !== undefined) return argument.deleted ? null : argument.path;
  return task.files.get(argument.fd)?.path ?? null;
}

/** Is it known what a descriptor leads to, whether that has a path or not? */
function isKnown(argument: FdArgument | null, raw: string | undefined, task: Task): boolean {
  if (argument === null) return false;
  if (argument.fd === AT_FDCWD || argument.path !== undefined || task.files.has(argument.fd)) return true;
  // An annotation that is no path (pipe:[…], socket:[…]) says as much as the table.
  return raw?.includes('<') ?? false;
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

/** proc(5): what this process has open, where it is, and its root. */
const OWN_LINK =
  /^\/(?:proc\/(?:self|thread-self)\/(?:task\/\d+\/)?(?:fd\/(?<fd>\d+)|(?<cwd>cwd)|root)|dev\/fd\/(?<short>\d+))\/+(?=[^/])/;

/** Where a name that goes through such a link leads: relative to what; null: it goes through none, or that is not known. */
function throughOwnLink(name: string, task: Task, entry: Entry): { name: string; base: string } | null {
  const link = OWN_LINK.exec(name);
  if (link === null) return null;
  const { fd, short, cwd } = link.groups ?? {};
  const number = fd ?? short;
  const base = number !== undefined ? task.files.get(Number(number))?.path : cwd !== undefined ? entry.cwd : entry.root;
  return base == null ? null : { name: name.slice(link[0].length), base };
}

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

/** The use of a descriptor itself. */
function useOfFd(word: PathWord, dirfd: number, flags: number, call: Call, task: Task, entry: Entry): PathUse | null {
  const raw = call.args[dirfd];
  const argument = fdArgument(raw);
  const path = argument === null ? null : fdPath(argument, task, entry);
  if (path === null && isKnown(argument, raw, task)) return null;
  return { path, arg: null, dirfd: argument?.fd ?? null, modes: modesOf(word, call, flags), viaFd: true, cut: false };
}

function useOf(spec: PathSpec, call: Call, task: Task, entry: Entry): PathUse | null {
  const word = spec[0];
  const index = spec[1];
  const dirfd = spec[2];
  const flags = spec[3];
  if (index < 0) {
    if (dirfd >= 0) return useOfFd(word, dirfd, flags, call, task, entry);
    const { annotation } = call.result;
    const path = annotation === undefined ? null : (annotationPath(annotation) ?? null);
    return { path, arg: null, dirfd: null, modes: modesOf(word, call, flags), viaFd: true, cut: false };
  }
  const name = nameIn(call, index, word);
  if (name === undefined) return null;
  if (name === null || name.text === '') {
    const isFd =
      (flags >= 0 && EMPTY_PATH.test(call.args[flags] ?? '')) ||
      (name === null ? NULL_IS_FD.has(call.name) : call.name === 'readlinkat');
    const isNamed = name === null && call.args[index] !== 'NULL';
    return isFd && !isNamed && dirfd >= 0 ? useOfFd(word, dirfd, flags, call, task, entry) : null;
  }
  const argument = dirfd < 0 ? null : fdArgument(call.args[dirfd]);
  const base = dirfd < 0 ? entry.cwd : argument === null ? null : fdPath(argument, task, entry);
  const inRoot = word === 'open2' && (call.args[flags]?.includes('RESOLVE_IN_ROOT') ?? false);
  const root = inRoot && base !== null ? base : entry.root;
  const link = inRoot ? null : throughOwnLink(name.text, task, entry);
  return {
    path: name.cut ? null : resolve(link?.name ?? name.text, link?.base ?? base, root),
    arg: name.text,
    dirfd: argument?.fd ?? null,
    modes: modesOf(word, call, flags),
    viaFd: false,
    cut: name.cut,
  };
}

const byName = (
  call: Call,
  index: number,
  modes: readonly Mode[],
  entry: Entry,
  base: string | null = entry.cwd,
): PathUse[] => {
  const name = stringArgument(call.args[index]);
  if (name === null || (name.text === '' && !name.cut)) return [];
  const path = name.cut ? null : resolve(name.text, base, entry.root);
  return [{ path, arg: name.text, dirfd: null, modes, viaFd: false, cut: name.cut }];
};

const IOCTL_MODES: readonly (readonly [RegExp, Mode[]])[] = [
  [/FS_IOC(?:32)?_(?:SETFLAGS|FSSETXATTR)/, ['meta']],
  [/BTRFS_IOC_(?:SNAP_|SUBVOL_)/, ['create', 'delete']],
];

/** Is a string this word, as far as strace shows it (-s)? */
function mayBe(raw: string | undefined, word: string): boolean {
  const string = stringArgument(raw);
  return string !== null && (string.cut ? word.startsWith(string.text) : string.text === word);
}

/** Those that are there only under a condition, by the row's `tells`. */
function conditional(tells: readonly Tell[], call: Call, task: Task, entry: Entry): PathUse[] {
  const uses: PathUse[] = [];
  for (const tell of tells) {
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
        const argument = fdArgument(call.args[4]);
        uses.push(...byName(call, 3, ['mount'], entry, argument === null ? null : fdPath(argument, task, entry)));
      } else if (/FSCONFIG_SET_STRING/.test(command) && mayBe(call.args[2], 'source'))
        uses.push(...byName(call, 3, ['mount'], entry).filter(({ arg, cut }) => cut || arg?.startsWith('/')));
    } else if (tell === 'ioctl-path') {
      // chattr(1), ioctl_iflags(2), and Btrfs subvolumes, which are named relative to the descriptor.
      const modes: Mode[] | undefined = IOCTL_MODES.find(([pattern]) => pattern.test(call.args[1] ?? ''))?.[1];
      const argument = modes === undefined ? null : fdArgument(call.args[0]);
      const path = argument === null ? null : fdPath(argument, task, entry);
      if (modes !== undefined && argument !== null && path !== null)
        uses.push({ path, arg: null, dirfd: argument.fd, modes, viaFd: true, cut: false });
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

/** The paths that the row says are there. */
function usual(specs: readonly PathSpec[], call: Call, task: Task, entry: Entry): PathUse[] {
  const [only] = specs;
  if (only === undefined) return [];
  if (specs.length > 1) return specs.flatMap(spec => useOf(spec, call, task, entry) ?? []);
  const use = useOf(only, call, task, entry);
  return use === null ? [] : [use];
}

/** All paths of a call. `entry` holds what was true when the call was entered. */
export function pathUses(row: Row, call: Call, task: Task, entry: Entry): PathUse[] {
  const uses = usual(row.at ?? [], call, task, entry);
  if (row.tells !== undefined) for (const use of conditional(row.tells, call, task, entry)) uses.push(use);
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
