// One call as strace prints it: name(arguments) = result. It tokenizes; it never searches for `) = `,
// because file names may hold that. It does not interpret arguments: see arguments.ts and process/.
// Source: strace 4.8–7.2, syscall.c and util.c; its shapes stand in test/strace/shapes.test.ts.

import { APOSTROPHE, LESS, QUOTE, SLASH, SPACE, STAR } from './characters.ts';
import { isInName, startsName } from './digits.ts';
import { parseResult, type Result } from './result.ts';
import { skipAnnotation, skipCharacter, skipComment, skipString, startsAnnotation } from './skip.ts';
import { isUnusual, usual } from './usual.ts';
import { word } from './words.ts';

export type { Result } from './result.ts';

export interface Call {
  name: string;
  /** The arguments, each as strace prints it by default (usual.ts) and trimmed; names of -N (`dirfd=`) removed. */
  args: string[];
  result: Result;
}

/** Why a text is no call, and where. */
export interface ParseFailure {
  why: string;
  at: number;
}

const OPEN = 40;

/** Where arguments were split; reused from call to call, so that an array of just their number is made of them. */
interface Split {
  /** Where each piece ends; the first `count` of them count. */
  readonly ends: number[];
  count: number;
  /** Behind `)`, or -1: the arguments do not end. */
  behind: number;
}

const split: Split = { ends: [], count: 0, behind: -1 };

/** A mark for each character that splits, nests, or opens what may hold any of them. */
const MARKS: Uint8Array = new Uint8Array(256);
for (const mark of `"'<([{/)]},`) MARKS[mark.charCodeAt(0)] = 1;

/** Splits the arguments: `at` is behind the opening bracket. */
function splitArguments(text: string, at: number): Split {
  let depth = 0;
  split.count = 0;
  split.behind = -1;
  for (let i = at; i < text.length; ) {
    const code = text.charCodeAt(i);
    if (MARKS[code] !== 1) {
      i++;
      continue;
    }
    switch (code) {
      case QUOTE:
        i = skipString(text, i);
        if (i < 0) return split;
        continue;
      case APOSTROPHE:
        i = skipCharacter(text, i);
        continue;
      case LESS:
        if (startsAnnotation(text, i)) {
          i = skipAnnotation(text, i);
          if (i < 0) return split;
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
          if (i < 0) return split;
          continue;
        }
        break;
      case 41: // )
      case 93: // ]
      case 125: // }
        if (depth === 0) {
          if (code !== 41) return split;
          if (split.count > 0 || !isBlank(text, at, i)) split.ends[split.count++] = i;
          split.behind = i + 1;
          return split;
        }
        depth--;
        break;
      case 44: // ,
        if (depth === 0) split.ends[split.count++] = i;
        break;
    }
    i++;
  }
  return split;
}

const isBlank = (text: string, from: number, to: number): boolean => text.slice(from, to).trim() === '';

/** The arguments that begin at `at` and were split so. */
function argumentsOf(text: string, at: number, { ends, count }: Split): string[] {
  const args = new Array<string>(count);
  const unusual = isUnusual(text);
  for (let i = 0; i < count; i++) {
    const end = ends[i] ?? at;
    const raw = argument(text, at, end);
    args[i] = unusual && isUnusual(raw) ? usual(raw) : raw;
    at = end + 1;
  }
  return args;
}

const ARGUMENT_NAME = /^[a-z_][a-z0-9_]*=(?!=)/;

function argument(text: string, from: number, to: number): string {
  while (text.charCodeAt(from) === SPACE) from++;
  while (to > from && text.charCodeAt(to - 1) === SPACE) to--;
  const raw = text.slice(from, to);
  return startsName(text.charCodeAt(from)) ? raw.replace(ARGUMENT_NAME, '') : raw;
}

/** What strace adds to the name of a call of 64 bits that an x32 process makes. */
const OTHER_SIZE = '#64';

/** Where the name of the call ends, and its arguments begin; null when there is none. */
function nameEnd(text: string): { name: number; args: number } | null {
  if (!startsName(text.charCodeAt(0))) return null;
  let name = 1;
  while (isInName(text.charCodeAt(name))) name++;
  const open = text.startsWith(OTHER_SIZE, name) ? name + OTHER_SIZE.length : name;
  return text.charCodeAt(open) === OPEN ? { name, args: open + 1 } : null;
}

/** Parses a complete call (a split one must be joined before). */
export function parseCall(text: string): Call | ParseFailure {
  const end = nameEnd(text);
  if (end === null) return { why: 'no syscall name', at: 0 };
  const found = splitArguments(text, end.args);
  let at = found.behind;
  if (at < 0) return { why: 'the arguments do not end', at: text.length };
  while (text.charCodeAt(at) === SPACE) at++;
  if (text.charCodeAt(at) !== 61 || text.charCodeAt(at + 1) !== SPACE) return { why: 'no result', at };
  const result = parseResult(text, at + 2);
  if (result === null) return { why: 'the result is malformed', at };
  return { name: word(text.slice(0, end.name)), args: argumentsOf(text, end.args, found), result };
}

/** The complete arguments of a call that never ended (its text is cut in mid-argument): what is certain of it. */
export function parseUnended(head: string): { name: string; args: string[] } | null {
  const end = nameEnd(head);
  if (end === null) return null;
  // A closing bracket of our own ends the list: the cut is between arguments or inside a struct.
  const text = `${head.replace(/,\s*$/, '')})`;
  return { name: word(head.slice(0, end.name)), args: argumentsOf(text, end.args, splitArguments(text, end.args)) };
}
