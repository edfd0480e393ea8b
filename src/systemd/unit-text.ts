// The text of a unit file or drop-in → its assignments, cut into lines, continued and stripped as systemd's own reader does it.
// Values stay as they are written: quotes, specifiers and resets are for later. What systemd skips with a warning is an error here, unless the
// caller takes it (`ignore`) to say it: a check that skips a line without a word would judge another sandbox than the one that was meant.
// Sources: systemd.syntax(7); src/basic/fileio.c (read_line) and src/shared/conf-parser.c of systemd 252.

import { UsageError } from '../errors.ts';
import type { Assignment, Ignored } from '../policy/findings.ts';

/** LONG_LINE_MAX of systemd: neither a line nor what it is continued with may be longer (bytes). */
const LONGEST = 1024 * 1024;
const BOM = '\u00ef\u00bb\u00bf';

/** Sections of unit files (systemd.unit(5)); those that begin with `X-` are for other programs. */
const SECTIONS: ReadonlySet<string> = new Set([
  'Unit',
  'Install',
  'Service',
  'Socket',
  'Mount',
  'Automount',
  'Swap',
  'Timer',
  'Path',
  'Slice',
  'Scope',
]);

interface Line {
  /** One character per byte. */
  text: string;
  number: number;
}

const refuse = (code: string, file: string, line: number, message: string, hint?: string): UsageError =>
  new UsageError(code, `${file}:${line}: ${message}`, hint);

/** Line ends are `\n`, `\r`, or both in either order, as for systemd. */
function* lines(bytes: Uint8Array, file: string): Generator<Line> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const end = /\r\n|\n\r|\n|\r/g;
  let number = 0;
  for (let start = 0; start < text.length; ) {
    number++;
    const found = end.exec(text);
    const stop = found === null ? text.length : found.index;
    const line = text.slice(start, stop);
    start = found === null ? text.length : end.lastIndex;
    if (line.length > LONGEST)
      throw refuse('line-too-long', file, number, 'a line of more than 1 MiB, which systemd refuses');
    if (line.includes('\0')) throw refuse('not-a-unit', file, number, 'holds a NUL byte: this is not a unit file');
    yield { text: line, number };
  }
}

/** Does the last backslash stand alone? An escaped one (`\\`) does not continue a line. */
const isContinued = (text: string): boolean => (/\\*$/.exec(text)?.[0].length ?? 0) % 2 === 1;

const isSkipped = (text: string): boolean => /^[ \t]*(?:[#;]|$)/.test(text);

/** Lines with their continuations joined by a blank; comments and empty lines are left out, also between continued ones. */
function* logicalLines(bytes: Uint8Array, file: string): Generator<Line> {
  let open: Line | null = null;
  let marked = false;
  for (const { text, number } of lines(bytes, file)) {
    const mark: boolean = !marked && text.startsWith(BOM);
    marked ||= mark;
    const plain = mark ? text.slice(BOM.length) : text;
    if (isSkipped(plain)) continue;
    const joined: Line = open === null ? { text: plain, number } : { text: open.text + plain, number: open.number };
    if (joined.text.length > LONGEST)
      throw refuse('line-too-long', file, joined.number, 'continued to more than 1 MiB, which systemd refuses');
    if (isContinued(joined.text)) open = { text: `${joined.text.slice(0, -1)} `, number: joined.number };
    else {
      open = null;
      yield joined;
    }
  }
  if (open !== null) yield open;
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Code points that systemd refuses although they can be encoded: the noncharacters of Unicode. */
const NONCHARACTER = /[\ufdd0-\ufdef]|[\u{fffe}\u{ffff}\u{1fffe}\u{1ffff}\u{2fffe}\u{2ffff}\u{10fffe}\u{10ffff}]/u;

function decode({ text, number }: Line, file: string): string | UsageError {
  try {
    const decoded = DECODER.decode(Buffer.from(text, 'latin1'));
    if (!NONCHARACTER.test(decoded)) return decoded;
  } catch {
    // Said below.
  }
  return refuse('not-utf8', file, number, 'not UTF-8, so systemd ignores the line');
}

const strip = (text: string): string => text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');

function sectionName(text: string, file: string, line: number): string {
  const name = text.slice(1, -1);
  if (!text.endsWith(']') || /[\u0000-\u001f\u007f"'\\]/.test(name))
    throw refuse('bad-section', file, line, `'${text}' is no section header`, 'such as [Service]');
  return name;
}

const isKnown = (section: string): boolean => SECTIONS.has(section) || section.startsWith('X-');

/**
 * The assignments of a unit file, in order, as they are written. `file` names it in errors and results.
 * Throws UsageError, and nothing else, for what is not a unit file, and without `ignore` for what systemd would skip.
 */
export function readUnitText(bytes: Uint8Array, file: string, ignore?: (what: Ignored) => void): Assignment[] {
  const assignments: Assignment[] = [];
  let section: string | null = null;
  /** What systemd does without. */
  const without = (number: number, error: UsageError): void => {
    if (ignore === undefined) throw error;
    ignore({ at: { file, line: number }, message: error.message, hint: error.hint ?? null });
  };
  for (const line of logicalLines(bytes, file)) {
    const decoded = decode(line, file);
    if (decoded instanceof UsageError) {
      without(line.number, decoded);
      continue;
    }
    const text = strip(decoded);
    if (text === '') continue;
    if (text.startsWith('[')) {
      section = sectionName(text, file, line.number);
      if (!isKnown(section))
        without(
          line.number,
          refuse(
            'unknown-section',
            file,
            line.number,
            `systemd knows no section [${section}] and ignores it`,
            'the sandbox of a service stands in [Service]',
          ),
        );
      continue;
    }
    if (section === null)
      throw refuse(
        'not-a-unit',
        file,
        line.number,
        'a line before the first section: this is not a unit file',
        'a unit file begins with [Unit] or [Service]',
      );
    if (section.startsWith('X-') || !isKnown(section)) continue;
    const equals = text.indexOf('=');
    if (equals < 1) {
      const why = equals < 0 ? "no '='" : "no name before '='";
      const hint = 'write Name=value, or # before a comment';
      without(line.number, refuse('bad-line', file, line.number, `${why}, so systemd ignores the line`, hint));
      continue;
    }
    assignments.push({
      section,
      name: strip(text.slice(0, equals)),
      value: strip(text.slice(equals + 1)),
      at: { file, line: line.number },
    });
  }
  return assignments;
}
