// A proposal on trial: in force at a place that a reboot empties, watched, and taken back when the service fails in it. A timer of
// systemd takes it back too, should allowtrace itself be killed meanwhile. Only what passes is installed.

import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { writeAtomically } from '../profile/file.ts';
import type { Profile } from '../profile/profile.ts';
import { printable } from '../render/printable.ts';
import { type Places, rollbackName } from '../systemd/places.ts';
import { rollbackService, rollbackTimer } from '../systemd/rollback-units.ts';
import type { Systemctl } from '../systemd/systemctl.ts';
import { isDenial, trouble, unitState } from '../systemd/watch.ts';
import type { Io } from './command.ts';
import type { FailedCalls } from './failed-calls.ts';
import { removeEmpty } from './service-learning.ts';

const LOOK_MS = 500;
/** How often a starting service is looked at. */
const FIRST_LOOK_MS = 50;
const LOOKS_PER_JOURNAL = 4;
/** The timer takes the proposal back this long after the trial should have ended. */
const GRACE_S = 60;

export interface Trial {
  unit: string;
  text: string;
  places: Places;
  systemctl: Systemctl;
  /** How long it is watched. */
  seconds: number;
  /** Whether the service is started, or only what starts it is to be watched. */
  run: boolean;
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
  await mkdir(dirname(places.trial), { recursive: true });
  await armTimer(trial);
  const interrupted = new AbortController();
  const onSignal = (): void => interrupted.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    await writeAtomically(places.trial, text);
    await systemctl.reload();
    const unitText = await systemctl.run('cat', '--', unit);
    const found = await watched(trial, unitText, interrupted.signal);
    if (found === null) {
      await install(trial);
      return null;
    }
    await rollBack(trial);
    return { ...found, interrupted: interrupted.signal.aborted, unitText };
  } catch (error) {
    await rollBack(trial);
    throw error;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal);
    await trial.calls?.end();
    await disarmTimer(unit, places, systemctl);
    if (io.stderr.isTTY === true) io.stderr.write('\r\x1b[K');
  }
}

/** Starts the timer that takes the proposal back; its units are plain systemd and need no allowtrace. */
async function armTimer({ unit, places, seconds, run, systemctl }: Trial): Promise<void> {
  const rollback = { unit, trial: places.trial, after: seconds + GRACE_S, run, user: systemctl.user };
  await mkdir(dirname(places.rollbackTimer), { recursive: true });
  await writeAtomically(places.rollback, rollbackService(rollback));
  await writeAtomically(places.rollbackTimer, rollbackTimer(rollback));
  await systemctl.reload();
  await systemctl.run('restart', '--', `${rollbackName(unit)}.timer`);
}

export async function disarmTimer(unit: string, places: Places, systemctl: Systemctl): Promise<void> {
  await systemctl.attempt('stop', '--', `${rollbackName(unit)}.timer`);
  await rm(places.rollbackTimer, { force: true });
  await rm(places.rollback, { force: true });
  await systemctl.reload();
  await systemctl.attempt('reset-failed', '--', `${rollbackName(unit)}.service`);
}

type Found = Pick<Rejection, 'why' | 'refused'>;

/** Restarts the service in the proposal; its processes are watched from their first moments on. Null: it runs. */
async function restarted({ unit, systemctl, calls }: Trial): Promise<string | null> {
  let over = false;
  const restart = systemctl.attempt('restart', '--', unit).finally(() => {
    over = true;
  });
  while (!over && calls !== null) {
    await calls.attach((await systemctl.show(unit))('ControlGroup'));
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
  const failure = run ? await restarted(trial) : null;
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
  await mkdir(dirname(places.installed), { recursive: true });
  await writeAtomically(places.installed, text);
  await removeTrial(places, systemctl);
}

async function rollBack({ unit, places, systemctl, run, io }: Trial): Promise<void> {
  await removeTrial(places, systemctl);
  if (!run) return;
  await systemctl.attempt('reset-failed', '--', unit);
  const { failed, stderr } = await systemctl.attempt('restart', '--', unit);
  if (failed) io.stderr.write(`${unit} did not start again: ${printable(stderr.trim())}\n`);
}

async function removeTrial(places: Places, systemctl: Systemctl): Promise<void> {
  if (!existsSync(places.trial)) return;
  await rm(places.trial);
  await removeEmpty(dirname(places.trial));
  await systemctl.reload();
}
