// How a path is written in a unit file, so that systemd reads it back as it was.
// Sources: systemd.syntax(7) («Quoting»: C escapes inside quotes), systemd.unit(5) («Specifiers»: `%%`).

import { isDamaged } from '../strace/text.ts';

/**
 * A path in a list of paths; null when systemd cannot take it: it refuses bytes that are not UTF-8.
 * `colon`: in Bind*Paths= and TemporaryFileSystem= a `:` separates what follows, so one in the name is escaped.
 */
export function quotePath(
  path: string,
  { prefix = '', colon = false }: { prefix?: string; colon?: boolean } = {},
): string | null {
  if (isDamaged(path)) return null;
  const escaped = path.replace(/%/g, '%%');
  if (/^[A-Za-z0-9_./%+,@=~-]+$/.test(escaped) || (!colon && /^[A-Za-z0-9_./%+,@=~:-]+$/.test(escaped)))
    return prefix + escaped;
  const inner = escaped.replace(/[\\":\u0000-\u001f\u007f]/g, char => {
    if (char === '\\' || char === '"') return `\\${char}`;
    if (char === ':') return colon ? '\\:' : ':';
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${prefix}${inner}"`;
}
