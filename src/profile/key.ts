// The identity of a fact: two accesses with the same key are the same fact. Keys also give facts their order in the file.

import type { Access } from '../process/access.ts';

/** A string that is equal exactly for accesses that are equal. */
export function factKey(access: Access): string {
  if (access.kind === 'path') {
    const { path, mode, asked, errno, uid, pattern, inferred } = access;
    // The common kind, written out for speed. NUL cannot occur in a path.
    return `path\0${path}\0${mode}\0${asked ?? ''}\0${errno ?? ''}\0${uid ?? ''}\0${pattern === true ? '*' : ''}\0${inferred ?? ''}`;
  }
  const { kind, ...fields } = access;
  const entries = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${kind}\0${entries.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join('\0')}`;
}

/** Order of keys: by UTF-16 code units, the same everywhere. */
export const byKey = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
