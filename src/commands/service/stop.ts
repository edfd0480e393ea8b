// `allowtrace service stop`: the unit is its own again; the proposal follows from what was learned.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';
import { EXIT, UsageError } from '../../errors.ts';
import { notEnough } from '../../policy/propose/enough.ts';
import { leaveOneOut } from '../../policy/propose/leave-one-out.ts';
import { checkWritable, ensureDirectory, readProfile, writeProfile } from '../../profile/file.ts';
import { emptyProfile, mergeProfiles } from '../../profile/merge.ts';
import type { Profile } from '../../profile/profile.ts';
import { duration } from '../../render/coverage.ts';
import { renderDropin } from '../../render/dropin.ts';
import { operand } from '../../render/operand.ts';
import { policySummary } from '../../render/policy-table.ts';
import { printable } from '../../render/printable.ts';
import { findStrace } from '../../strace/launch.ts';
import { places } from '../../systemd/places.ts';
import type { Io } from '../cli/command.ts';
import type { ProposalArguments } from '../cli/options.ts';
import { spanOption } from '../cli/values.ts';
import { readTarget } from '../input/target.ts';
import { answerTo } from '../proposal/answer.ts';
import { printProposal, propose } from '../proposal/proposal.ts';
import { forgetAside, leftInRun } from './boot-start.ts';
import { refusedIn, report, wantedBy } from './diagnose.ts';
import { FailedCalls } from './failed-calls.ts';
import { endLearning, type Learned, releaseUnit } from './learned-units.ts';
import { leftUnit } from './learning-files.ts';
import { removeEmpty } from './remove-empty.ts';
import type { Task } from './service.ts';
import { isRunning } from './start.ts';
import { disarmTimer, takeBack, tryProposal } from './trial.ts';

/**
 * Restores the unit and restarts it if it runs, then ends the collector: what the old run did last is still read. Resolves as endLearning.
 */
export async function restore(learned: Learned, { args, io, systemctl }: Task): Promise<string | null> {
  const { unit } = learned.record;
  const running = isRunning(await systemctl.show(unit));
  await releaseUnit(learned);
  if (running && args.restart) {
    const { failed, stderr } = await systemctl.attempt('restart', '--', unit);
    const goesOn = failed && isRunning(await systemctl.show(unit));
    const outcome = goesOn ? 'was not restarted; it still runs under strace, unrecorded' : 'did not start again';
    if (failed) io.stderr.write(`${unit} ${outcome}: ${printable(stderr.trim())}\n`);
  } else if (running) io.stderr.write(`${unit} still runs under strace, unrecorded, until its next restart\n`);
  return endLearning(learned);
}

/** Everything that can be wrong with the options is reported before anything is stopped. */
async function judgeOptions(args: Task['args']): Promise<void> {
  if (args.apply !== true)
    for (const option of ['trial', 'force'] as const)
      if (args[option] !== undefined && args[option] !== false)
        throw new UsageError('usage', `--${option} needs --apply`, 'allowtrace service stop UNIT --apply');
  if (args.apply === true && args.explain !== undefined)
    throw new UsageError('usage', '--explain and --apply exclude each other', 'ask first, then apply');
  spanOption('trial', args.trial ?? '10m');
  const aim = await readTarget({ ...args, trial: false, unit: undefined });
  const profile = emptyProfile();
  const { policy } = propose(profile, aim, args);
  if (args.explain !== undefined) answerTo(args.explain, { profile, policy, target: aim.target });
}

export async function stop(task: Task): Promise<number> {
  const { name, args, io, systemctl, scope } = task;
  await judgeOptions(args);
  const { unit, show, learned, loaded } = await leftUnit(name, systemctl, scope);
  const own = operand(unit, scope.user);
  const run = args.restart && isRunning(show);
  const where = places(unit, scope, false);
  if (await takeBack(unit, where, systemctl, { run, io }))
    io.stderr.write(`took back a proposal that was still on trial: its trial was interrupted\n`);
  // A diagnosis that was killed is no learning period: nothing is concluded from it.
  const diagnosed = learned?.record.profile === where.diagnosis;
  const rescued = learned === null ? null : await restore(learned, task);
  const profilePath = rescued ?? (learned === null || diagnosed ? where.profile : learned.record.profile);
  if (rescued !== null)
    io.stderr.write(
      `could not write ${where.profile}; everything learned is in ${rescued}: make room, then run allowtrace merge -o ${where.profile} ${rescued}\n`,
    );
  if (diagnosed) await disarmTimer(unit, where, systemctl);
  await rm(where.diagnosis, { force: true });
  if (!existsSync(profilePath))
    throw new UsageError(
      'nothing-learned',
      learned === null
        ? `${unit} is not being learned`
        : diagnosed
          ? `${unit} has its sandbox again; it was not being learned`
          : `${unit} was restored; it did nothing while it was being learned`,
      `allowtrace service start ${own}`,
    );
  const profile = await readProfile(profilePath);
  if (!loaded)
    io.stderr.write(`note: ${unit} cannot be loaded, so the proposal does not take its settings into account\n`);
  const proposal = { ...args, trial: false, unit: loaded ? unit : undefined };
  const applies = loaded && args.apply === true;
  // What is installed can be read there.
  const out = applies && args.format === 'dropin' ? { ...io, stdout: NOWHERE } : io;
  const next = applies
    ? ''
    : `Next: review it, then run \`allowtrace service stop ${own} --apply\`, which installs it and watches the service\n`;
  const status = await printProposal(profile, proposal, out, undefined, next);
  return status === EXIT.ok && applies ? apply(task, unit, profilePath, proposal) : status;
}

