// How a file is named for machines: relative to the directory the command ran in (a checkout, in CI), and as a URI (RFC 3986).

import { relative, resolve } from 'node:path/posix';
import { encodeBytes } from '../strace/text.ts';

/** Relative to `cwd` when the file lies in it, else as it was named; a name that is no path stays. */
export function relativeFile(file: string, cwd: string): string {
  if (!file.startsWith('/')) return file;
  const path = relative(cwd, resolve(file));
  return path === '' || path.startsWith('..') ? file : path;
}

const UNRESERVED = /[A-Za-z0-9._~/-]/;

/** A URI reference: `file:///etc/x` or `units/a%20b`, every byte of the name kept. */
export function fileUri(file: string): string {
  let path = '';
  for (const byte of encodeBytes(file)) {
    const char = String.fromCharCode(byte);
    path += UNRESERVED.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return file.startsWith('/') ? `file://${path}` : path;
}
