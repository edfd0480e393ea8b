// How a path is written in a unit file, so that systemd reads it back as it was, and which paths cannot be written there at all.
// Sources: systemd.syntax(7), systemd.unit(5) («Specifiers»: `%%`); lists of paths are read without C escapes (src/core/load-fragment.c, EXTRACT_UNQUOTE),
// as tried on systemd 252: there `\x0a` is `x0a`.

import { isDamaged } from '../strace/text.ts';

/** Control and formatting characters: no escape brings them back, and raw they would end a line or deceive its reader. */
const UNSPEAKABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Can a unit file name this path? Not if it is not UTF-8, which systemd refuses. */
export const isNameable = (path: string): boolean => !isDamaged(path) && !UNSPEAKABLE.test(path);

/**
 * A path in a list of paths; null when a unit file cannot name it.
 * `colon`: in Bind*Paths= and TemporaryFileSystem= a `:` separates what follows, so one in the name is escaped.
 */
export function quotePath(
  path: string,
  { prefix = '', colon = false }: { prefix?: string; colon?: boolean } = {},
): string | null {
  if (!isNameable(path)) return null;
  const escaped = path.replace(/%/g, '%%');
  if (/^[A-Za-z0-9_./%+,@=~-]+$/.test(escaped) || (!colon && /^[A-Za-z0-9_./%+,@=~:-]+$/.test(escaped)))
    return prefix + escaped;
  const inner = escaped.replace(colon ? /[\\":]/g : /[\\"]/g, '\\$&');
  return `"${prefix}${inner}"`;
}
