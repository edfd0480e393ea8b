// What a finished call changes of its process, where its own text (and where the process was) tells it: plain data, which can be kept
// with that text and made again when it repeats. What depends on more is in effects.ts. Sources: the section 2 man pages.

import { annotationPath, fdArgument, int } from '../strace/arguments.ts';
import type { Call } from '../strace/parse.ts';
import { ownCopy, unescapeText } from '../strace/text.ts';
import { word } from '../strace/words.ts';
import { isCloexec, isUnnamed } from './open-flags.ts';
import type { PathUse } from './paths.ts';
import { normalise } from './resolve.ts';
import type { OpenFile, Task } from './state.ts';
import type { Row } from './syscalls.ts';

export type Change =
  /** A descriptor leads somewhere new, or nowhere (null). */
  | { readonly what: 'fd'; readonly fd: number; readonly file: OpenFile | null }
  | { readonly what: 'fds'; readonly all: readonly Change[] }
  /** A descriptor leads where `from` does: to `shown`, when the table does not know it. */
  | {
      readonly what: 'duplicate';
      readonly from: number;
      readonly to: number;
      readonly cloexec: boolean;
      readonly shown: string | null;
    }
  | { readonly what: 'cloexec'; readonly fd: number; readonly cloexec: boolean }
  | { readonly what: 'cwd'; readonly cwd: string | null }
  /** The cwd as the process sees it, below its root. */
  | { readonly what: 'seen-cwd'; readonly seen: string }
  | { readonly what: 'uid'; readonly uid: number; readonly real: boolean; readonly effective: boolean }
  | { readonly what: 'umask'; readonly before: number; readonly after: number };

const fromAnnotation = (raw: string | undefined): string | null => {
  const annotation = raw === undefined ? null : /<(.*)>(?:\(deleted\))?$/.exec(raw);
  const path = annotation === null ? undefined : annotationPath(annotation[1] ?? '');
  return path === undefined ? null : ownCopy(path);
};

const NOWHERE: OpenFile = { path: null, cloexec: false };
const NOWHERE_CLOEXEC: OpenFile = { path: null, cloexec: true };
const leadsNowhere = (cloexec: boolean): OpenFile => (cloexec ? NOWHERE_CLOEXEC : NOWHERE);

const holds = (call: Call, text: string): boolean => call.args.some(raw => raw.includes(text));

/** The change a call makes: null when there is none, undefined when it depends on more than the call. */
export function changeOf(row: Row, call: Call, use: PathUse | undefined): Change | null | undefined {
  const { value, errno } = call.result;
  if (row.does === 'close') {
    // close(2) loses its descriptor on these errors too.
    if (errno !== undefined && errno !== 'EINTR' && errno !== 'EIO') return null;
    return { what: 'fd', fd: int(call.args[0]) ?? -1, file: null };
  }
  if (row.does === 'clone' || (row.does === 'exec' && errno === undefined)) return undefined;
  if (errno !== undefined || value === null) return null;
  switch (row.does) {
    case undefined:
      return row.fd === undefined || value < 0 ? null : { what: 'fd', fd: value, file: openFile(row, call, use) };
    case 'fcntl':
    case 'ioctl':
      return control(call, value);
    case 'dup':
      return duplicate(call, value, false);
    case 'dup2':
      return duplicate(call, value, call.args[2]?.includes('O_CLOEXEC') ?? false);
    case 'pipe':
      return newFds([call.args.find(raw => raw.startsWith('[')) ?? ''], holds(call, 'CLOEXEC'));
    case 'recvmsg':
      return newFds(received(call), holds(call, 'MSG_CMSG_CLOEXEC'));
    case 'chdir':
    case 'fchdir':
      return { what: 'cwd', cwd: use?.path == null ? null : word(use.path) };
    case 'getcwd':
      return seenCwd(call);
    case 'uid': {
      const real = call.name.startsWith('getuid');
      return { what: 'uid', uid: value, real, effective: call.name.startsWith('geteuid') };
    }
    case 'umask':
      return { what: 'umask', before: value, after: Number.parseInt(call.args[0] ?? '', 8) };
    case 'link':
    case 'mount':
      return null;
    default:
      return undefined;
  }
}