/** Takes everything and keeps nothing. */
const NOWHERE = new Writable({ write: (_chunk, _encoding, done) => done() });

/** How long the service runs without its sandbox to show what a proposal lacks. */
const SHOWN_S = 10;

/** Installs the proposal, if the service bears it for the time of the trial. */
async function apply(task: Task, unit: string, profilePath: string, proposal: ProposalArguments): Promise<number> {
  const { args, io, systemctl, scope } = task;
  const seconds = spanOption('trial', args.trial ?? '10m');
  const where = places(unit, scope, false);
  const aim = await readTarget(proposal);
  const learned = await readProfile(profilePath);
  const { policy, folding } = propose(learned, aim, proposal);
  io.stderr.write(`${unit}: ${policySummary(policy)}\n`);
  const lacking = notEnough(learned, policy, leaveOneOut(folding.profile, aim.target));
  if (lacking !== null && args.force !== true)
    throw new UsageError(
      'not-enough',
      `not installed: ${lacking}`,
      `observe more: allowtrace service start ${operand(unit, scope.user)}; --force installs it anyway`,
    );
  // What cannot be installed in the end is not tried first.
  await ensureDirectory(dirname(where.installed));
  await checkWritable(where.installed);
  const text = renderDropin(policy);
  io.stderr.write(`${unit} is on trial for ${duration(seconds)}; Ctrl-C takes the proposal back\n`);
  const show = await systemctl.show(unit);
  const run = args.restart && isRunning(show);
  const left = run && args['boot-like'] ? await leftInRun(unit, show, systemctl, learned) : [];
  await forgetAside(where);
  const calls = await watcher(unit, io);
  const refused = (failed: Profile, unitText: string) => refusedIn(task, { unit, text: unitText }, failed, learned);
  const rejected = await tryProposal({ unit, text, places: where, systemctl, seconds, run, left, calls, refused, io });
  if (calls !== null && calls.obstacle !== null) unwatched(calls.obstacle, io);
  if (rejected === null) {
    io.stderr.write(
      `trial passed; installed ${where.installed}\nNext: allowtrace service denials ${operand(unit, scope.user)} lists what it denies from now on\n`,
    );
    if (args.format === 'dropin') io.stdout.write(`${where.installed}\n`);
    return EXIT.ok;
  }
  await removeEmpty(dirname(where.installed));
  io.stderr.write(`the proposal was taken back: ${rejected.why}\n`);
  if (rejected.interrupted) return EXIT.findings;
  const shown =
    rejected.refused === null
      ? (await wantedBy(task, unit, Math.min(SHOWN_S, seconds), left)).profile
      : ascribed(rejected.refused, learned);
  const known = mergeProfiles([learned, shown]);
  await report(
    { ...task, io: { ...io, stdout: io.stderr } },
    { unit, text: rejected.unitText },
    rejected.refused === null ? shown : known,
  );
  await writeProfile(profilePath, mergeProfiles([await readProfile(profilePath), shown]));
  io.stderr.write(
    `added this to ${profilePath}\nNext: allowtrace service stop ${operand(unit, scope.user)} --apply tries again\n`,
  );
  return EXIT.findings;
}

/**
 * What was refused on trial, as seen in the latest run, and in none of its time slices. A run of its own, of nothing but refusals, would
 * count as a sample of all that the service does, and spoil the estimate of the coverage.
 */
function ascribed(refused: Profile, { runs }: Profile): Profile {
  const { id } = runs.at(-1) ?? { id: '' };
  return {
    ...emptyProfile(),
    runs: runs.filter(run => run.id === id),
    facts: refused.facts.map(({ evidence: { slices: _, ...evidence }, ...access }) => ({
      ...access,
      evidence: { ...evidence, runs: [id] },
    })),
  };
}

const unwatched = (why: string, io: Io): void =>
  void io.stderr.write(`note: errors that do not end the service are not detected: ${printable(why)}\n`);

/** Who watches the failed calls of a service on trial; null where that is not possible. */
async function watcher(unit: string, io: Io): Promise<FailedCalls | null> {
  try {
    return new FailedCalls(unit, await findStrace());
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    unwatched(error.message, io);
    return null;
  }
}
