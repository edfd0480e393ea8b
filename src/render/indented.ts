// Lines of text below a heading, broken between words where they would not fit. Escape sequences of style.ts take no room.

const INDENT = '  ';
const HANGING = '    ';
const SGR = /\x1b\[\d+m/g;

const width = (text: string): number => [...text.replace(SGR, '')].length;

/** One line, indented, in as many rows as `columns` asks for; words are never broken. Ends with a newline. */
export function indented(line: string, columns: number): string {
  const rows: string[] = [];
  let row = INDENT;
  for (const word of line.split(' ')) {
    const empty = row === INDENT || row === HANGING;
    if (!empty && width(row) + 1 + width(word) > columns) {
      rows.push(row);
      row = HANGING + word;
    } else row += empty ? word : ` ${word}`;
  }
  return `${[...rows, row].join('\n')}\n`;
}
