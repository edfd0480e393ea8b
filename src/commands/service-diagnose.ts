// `allowtrace service diagnose`: which lines of its own sandbox does a unit fail at? It runs for a moment without its sandbox, under
// strace; what it did then is put to the model of the sandbox, which names each line that would have denied it, and the mend.
// A filter that kills shows only its first victim, and only to who looks; this shows all of them at once.

import { rm } from 'node:fs/promises';
import process from 'node:process';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { EXIT, UsageError } from '../errors.ts';
import { refused } from '../policy/check/refused.ts';
import { verdictOf } from '../policy/check/verdict.ts';
import { type SandboxContext, sandboxOf } from '../policy/sandbox/sandbox.ts';
import { readProfile } from '../profile/file.ts';
import { fold } from '../profile/patterns.ts';
import type { Profile } from '../profile/profile.ts';
import { duration } from '../render/coverage.ts';
import { operand } from '../render/operand.ts';
import { printable } from '../render/printable.ts';
import { liftedSandbox } from '../systemd/lift.ts';
import { places } from '../systemd/places.ts';
import type { LoadedUnit } from '../systemd/unit.ts';
import { endText, unitState } from '../systemd/watch.ts';
import { markStarted, putBack, startAsAfterBoot } from './boot-start.ts';
import { answerText } from './check-formats.ts';
import { observed } from './check-run.ts';
import { spanOption } from './duration.ts';
import { interruptible } from './interruptible.ts';
import { endLearning, type Learnt, learntRecord, releaseUnit } from './learnt-units.ts';
import { look } from './look.ts';
import type { Task } from './service.ts';
import { beginLearning, loadedUnit } from './service-learning.ts';
import { isRunning } from './service-start.ts';
import { armTimer, disarmTimer, GRACE_S } from './service-trial.ts';
import { readUnit, sandboxContext } from './unit-input.ts';

const LOOK_MS = 200;
/** A start is waited for so long. */
const START_S = 60;

export async function diagnose(task: Task): Promise<number> {
  const { name, args, io, systemctl, scope } = task;
  const seconds = spanOption('for', args.for ?? '10s');
  const { unit, show } = await loadedUnit(name, systemctl);
  const own = operand(unit, scope.user);
  if (learntRecord(unit, scope) !== null)
    throw new UsageError(
      'already-learning',
      `${unit} is being learnt`,
      `allowtrace service stop ${own}, then diagnose`,
    );
  const state = unitState(show);
  const end = endText(state);
  io.stderr.write(`${unit} is ${state.active}${end === '' ? '' : `: ${end}`}\n`);
  const before = (await systemctl.journal(unit, 0, 50))
    .filter(line => /Failed (?:to|at)|status=\d/.test(line))
    .slice(-3);
  for (const line of before) io.stderr.write(`  ${printable(line)}\n`);
  const text = await systemctl.run('cat', '--', unit);
  const profile = await wantedBy(task, unit, seconds);
  return report(task, text, profile);
}

/**
 * What the unit does without its sandbox. Afterwards it is as it was: running, if it ran. `left`: what is set aside in /run, so that it starts
 * as after a boot.
 */
export async function wantedBy(
  { args, io, systemctl, scope }: Task,
  unit: string,
  seconds: number,
  left: readonly string[] = [],
): Promise<Profile> {
  const show = await systemctl.show(unit);
  const wasRunning = isRunning(show);
  const where = places(unit, scope, false);
  const profile = where.diagnosis;
  await rm(profile, { force: true });
  const cut = await interruptible(io, `${unit} gets its sandbox back`, async interrupted => {
    let learnt: Learnt | null = null;
    try {
      await armTimer(where, systemctl, {
        unit,
        dropin: where.dropin,
        after: START_S + seconds + GRACE_S,
        verb: wasRunning ? 'restart' : 'stop',
        user: systemctl.user,
      });
      learnt = await beginLearning(unit, show, scope, {
        // What is only assumed is no diagnosis.
        tracing: args.tracing ?? 'complete',
        persistent: false,
        extra: liftedSandbox(show),
        profile,
      });
      io.stderr.write(`it runs without its sandbox for ${duration(seconds)}, to see what it wants\n`);
      await systemctl.attempt('reset-failed', '--', unit);
      // A service that waits for what it cannot have may start for as long as it likes: it has shown enough by then.
      let until = Date.now() + (START_S + seconds) * 1000;
      let started = false;
      if (left.length === 0) await markStarted(where);
      const begin =
        left.length > 0 ? startAsAfterBoot(unit, left, where, systemctl) : systemctl.attempt('restart', '--', unit);
      const restart = begin.finally(() => {
        started = true;
        until = Math.min(until, Date.now() + seconds * 1000);
      });
      while (Date.now() < until && !interrupted.aborted) {
        if (started && !isRunning(await systemctl.show(unit))) break;
        await Promise.race([pause(LOOK_MS), ...(started ? [] : [restart])]);
      }
      if (!isRunning(await systemctl.show(unit)))
        io.stderr.write('it ended by itself: it may fail for another reason than its sandbox\n');
    } finally {
      if (learnt !== null) {
        await releaseUnit(learnt);
        await systemctl.attempt(wasRunning ? 'restart' : 'stop', '--', unit);
        if (wasRunning && !isRunning(await systemctl.show(unit))) {
          await putBack(left, where);
          await systemctl.attempt('start', '--', unit);
        }
        await endLearning(learnt);
      }
      await disarmTimer(unit, where, systemctl);
    }
    return interrupted.aborted;
  });
  try {
    if (cut) throw new UsageError('interrupted', `interrupted; ${unit} is as it was`);
    return await readProfile(profile);
  } finally {
    await rm(profile, { force: true });
  }
}

/** A unit as `systemctl cat` prints it, and what its sandbox is modelled with. */
async function readText({ args, io }: Task, text: string): Promise<{ unit: LoadedUnit; context: SandboxContext }> {
  const options = { ...args, instance: undefined, 'other-host': false };
  const unit = await readUnit(['-'], options, { ...io, stdin: Readable.from([Buffer.from(text)]) });
  return { unit, context: await sandboxContext(options) };
}

/** Of calls that failed in the unit's sandbox, those that it refused; `text` as `systemctl cat` prints it. */
export async function refusedIn(task: Task, text: string, failed: Profile, learnt: Profile): Promise<Profile> {
  const { unit, context } = await readText(task, text);
  return refused(failed, learnt, sandboxOf(unit.assignments, context));
}

/** Puts the profile to the unit as `systemctl cat` prints it. */
export async function report(task: Task, text: string, profile: Profile): Promise<number> {
  const { args, io } = task;
  const { unit, context } = await readText(task, text);
  const { findings } = look(unit, profile, context);
  const verdict = verdictOf(
    findings,
    { baseline: [], maxUnused: null, strict: false },
    { unit: unit.name ?? '', observed: observed(profile), fold: fold(profile).into },
  );
  const format = args.json === true ? 'json' : 'text';
  io.stdout.write(answerText(verdict, { format, listUnused: false, cwd: process.cwd(), io }));
  return verdict.fits ? EXIT.ok : EXIT.findings;
}
