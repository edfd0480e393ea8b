// `allowtrace service diagnose`: which lines of its own sandbox does a unit fail at? It runs for a moment without its sandbox, under
// strace; what it did then is put to the model of the sandbox, which names each line that would have denied it, and the fix.
// A filter that kills shows only its first victim, and only to who looks; this shows all of them at once.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { EXIT, UsageError } from '../../errors.ts';
import { toJson } from '../../json.ts';
import { refused } from '../../policy/check/refused.ts';
import { type Verdict, verdictOf } from '../../policy/check/verdict.ts';
import { type SandboxContext, sandboxOf } from '../../policy/sandbox/sandbox.ts';
import { ensureDirectory, readProfile, writeProfile } from '../../profile/file.ts';
import { shortfalls } from '../../profile/gaps.ts';
import { mergeProfiles } from '../../profile/merge.ts';
import { fold } from '../../profile/patterns.ts';
import type { Profile } from '../../profile/profile.ts';
import { duration } from '../../render/coverage.ts';
import { operand } from '../../render/operand.ts';
import { printable } from '../../render/printable.ts';
import { assignmentText, editText, placeText } from '../../render/violations.ts';
import { liftedSandbox } from '../../systemd/lift.ts';
import { places } from '../../systemd/places.ts';
import type { Properties } from '../../systemd/systemctl.ts';
import { type LoadedUnit, unitFromText } from '../../systemd/unit.ts';
import { instanceOf } from '../../systemd/unit-paths.ts';
import { endText, type UnitState, unitState } from '../../systemd/watch.ts';
import { answerText } from '../check/check-formats.ts';
import { observed } from '../check/check-run.ts';
import { fixUnit } from '../check/fix-unit.ts';
import { confinedPrograms, look } from '../check/look.ts';
import { interruptible } from '../cli/interruptible.ts';
import { spanOption } from '../cli/values.ts';
import { sandboxContext, unitOptions } from '../input/unit-input.ts';
import { markStarted, putBack, startAsAfterBoot } from './boot-start.ts';
import { endLearning, type Learned, learnedRecord, releaseUnit } from './learned-units.ts';
import { beginLearning, loadedUnit } from './learning-files.ts';
import { recordedTrouble } from './recorded.ts';
import type { Task } from './service.ts';
import { isRunning } from './start.ts';
import { armTimer, disarmTimer, GRACE_S } from './trial.ts';

const LOOK_MS = 200;
/** A start is waited for so long. */
const START_S = 60;

