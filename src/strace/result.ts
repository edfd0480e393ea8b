// The result of a call, as strace prints it behind `= `: a number, an errno, an annotation, and what else may follow.
// Source: strace 4.8–7.2, syscall.c (syscall_exiting_trace).

import { DOT, GREATER, LESS, MINUS, SPACE } from './characters.ts';
import { isDigit } from './digits.ts';
import { skipAnnotation } from './skip.ts';
import { usualAnnotation } from './usual.ts';
import { word } from './words.ts';

/** What stands behind `=`. */
export interface Result {
  /** The number, or null for `?`. Octal and hexadecimal results are converted. */
  readonly value: number | null;
  /** `E…` name; `ERESTARTSYS` and its kin come with a null value. `errno N` for numbers strace has no name for. */
  readonly errno: string | undefined;
  /** The `<…>` annotation (-y), still escaped. */
  readonly annotation: string | undefined;
  readonly deleted: boolean;
  /** Auxiliary text in round brackets: `Timeout`, `flags O_RDWR`. */
  readonly tail: string | undefined;
  /** The pid in strace's own PID namespace, where it differs from the value. */
  readonly hostPid: number | undefined;
  readonly injected: boolean;
}

/** Of an integer that a JavaScript number holds exactly. */
const SAFE_DIGITS = 15;

const VALUE = /(\?|0x[0-9a-f]+|-?\d+)/y;
const HOST_PID = / \/\* (\d+) in strace's PID NS \*\//y;
const ERRNO = / (E[A-Z0-9?]+|ERRNO_\d+)?(?: ?\((?:errno (\d+)|[^)]*)\))?/y;
const TAIL = / \((.*?)\)(?=$| \((?:INJECTED|DELAYED)| <\d| \/\*)/y;
const REST = /(?: \((?:INJECTED[^)]*|DELAYED)\))*(?: <\d+(?:\.\d+)?>| <unavailable>)?(?: <Cannot restart .*>)?\s*$/y;

const match = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

function number(printed: string): number | null {
  if (printed === '?') return null;
  if (/^-?0[0-7]+$/.test(printed)) return Number.parseInt(printed, 8);
  return Number(printed);
}

/** A result that is being read. */
type Draft = { -readonly [Part in keyof Result]: Result[Part] };

const newResult = (value: number | null): Draft => ({
  value,
  errno: undefined,
  annotation: undefined,
  deleted: false,
  tail: undefined,
  hostPid: undefined,
  injected: false,
});

/** A result that is not known. */
export const UNKNOWN: Result = newResult(null);
/** Most calls come to one of these. */
const ZERO: Result = newResult(0);
const failures = new Map<string, Result>();
const FAILURES = 256;

/** -1 with this errno. */
function failure(errno: string): Result {
  const known = failures.get(errno);
  if (known !== undefined) return known;
  const result = newResult(-1);
  result.errno = word(errno);
  if (failures.size < FAILURES) failures.set(result.errno, result);
  return result;
}

/** Where the call ends without the duration that -T prints behind it. */
function beforeDuration(text: string): number {
  let at = text.length - 1;
  if (text.charCodeAt(at) !== GREATER) return text.length;
  do at--;
  while (isDigit(text.charCodeAt(at)) || text.charCodeAt(at) === DOT);
  return text.charCodeAt(at) === LESS && text.charCodeAt(at - 1) === SPACE ? at - 1 : text.length;
}

/** Most results, read without patterns: `0`, `3</etc/passwd>` and `-1 ENOENT (No such file or directory)`. Null: it is another one. */
function plainResult(text: string, from: number): Result | null {
  const end = beforeDuration(text);
  let at = text.charCodeAt(from) === MINUS ? from + 1 : from;
  const digits = at;
  let value = 0;
  while (isDigit(text.charCodeAt(at))) value = value * 10 + text.charCodeAt(at++) - 48;
  // Numbers that begin with a zero are octal or hexadecimal.
  if (at === digits || at - digits > SAFE_DIGITS || (text.charCodeAt(digits) === 48 && at - digits > 1)) return null;
  if (digits !== from) value = -value;
  if (at === end) return value === 0 ? ZERO : newResult(value);
  if (text.charCodeAt(at) === LESS) {
    if (skipAnnotation(text, at) !== end) return null;
    const result = newResult(value);
    result.annotation = usualAnnotation(text.slice(at + 1, end - 1));
    return result;
  }
  if (value !== -1 || text.charCodeAt(at) !== SPACE || text.charCodeAt(at + 1) !== 69) return null;
  const name = ++at;
  while (isErrnoLetter(text.charCodeAt(at))) at++;
  if (!text.startsWith(' (', at) || text.startsWith(' (errno', at) || text.indexOf(')', at) !== end - 1) return null;
  return failure(text.slice(name, at));
}

const isErrnoLetter = (code: number): boolean => (code >= 65 && code <= 90) || isDigit(code);

/** The result behind `= `, starting at `at`; null when it is malformed. */
export function parseResult(text: string, at: number): Result | null {
  const plain = plainResult(text, at);
  if (plain !== null) return plain;
  const value = match(VALUE, text, at);
  if (value === null) return null;
  const printed = value[0];
  const result = newResult(number(printed));
  at += printed.length;
  if (at === text.length) return result;
  if (text.charCodeAt(at) === LESS) {
    const end = skipAnnotation(text, at);
    if (end < 0) return null;
    result.annotation = usualAnnotation(text.slice(at + 1, end - 1));
    at = end;
    if (text.startsWith('(deleted)', at)) {
      result.deleted = true;
      at += 9;
    }
    if (text.startsWith(' [', at)) {
      const context = /^ \[[^\] ]*\]/.exec(text.slice(at));
      if (context !== null) at += context[0].length;
    }
  }
  const hostPid = match(HOST_PID, text, at);
  if (hostPid !== null) {
    result.hostPid = Number(hostPid[1]);
    at += hostPid[0].length;
  }
  if (result.value === -1 || result.value === null) {
    const errno = match(ERRNO, text, at);
    if (errno !== null && (errno[1] !== undefined || errno[2] !== undefined)) {
      result.errno = errno[1]?.includes('?') || errno[1] === undefined ? `errno ${errno[2]}` : errno[1];
      at += errno[0].length;
    }
  }
  if (result.errno === undefined && !text.startsWith(' (INJECTED', at)) {
    const tail = match(TAIL, text, at);
    if (tail !== null) {
      result.tail = tail[1];
      at += tail[0].length;
    }
  }
  const rest = match(REST, text, at);
  if (rest === null) return null;
  result.injected = rest[0].includes('(INJECTED');
  return result;
}
