// `allowtrace service start`: a unit enters its learning period. If it does not come up under strace, it is restored at once.

import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { EXIT, UsageError } from '../errors.ts';
import { assured, coverage } from '../profile/coverage.ts';
import { readProfile } from '../profile/file.ts';
import { fold } from '../profile/patterns.ts';
import { shortCoverage } from '../render/coverage.ts';
import { operand } from '../render/operand.ts';
import { printable } from '../render/printable.ts';
import { places } from '../systemd/places.ts';
import type { Properties, Systemctl } from '../systemd/systemctl.ts';
import { templateOf } from '../systemd/unit-paths.ts';
import { unitState } from '../systemd/watch.ts';
import { endLearning, learntRecord } from './learnt-units.ts';
import type { Task } from './service.ts';
import { beginLearning, loadedUnit } from './service-learning.ts';
import { shareOption } from './share.ts';

const RUNNING: ReadonlySet<string> = new Set(['active', 'activating', 'reloading']);

export const isRunning = (show: Properties): boolean => RUNNING.has(show('ActiveState'));

/** A service of Type=simple counts as started before it has done anything: it is looked at again until so much time has passed. */
const SETTLED_MS = 1_000;
const LOOK_MS = 200;

/** Restarts the unit: null when it runs or has ended well, else what it said. */
async function failureOfStart(unit: string, systemctl: Systemctl): Promise<string[] | null> {
  const began = Date.now();
  let { failed } = await systemctl.attempt('restart', '--', unit);
  const started = unitState(await systemctl.show(unit));
  const settled = Date.now() + SETTLED_MS;
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
    `what was learnt of ${unit} before has reached that: ${shortCoverage(known)}`,
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
    `${unit} is for one connection to ${socket} (Accept=yes): each starts another instance, of which nothing would be learnt`,
    `strace in a drop-in of ${template} and \`allowtrace replay\` learn them all: docs/service.md, «A service for each connection»`,
  );
}

export async function start({ name, args, io, systemctl, scope }: Task): Promise<number> {
  const { unit, show } = await loadedUnit(name, systemctl);
  const own = operand(unit, scope.user);
  const known = learntRecord(unit, scope);
  if (known !== null)
    throw new UsageError(
      'already-learning',
      `${unit} is being learnt already, since ${new Date(known.record.since * 1000).toLocaleString()}`,
      `allowtrace service status ${own}, or: allowtrace service stop ${own}`,
    );
  if (existsSync(places(unit, scope, false).trial))
    throw new UsageError(
      'on-trial',
      `${unit} has a proposal on trial`,
      `wait for its end, or take it back: allowtrace service stop ${own}`,
    );
  await checkOwnStart(unit, systemctl);
  const wanted = args['until-coverage'];
  const untilCoverage = wanted === undefined ? undefined : shareOption(wanted);
  if (untilCoverage !== undefined) await checkUnreached(unit, own, untilCoverage, places(unit, scope, false).profile);
  const learnt = await beginLearning(unit, show, scope, {
    tracing: args.complete === true ? 'complete' : (args.tracing ?? 'auto'),
    persistent: args.persistent === true,
    untilCoverage,
  });
  const { record, places: where, learning } = learnt;
  const say = (text: string): void => void io.stderr.write(`${printable(text)}\n`);
  if (isRunning(show) && args.restart) {
    const failure = await failureOfStart(unit, systemctl);
    if (failure !== null) {
      await endLearning(learnt);
      const alone = await failureOfStart(unit, systemctl);
      for (const line of (alone ?? failure).slice(-10)) say(`  ${line}`);
      throw alone === null
        ? new UsageError(
            'start-failed',
            `${unit} did not start under strace; it was restored and runs as before`,
            'its last messages under strace stand above',
          )
        : new UsageError(
            'start-failed',
            `${unit} did not start under strace, and does not start without it either; it was restored, and does not run`,
            `its last messages stand above; allowtrace service diagnose ${own} tells what its sandbox denies`,
          );
    }
    say(`${unit} was restarted and is being learnt`);
  } else if (isRunning(show)) say(`${unit} will be learnt from its next restart on: systemctl restart ${unit}`);
  else say(`${unit} does not run; it will be learnt from its next start on: systemctl start ${unit}`);
  say(`tracing: ${record.mode} (${record.why})`);
  if (record.mode === 'complete' && args.complete !== true && args.tracing !== 'complete')
    say(
      'note: every call stops so, which makes a busy service several times slower; --tracing seccomp does not, if that is no obstacle',
    );
  for (const { write, because } of learning.relaxed) say(`relaxed meanwhile: ${write.join(' ')} (${because})`);
  for (const note of learning.notes) say(`note: ${note}`);
  if (wanted !== undefined)
    say(`learning ends at a coverage of ${wanted}, without a restart; allowtrace service status ${own} tells`);
  say(`what is learnt: ${where.profile}`);
  say(`drop-in: ${where.dropin}${record.persistent ? '' : ' (gone after a reboot)'}`);
  say(`go on with: allowtrace service status ${own}; allowtrace service stop ${own}`);
  return EXIT.ok;
}
