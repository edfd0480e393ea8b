// The units that are being learned, as the unit files that learning them wrote tell, and the end of a learning period.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeLeftovers } from '../../profile/file.ts';
import { type LearningRecord, readRecord } from '../../systemd/collector-units.ts';
import {
  collectorName,
  enoughName,
  learnedUnit,
  type Places,
  places,
  releaseName,
  type Scope,
  socketName,
  unitDirectories,
} from '../../systemd/places.ts';
import { Systemctl } from '../../systemd/systemctl.ts';
import { isLifted, unlift } from './lifted.ts';
import { removeEmpty } from './remove-empty.ts';

/** A unit that is being learned. */
export interface Learned {
  record: LearningRecord;
  places: Places;
}

/** The record in a unit file; null when there is none, or no file any more: another learning period may end right now. */
function recordIn(path: string): LearningRecord | null {
  try {
    return readRecord(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** The units that are being learned, runtime and persistent. */
export function learnedUnits(scope: Scope): Learned[] {
  return unitDirectories(scope).flatMap((directory, i) => {
    if (!existsSync(directory)) return [];
    return readdirSync(directory).flatMap(name => {
      const unit = learnedUnit(name);
      const record = unit === null ? null : recordIn(join(directory, name));
      return unit === null || record === null ? [] : [{ record, places: places(unit, scope, i === 1) }];
    });
  });
}

/** The learning period of a unit; null when there is none. */
export const learnedRecord = (unit: string, scope: Scope): Learned | null =>
  learnedUnits(scope).find(({ record }) => record.unit === unit) ?? null;

/** Takes the drop-in away, so that the unit is its own again from its next start on. */
export async function releaseUnit({ record, places: where }: Learned): Promise<void> {
  await rm(where.dropin, { force: true });
  await removeEmpty(dirname(where.dropin));
  await unlift(where);
  await new Systemctl(record.user).reload();
}

/**
 * Stops the collector, which saves what is still in the FIFOs, and removes everything but what was learned. Resolves to where that is if it
 * could not be saved in its place; null: it is there.
 */
export async function endLearning(learned: Learned): Promise<string | null> {
  const { record, places: where } = learned;
  const systemctl = new Systemctl(record.user);
  const { unit } = record;
  await releaseUnit(learned);
  const names = [socketName(unit), collectorName(unit), releaseName(unit), enoughName(unit)];
  await systemctl.attempt('stop', ...names);
  const rescued = await carryOff(where);
  for (const path of [where.socket, where.collector, where.release, where.enough, where.reached])
    await rm(path, { force: true });
  for (const path of [where.fifos, where.aside]) await rm(path, { recursive: true, force: true });
  await removeEmpty(dirname(where.fifos));
  if (record.root !== undefined)
    for (const path of [where.fifos, dirname(where.fifos)]) await removeEmpty(join(record.root, path));
  await systemctl.reload();
  await systemctl.attempt('reset-failed', ...names);
  return rescued;
}

/** Takes what the collector rescued to a directory of its own on a disk; to /run where that is full as well. */
async function carryOff({ rescued, fifos, profile }: Places): Promise<string | null> {
  if (!existsSync(rescued)) return null;
  try {
    const directory = await mkdtemp('/var/tmp/allowtrace-');
    const kept = join(directory, basename(profile));
    await copyFile(rescued, kept);
    return kept;
  } catch {
    const kept = `${fifos}.rescued.json`;
    await rename(rescued, kept);
    return kept;
  }
}

/** Removes what a start that was killed had written before there was a learning period; true when there was anything. */
export async function removeUnfinished(unit: string, scope: Scope): Promise<boolean> {
  const left = async (where: Places): Promise<string[]> => {
    const files = [where.release, where.enough, where.socket, where.collector, where.dropin];
    for (const file of files) if (existsSync(dirname(file))) await removeLeftovers(file, 0);
    await removeEmpty(dirname(where.dropin));
    if (isLifted(where)) files.push(where.lifted);
    return files.filter(file => existsSync(file));
  };
  const files = [...(await left(places(unit, scope, false))), ...(await left(places(unit, scope, true)))];
  for (const file of files) await rm(file);
  return files.length > 0;
}
