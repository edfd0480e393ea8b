// Names from a trace are chosen by whoever was traced: before they reach a terminal, everything that could move its cursor,
// change its colours or reorder its text is made visible.

import { UNSAFE } from '../unsafe-text.ts';

/** The text with control, bidirectional and undecodable characters as `\n`, `\x1b`, `\u202e` or `\xff` (a raw byte). */
export function printable(text: string): string {
  return text.replace(UNSAFE, char => {
    const code = char.codePointAt(0) ?? 0;
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
    const digits = code.toString(16);
    if (code > 0xffff) return `\\u{${digits}}`;
    return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
}
