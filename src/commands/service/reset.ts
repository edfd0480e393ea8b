// `allowtrace service reset`: nothing of allowtrace is left of a unit. What took long to get is not thrown away unasked.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { EXIT, UsageError } from '../../errors.ts';
import { readProfile, removeLeftovers } from '../../profile/file.ts';
import { duration } from '../../render/coverage.ts';
import { type Places, places } from '../../systemd/places.ts';
import { removeUnfinished } from './learned-units.ts';
import { leftUnit } from './learning-files.ts';
import { isOnTrial } from './lifted.ts';
import { removeEmpty } from './remove-empty.ts';
import type { Task } from './service.ts';
import { isRunning } from './start.ts';
import { restore } from './stop.ts';
import { disarmTimer } from './trial.ts';

/** Learning that took longer is not thrown away unasked. */
const PRECIOUS_S = 86_400;

/** How long a profile was learned, in seconds; 0 when there is none that can be read. */
async function secondsLearned(path: string): Promise<number> {
  const profile = existsSync(path) ? await readProfile(path).catch(() => null) : null;
  return (profile?.runs ?? []).reduce((sum, { start = 0, end = 0 }) => sum + (end - start), 0);
}

/** Asks before a day of learning or an installed proposal is thrown away; --yes answers. */
async function mayThrowAway(unit: string, where: Places, { args, io }: Task): Promise<void> {
  if (args.yes === true) return;
  const seconds = await secondsLearned(where.profile);
  const lost = [
    ...(seconds < PRECIOUS_S ? [] : [`${duration(seconds)} of learning (${where.profile})`]),
    ...(existsSync(where.installed) ? [`the installed ${where.installed}`] : []),
  ];
  if (lost.length === 0) return;
  const what = `reset ${unit}: this removes ${lost.join(' and ')}`;
  if (io.stdin === process.stdin && process.stdin.isTTY && (await confirmed(`${what}. Remove? [y/N] `))) return;
  throw new UsageError('not-confirmed', `${what}; nothing was changed`, 'add --yes to remove it');
}

async function confirmed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

/** Removes everything of allowtrace: learning period, what was learned, installed proposal. */
export async function reset(task: Task): Promise<number> {
  const { name, io, systemctl, scope } = task;
  const { unit, show, learned } = await leftUnit(name, systemctl, scope);
  const where = places(unit, scope, false);
  await mayThrowAway(unit, where, task);
  await disarmTimer(unit, where, systemctl);
  const files = [...(isOnTrial(where) ? [where.trial] : []), where.installed].filter(path => existsSync(path));
  for (const path of files) {
    await rm(path);
    await removeEmpty(dirname(path));
  }
  const rescued = learned === null ? null : await restore(learned, task);
  if (rescued !== null) await rm(rescued);
  if (await removeUnfinished(unit, scope)) await systemctl.reload();
  if (learned === null && files.length > 0) {
    await systemctl.reload();
    if (isRunning(show) && task.args.restart) await systemctl.run('restart', '--', unit);
  }
  const profiles = new Set([where.profile, where.diagnosis, ...(learned === null ? [] : [learned.record.profile])]);
  files.push(...[...profiles].filter(path => existsSync(path)));
  for (const path of [...profiles, where.reached]) await rm(path, { force: true });
  if (existsSync(dirname(where.profile))) await removeLeftovers(where.profile, 0);
  await removeEmpty(dirname(where.profile));
  io.stderr.write(
    learned === null && files.length === 0
      ? `nothing of allowtrace is left of ${unit}\n`
      : `${unit} is as it was${files.length === 0 ? '' : `; removed: ${files.join(', ')}`}\n`,
  );
  return EXIT.ok;
}
