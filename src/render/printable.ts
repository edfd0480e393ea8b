// Names from a trace are chosen by whoever was traced: before they reach a terminal, everything that could move its cursor,
// change its colours or reorder its text is made visible. Bidirectional controls: Unicode UAX #9.

const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu;

/** The text with control, bidirectional and undecodable characters as `\n`, `\x1b`, `\u202e` or `\xff` (a raw byte). */
export function printable(text: string): string {
  return text.replace(UNSAFE, char => {
    const code = char.charCodeAt(0);
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
