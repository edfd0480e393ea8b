// The prefix of a line: what strace prints before the call itself. Which of its columns are there depends on
// strace's options only, so it is decided once for a log from a sample of its lines and then parsed strictly.
// Source: strace(1) and print_leader(); the order is pid, context, time, relative time, number, instruction pointer.

/** Which columns stand before the call. */
export interface Layout {
  /** `column`: `123  ` on every line (-o with -f) · `bracket`: `[pid 123] ` while several processes live, or nothing. */
  pid: 'column' | 'bracket';
  context: boolean;
  time: 'none' | 'day' | 'unix';
  /** -r: a column of its own. (With -t it is `(+ 0.000012)`, told apart by its bracket.) */
  relative: boolean;
  /** -n: `[ 257] `. */
  number: boolean;
  /** -i: `[00007f487b9e5011] `. */
  pointer: boolean;
}

/** What a prefix said; reused from line to line. `body` is where the call starts, or -1 when the prefix does not fit. */
export interface Prefix {
  pid: number | null;
  comm: string | undefined;
  time: number | undefined;
  body: number;
}

/** Greater integers at the start of a line are Unix times: PID_MAX_LIMIT of the kernel's threads.h. */
const PID_MAX = 4_194_304;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const SPACE = 32;
const OPEN = 91;
const CLOSE = 93;
const LESS = 60;

const skipSpaces = (text: string, at: number): number => {
  while (text.charCodeAt(at) === SPACE) at++;
  return at;
};

const skipDigits = (text: string, at: number): number => {
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
};

const integer = (text: string, from: number, to: number): number => {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + (text.charCodeAt(i) - 48);
  return value;
};

/** `.213199` at `at` → [seconds, end]. */
const fraction = (text: string, at: number): number => (text.charCodeAt(at) === 46 ? skipDigits(text, at + 1) : at);

const fractionValue = (text: string, from: number, to: number): number =>
  to - from < 2 ? 0 : integer(text, from + 1, to) / 10 ** (to - from - 1);

/** `<comm>` (-Y) at `at`: where it ends, or `at` when there is none. */
function skipComm(text: string, at: number, end: number): number {
  if (text.charCodeAt(at) !== LESS) return at;
  for (let i = at + 1; i < end; i++) if (text.charCodeAt(i) === 62) return i + 1;
  return -1;
}

function readPid(text: string, at: number, end: number, out: Prefix): number {
  const digits = skipDigits(text, at);
  if (digits === at) return -1;
  const pid = integer(text, at, digits);
  if (pid > PID_MAX) return -1;
  const after = skipComm(text, digits, end);
  if (after < 0) return -1;
  out.pid = pid;
  out.comm = after === digits ? undefined : text.slice(digits + 1, after - 1);
  return after;
}

function readBracketPid(text: string, at: number, end: number, out: Prefix): number {
  if (text.charCodeAt(at) !== OPEN || !text.startsWith('[pid ', at)) return at;
  const after = readPid(text, skipSpaces(text, at + 5), end, out);
  return after >= 0 && text.charCodeAt(after) === CLOSE && text.charCodeAt(after + 1) === SPACE ? after + 2 : -1;
}

function readTime(text: string, at: number, kind: 'day' | 'unix', out: Prefix): number {
  const digits = skipDigits(text, at);
  let end: number;
  if (kind === 'unix') {
    end = fraction(text, digits);
    out.time = integer(text, at, digits) + fractionValue(text, digits, end);
    if (digits - at < 8) return -1;
  } else {
    if (digits - at !== 2 || text.charCodeAt(at + 2) !== 58 || text.charCodeAt(at + 5) !== 58) return -1;
    end = fraction(text, at + 8);
    const seconds =
      integer(text, at, at + 2) * 3600 + integer(text, at + 3, at + 5) * 60 + integer(text, at + 6, at + 8);
    out.time = seconds + fractionValue(text, at + 8, end);
  }
  return text.charCodeAt(end) === SPACE ? end + 1 : -1;
}

