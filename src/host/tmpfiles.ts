// What systemd-tmpfiles makes at every boot. Source: tmpfiles.d(5): of files of one name the first directory's counts; lines with `!`
// are for the boot, too. Specifiers other than %t, /run, are not followed.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DIRECTORIES: readonly string[] = [
  '/etc/tmpfiles.d',
  '/run/tmpfiles.d',
  '/usr/local/lib/tmpfiles.d',
  '/usr/lib/tmpfiles.d',
];
/** Types that make what they name: files, directories, subvolumes, FIFOs, symlinks, devices, copies. */
const MAKING = /^[fFdDvqQpLcbC][-+!=~^$?]*$/;

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter(name => name.endsWith('.conf'));
  } catch {
    return [];
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** As paths are elsewhere: without quotes and the slash at the end, below /run. */
const normal = (path: string): string =>
  path
    .replace(/^"(.*)"$/, '$1')
    .replace(/(?<=.)\/$/, '')
    .replace(/^(?:%t|\/var\/run)(?=\/)/, '/run');

/** The paths made at boot by the configuration in these directories, the strongest first. */
export function madeByTmpfiles(directories: readonly string[] = DIRECTORIES): ReadonlySet<string> {
  const files = new Map<string, string>();
  for (const directory of directories)
    for (const name of filesIn(directory)) if (!files.has(name)) files.set(name, join(directory, name));
  const made = new Set<string>();
  for (const line of [...files.values()].flatMap(linesOf)) {
    const [type = '', path = ''] = line.trim().split(/\s+/);
    if (MAKING.test(type)) made.add(normal(path));
  }
  return made;
}
