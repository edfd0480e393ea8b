// A proposal on trial: in force at a place that a reboot empties, watched, and taken back when the service fails in it. A timer of
// systemd takes it back too, should allowtrace itself be killed meanwhile. Only what passes is installed.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ensureDirectory, writeAtomically } from '../../profile/file.ts';
import type { Profile } from '../../profile/profile.ts';
import { printable } from '../../render/printable.ts';
import { type Places, rollbackName } from '../../systemd/places.ts';
import { type Rollback, rollbackService, rollbackTimer } from '../../systemd/rollback-units.ts';
import type { Systemctl } from '../../systemd/systemctl.ts';
import { isDenial, trouble, unitState } from '../../systemd/watch.ts';
import type { Io } from '../cli/command.ts';
import { interruptible } from '../cli/interruptible.ts';
import { forgetAside, putBack, startAsAfterBoot } from './boot-start.ts';
import type { FailedCalls } from './failed-calls.ts';
import { isOnTrial } from './lifted.ts';
import { removeEmpty } from './remove-empty.ts';

const LOOK_MS = 500;
/** How often a starting service is looked at. */
const FIRST_LOOK_MS = 50;
const LOOKS_PER_JOURNAL = 4;
/** The timer takes a drop-in back this long after that should have happened. */
export const GRACE_S = 60;

export interface Trial {
  unit: string;
  text: string;
  places: Places;
  systemctl: Systemctl;
  /** How long it is watched. */
  seconds: number;
  /** Whether the service is started, or only what starts it is to be watched. */
  run: boolean;
  /** What it has left in /run, set aside for the start as after a boot; empty: it is only restarted. */
  left: readonly string[];
  /** Watches its failed calls; null: that is not possible here. */
  calls: FailedCalls | null;
  /** What of the failed calls the sandbox refused; `unitText` as in Rejection. */
  refused: (failed: Profile, unitText: string) => Promise<Profile>;
  io: Io;
}

/** Why a proposal was taken back. */
export interface Rejection {
  why: string;
  interrupted: boolean;
  /** The unit with the proposal in force, as `systemctl cat` prints it. */
  unitText: string;
  /** What was refused without a word of the service; null: it failed for another reason. */
  refused: Profile | null;
}

/** null: it passed and is installed. */
export async function tryProposal(trial: Trial): Promise<Rejection | null> {
  const { unit, text, places, systemctl, io } = trial;
  await ensureDirectory(dirname(places.trial));
  const undoing = `taking the proposal back${trial.run ? `; ${unit} is restarted without it` : ''}`;
  return interruptible(io, undoing, async interrupted => {
    try {
      await armTimer(places, systemctl, {
        unit,
        dropin: places.trial,
        after: trial.seconds + GRACE_S,
        verb: trial.run ? 'restart' : null,
        user: systemctl.user,
      });
      await writeAtomically(places.trial, text);
      await systemctl.reload();
      const unitText = await systemctl.run('cat', '--', unit);
      const found = await watched(trial, unitText, interrupted);
      if (found === null) {
        await install(trial);
        await forgetAside(places);
        return null;
      }
      await rollBack(trial);
      return { ...found, interrupted: interrupted.aborted, unitText };
    } catch (error) {
      await rollBack(trial);
      throw error;
    } finally {
      if (io.stderr.isTTY === true && !interrupted.aborted) io.stderr.write('\r\x1b[K');
      await trial.calls?.end();
      await disarmTimer(unit, places, systemctl);
    }
  });
}

/** Takes back a proposal whose trial nobody watches any more; false: there is none. */
export async function takeBack(
  unit: string,
  places: Places,
  systemctl: Systemctl,
  { run, io }: Pick<Trial, 'run' | 'io'>,
): Promise<boolean> {
  if (!isOnTrial(places)) return false;
  await rollBack({ unit, places, systemctl, run, io, left: [] });
  await disarmTimer(unit, places, systemctl);
  return true;
}

/** Starts the timer that takes the proposal back; its units are plain systemd and need no allowtrace. */
export async function armTimer(places: Places, systemctl: Systemctl, rollback: Rollback): Promise<void> {
  await ensureDirectory(dirname(places.rollbackTimer));
  await writeAtomically(places.rollback, rollbackService(rollback));
  await writeAtomically(places.rollbackTimer, rollbackTimer(rollback));
  await systemctl.reload();
  await systemctl.run('restart', '--', `${rollbackName(rollback.unit)}.timer`);
}

