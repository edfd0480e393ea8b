// What was measured → docs/benchmarks.md. Ratios first: seconds belong to one machine.

import { availableParallelism, cpus, release, totalmem } from 'node:os';

export type Row = readonly string[];

/** A Markdown table; the first column is text, the others are numbers. */
export function table(head: Row, rows: readonly Row[]): string {
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map(row => `| ${row.join(' | ')} |`).join('\n');
}

export const seconds = (value: number): string => `${value.toFixed(value < 1 ? 3 : 2)} s`;
export const ratio = (value: number): string => `${value.toFixed(2)}×`;
export const megabytes = (value: number): string => `${Math.round(value)} MB`;
export const count = (value: number): string => Math.round(value).toLocaleString('en');

export interface Section {
  title: string;
  text: string;
  table: string;
}

function machine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${gigabytes} GB of memory, Linux ${release().replace(/-.*/, '')}, Node ${process.versions.node}`;
}

export function page(sections: readonly Section[]): string {
  const body = sections.map(({ title, text, table: rows }) => `## ${title}\n\n${text}\n\n${rows}\n`).join('\n');
  return `# How fast, in how much memory

Written by \`npm run bench\`, which traces real programs to make its inputs and takes less than 15 minutes as root; do not edit.
What is compared ran in turn in one session, after a round that does not count; times are medians of the wall clock.

Machine: ${machine()}.

${body}`;
}
