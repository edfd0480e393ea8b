// Whether a call has its result, told from its end alone: data inside a call cannot fool it, and it costs next to nothing.

import { DOT, EQUALS, GREATER, SPACE } from './characters.ts';

const CLOSED = 41;

/** Does bytes[from, end) end like a finished call: `)` blanks `= ` result? */
export function hasResult(bytes: Uint8Array, from: number, end: number): boolean {
  if (bytes[end - 1] === GREATER && bytes[end - 2] === DOT) return false;
  for (let i = end - 3; i > from; i--) {
    if (bytes[i + 1] !== EQUALS || bytes[i] !== SPACE || bytes[i + 2] !== SPACE) continue;
    let before = i;
    while (before > from && bytes[before] === SPACE) before--;
    return bytes[before] === CLOSED;
  }
  return false;
}

/** The same of a text (latin-1). */
export const isFinished = (text: string): boolean => hasResult(Buffer.from(text, 'latin1'), 0, text.length);
