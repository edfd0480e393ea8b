// Text as strace prints it: quoted strings and `<…>` annotations with C escapes, one JavaScript character per byte (latin-1).
// Decoding gives JavaScript strings in which bytes that are not UTF-8 are lone surrogates (see process/access.ts).
// Source: strace's string_quote() and printpath(); octal escapes are greedy, `\x` is followed by exactly two digits.

import { BACKSLASH } from './characters.ts';

const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

/** The bytes behind `text[from, to)`, an escaped run without its quotes. */
function unescapeBytes(text: string): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== BACKSLASH) {
      bytes.push(code & 0xff);
      continue;
    }
    const next = text.charAt(++i);
    if (next >= '0' && next <= '7') {
      let value = 0;
      let digits = 0;
      while (digits < 3 && text.charAt(i) >= '0' && text.charAt(i) <= '7') {
        value = value * 8 + (text.charCodeAt(i++) - 48);
        digits++;
      }
      i--;
      bytes.push(value & 0xff);
    } else if (next === 'x' && /^[0-9a-f]{2}/.test(text.slice(i + 1, i + 3))) {
      bytes.push(Number.parseInt(text.slice(i + 1, i + 3), 16));
      i += 2;
    } else if (next !== '') {
      bytes.push(ESCAPES[next] ?? next.charCodeAt(0) & 0xff);
    }
  }
  return bytes;
}

/** Bytes → string: UTF-8, with U+DC80…U+DCFF for bytes that are not. */
export function decodeBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return decodeDamaged(bytes);
  }
}

const length = (lead: number): number =>
  lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;

function decodeDamaged(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i] ?? 0;
    const size = length(lead);
    try {
      if (size === 0 || i + size > bytes.length) throw new TypeError('not UTF-8');
      text += decoder.decode(bytes.subarray(i, i + size));
      i += size;
    } catch {
      text += String.fromCharCode(0xdc00 + lead);
      i++;
    }
  }
  return text;
}

/** The inverse of decodeBytes. */
export function encodeBytes(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const run of text.split(/([\udc80-\udcff])/u)) {
    const code = run.length === 1 ? run.charCodeAt(0) : 0;
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Uint8Array.of(code - 0xdc00) : new TextEncoder().encode(run));
  }
  return Buffer.concat(parts);
}

/** Does the decoded name hold bytes that are not UTF-8? */
export const isDamaged = (name: string): boolean => /[\udc80-\udcff]/u.test(name);

/** Decodes an escaped run (the inside of quotes or of an annotation). */
export function unescapeText(escaped: string): string {
  for (let i = 0; i < escaped.length; i++) {
    const code = escaped.charCodeAt(i);
    if (code === BACKSLASH || code >= 0x80) return decodeBytes(Uint8Array.from(unescapeBytes(escaped)));
  }
  return escaped;
}

/** Escapes a decoded name as strace does by default: the shortest octal form, three digits before a digit. */
export function escapeText(name: string): string {
  const bytes = encodeBytes(name);
  let text = '';
  bytes.forEach((byte, i) => {
    const char = String.fromCharCode(byte);
    const short = { '"': '\\"', '\\': '\\\\', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' }[char];
    if (short !== undefined) text += short;
    else if (byte >= 0x20 && byte < 0x7f) text += char;
    else {
      const next = bytes[i + 1] ?? 0;
      text += `\\${byte.toString(8).padStart(next >= 48 && next <= 55 ? 3 : 1, '0')}`;
    }
  });
  return text;
}

/**
 * A string that shares no memory with the longer one it was cut out of: V8 keeps all of that as long as any piece of it lives. Two pieces put
 * together are copied when a character is asked for; then nothing but the copy is left.
 */
export function ownCopy(text: string): string {
  const half = text.length >> 1;
  const copy = text.slice(0, half) + text.slice(half);
  return Number.isNaN(copy.charCodeAt(0)) ? '' : copy;
}
