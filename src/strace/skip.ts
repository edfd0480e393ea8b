// Steps over the parts of a call that may hold any character: strings, characters, annotations and comments. Each takes where the part begins and
// returns the index behind it, or -1 when it does not end.

import { BACKSLASH, GREATER, LESS, QUOTE, SLASH, STAR } from './characters.ts';

/** `text[at]` is `"`: the index behind the closing quote, or -1. */
export function skipString(text: string, at: number): number {
  const quote = text.indexOf('"', at + 1);
  if (quote < 0) return -1;
  // The first one ends the string, unless it is escaped.
  if (text.charCodeAt(quote - 1) !== BACKSLASH) return quote + 1;
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) return i + 1;
  }
  return -1;
}

const CHARACTER = /'(?:[^'\\]|\\(?:[0-7]{1,3}|x[0-9a-f]{2}|.))'/y;

/** `text[at]` is `'`: the index behind a character in quotes (`'('`), or behind an apostrophe that is none. */
export function skipCharacter(text: string, at: number): number {
  CHARACTER.lastIndex = at;
  return CHARACTER.test(text) ? CHARACTER.lastIndex : at + 1;
}

/** May an annotation start at the `<` at `at`? It follows a digit, AT_FDCWD or a comment directly; `<<` is a shift. */
export function startsAnnotation(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if (text.charCodeAt(at + 1) === LESS || before === LESS) return false;
  if (before >= 48 && before <= 57) return true;
  if (before === 68) return text.endsWith('AT_FDCWD', at);
  return before === SLASH && text.charCodeAt(at - 2) === STAR;
}

/** `TCP:[`; `(null):[` where strace 5.10 has no name for the protocol. */
const SOCKET_FORM = /(?:[A-Z][A-Za-z0-9-]*|\(null\)):\[/y;

/** Paths, which most annotations are, do not even look like it. */
function isSocketForm(text: string, at: number): boolean {
  if (text.charCodeAt(at) === SLASH) return false;
  SOCKET_FORM.lastIndex = at;
  return SOCKET_FORM.test(text);
}

/** `text[at]` is the `<` of an annotation: the index behind its `>`, or -1. */
export function skipAnnotation(text: string, at: number): number {
  const socket = isSocketForm(text, at + 1);
  return socket ? skipNested(text, at, true) : (skipPlain(text, at) ?? skipNested(text, at, false));
}

/** An annotation that holds no other one and nothing escaped before its end, as most are; null: it is not plain. */
function skipPlain(text: string, at: number): number | null {
  const end = text.indexOf('>', at);
  if (end < 0) return -1;
  const nested = text.indexOf('<', at + 1);
  const isPlain = (nested < 0 || nested > end) && text.charCodeAt(end - 1) !== BACKSLASH;
  return isPlain ? end + 1 : null;
}

function skipNested(text: string, at: number, socket: boolean): number {
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

/** `at` is behind the `/*`. A comment may hold others: `QCMD(0xbadc0d /* Q_??? *\/, 0xed)`. No name that it may hold has a slash in it. */
export function skipComment(text: string, at: number): number {
  for (let i = at, depth = 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const next = text.charCodeAt(i + 1);
    if (code === SLASH && next === STAR) depth++;
    else if (code === STAR && next === SLASH && --depth === 0) return i + 2;
  }
  return -1;
}
