// `allowtrace service status`: what is being learned, how it goes, and how complete it is.

import { existsSync, readFileSync } from 'node:fs';
import { EXIT, UsageError } from '../../errors.ts';
import { yamaObstacle } from '../../host/ptrace-scope.ts';
import { toJson } from '../../json.ts';
import { type Completeness, completeness } from '../../policy/propose/completeness.ts';
import { coverage } from '../../profile/coverage.ts';
import { readProfile } from '../../profile/file.ts';
import { shortfalls } from '../../profile/gaps.ts';
import { fold } from '../../profile/patterns.ts';
import type { Profile } from '../../profile/profile.ts';
import { describe } from '../../render/access-text.ts';
import { type ServiceStatus, statusText } from '../../render/service-status.ts';
import { styleFor } from '../../render/style.ts';
import { collectorName, places } from '../../systemd/places.ts';
import { readReached } from '../../systemd/reached.ts';
import type { Properties, Systemctl } from '../../systemd/systemctl.ts';
import { endText, unitState } from '../../systemd/watch.ts';
import { readTarget } from '../input/target.ts';
import { type Learned, learnedUnits } from './learned-units.ts';
import { isOnTrial } from './lifted.ts';
import type { Task } from './service.ts';

async function learningOf(learned: Learned, systemctl: Systemctl): Promise<ServiceStatus['learning']> {
  const { since, persistent, mode, why, until, unit, uid } = learned.record;
  const collector = await systemctl.show(collectorName(unit));
  return {
    since,
    persistent,
    mode,
    why,
    until: until?.coverage ?? null,
    obstacle: yamaObstacle(uid === 0) ?? '',
    wrapped: existsSync(learned.places.dropin),
    collector: collector('ActiveState'),
    says: collector('StatusText'),
    restarts: Number(collector('NRestarts')),
  };
}

/** A smaller time is a time of day, no date. */
const DAY = 86_400;

/** The fact that was first seen last. */
function newest({ facts }: Profile): { what: string; time: number } | null {
  let found: { what: string; time: number } | null = null;
  for (const fact of facts) {
    const time = fact.evidence.first ?? 0;
    if (time >= DAY && time > (found?.time ?? 0))
      found = { what: fact.kind === 'syscall' ? `system call ${describe(fact)}` : describe(fact), time };
  }
  return found;
}

function profileOf(path: string, profile: Profile): ServiceStatus['profile'] {
  const { runs, facts } = profile;
  return {
    path,
    runs: runs.length,
    lines: runs.reduce((sum, run) => sum + run.lines, 0),
    seconds: runs.reduce((sum, { start = 0, end = 0 }) => sum + (end - start), 0),
    facts: facts.length,
    lastNew: newest(profile),
  };
}

function failureOf(show: Properties): string {
  const state = unitState(show);
  if (state.active !== 'failed') return '';
  const end = endText(state);
  return end === '' ? state.result : `${state.result}, ${end}`;
}

/** One profile that is damaged does not keep the others from being shown. */
export async function readLearned(path: string): Promise<{ profile: Profile | null; unreadable: string }> {
  try {
    return { profile: existsSync(path) ? await readProfile(path) : null, unreadable: '' };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { profile: null, unreadable: error.message };
  }
}

/** Null for a unit that cannot be loaded, or whose lines cannot be read. */
async function completenessOf(
  unit: string,
  show: Properties,
  folded: Profile,
  { args }: Task,
): Promise<Completeness | null> {
  if (show('LoadState') !== 'loaded') return null;
  try {
    const { target } = await readTarget({ ...args, trial: false, unit });
    return completeness(folded, target);
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

/** What a file of a profile holds. */
type Read = Awaited<ReturnType<typeof readLearned>>;

/** `read`: the profile, where the caller has read it already. */
export async function statusOf(
  unit: string,
  show: Properties,
  learned: Learned | null,
  task: Task,
  read?: Read,
): Promise<ServiceStatus> {
  const where = learned?.places ?? places(unit, task.scope, false);
  const path = learned?.record.profile ?? where.profile;
  const { profile, unreadable } = read ?? (await readLearned(path));
  const folded = profile === null ? null : fold(profile).profile;
  const reached = existsSync(where.reached) ? readReached(readFileSync(where.reached, 'utf8')) : null;
  return {
    unit,
    user: task.scope.user,
    active: show('LoadState') === 'loaded' ? show('ActiveState') : show('LoadState'),
    failure: failureOf(show),
    proposal: isOnTrial(where)
      ? { path: where.trial, trial: true }
      : existsSync(where.installed)
        ? { path: where.installed, trial: false }
        : null,
    learning: learned === null ? null : await learningOf(learned, task.systemctl),
    diagnosed: learned?.record.profile === where.diagnosis,
    reached:
      reached === null
        ? null
        : {
            at: reached.at,
            wanted: reached.wanted,
            coverage: reached.coverage,
            coverageError: reached.coverageError,
          },
    profile: profile === null ? null : profileOf(path, profile),
    unreadable,
    coverage: folded === null ? null : coverage(folded),
    completeness: folded === null ? null : await completenessOf(unit, show, folded, task),
    incomplete: profile === null ? [] : shortfalls(profile),
  };
}

/** The state of one unit, whether it is being learned or not. */
async function named(name: string, learned: readonly Learned[], task: Task): Promise<ServiceStatus> {
  const show = await task.systemctl.show(name);
  const unit = show('Id');
  const status = await statusOf(unit, show, learned.find(({ record }) => record.unit === unit) ?? null, task);
  if (status.active === 'not-found' && status.learning === null && status.profile === null)
    throw new UsageError(
      'no-unit',
      `there is no ${unit}, and there is no profile of it`,
      `systemctl ${task.systemctl.user ? '--user ' : ''}list-units --type=service`,
    );
  return status;
}

export async function status(task: Task): Promise<number> {
  const { names, args, io, systemctl, scope } = task;
  const learned = learnedUnits(scope);
  const found: ServiceStatus[] = [];
  if (names.length === 0)
    for (const each of learned)
      found.push(await statusOf(each.record.unit, await systemctl.show(each.record.unit), each, task));
  else for (const name of names) found.push(await named(name, learned, task));
  if (args.json === true) io.stdout.write(`${toJson(found, 1)}\n`);
  else if (found.length === 0) io.stderr.write('no service is being learned\n');
  else {
    const style = styleFor(io.stdout, io.env);
    const now = Date.now() / 1000;
    const columns = io.stdout.isTTY === true ? (io.stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
    io.stdout.write(found.map(each => statusText(each, style, now, columns)).join('\n'));
  }
  return EXIT.ok;
}