export async function diagnose(task: Task): Promise<number> {
  const { name, args, io, systemctl, scope } = task;
  const seconds = spanOption('for', args.for ?? '10s');
  const { unit, show } = await loadedUnit(name, systemctl);
  const own = operand(unit, scope.user);
  if (learnedRecord(unit, scope) !== null)
    throw new UsageError(
      'already-learning',
      `${unit} is being learned`,
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
  const recorded = args.for === undefined ? await fromRecords(task, { unit, text }, show) : null;
  if (recorded !== null) return recorded;
  const shown = await wantedBy(task, unit, seconds);
  const { profile: path } = places(unit, scope, false);
  await keep(path, shown.profile);
  const verdict = await verdictFor(task, { unit, text }, shown.profile);
  const doubt = doubtOf(unit, state, shown.ended);
  if (verdict.fits && doubt !== null) return undecided(verdict, doubt, task);
  print(verdict, task);
  io.stderr.write(`what it did was added to ${printable(path)}\n`);
  if (!verdict.fits) await wayOut(task, unit, shown.profile);
  return verdict.fits ? EXIT.ok : EXIT.findings;
}

/**
 * Names the lines that a unit fails at from what is recorded of its last start, without running it. Resolves to the exit status; null where
 * records name none.
 */
async function fromRecords(task: Task, text: UnitText, show: Properties): Promise<number | null> {
  const { io, systemctl, scope, args } = task;
  const { unit: loaded } = await readText(task, text);
  const { assignments } = loaded;
  const subject = { assignments, programs: confinedPrograms(assignments) };
  const found = await recordedTrouble(text.unit, show, subject, systemctl);
  if (found === null) return null;
  for (const line of found.told) io.stderr.write(`recorded: ${printable(line)}\n`);
  if (found.profile !== null) await keep(places(text.unit, scope, false).profile, found.profile);
  const verdict = found.profile === null ? null : await verdictFor(task, text, found.profile);
  if (found.profile !== null && verdict !== null && !verdict.fits) {
    print(verdict, task);
    await wayOut(task, text.unit, found.profile);
    const again = `allowtrace service diagnose ${operand(text.unit, scope.user)} --for 10s`;
    io.stderr.write(
      `known from records, ${text.unit} was not run; a filter that kills shows only the first call: ${again} shows all\n`,
    );
    return EXIT.findings;
  }
  if (found.lines.length === 0) return null;
  if (args.json === true) {
    const setup = found.lines.map(({ name, value, at }) => ({ directive: name, value, unit: at }));
    const nothing = { violations: [], unused: [], unknownDirectives: [] };
    io.stdout.write(`${toJson({ fits: false, ...nothing, setup, recorded: found.told }, 1)}\n`);
    return EXIT.findings;
  }
  const one = found.lines.length === 1;
  io.stdout.write(
    `${printable(text.unit)} does not start: systemd cannot set up ${one ? 'this line' : 'one of these lines'}:\n`,
  );
  for (const line of found.lines) io.stdout.write(`  ${placeText(line.at)}: ${assignmentText(line)}\n`);
  return EXIT.findings;
}

/** Adds what a unit was seen to do to what was learned of it. */
async function keep(path: string, shown: Profile): Promise<void> {
  await ensureDirectory(dirname(path));
  await writeProfile(path, existsSync(path) ? mergeProfiles([await readProfile(path), shown]) : shown);
}

/** Why it is not known that a unit fits, though the model finds nothing that its sandbox denies; null: it is. */
function doubtOf(unit: string, state: UnitState, ended: boolean): string | null {
  const failed = state.active === 'failed' || state.sub === 'auto-restart';
  const how = endText(state);
  if (failed && !ended)
    return `${unit} fails in its sandbox${how === '' ? '' : ` (${how})`} and runs without it, but no line of the sandbox is known to deny anything that it did`;
  if (ended)
    return `${unit} also ended by itself without its sandbox; nothing that it did until then is denied, so the cause is another one`;
  return null;
}

function undecided(verdict: Verdict, doubt: string, { args, io, systemctl, name }: Task): number {
  if (args.json === true) print({ ...verdict, fits: false }, { args, io });
  else io.stdout.write(`undecided: ${printable(doubt)}\n`);
  io.stderr.write(`next: journalctl ${systemctl.user ? '--user-unit' : '-u'} ${name} -e\n`);
  return EXIT.findings;
}

/** The smallest change of the unit that allows what it denies, written if that is asked for; and the next command. */
async function wayOut(task: Task, unit: string, profile: Profile): Promise<void> {
  const { args, io, scope, systemctl } = task;
  const own = operand(unit, scope.user);
  const { target, edits, written } = await fixUnit(unit, profile, scope.user, args.fix === true);
  const out = args.json === true ? io.stderr : io.stdout;
  if (edits.length === 0) {
    out.write('\nno change of its drop-ins is known that allows it\n');
    return;
  }
  out.write(`\n${written ? 'written to' : 'smallest change, to be written to'} ${printable(target)}:\n`);
  for (const edit of edits) out.write(`  ${printable(editText(edit))}\n`);
  const ctl = systemctl.user ? 'systemctl --user' : 'systemctl';
  io.stderr.write(
    written
      ? `next: ${ctl} daemon-reload && ${ctl} restart ${unit}\n`
      : `next: allowtrace service diagnose ${own} --fix writes it\n`,
  );
}

/** What a unit did without its sandbox, and whether it ended by itself meanwhile. */
export interface Shown {
  profile: Profile;
  ended: boolean;
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
): Promise<Shown> {
  const show = await systemctl.show(unit);
  const wasRunning = isRunning(show);
  const where = places(unit, scope, false);
  const profile = where.diagnosis;
  await rm(profile, { force: true });
  let ended = false;
  const cut = await interruptible(io, `${unit} gets its sandbox back`, async interrupted => {
    let learned: Learned | null = null;
    try {
      await armTimer(where, systemctl, {
        unit,
        dropin: where.dropin,
        after: START_S + seconds + GRACE_S,
        verb: wasRunning ? 'restart' : 'stop',
        user: systemctl.user,
      });
      learned = await beginLearning(unit, show, scope, {
        // What is only assumed is no diagnosis.
        tracing: args.tracing ?? 'complete',
        persistent: false,
        extra: liftedSandbox(show),
        profile,
      });
      io.stderr.write(`running unsandboxed for ${duration(seconds)}: use the failing feature now\n`);
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
      ended = !interrupted.aborted && !isRunning(await systemctl.show(unit));
      if (ended) io.stderr.write('it ended by itself: it may fail for another reason than its sandbox\n');
    } finally {
      if (learned !== null) {
        await releaseUnit(learned);
        await systemctl.attempt(wasRunning ? 'restart' : 'stop', '--', unit);
        if (wasRunning && !isRunning(await systemctl.show(unit))) {
          await putBack(left, where);
          await systemctl.attempt('start', '--', unit);
        }
        await endLearning(learned);
      }
      await disarmTimer(unit, where, systemctl);
    }
    return interrupted.aborted;
  });
  try {
    const saw = existsSync(profile) ? await readProfile(profile) : null;
    if (cut) {
      if (saw !== null) await keep(where.profile, saw);
      throw new UsageError(
        'interrupted',
        `interrupted; ${unit} has its sandbox again`,
        saw === null ? undefined : `what it did until then was added to ${where.profile}`,
      );
    }
    if (saw === null)
      throw new UsageError(
        'nothing-seen',
        `${unit} ran no command of its own without its sandbox`,
        `systemctl status ${unit}`,
      );
    return { profile: saw, ended };
  } finally {
    await rm(profile, { force: true });
  }
}

/** A unit by its own name, and its text as `systemctl cat` prints it. */
interface UnitText {
  unit: string;
  text: string;
}

/** The unit, and what its sandbox is modelled with. The text names the template of an instance only. */
async function readText(
  { args }: Task,
  { unit: name, text }: UnitText,
): Promise<{ unit: LoadedUnit; context: SandboxContext }> {
  const instance = instanceOf(name) ?? undefined;
  const context = await sandboxContext({ ...args, instance, 'other-host': false });
  const unit = unitFromText(text, { reader: context, ...unitOptions({ user: args.user, instance }) });
  return { unit: { ...unit, name }, context };
}

/** Of calls that failed in the unit's sandbox, those that it refused. */
export async function refusedIn(task: Task, text: UnitText, failed: Profile, learned: Profile): Promise<Profile> {
  const { unit, context } = await readText(task, text);
  return refused(failed, learned, sandboxOf(unit.assignments, context));
}

async function verdictFor(task: Task, text: UnitText, profile: Profile): Promise<Verdict> {
  const { unit, context } = await readText(task, text);
  const { findings } = look(unit, profile, context);
  const tolerance = { baseline: [], maxUnused: null, strict: false };
  return verdictOf(findings, tolerance, {
    unit: text.unit,
    observed: observed(profile),
    incomplete: shortfalls(profile),
    ignored: unit.ignored,
    fold: fold(profile).into,
  });
}

function print(verdict: Verdict, { args, io }: Pick<Task, 'args' | 'io'>): void {
  const format = args.json === true ? 'json' : 'text';
  io.stdout.write(answerText(verdict, { format, listUnused: false, cwd: process.cwd(), io }));
}

/** Puts the profile to the unit and prints the verdict. */
export async function report(task: Task, text: UnitText, profile: Profile): Promise<void> {
  print(await verdictFor(task, text, profile), task);
}
