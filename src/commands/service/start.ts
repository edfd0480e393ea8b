// `allowtrace service start`: a unit enters its learning period. If it does not come up under strace, it is restored at once.

import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { EXIT, UsageError } from '../../errors.ts';
import { assured, coverage } from '../../profile/coverage.ts';
import { readProfile } from '../../profile/file.ts';
import { fold } from '../../profile/patterns.ts';
import type { Profile } from '../../profile/profile.ts';
import { shortCoverage } from '../../render/coverage.ts';
import { dateTime } from '../../render/date-time.ts';
import { grouped } from '../../render/number.ts';
import { operand } from '../../render/operand.ts';
import { printable } from '../../render/printable.ts';
import { findStrace } from '../../strace/launch.ts';
import { stopCost } from '../../strace/stop-cost.ts';
import { places } from '../../systemd/places.ts';
import type { Properties, Systemctl } from '../../systemd/systemctl.ts';
import { templateOf } from '../../systemd/unit-paths.ts';
import { unitState } from '../../systemd/watch.ts';
import { shareOption } from '../cli/values.ts';
import { forgetAside, leftInRun, markStarted, putBack, setAside, startAsAfterBoot } from './boot-start.ts';
import { endLearning, type Learned, learnedRecord } from './learned-units.ts';
import { beginLearning, loadedUnit } from './learning-files.ts';
import { isOnTrial } from './lifted.ts';
import { earlierRuns } from './mode.ts';
import type { Task } from './service.ts';

const RUNNING: ReadonlySet<string> = new Set(['active', 'activating', 'reloading']);

export const isRunning = (show: Properties): boolean => RUNNING.has(show('ActiveState'));

/** Types of which systemd knows that they have started when it says so (systemd.service(5)). */
const TELLING: ReadonlySet<string> = new Set(['notify', 'notify-reload', 'forking', 'dbus', 'oneshot']);
/** Others count as started before they have done anything: they are looked at again until so much time has passed. */
const SETTLED_MS = 1_000;
const LOOK_MS = 200;

/** Starts the unit anew, by `restart`: null when it runs or has ended well, else what it said. */
async function failureOfStart(
  unit: string,
  systemctl: Systemctl,
  restart: () => Promise<{ failed: boolean }> = () => systemctl.attempt('restart', '--', unit),
): Promise<string[] | null> {
  const began = Date.now();
  let { failed } = await restart();
  const show = await systemctl.show(unit);
  const started = unitState(show);
  const settled = Date.now() + (TELLING.has(show('Type')) ? 0 : SETTLED_MS);
  for (let now = started; !failed; now = unitState(await systemctl.show(unit))) {
    failed = now.active === 'failed' || now.sub === 'auto-restart' || now.restarts > started.restarts;
    if (Date.now() >= settled || !RUNNING.has(now.active)) break;
    await pause(LOOK_MS);
  }
  return failed ? systemctl.journal(unit, began / 1000) : null;
}

/** A learning period that would end as soon as it begins is no reason to restart a service. */
async function checkUnreached(unit: string, own: string, wanted: number, path: string): Promise<void> {
  if (!existsSync(path)) return;
  const known = coverage(fold(await readProfile(path)).profile);
  if (known === null || assured(known) < wanted) return;
  throw new UsageError(
    'already-enough',
    `the profile of ${unit} has reached that already: ${shortCoverage(known)}`,
    `allowtrace service stop ${own} prints the proposal; a higher --until-coverage, or none, learns more`,
  );
}

/** Each connection to a socket unit with Accept=yes starts an instance of its own, which ends with it (systemd.socket(5)). */
async function checkOwnStart(unit: string, systemctl: Systemctl): Promise<void> {
  const template = templateOf(unit);
  const socket = template?.replace('@.service', '.socket');
  if (socket === undefined || (await systemctl.show(socket))('Accept') !== 'yes') return;
  throw new UsageError(
    'per-connection',
    `${unit} is for one connection to ${socket} (Accept=yes): each starts another instance, which this would not record`,
    `strace in a drop-in of ${template} and \`allowtrace replay\` learn them all: docs/service.md, «A service for each connection»`,
  );
}

/** The first start under strace: as after a boot if the service bears that. `boot` says so. */
async function firstStart(
  learned: Learned,
  left: readonly string[],
  { args, io, systemctl }: Task,
): Promise<{ failure: string[] | null; boot: string }> {
  const { record, places: where } = learned;
  const { unit } = record;
  if (!args['boot-like'] || systemctl.user) {
    await markStarted(where);
    return { failure: await failureOfStart(unit, systemctl), boot: '' };
  }
  await forgetAside(where);
  const boot = left.length === 0 ? '' : `, as after a boot (without ${left.join(', ')}),`;
  const failure = await failureOfStart(unit, systemctl, () => startAsAfterBoot(unit, left, where, systemctl));
  if (failure === null || left.length === 0) return { failure, boot };
  for (const line of failure.slice(-3)) io.stderr.write(`  ${printable(line)}\n`);
  io.stderr.write(
    `${unit} does not start without ${printable(left.join(', '))}, which would be missing after a boot; put back: a start after a boot is not observed\n`,
  );
  await systemctl.attempt('stop', '--', unit);
  await putBack(left, where);
  await markStarted(where);
  return { failure: await failureOfStart(unit, systemctl), boot: '' };
}

