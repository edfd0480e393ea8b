// One call as strace prints it: name(arguments) = result. It tokenizes; it never searches for `) = `,
// because file names may hold that. It does not interpret arguments: see arguments.ts and process/.
// Source: strace 4.8–7.2, syscall.c and util.c; the shapes are listed in docs/strace-format.md.

/** What stands behind `=`. */
export interface Result {
  /** The number, or null for `?`. Octal and hexadecimal results are converted. */
  value: number | null;
  /** `E…` name; `ERESTARTSYS` and its kin come with a null value. `errno N` for numbers strace has no name for. */
  errno: string | undefined;
  /** The `<…>` annotation (-y), still escaped. */
  annotation: string | undefined;
  deleted: boolean;
  /** Auxiliary text in round brackets: `Timeout`, `flags O_RDWR`. */
  tail: string | undefined;
  /** The pid in strace's own PID namespace, where it differs from the value. */
  hostPid: number | undefined;
  injected: boolean;
}

export interface Call {
  name: string;
  /** The arguments, each as printed and trimmed; names of -N (`dirfd=`) removed. */
  args: string[];
  result: Result;
}

/** Why a text is no call, and where. */
export interface ParseFailure {
  why: string;
  at: number;
}

const QUOTE = 34;
const BACKSLASH = 92;
const LESS = 60;
const GREATER = 62;
const UNDERSCORE = 95;
const STAR = 42;
const SLASH = 47;
const SPACE = 32;
const OPEN = 40;
const MINUS = 45;
const DOT = 46;
/** Of an integer that a JavaScript number holds exactly. */
const SAFE_DIGITS = 15;

/** `text[at]` is `"`: the index behind the closing quote, or -1. */
function skipString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) return i + 1;
  }
  return -1;
}

const SOCKET_FORM = /[A-Z][A-Za-z0-9-]*:\[/y;

/** Paths, which most annotations are, do not even look like it. */
function isSocketForm(text: string, at: number): boolean {
  if (text.charCodeAt(at) === SLASH) return false;
  SOCKET_FORM.lastIndex = at;
  return SOCKET_FORM.test(text);
}

/** `text[at]` is the `<` of an annotation: the index behind its `>`, or -1. */
function skipAnnotation(text: string, at: number): number {
  const socket = isSocketForm(text, at + 1);
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE && socket) {
      i = skipString(text, i) - 1;
      if (i < 0) return -1;
    } else if (code === LESS && !socket) depth++;
    else if (code === GREATER) {
      if (socket) {
        if (text.charCodeAt(i - 1) === 93) return i + 1;
      } else if (--depth === 0) return i + 1;
    }
  }
  return -1;
}

/** May an annotation start at the `<` at `at`? It follows a digit, AT_FDCWD or a comment directly; `<<` is a shift. */
function startsAnnotation(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if (text.charCodeAt(at + 1) === LESS || before === LESS) return false;
  if (before >= 48 && before <= 57) return true;
  if (before === 68) return text.endsWith('AT_FDCWD', at);
  return before === SLASH && text.charCodeAt(at - 2) === STAR;
}

/** Splits the arguments: `at` is behind the opening bracket. Pushes raw slices; returns the index behind `)`, or -1. */
function splitArguments(text: string, at: number, args: string[]): number {
  let depth = 0;
  let start = at;
  for (let i = at; i < text.length; ) {
    const code = text.charCodeAt(i);
    switch (code) {
      case QUOTE:
        i = skipString(text, i);
        if (i < 0) return -1;
        continue;
      case LESS:
        if (startsAnnotation(text, i)) {
          i = skipAnnotation(text, i);
          if (i < 0) return -1;
          continue;
        }
        break;
      case 40: // (
      case 91: // [
      case 123: // {
        depth++;
        break;
      case SLASH:
        if (text.charCodeAt(i + 1) === STAR) {
          i = skipComment(text, i + 2);
          if (i < 0) return -1;
          continue;
        }
        break;
      case 41: // )
      case 93: // ]
      case 125: // }
        if (depth === 0) {
          if (code !== 41) return -1;
          if (args.length > 0 || text.slice(start, i).trim() !== '') args.push(argument(text, start, i));
          return i + 1;
        }
        depth--;
        break;
      case 44: // ,
        if (depth === 0) {
          args.push(argument(text, start, i));
          start = i + 1;
        }
        break;
    }
    i++;
  }
  return -1;
}

