// The files of a unit as the running systemd has loaded them: fragment and drop-ins in their order. Reads files, decides nothing.

import { readFile } from 'node:fs/promises';
import { fileTrouble, UsageError } from '../errors.ts';
import type { Assignment } from '../policy/findings.ts';
import { CAPABILITIES } from '../process/constants/capabilities.ts';
import type { Properties } from './systemctl.ts';
import { readUnitText } from './unit-text.ts';

/** The assignments of a loaded unit; `except` names files that do not count. */
export async function loadedAssignments(show: Properties, except: readonly string[] = []): Promise<Assignment[]> {
  const files = [show('FragmentPath'), ...show('DropInPaths').split(' ')].filter(
    path => path !== '' && !except.includes(path),
  );
  const found: Assignment[] = [];
  for (const file of files) {
    try {
      found.push(...readUnitText(await readFile(file), file));
    } catch (error) {
      if (error instanceof UsageError) throw error;
      const hint = 'systemd has loaded it; if it was removed since, run: systemctl daemon-reload';
      throw new UsageError('unreadable', `${file}: ${fileTrouble(error)}`, hint);
    }
  }
  return found;
}

/** The names of the settings that one file makes. */
export async function settingsOf(file: string): Promise<ReadonlySet<string>> {
  return new Set(readUnitText(await readFile(file), file).map(({ name }) => name));
}

const EVERY_CAPABILITY = CAPABILITIES.join(' ').toLowerCase();

/** The properties of a unit as if a drop-in with these `settings` were gone; `others`: what its other files say. */
export function withoutSettings(
  show: Properties,
  settings: ReadonlySet<string>,
  others: readonly Assignment[],
): Properties {
  const kept = new Set(others.map(({ name }) => name));
  const isGone = (name: string): boolean => settings.has(name) && !kept.has(name);
  // Only of this property is the empty value the opposite of the default.
  const unset = (name: string): string => (name === 'CapabilityBoundingSet' ? EVERY_CAPABILITY : '');
  return Object.assign((name: string) => (isGone(name) ? unset(name) : show(name)), {
    has: (name: string) => show.has(name),
  });
}
