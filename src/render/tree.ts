// Paths as an indented tree for a terminal, with aligned columns behind the names. Names are made printable here; cells are the caller's.

import { type PathNode, pathTree } from './path-tree.ts';
import { printable } from './printable.ts';
import { PLAIN, type Style } from './style.ts';

/** A path and what is said about it, cell by cell. Several rows may speak of one path. */
export interface TreeRow {
  path: string;
  cells: readonly string[];
}

export interface TreeOptions {
  style?: Style;
  /** How the cells of each column are coloured; after padding, so that columns stay aligned. */
  paint?: readonly ((text: string) => string)[];
}

interface Line {
  guide: string;
  name: string;
  isDirectory: boolean;
  cells: readonly string[];
}

/** Names longer than this push their cells to the right instead of widening the column for all. */
const NAME_COLUMN = 64;
const GAP = '  ';

/**
 *     /
 *     ├─ etc/
 *     │  ├─ aliases       read  4×
 *     │  └─ smtpd.conf    read  1×
 *     └─ var/spool/smtpd  write 12×
 */
export function renderTree(rows: readonly TreeRow[], { style = PLAIN, paint = [] }: TreeOptions = {}): string {
  const lines: Line[] = [];
  draw(
    pathTree(rows, ({ path }) => path),
    '',
    '',
    lines,
  );
  const nameWidth = Math.min(
    NAME_COLUMN,
    widest(lines, ({ guide, name }) => guide.length + name.length),
  );
  const columns = widest(lines, ({ cells }) => cells.length);
  const widths = Array.from({ length: columns }, (_, i) => widest(lines, ({ cells }) => cells[i]?.length ?? 0));
  return lines.map(line => `${inked(line, nameWidth, widths, style, paint)}\n`).join('');
}

const widest = (lines: readonly Line[], width: (line: Line) => number): number =>
  lines.reduce((most, line) => Math.max(most, width(line)), 0);

function draw(node: PathNode<TreeRow>, guide: string, below: string, lines: Line[]): void {
  const isDirectory = node.children.length > 0;
  const name = printable(node.name) + (isDirectory && node.name !== '/' ? '/' : '');
  const [first, ...others] = node.items;
  lines.push({ guide, name, isDirectory, cells: first?.cells ?? [] });
  for (const { cells } of others) lines.push({ guide: below, name: '', isDirectory, cells });
  for (const [i, child] of node.children.entries()) {
    const isLast = i === node.children.length - 1;
    draw(child, `${below}${isLast ? '└─ ' : '├─ '}`, `${below}${isLast ? '   ' : '│  '}`, lines);
  }
}

function inked(
  { guide, name, isDirectory, cells }: Line,
  nameWidth: number,
  widths: readonly number[],
  style: Style,
  paint: NonNullable<TreeOptions['paint']>,
): string {
  const label = style.dim(guide) + (isDirectory ? style.bold(name) : name);
  if (cells.every(cell => cell === '')) return label;
  const padding = ' '.repeat(Math.max(0, nameWidth - guide.length - name.length));
  const last = cells.findLastIndex(cell => cell !== '');
  const inkedCells = cells.slice(0, last + 1).map((cell, i) => {
    const padded = i === last ? cell : cell.padEnd(widths[i] ?? 0);
    return paint[i]?.(padded) ?? padded;
  });
  return [label + padding, ...inkedCells].join(GAP);
}