export async function disarmTimer(unit: string, places: Places, systemctl: Systemctl): Promise<void> {
  await systemctl.attempt('stop', '--', `${rollbackName(unit)}.timer`);
  await rm(places.rollbackTimer, { force: true });
  await rm(places.rollback, { force: true });
  await systemctl.reload();
  await systemctl.attempt('reset-failed', '--', `${rollbackName(unit)}.service`);
}

type Found = Pick<Rejection, 'why' | 'refused'>;

/** Restarts the service in the proposal; its processes are watched from their first moments on. Null: it runs, or that was interrupted. */
async function restarted(
  { unit, systemctl, calls, left, places }: Trial,
  interrupted: AbortSignal,
): Promise<string | null> {
  let over = false;
  const begin =
    left.length > 0 ? startAsAfterBoot(unit, left, places, systemctl) : systemctl.attempt('restart', '--', unit);
  const restart = begin.finally(() => {
    over = true;
  });
  while (!over) {
    if (interrupted.aborted) return null;
    await calls?.attach((await systemctl.show(unit))('ControlGroup'));
    await pause(FIRST_LOOK_MS);
  }
  const { failed, stderr } = await restart;
  if (!failed) return null;
  const state = unitState(await systemctl.show(unit));
  return trouble(state, state) ?? printable(stderr.trim().split('\n')[0] ?? 'it did not start');
}

/** Restarts the service in the proposal and looks at it until the trial is over. */
async function watched(trial: Trial, unitText: string, interrupted: AbortSignal): Promise<Found | null> {
  const { unit, systemctl, seconds, io, run, calls } = trial;
  const began = Date.now() / 1000;
  const failure = run ? await restarted(trial, interrupted) : null;
  if (failure !== null) return { why: failure, refused: null };
  const before = unitState(await systemctl.show(unit));
  let known = 0;
  for (let look = 0; ; look++) {
    const show = await systemctl.show(unit);
    await calls?.attach(show('ControlGroup'));
    const left = seconds - (Date.now() / 1000 - began);
    const thorough = look % LOOKS_PER_JOURNAL === 0 || left <= 0;
    const found = trouble(before, unitState(show)) ?? (thorough ? await denialIn(trial, began) : null);
    if (found !== null) return { why: found, refused: null };
    if (interrupted.aborted) return { why: 'the trial was interrupted', refused: null };
    if (calls !== null && thorough && calls.size !== known) {
      known = calls.size;
      const refused = await trial.refused(calls.profile(), unitText);
      if (refused.facts.length > 0) return { why: 'it was denied something, of which it did not die', refused };
    }
    if (left <= 0) return null;
    if (io.stderr.isTTY === true)
      io.stderr.write(`\r\x1b[K${unit} is on trial: ${Math.ceil(left)} s left; Ctrl-C takes the proposal back`);
    await pause(Math.min(LOOK_MS, left * 1000), undefined, { signal: interrupted }).catch(() => undefined);
  }
}

/** A process of the service that is not its main one may be killed too: systemd says so in the journal. */
async function denialIn({ unit, systemctl }: Trial, since: number): Promise<string | null> {
  const message = (await systemctl.journal(unit, since)).find(isDenial);
  return message === undefined ? null : printable(message);
}

async function install({ places, text, systemctl }: Trial): Promise<void> {
  await ensureDirectory(dirname(places.installed));
  await writeAtomically(places.installed, text);
  await removeTrial(places, systemctl);
}

async function rollBack({
  unit,
  places,
  systemctl,
  run,
  io,
  left,
}: Pick<Trial, 'unit' | 'places' | 'systemctl' | 'run' | 'io' | 'left'>): Promise<void> {
  await removeTrial(places, systemctl);
  if (!run) return;
  await systemctl.attempt('reset-failed', '--', unit);
  const { failed, stderr } = await restoredRestart(unit, left, places, systemctl);
  if (failed) io.stderr.write(`${unit} did not start again: ${printable(stderr.trim())}\n`);
}

/** Restarts the unit; where that fails it gets back what it had left in /run. */
async function restoredRestart(
  unit: string,
  left: readonly string[],
  places: Places,
  systemctl: Systemctl,
): Promise<{ failed: boolean; stderr: string }> {
  const first = await systemctl.attempt('restart', '--', unit);
  if (!first.failed || left.length === 0) return first;
  await systemctl.attempt('stop', '--', unit);
  await putBack(left, places);
  await systemctl.attempt('reset-failed', '--', unit);
  return systemctl.attempt('start', '--', unit);
}

async function removeTrial(places: Places, systemctl: Systemctl): Promise<void> {
  if (!existsSync(places.trial)) return;
  await rm(places.trial);
  await removeEmpty(dirname(places.trial));
  await systemctl.reload();
}
