// A proposal that is installed would keep the next learning period from seeing anything new: a drop-in of the same name in a stronger
// directory keeps it out of force meanwhile. The installed file itself is never touched, and a reboot brings it back.

import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ensureDirectory, writeAtomically } from '../../profile/file.ts';
import type { Places } from '../../systemd/places.ts';
import { removeEmpty } from './remove-empty.ts';

const MARK = '# Out of force while allowtrace learns';

/** systemd has to read its files anew afterwards. */
export async function lift(unit: string, where: Places): Promise<void> {
  await ensureDirectory(dirname(where.lifted));
  await writeAtomically(where.lifted, `${MARK} ${unit}: ${where.installed}\n`);
}

const firstWords = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').slice(0, MARK.length);
  } catch {
    return '';
  }
};

/** Whether the installed proposal is out of force; the trial of one has the same place. */
export const isLifted = (where: Places): boolean => firstWords(where.lifted) === MARK;

/** Whether a proposal is on trial. */
export const isOnTrial = ({ trial }: Places): boolean => {
  const words = firstWords(trial);
  return words !== '' && words !== MARK;
};

/** Puts the installed proposal back in force. */
export async function unlift(where: Places): Promise<void> {
  if (!isLifted(where)) return;
  await rm(where.lifted);
  await removeEmpty(dirname(where.lifted));
}
