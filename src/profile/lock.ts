// A lock file beside a profile, so that learners on one machine save one after the other. A lock whose owner is gone is taken over.
// It guards the short time of a save only; a lost race costs nothing for good, since every learner saves all it has learned again.

import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../errors.ts';

/** A lock of another machine or container, whose owner cannot be asked, is taken over after this time. */
const FOREIGN_MS = 60_000;
/** An owner that was killed between creating and writing the lock. */
const UNSIGNED_MS = 5_000;
const PATIENCE_MS = 30_000;
const PAUSE_MS = 25;

const quietly = (read: () => string): string => {
  try {
    return read();
  } catch {
    return '';
  }
};

/** The boot and the PID namespace in which a pid means something. */
const here = (): string =>
  `${quietly(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')).trim()} ${quietly(() => readlinkSync('/proc/self/ns/pid'))}`;

/** When a process started, in clock ticks since boot (proc(5), stat field 22); empty when it is gone. */
function startOf(pid: number): string {
  const text = quietly(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** The owner of a lock, a line each: pid, its start, where it runs. */
const signature = (): string => `${process.pid}\n${startOf(process.pid)}\n${here()}\n`;

function isStale(text: string, ageMs: number): boolean {
  const [pid = '', start = '', where = ''] = text.split('\n');
  if (where === '') return ageMs > UNSIGNED_MS;
  return where === here() ? startOf(Number(pid)) !== start : ageMs > FOREIGN_MS;
}

/** Removes the lock if it is stale; it is looked at again after it was moved aside, since another learner may have been quicker. */
async function takeOver(lock: string): Promise<void> {
  const text = await readFile(lock, 'latin1').catch(() => null);
  const stats = await stat(lock).catch(() => null);
  if (text === null || stats === null || !isStale(text, Date.now() - stats.mtimeMs)) return;
  const aside = `${lock}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'latin1')) === text) await rm(aside, { force: true });
  else await rename(aside, lock);
}

async function tryLock(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx', 0o644);
    try {
      await file.writeFile(signature());
    } catch (error) {
      await rm(lock, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Runs `act` while `path` is locked. Errors of the file system pass through; a UsageError when the lock stays taken for half a minute. */
export async function withLock<T>(path: string, act: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const since = Date.now();
  while (!(await tryLock(lock))) {
    await takeOver(lock);
    if (Date.now() - since > PATIENCE_MS)
      throw new UsageError('locked', `${lock}: another learner holds it`, 'if none runs, remove the file');
    await sleep(PAUSE_MS * (1 + Math.random()));
  }
  try {
    return await act();
  } finally {
    await rm(lock, { force: true });
  }
}
