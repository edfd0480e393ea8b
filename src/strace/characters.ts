// The characters that strace's output is made of, by their codes, as bytes and strings have them alike.

export const NEWLINE = 10;
export const ESCAPE = 27;
export const SPACE = 32;
export const QUOTE = 34;
export const APOSTROPHE = 39;
export const STAR = 42;
export const MINUS = 45;
export const DOT = 46;
export const SLASH = 47;
export const COLON = 58;
export const LESS = 60;
export const EQUALS = 61;
export const GREATER = 62;
export const QUESTION = 63;
export const BACKSLASH = 92;
export const UNDERSCORE = 95;
