// What a program takes from libraries, and which ones the loader of this machine would take for it. Source: ld.so(8) (--list).

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readElf } from './elf.ts';

/** The functions and variables that a program or library takes from others; null where that cannot be told: no ELF file, or a static one. */
export function importsOf(path: string): ReadonlySet<string> | null {
  try {
    const elf = readElf(readFileSync(path));
    return elf === null || elf.imports.size + elf.libraries.length === 0 ? null : elf.imports;
  } catch {
    return null;
  }
}

/** The libraries that `loader` (PT_INTERP) would load with a program, as it tells without running it; null: it does not tell. */
export function librariesOf(program: string, loader: string): string[] | null {
  const { status, stdout } = spawnSync(loader, ['--list', program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (status !== 0 || stdout.includes('not found')) return null;
  return [...stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].flatMap(([, path]) => path ?? []);
}
