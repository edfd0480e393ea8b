// Digits, by their codes.

/** Of a byte or a character; `undefined` stands behind the end. */
export const isDigit = (code: number | undefined): boolean => code !== undefined && code >= 48 && code <= 57;
export const isHex = (code: number | undefined): boolean =>
  isDigit(code) || (code !== undefined && code >= 97 && code <= 102);
