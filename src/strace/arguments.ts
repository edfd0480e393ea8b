// Single arguments as strace prints them: strings, file descriptors, flag words, socket addresses.
// They take the raw text of one argument and never fail: what cannot be read is null.

import { GREATER, LESS, MINUS, QUOTE } from './characters.ts';
import { isDigit } from './digits.ts';
import { unescapeText } from './text.ts';

/** A decoded string argument. `cut`: strace printed `"..."...`, only the beginning is known. */
export interface StringArgument {
  text: string;
  cut: boolean;
}

const A = 65;
const ZERO = 48;

const STRING = /"((?:[^"\\]|\\.)*)"(\.\.\.)?/;

/** The first quoted string in an argument; null for NULL, a bare address, or anything else. */
export function stringArgument(raw: string | undefined): StringArgument | null {
  if (raw === undefined || raw.charCodeAt(0) !== QUOTE) return null;
  // Nearly all are whole and hold no escapes.
  if (raw.indexOf('"', 1) === raw.length - 1 && raw.indexOf('\\') < 0)
    return { text: unescapeText(raw.slice(1, -1)), cut: false };
  const found = STRING.exec(raw);
  return found === null ? null : { text: unescapeText(found[1] ?? ''), cut: found[2] !== undefined };
}

const HEXADECIMAL = /^0x[0-9a-f]+/;

/** The integer that an argument begins with; what -e raw=… prints in hexadecimal is an `int` of 32 bits. Null: there is none. */
export function int(raw: string | undefined): number | null {
  if (raw === undefined) return null;
  const from = raw.charCodeAt(0) === MINUS ? 1 : 0;
  if (raw.charCodeAt(0) === ZERO && HEXADECIMAL.test(raw)) return Number(HEXADECIMAL.exec(raw)?.[0]) | 0;
  let at = from;
  let value = 0;
  for (; isDigit(raw.charCodeAt(at)); at++) value = value * 10 + raw.charCodeAt(at) - 48;
  if (at === from) return null;
  return from === 0 ? value : -value;
}

/** A file descriptor argument: its number (AT_FDCWD: -100) and, with -y, what it refers to. */
export interface FdArgument {
  readonly fd: number;
  /** Decoded path of the annotation; undefined when there is none or it is not a path. */
  readonly path: string | undefined;
  readonly deleted: boolean;
}

export const AT_FDCWD = -100;

/** Decodes an annotation that is a path: `/a\40b<char 1:3>` → `/a b`. Undefined for pipes, sockets and the like. */
export function annotationPath(annotation: string): string | undefined {
  const isDevice = annotation.charCodeAt(annotation.length - 1) === GREATER;
  const path = unescapeText(isDevice ? annotation.replace(/<(?:char|block) [^<>]*>$/, '') : annotation);
  return path.startsWith('/') ? path : undefined;
}

const FD = /^(AT_FDCWD|0x[0-9a-f]+|-?\d+)(?:<(.*)>(\(deleted\))?)?/;
/** Before strace 5.19, and for AT_FDCWD always, ` (deleted)` stands inside the annotation. */
const DELETED = / \(deleted\)$/;

let lastRead = '';
let lastFd: FdArgument | null = null;

/** Reads `3`, `3</etc>`, `AT_FDCWD</srv>`, `-100</srv>`. The one that was read last is often asked for again. */
export function fdArgument(raw: string | undefined): FdArgument | null {
  if (raw === undefined) return null;
  if (raw !== lastRead) {
    lastFd = readFd(raw);
    lastRead = raw;
  }
  return lastFd;
}

function readFd(raw: string): FdArgument | null {
  const code = raw.charCodeAt(0);
  if (code !== A && code !== MINUS && !isDigit(code)) return null;
  return plainFd(raw) ?? anyFd(raw);
}

/** `3`, `3</etc>` and `AT_FDCWD</srv>`, read without patterns; null: it is something else. */
function plainFd(raw: string): FdArgument | null {
  let at = 0;
  let fd = 0;
  if (raw.startsWith('AT_FDCWD')) {
    fd = AT_FDCWD;
    at = 8;
  } else while (isDigit(raw.charCodeAt(at))) fd = fd * 10 + raw.charCodeAt(at++) - 48;
  if (at === 0) return null;
  if (at === raw.length) return { fd, path: undefined, deleted: false };
  if (raw.charCodeAt(at) !== LESS || raw.charCodeAt(raw.length - 1) !== GREATER) return null;
  return fd === AT_FDCWD && raw.endsWith(' (deleted)>')
    ? { fd, path: annotationPath(raw.slice(at + 1, -11)), deleted: true }
    : { fd, path: annotationPath(raw.slice(at + 1, -1)), deleted: false };
}

function anyFd(raw: string): FdArgument | null {
  const found = FD.exec(raw);
  if (found === null) return null;
  const fd = found[1] === 'AT_FDCWD' ? AT_FDCWD : (int(found[1]) ?? AT_FDCWD);
  const annotation = found[2];
  if (annotation === undefined) return { fd, path: undefined, deleted: false };
  const inside = fd === AT_FDCWD && DELETED.test(annotation);
  return {
    fd,
    path: annotationPath(inside ? annotation.replace(DELETED, '') : annotation),
    deleted: found[3] !== undefined || inside,
  };
}

/** `field=value` inside a printed struct, up to the next comma or bracket. */
export function field(raw: string | undefined, name: string): string | undefined {
  if (raw === undefined) return undefined;
  const found = new RegExp(`(?:^|[{, ])${name}=([^,}\\]]*)`).exec(raw);
  return found?.[1];
}

/** A socket address. `path` for AF_UNIX names in the file system, `abstract` for names that are not. */
export interface SocketAddress {
  family: string;
  path?: string;
  abstract?: string;
  host?: string;
  port?: number;
}

const SUN_PATH = /(?:sun_path|path)=(@?)"((?:[^"\\]|\\.)*)"/;
const HOST = /(?:sin_addr=)?inet_addr\("([^"]*)"\)|inet_pton\([A-Z0-9_]+, "([^"]*)"/;
const PORT = /sin6?_port=htons\((\d+)\)/;

/** Finds the socket address in an argument; null when there is none (NULL, or an address strace could not read). */
export function socketAddress(raw: string | undefined): SocketAddress | null {
  const family = raw === undefined ? undefined : /sa_family=(AF_[A-Z0-9_]+|[0-9a-fx]+)/.exec(raw)?.[1];
  if (raw === undefined || family === undefined) return null;
  if (family === 'AF_UNIX' || family === 'AF_LOCAL' || family === 'AF_FILE') {
    const found = SUN_PATH.exec(raw);
    if (found === null) return { family: 'AF_UNIX' };
    const text = unescapeText(found[2] ?? '');
    return found[1] === '@' ? { family: 'AF_UNIX', abstract: text } : { family: 'AF_UNIX', path: text };
  }
  const host = HOST.exec(raw);
  const port = PORT.exec(raw);
  const address: SocketAddress = { family };
  if (host !== null) address.host = host[1] ?? host[2] ?? '';
  if (port !== null) address.port = Number(port[1]);
  return address;
}
