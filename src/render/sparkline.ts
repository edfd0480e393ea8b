// A curve in one line of text: eight heights of block characters (U+2581–U+2588).

const BLOCKS = '▁▂▃▄▅▆▇█';

/** The curve through `values`, drawn `width` characters wide, from 0 to its greatest value. */
export function sparkline(values: readonly number[], width = 32): string {
  if (values.length === 0) return '';
  const columns = Math.min(width, values.length);
  const greatest = Math.max(...values, 1);
  return Array.from({ length: columns }, (_, column) => {
    const value = values[Math.floor(((column + 1) * values.length) / columns) - 1] ?? 0;
    return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor((Math.max(0, value) / greatest) * BLOCKS.length))] ?? '';
  }).join('');
}