function openFile(row: Row, call: Call, use: PathUse | undefined): OpenFile {
  const cloexec = isCloexec(row, call);
  if (row.fd === 'socket') return { path: null, cloexec, socket: socketOf(call) };
  if (row.at === undefined || call.name === 'fsmount' || call.name.startsWith('open_tree'))
    return leadsNowhere(cloexec);
  if (isUnnamed(row, call))
    return use?.path == null ? leadsNowhere(cloexec) : { path: null, cloexec, unnamedIn: ownCopy(use.path) };
  const { annotation, deleted } = call.result;
  const shown = annotation === undefined || deleted ? undefined : annotationPath(annotation);
  const path = shown ?? use?.path ?? null;
  return path === null ? leadsNowhere(cloexec) : { path: ownCopy(path), cloexec };
}

const socketOf = ({ args }: Call): NonNullable<OpenFile['socket']> => ({
  family: word(args[0] ?? ''),
  type: word(socketType(args[1])),
  protocol: word(args[2] ?? ''),
});

/** SOCK_STREAM without SOCK_CLOEXEC and SOCK_NONBLOCK. */
export const socketType = (raw: string | undefined): string =>
  raw?.split('|').find(word => word !== 'SOCK_CLOEXEC' && word !== 'SOCK_NONBLOCK') ?? '';

function duplicate({ args }: Call, to: number, cloexec: boolean): Change | null {
  const from = int(args[0]);
  if (from === null || to < 0 || from === to) return null;
  const shown = fdArgument(args[0])?.path;
  return { what: 'duplicate', from, to, cloexec, shown: shown === undefined ? null : ownCopy(shown) };
}

/** fcntl(2) and ioctl(2). */
function control(call: Call, value: number): Change | null {
  const command = call.args[1] ?? '';
  if (command.startsWith('F_DUPFD')) return duplicate(call, value, command.includes('CLOEXEC'));
  if (command === 'F_SETFD' || command === 'FIOCLEX' || command === 'FIONCLEX') {
    const fd = int(call.args[0]);
    const cloexec = command === 'FIOCLEX' || (call.args[2]?.includes('FD_CLOEXEC') ?? false);
    return fd === null ? null : { what: 'cloexec', fd, cloexec };
  }
  const opens = command.startsWith('TIOCGPTPEER') || command.startsWith('NS_GET_');
  return opens ? { what: 'fd', fd: value, file: leadsNowhere(false) } : null;
}

/** The lists of descriptors that came with a message, unix(7). */
const received = (call: Call): string[] =>
  [...(call.args[1] ?? '').matchAll(/SCM_RIGHTS, cmsg_data=(\[[^\]]*\])/g)].map(([, list]) => list ?? '');

function newFds(lists: readonly string[], cloexec: boolean): Change {
  const all = lists.flatMap(list =>
    [...list.matchAll(/(?:^\[|, ?|\[)(\d+)(<[^,\]]*>)?/g)].map(([, fd, annotation]): Change => {
      const path = fromAnnotation(annotation);
      return { what: 'fd', fd: Number(fd), file: path === null ? leadsNowhere(cloexec) : { path, cloexec } };
    }),
  );
  return { what: 'fds', all };
}

/** getcwd(2) tells the cwd as the process sees it. */
function seenCwd(call: Call): Change | null {
  const text = /^"((?:[^"\\]|\\.)*)"/.exec(call.args[0] ?? '');
  const seen = text === null ? '' : unescapeText(text[1] ?? '');
  return seen.startsWith('/') ? { what: 'seen-cwd', seen: word(seen) } : null;
}

/** Makes a change to the process whose call it was. */
export function applyChange(change: Change, task: Task): void {
  const { files, fs } = task;
  switch (change.what) {
    case 'fd':
      if (change.file === null) files.delete(change.fd);
      else files.set(change.fd, change.file);
      break;
    case 'fds':
      for (const one of change.all) applyChange(one, task);
      break;
    case 'duplicate': {
      const { from, to, cloexec, shown } = change;
      const source = files.get(from) ?? { path: shown, cloexec };
      files.set(to, source.cloexec === cloexec ? source : { ...source, cloexec });
      break;
    }
    case 'cloexec': {
      const file = files.get(change.fd);
      if (file !== undefined) files.set(change.fd, { ...file, cloexec: change.cloexec });
      break;
    }
    case 'cwd':
      fs.cwd = change.cwd;
      break;
    case 'seen-cwd':
      fs.cwd = normalise(fs.root === '/' ? change.seen : `${fs.root}${change.seen}`);
      break;
    case 'uid':
      if (change.real) task.realUid = change.uid;
      if (change.effective || task.uid === null) task.uid = change.uid;
      break;
    case 'umask':
      fs.umask ??= change.before;
      fs.ownUmask = change.after !== fs.umask;
      break;
  }
}
