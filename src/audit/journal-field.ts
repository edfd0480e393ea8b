// A field of the journal as `journalctl -o json` prints it. Source: systemd.io/JOURNAL_EXPORT_FORMATS, «Journal JSON Format».

/** Text is a string; what holds other bytes is the list of them; a field that occurs twice or is too long is neither. */
export function fieldText(value: unknown, encoding: 'latin1' | 'utf8'): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) && value.every(Number.isInteger) ? Buffer.from(value).toString(encoding) : '';
}
