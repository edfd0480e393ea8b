// The identity of a fact: two accesses with the same key are the same fact. Keys also give facts their order in the file.

import type { Access } from '../process/access.ts';

/** A string that is equal exactly for accesses that are equal. */
export function factKey(access: Access): string {
  if (access.kind === 'path') {
    const { path, mode, asked, errno, uid, pattern, inferred } = access;
    // The common kind, written out for speed. NUL cannot occur in a path.
    return `path\0${path}\0${mode}\0${asked ?? ''}\0${errno ?? ''}\0${uid ?? ''}\0${pattern === true ? '*' : ''}\0${inferred ?? ''}`;
  }
  let key: string = access.kind;
  for (const [name, value] of Object.entries(access).sort(byName))
    if (name !== 'kind') key += `\0${name}=${JSON.stringify(value)}`;
  return key;
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

/** Order of keys: by UTF-16 code units, the same everywhere. */
export const byKey = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
