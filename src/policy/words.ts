// How the value of a setting is cut into words: blanks, quotes, backslashes. The counterpart of quote.ts.
// Source: extract_first_word() in src/basic/extract-word.c of systemd 252. Lists of paths, capabilities and so on are read without
// C escapes there: a backslash only protects the character after it, so `\x0a` is `x0a`.

/** A quote that is not closed or a backslash at the end: systemd ignores the line. */
export class BadWord extends Error {}

export interface WordRules {
  /** Characters between words; each counts (two of them enclose an empty word) when `exact`. */
  separators?: string;
  exact?: boolean;
  /** Quotes are removed and protect what is between them. */
  unquote?: boolean;
  /** Backslashes are left alone. */
  keepEscapes?: boolean;
}

/** A word, and the separator that ended it (empty at the end of the value). */
export interface Word {
  text: string;
  end: string;
}

/** Reads one word from `value` at `from`; null at its end. `next` is where the one after it begins. */
function readWord(
  value: string,
  from: number,
  { separators = ' \t\n\r', exact = false, unquote = true, keepEscapes = false }: WordRules,
): { word: Word; next: number } | null {
  let at = from;
  const isSeparator = (char: string | undefined): boolean => char !== undefined && separators.includes(char);
  if (!exact) while (isSeparator(value[at])) at++;
  if (at >= value.length) return null;
  let text = '';
  let quote = '';
  for (; at < value.length; at++) {
    const char = value[at] ?? '';
    if (char === '\\' && !keepEscapes) {
      at++;
      if (at >= value.length) throw new BadWord('a backslash at the end');
      text += value[at] ?? '';
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else text += char;
    } else if (unquote && (char === '"' || char === "'")) quote = char;
    else if (isSeparator(char)) return { word: { text, end: char }, next: at + 1 };
    else text += char;
  }
  if (quote !== '') throw new BadWord(`a ${quote} that is not closed`);
  return { word: { text, end: '' }, next: at };
}

/** All words of a value with what ended them. Throws BadWord. */
export function splitWords(value: string, rules: WordRules = {}): Word[] {
  const found: Word[] = [];
  for (let at = 0; ; ) {
    const read = readWord(value, at, rules);
    if (read === null) return found;
    found.push(read.word);
    at = read.next;
  }
}

/** The words of a list as they are written, quotes and backslashes included. Throws BadWord behind the last one that is whole. */
export function* rawWords(value: string): Generator<string> {
  for (let at = 0; ; ) {
    const read = readWord(value, at, {});
    if (read === null) return;
    yield value.slice(at, read.next).trim();
    at = read.next;
  }
}

/** The words of a list. Throws BadWord. */
export const words = (value: string): string[] => splitWords(value).map(({ text }) => text);