/** What complete tracing costs here, measured, and how often the service paid it when it was learned before. */
async function costNote(before: Profile | null): Promise<string> {
  const cost = await stopCost(await findStrace());
  const rates = (before?.runs ?? []).flatMap(({ mode, lines, start = 0, end = 0 }) =>
    mode === 'complete' && end > start ? [lines / (end - start)] : [],
  );
  const each = cost === null ? '' : `, about ${Math.max(1, Math.round(cost * 1e6))} µs each on this machine`;
  const rate =
    rates.length === 0 ? '' : `; this service made ${grouped(Math.round(Math.max(...rates)))} a second before`;
  return `note: every call stops and costs time${each}${rate}; --tracing seccomp avoids that, if what stands above is no obstacle`;
}

export async function start(task: Task): Promise<number> {
  const { name, args, io, systemctl, scope } = task;
  const { unit, show } = await loadedUnit(name, systemctl);
  const own = operand(unit, scope.user);
  const known = learnedRecord(unit, scope);
  if (known !== null)
    throw new UsageError(
      'already-learning',
      `already learning ${unit} since ${dateTime(known.record.since)} UTC`,
      `allowtrace service status ${own}, or: allowtrace service stop ${own}`,
    );
  if (isOnTrial(places(unit, scope, false)))
    throw new UsageError(
      'on-trial',
      `${unit} has a proposal on trial`,
      `wait for its end, or take it back: allowtrace service stop ${own}`,
    );
  await checkOwnStart(unit, systemctl);
  const wanted = args['until-coverage'];
  const untilCoverage = wanted === undefined ? undefined : shareOption(wanted);
  if (untilCoverage !== undefined) await checkUnreached(unit, own, untilCoverage, places(unit, scope, false).profile);
  const before = await earlierRuns(places(unit, scope, false).profile);
  const left = await leftInRun(unit, show, systemctl, before);
  const learned = await beginLearning(unit, show, scope, {
    tracing: args.complete === true ? 'complete' : (args.tracing ?? 'auto'),
    persistent: args.persistent === true,
    untilCoverage,
    lift: true,
  });
  const { record, places: where, learning } = learned;
  const say = (text: string): void => void io.stderr.write(`${printable(text)}\n`);
  if (isRunning(show) && args.restart) {
    const { failure, boot } = await firstStart(learned, left, task);
    if (failure !== null) {
      await endLearning(learned);
      const alone = await failureOfStart(unit, systemctl);
      for (const line of (alone ?? failure).slice(-10)) say(`  ${line}`);
      throw alone === null
        ? new UsageError(
            'start-failed',
            `${unit} did not start under strace; it was restored and runs as before`,
            'see its last messages above',
          )
        : new UsageError(
            'start-failed',
            `${unit} starts neither under strace nor without it; it was restored and is not running`,
            `see its last messages above; allowtrace service diagnose ${own} shows what its sandbox denies`,
          );
    }
    say(`${unit} was restarted${boot} and is being learned`);
  } else if (isRunning(show)) {
    await markStarted(where);
    say(`${unit} will be learned from its next restart on: systemctl restart ${unit}`);
  } else {
    if (args['boot-like']) await setAside(left, where);
    else await markStarted(where);
    if (left.length > 0 && args['boot-like']) say(`set aside, as a boot would: ${left.join(', ')}`);
    say(`${unit} does not run; it will be learned from its next start on: systemctl start ${unit}`);
  }
  say(`tracing: ${record.mode} (${record.why})`);
  if (record.mode === 'complete' && args.complete !== true && args.tracing !== 'complete') say(await costNote(before));
  if (record.lifted !== undefined) say(`disabled meanwhile: the installed proposal ${where.installed}`);
  for (const { write, because } of learning.relaxed) say(`relaxed meanwhile: ${write.join(' ')} (${because})`);
  for (const note of learning.notes) say(`note: ${note}`);
  if (wanted !== undefined)
    say(`learning ends at a coverage of ${wanted}, without a restart; see allowtrace service status ${own}`);
  say(`profile: ${where.profile}`);
  say(`drop-in: ${where.dropin}${record.persistent ? '' : ' (gone after a reboot)'}`);
  say(
    `Next: exercise the service, then run \`allowtrace service stop ${own}\` (\`allowtrace service watch ${own}\` shows what is new)`,
  );
  return EXIT.ok;
}
