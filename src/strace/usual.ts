// The forms in which -x, -xx and -X verbose print an argument → the usual one, so that nobody behind the parser need know them:
// strings in octal and C escapes, constants in words. Source: strace's string_quote(), xlat.c and sprint_xlat().

import { LESS, MINUS, QUOTE, SPACE } from './characters.ts';
import { isDigit, isInName } from './digits.ts';
import { skipAnnotation, skipComment, skipString, startsAnnotation } from './skip.ts';
import { escapeText, unescapeText } from './text.ts';

/** A comment that says which constant a number is, or that strace does not know: not `/* 9 vars *\/`. */
const NAMING = /\/\* (?:[A-Z_?]|htons\(|htonl\(|inet_|makedev\()/;

/** Does a text hold anything that is not in the usual form? Most do not. */
export const isUnusual = (text: string): boolean => text.includes('\\x') || (text.includes('/*') && NAMING.test(text));

/** Words behind a number say what it is; `???` that strace does not know either. */
const WORDS = /^(?:[A-Z_]|htons\(|htonl\(|inet_addr\(|inet_pton\(|makedev\()(?!\w*\?\?\?$)/;
const UNKNOWN = /\?\?\?$/;

const usualString = (quoted: string): string =>
  quoted.includes('\\x') ? `"${escapeText(unescapeText(quoted.slice(1, -1)))}"` : quoted;

/** The same without the quotes: the inside of `<…>`. */
export const usualAnnotation = (escaped: string): string =>
  escaped.includes('\\x') ? escapeText(unescapeText(escaped)) : escaped;

/** Of ` /* … *\/` at `at`: what stands in it, and where it ends; null: there is none. */
function commentAt(text: string, at: number): { words: string; end: number } | null {
  if (text.charCodeAt(at) !== SPACE || !text.startsWith('/*', at + 1)) return null;
  const end = skipComment(text, at + 3);
  return end < 0 ? null : { words: text.slice(at + 3, end - 2).trim(), end };
}

/** One argument in its usual form: `0x241 /* O_WRONLY|O_CREAT|O_TRUNC *\/` → `O_WRONLY|O_CREAT|O_TRUNC`. What stays is copied in one piece. */
export function usual(raw: string): string {
  const hasComments = raw.includes('/*');
  let out = '';
  let from = 0;
  for (let i = 0; i < raw.length; ) {
    const code = raw.charCodeAt(i);
    if (code === QUOTE) {
      const end = skipString(raw, i);
      if (end < 0) break;
      const comment = hasComments ? commentAt(raw, end) : null;
      // Ports and addresses, whose bytes -X verbose shows as well.
      const isSaid = comment !== null && WORDS.test(comment.words);
      const written = raw.slice(i, end);
      const words = isSaid ? usual(comment.words) : usualString(written);
      const next = isSaid ? comment.end : end;
      if (words !== written) {
        out += raw.slice(from, i) + words;
        from = next;
      }
      i = next;
    } else if (code === LESS && startsAnnotation(raw, i)) {
      const end = skipAnnotation(raw, i);
      if (end < 0) break;
      i = end;
    } else if (hasComments && isDigit(code) && !isInName(raw.charCodeAt(i - 1))) {
      let end = i;
      while (isInName(raw.charCodeAt(end))) end++;
      const comment = commentAt(raw, end);
      if (comment !== null && WORDS.test(comment.words)) {
        // Minus one is no number of its own: `-100 /* AT_FDCWD */`.
        const start = i > from && raw.charCodeAt(i - 1) === MINUS ? i - 1 : i;
        out += raw.slice(from, start) + usual(comment.words);
        from = comment.end;
        i = comment.end;
      } else if (comment !== null && UNKNOWN.test(comment.words)) {
        out += raw.slice(from, end);
        from = comment.end;
        i = comment.end;
      } else i = end;
    } else i++;
  }
  return from === 0 ? raw : out + raw.slice(from);
}
