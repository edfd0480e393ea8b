// Strings that many calls share: names of calls and errnos, programs, current directories.

import { ownCopy } from './text.ts';

/** A few hundred, each met millions of times. A log that is made up may hold any, so that the list may have to start anew. */
const words = new Map<string, string>();
const WORDS = 4096;

/**
 * The same string for the same word, so that not each call has one of its own, and to compare two takes one look.
 * It is none that shares memory with its line, and may be kept.
 */
export function word(text: string): string {
  const known = words.get(text);
  if (known !== undefined) return known;
  if (words.size >= WORDS) words.clear();
  const own = ownCopy(text);
  words.set(own, own);
  return own;
}
