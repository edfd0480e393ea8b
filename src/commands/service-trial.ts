// A proposal on trial: in force at a place that a reboot empties, watched, and taken back when the service fails in it. A timer of
// systemd takes it back too, should allowtrace itself be killed meanwhile. Only what passes is installed.

import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { UsageError } from '../errors.ts';
import { writeAtomically } from '../profile/file.ts';
import { printable } from '../render/printable.ts';
import { type Places, rollbackName } from '../systemd/places.ts';
import type { Systemctl } from '../systemd/systemctl.ts';
import { isDenial, trouble, unitState } from '../systemd/watch.ts';
import type { Io } from './command.ts';
import { removeEmpty } from './service-learning.ts';

const LOOK_MS = 500;
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
  io: Io;
}

/** null: it passed and is installed; else why it was taken back. */
export async function tryProposal(trial: Trial): Promise<string | null> {
  const { unit, text, places, systemctl, io } = trial;
  await mkdir(dirname(places.trial), { recursive: true });
  await armTimer(trial);
  const interrupted = new AbortController();
  const onSignal = (): void => interrupted.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    await writeAtomically(places.trial, text);
    await systemctl.reload();
    const failure = await watched(trial, interrupted.signal);
    if (failure === null) await install(trial);
    else await rollBack(trial);
    return failure;
  } catch (error) {
    await rollBack(trial);
    throw error;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal);
    await systemctl.attempt('stop', `${rollbackName(unit)}.timer`);
    await systemctl.attempt('reset-failed', `${rollbackName(unit)}.service`);
    if (io.stderr.isTTY === true) io.stderr.write('\r\x1b[K');
  }
}

/** The dead man's switch: plain systemd and sh, so that it works whatever becomes of allowtrace. */
async function armTimer({ unit, places, seconds, systemctl }: Trial): Promise<void> {
  const manager = systemctl.user ? 'systemctl --user' : 'systemctl';
  const script = `rm -f "$1" && ${manager} daemon-reload && ${manager} try-restart "$2"; ${manager} is-failed --quiet "$2" && ${manager} restart "$2"; exit 0`;
  const words = ['/bin/sh', '-c', script, 'sh', places.trial, unit];
  await systemctl.attempt('stop', `${rollbackName(unit)}.timer`);
  const { failed, stderr } = await execa(
    'systemd-run',
    [
      ...(systemctl.user ? ['--user'] : []),
      '--quiet',
      `--unit=${rollbackName(unit)}`,
      `--description=takes back the proposal of allowtrace for ${unit}`,
      `--on-active=${Math.ceil(seconds + GRACE_S)}s`,
      '--timer-property=AccuracySec=1s',
      ...words,
    ],
    { reject: false, stdin: 'ignore' },
  );
  if (failed)
    throw new UsageError('no-timer', `${unit}: the trial cannot be secured: ${stderr.trim().split('\n')[0] ?? ''}`);
}

/** Restarts the service in the proposal and looks at it until the trial is over. */
async function watched(trial: Trial, interrupted: AbortSignal): Promise<string | null> {
  const { unit, systemctl, seconds, io, run } = trial;
  const began = Date.now() / 1000;
  if (run) {
    const { failed, stderr } = await systemctl.attempt('restart', '--', unit);
    const state = unitState(await systemctl.show(unit));
    if (failed) return trouble(state, state) ?? printable(stderr.trim().split('\n')[0] ?? 'it did not start');
  }
  const before = unitState(await systemctl.show(unit));
  for (let look = 0; ; look++) {
    const now = unitState(await systemctl.show(unit));
    const left = seconds - (Date.now() / 1000 - began);
    const denied = look % LOOKS_PER_JOURNAL === 0 || left <= 0 ? await denialIn(trial, began) : null;
    const found = trouble(before, now) ?? denied;
    if (found !== null) return found;
    if (interrupted.aborted) return 'the trial was interrupted';
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

export async function removeTrial(places: Places, systemctl: Systemctl): Promise<void> {
  if (!existsSync(places.trial)) return;
  await rm(places.trial);
  await removeEmpty(dirname(places.trial));
  await systemctl.reload();
}
