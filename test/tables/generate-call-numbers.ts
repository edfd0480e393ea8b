// Writes src/audit/call-numbers.ts from an unpacked source of systemd, which keeps the kernel's tables of system calls (src/basic/syscalls-*.txt):
//   npm run build && node build/test/tables/generate-call-numbers.js DIRECTORY

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowOf } from '../../src/row.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('give the directory of a source of systemd');

/** Machine → systemd's table of it. */
const TABLES = {
  x86_64: 'x86_64',
  i386: 'i386',
  aarch64: 'arm64',
  arm: 'arm',
  riscv64: 'riscv64',
  loongarch64: 'loongarch64',
  ppc64: 'powerpc64',
  s390x: 's390x',
  mips: 'mipso32',
  mips64: 'mips64',
} as const;

/** Since Linux 5.1 a new call has one number on every machine (plus where a machine's own begin); those that systemd does not list yet. */
const LATER: readonly string[] = [
  ...['setxattrat', 'getxattrat', 'listxattrat', 'removexattrat', 'open_tree_attr', 'file_getattr', 'file_setattr'],
  ...['listns', 'rseq_slice_yield'],
];
const FIRST_LATER = 463;
const BASE = { mips: 4000, mips64: 5000 } as const;

const WIDTH = 112;

/** `0 read write open … 7 poll`: a number stands where it is not the one that follows. */
function words(calls: readonly (readonly [name: string, number: number])[]): string[] {
  let next = -1;
  return calls.flatMap(([name, number]) => {
    const jump = number === next ? [] : [`${number}`];
    next = number + 1;
    return [...jump, name];
  });
}

function wrapped(list: readonly string[]): string {
  const lines: string[] = [];
  let line = '';
  for (const word of list) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line].map(text => `    ${text}`).join('\n');
}

function tableOf(machine: string, file: string): string {
  const text = readFileSync(join(directory ?? '', 'src/basic', `syscalls-${file}.txt`), 'utf8');
  const known = [...text.matchAll(/^(\w+)\t(\d+)$/gm)].map(([, name = '', number]) => [name, Number(number)] as const);
  const names = new Set(known.map(([name]) => name));
  const later = LATER.map((name, i) => [name, (rowOf(BASE, machine) ?? 0) + FIRST_LATER + i] as const);
  const calls = [...known, ...later.filter(([name]) => !names.has(name))].sort(([, a], [, b]) => a - b);
  return `  ${machine}: \`\n${wrapped(words(calls))}\`,`;
}

writeFileSync(
  new URL('../../../src/audit/call-numbers.ts', import.meta.url),
  `// Written by test/tables/generate-call-numbers.ts from systemd's copies of the kernel's tables (src/basic/syscalls-*.txt of 257). Not to be edited.
// A number stands before a name where it is not the one that follows.

export const CALL_NUMBERS = {
${Object.entries(TABLES)
  .map(([machine, file]) => tableOf(machine, file))
  .join('\n')}
} as const;
`,
);