function skipComment(text: string, at: number): number {
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = skipString(text, i) - 1;
      if (i < 0) return -1;
    } else if (code === STAR && text.charCodeAt(i + 1) === SLASH) return i + 2;
  }
  return -1;
}

const ARGUMENT_NAME = /^[a-z_][a-z0-9_]*=(?!=)/;

function argument(text: string, from: number, to: number): string {
  while (text.charCodeAt(from) === SPACE) from++;
  while (to > from && text.charCodeAt(to - 1) === SPACE) to--;
  const raw = text.slice(from, to);
  const first = raw.charCodeAt(0);
  return (first >= 97 && first <= 122) || first === 95 ? raw.replace(ARGUMENT_NAME, '') : raw;
}

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

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

const newResult = (value: number | null): Result => ({
  value,
  errno: undefined,
  annotation: undefined,
  deleted: false,
  tail: undefined,
  hostPid: undefined,
  injected: false,
});

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
  const result = newResult(digits === from ? value : -value);
  if (at === end) return result;
  if (text.charCodeAt(at) === LESS) {
    if (skipAnnotation(text, at) !== end) return null;
    result.annotation = text.slice(at + 1, end - 1);
    return result;
  }
  if (result.value !== -1 || text.charCodeAt(at) !== SPACE || text.charCodeAt(at + 1) !== 69) return null;
  const name = ++at;
  while (isErrnoLetter(text.charCodeAt(at))) at++;
  if (!text.startsWith(' (', at) || text.startsWith(' (errno', at) || text.indexOf(')', at) !== end - 1) return null;
  result.errno = word(text.slice(name, at));
  return result;
}

const isErrnoLetter = (code: number): boolean => (code >= 65 && code <= 90) || isDigit(code);

/** The result behind `= `, starting at `at`; null when it is malformed. */
function parseResult(text: string, at: number): Result | null {
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
    result.annotation = text.slice(at + 1, end - 1);
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

/** Names of calls and errnos: a few hundred, each met millions of times. A log that is made up may hold any. */
const words = new Map<string, string>();
const WORDS = 4096;

/** The same string for the same word, so that not each call has one of its own. */
function word(text: string): string {
  const known = words.get(text);
  if (known !== undefined) return known;
  if (words.size < WORDS) words.set(text, text);
  return text;
}

const isLower = (code: number): boolean => (code >= 97 && code <= 122) || code === UNDERSCORE;

/** Where the name of the call ends: before its bracket; 0 when there is none. */
function nameEnd(text: string): number {
  if (!isLower(text.charCodeAt(0))) return 0;
  let at = 1;
  for (let code = text.charCodeAt(at); isLower(code) || isErrnoLetter(code); code = text.charCodeAt(at)) at++;
  return text.charCodeAt(at) === OPEN ? at : 0;
}

/** Parses a complete call (a split one must be joined before). */
export function parseCall(text: string): Call | ParseFailure {
  const end = nameEnd(text);
  if (end === 0) return { why: 'no syscall name', at: 0 };
  const args: string[] = [];
  let at = splitArguments(text, end + 1, args);
  if (at < 0) return { why: 'the arguments do not end', at: text.length };
  while (text.charCodeAt(at) === SPACE) at++;
  if (text.charCodeAt(at) !== 61 || text.charCodeAt(at + 1) !== SPACE) return { why: 'no result', at };
  const result = parseResult(text, at + 2);
  return result === null ? { why: 'the result is malformed', at } : { name: word(text.slice(0, end)), args, result };
}

/** The complete arguments of a call that never ended (its text is cut in mid-argument): what is certain of it. */
export function parseUnended(head: string): { name: string; args: string[] } | null {
  const end = nameEnd(head);
  if (end === 0) return null;
  const args: string[] = [];
  // A closing bracket of our own ends the list: the cut is between arguments or inside a struct.
  splitArguments(`${head.replace(/,\s*$/, '')})`, end + 1, args);
  return { name: word(head.slice(0, end)), args };
}
