// What JSON.parse gives, and JSON that is safe to look at.

import { UNSAFE } from './unsafe-text.ts';

/** An object of what JSON.parse gives, which may be anything. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const escaped = (char: string): string => {
  // The line ends between the values are ours: JSON.stringify has escaped all others.
  if (char === '\n') return char;
  const units = Array.from({ length: char.length }, (_, i) => char.charCodeAt(i));
  return units.map(unit => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
};

/** JSON in which every character that a terminal might act on is escaped. `indent`: blanks a level; absent: one line. */
export const toJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(UNSAFE, escaped);