// Seconds since the line before: never as long as a Unix time.
const RELATIVE = / *\d{1,7}(?:\.\d+)? /y;
const RELATIVE_AFTER_TIME = /\(\+ *\d+(?:\.\d+)?\) /y;
const CONTEXT = /\[[^\] ]*\] /y;
const NUMBER = /\[ *\d+\] /y;
const POINTER = /\[(?:[0-9a-f]{8}|[0-9a-f]{16}|\?{8}|\?{16})\] /y;

const skip = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
};

/** Reads the prefix of `text[start, end)` as `layout` says; `out.body` is -1 when it does not fit. */
export function readPrefix(text: string, start: number, end: number, layout: Layout, out: Prefix): void {
  out.pid = null;
  out.comm = undefined;
  out.time = undefined;
  out.body = -1;
  let at = start;
  if (layout.pid === 'column') {
    at = readPid(text, at, end, out);
    if (at < 0 || text.charCodeAt(at) !== SPACE) return;
    at = layout.relative && layout.time === 'none' ? at + 1 : skipPidPadding(text, start, at);
  } else {
    at = readBracketPid(text, at, end, out);
    if (at < 0) return;
  }
  if (layout.context) {
    at = skip(CONTEXT, text, at);
    if (at < 0) return;
  }
  if (layout.time !== 'none') {
    at = readTime(text, at, layout.time, out);
    if (at < 0) return;
  }
  if (layout.relative) {
    at = skip(layout.time === 'none' ? RELATIVE : RELATIVE_AFTER_TIME, text, at);
    if (at < 0) return;
  }
  if (layout.number) {
    at = skip(NUMBER, text, at);
    if (at < 0) return;
  }
  if (layout.pointer) {
    at = skip(POINTER, text, at);
    if (at < 0) return;
  }
  if (at <= end) out.body = at;
}

/** `%-5u `: the pid is padded to five columns, and one blank follows; more blanks belong to what comes next. */
function skipPidPadding(text: string, start: number, at: number): number {
  const stop = Math.max(start + 6, at + 1);
  while (at < stop && text.charCodeAt(at) === SPACE) at++;
  return at;
}

const BODY = /^(?:[a-z_][a-zA-Z0-9_]*\(|<\.\.\. |\+\+\+ |--- |\[ Process PID)/;

/** Every layout that fits one sample line, as a key; the simplest first. */
function* candidates(line: string): Generator<Layout> {
  const prefix: Prefix = { pid: null, comm: undefined, time: undefined, body: -1 };
  for (const pid of ['column', 'bracket'] as const)
    for (const time of ['none', 'day', 'unix'] as const)
      for (const relative of [false, true])
        for (const context of [false, true])
          for (const number of [false, true])
            for (const pointer of [false, true]) {
              const layout: Layout = { pid, context, time, relative, number, pointer };
              readPrefix(line, 0, line.length, layout, prefix);
              if (prefix.body >= 0 && BODY.test(line.slice(prefix.body))) yield layout;
            }
}

const PLAIN: Layout = { pid: 'bracket', context: false, time: 'none', relative: false, number: false, pointer: false };

/** The layout that fits most of the sample lines, or null when none fits any: then this is not strace's output. */
export function detectLayout(sample: readonly string[]): Layout | null {
  const votes = new Map<string, { layout: Layout; count: number }>();
  for (const line of sample) {
    for (const layout of candidates(line)) {
      const key = JSON.stringify(layout);
      const entry = votes.get(key) ?? { layout, count: 0 };
      entry.count++;
      votes.set(key, entry);
    }
  }
  let best: { layout: Layout; count: number } | undefined;
  for (const entry of votes.values()) if (best === undefined || entry.count > best.count) best = entry;
  return best?.layout ?? null;
}

/** The layout of a log without a prefix. */
export const PLAIN_LAYOUT: Layout = PLAIN;
