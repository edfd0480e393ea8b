// Names of calls and errnos as strings that all calls share.

/** A few hundred, each met millions of times. A log that is made up may hold any. */
const words = new Map<string, string>();
const WORDS = 4096;

/** The same string for the same word, so that not each call has one of its own. */
export function word(text: string): string {
  const known = words.get(text);
  if (known !== undefined) return known;
  if (words.size < WORDS) words.set(text, text);
  return text;
}
