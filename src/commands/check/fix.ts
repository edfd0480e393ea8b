// Writes fixes into the drop-in of a unit, or into a new one beside it. Never below /usr or /lib, which belong to packages, nor
// below /run, which is gone after a boot: a unit from there gets a drop-in in /etc.

import { chmod, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { editsWithin } from '../../policy/check/edits.ts';
import type { Edit, Fix, Violation } from '../../policy/findings.ts';
import { ensureDirectory, writeAtomically } from '../../profile/file.ts';
import { describe } from '../../render/access-text.ts';
import { printable } from '../../render/printable.ts';
import { originText } from '../../render/violations.ts';
import type { LoadedUnit } from '../../systemd/unit.ts';
import { editUnit, type ReasonedEdit } from '../../systemd/unit-edit.ts';
import { hasUnitSuffix } from '../../systemd/unit-paths.ts';

/** A fix and the violation it is made for. */
export interface Repair {
  fix: Fix;
  violation: Violation;
}

const FOREIGN = /^\/(?:usr|lib|lib64|run)\//;
const NEW = 'allowtrace-fix.conf';
/** Sorts behind whatever else there is. */
const NEW_LAST = 'zz-allowtrace-fix.conf';

/** The JSON of a proposal is none. */
const isDropin = (file: string): boolean => !hasUnitSuffix(file) && !file.endsWith('.json');

async function isOurs(path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => path);
  return !FOREIGN.test(real) && !FOREIGN.test(path);
}

/** The file that fixes are written to: the last drop-in, which has the last word, else a new one. */
export async function fixTarget(unit: LoadedUnit, user: boolean): Promise<string> {
  const dropins = unit.files.filter(isDropin);
  const last = dropins.at(-1);
  if (last !== undefined && (await isOurs(last))) return last;
  const fragment = unit.files.find(hasUnitSuffix) ?? last;
  if (unit.name === null || fragment === undefined)
    throw new UsageError(
      'no-fix',
      `--fix: ${unit.files.join(', ')} is neither a unit nor a drop-in`,
      'name the unit or its drop-in',
    );
  const own = `/etc/systemd/${user ? 'user' : 'system'}`;
  const directory = join((await isOurs(fragment)) ? dirname(fragment) : own, `${unit.name}.d`);
  const names = dropins.map(file => basename(file));
  return join(directory, names.some(name => name > NEW) ? NEW_LAST : NEW);
}

function reasons({ fix, violation }: Repair): string[] {
  const { access, origin } = violation;
  const lines = [`allowtrace check --fix: ${printable(describe(access))} · ${originText(origin)}`];
  if (fix.wider !== undefined) lines.push(`  broader than observed: ${printable(fix.wider)}`);
  return lines;
}

/** Writes the repairs into `target` and resolves to the edits made; none when the text stays as it is. */
export async function writeFix(target: string, unit: LoadedUnit, repairs: readonly Repair[]): Promise<Edit[]> {
  const [first] = repairs;
  if (first === undefined) return [];
  const { section } = first.violation.by;
  const wanted = new Map<string, ReasonedEdit>();
  for (const repair of repairs)
    for (const edit of repair.fix.edits) {
      const key = JSON.stringify(edit);
      if (!wanted.has(key)) wanted.set(key, { edit, because: reasons(repair) });
    }
  const asked = [...wanted.values()].map(({ edit }) => edit);
  const edits = editsWithin(target, unit.assignments, asked, section);
  const reasoned = edits.map(edit => ({ edit, because: wanted.get(JSON.stringify(edit))?.because ?? [] }));
  const file = await realpath(target).catch(() => target);
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text.startsWith('{'))
    throw new UsageError('no-fix', `--fix: ${target} is the JSON of a proposal`, 'fix the drop-in that was made of it');
  const fixed = editUnit(text, reasoned, section);
  if (fixed === text) return [];
  const mode = await stat(file).then(
    ({ mode: bits }) => bits & 0o7777,
    () => null,
  );
  await ensureDirectory(dirname(file));
  await writeAtomically(file, fixed);
  if (mode !== null) await chmod(file, mode);
  return edits;
}
