// Digits, and the letters of names, by their codes.

import { UNDERSCORE } from './characters.ts';

/** Of a byte or a character; `undefined` stands behind the end. */
export const isDigit = (code: number | undefined): boolean => code !== undefined && code >= 48 && code <= 57;
export const isHex = (code: number | undefined): boolean =>
  isDigit(code) || (code !== undefined && code >= 97 && code <= 102);

/** Names of calls, arguments and fields begin so, */
export const startsName = (code: number): boolean => (code >= 97 && code <= 122) || code === UNDERSCORE;

/** and go on so, as those of constants do. */
export const isInName = (code: number): boolean => startsName(code) || (code >= 65 && code <= 90) || isDigit(code);
