// What an audit asks of this host: one question to systemd for all units, one to the journal, and the files of each unit.

import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import { UsageError } from '../../errors.ts';
import { thisMachine } from '../../host/machine.ts';
import { check } from '../../policy/check/check.ts';
import { DENIAL_WORDS, loggedDenials } from '../../policy/check/logged-denials.ts';
import { leaveOneOut } from '../../policy/propose/leave-one-out.ts';
import { confines, type Sandbox, type SandboxContext, sandboxOf } from '../../policy/sandbox/sandbox.ts';
import { readProfile } from '../../profile/file.ts';
import { fold } from '../../profile/patterns.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Audit, AuditedUnit, Confinement } from '../../render/audit.ts';
import type { Exposure } from '../../systemd/analyze.ts';
import { hostExposures } from '../../systemd/exposures.ts';
import { journalOf } from '../../systemd/journal.ts';
import { type Places, places, type Scope } from '../../systemd/places.ts';
import { Systemctl } from '../../systemd/systemctl.ts';
import { type LoadedUnit, loadUnit } from '../../systemd/unit.ts';
import { commandsOf } from '../check/look.ts';
import { TARGET_DEFAULTS } from '../cli/options.ts';
import { readTarget } from '../input/target.ts';
import { account, sandboxContext } from '../input/unit-input.ts';
import { inForceSince } from '../service/denials.ts';
import { learnedUnits } from '../service/learned-units.ts';
import { isOnTrial } from '../service/lifted.ts';

/** No profile is begun to be looked at when so much time of the processor was used; each takes a fraction of a second. */
const TIME_MS = 3_000;

const used = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** A unit while it is looked at. */
interface Seen {
  row: AuditedUnit;
  where: Places;
  /** Null: its lines cannot be read. */
  unit: LoadedUnit | null;
  sandbox: Sandbox | null;
}

async function activeStates(systemctl: Systemctl): Promise<ReadonlyMap<string, string>> {
  const text = await systemctl.run('show', '--all', '--property=Id,ActiveState', '*.service');
  return new Map(
    text
      .split('\n\n')
      .map(block => [/^Id=(.*)$/m.exec(block)?.[1] ?? '', /^ActiveState=(.*)$/m.exec(block)?.[1] ?? '']),
  );
}

function confinementOf(where: Places, sandbox: Sandbox | null): Confinement {
  if (isOnTrial(where)) return 'trial';
  if (existsSync(where.installed)) return 'allowtrace';
  return sandbox === null ? 'unknown' : confines(sandbox) ? 'own' : 'none';
}

/** A unit that is broken or masked must not keep the others from being listed. */
function load(name: string, scope: Scope, reader: SandboxContext): LoadedUnit | null {
  try {
    const user = scope.user ? account() : null;
    return loadUnit([name], { reader, user, machine: thisMachine(), installed: true });
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

function sandboxIn(unit: LoadedUnit | null, context: SandboxContext): Sandbox | null {
  try {
    return unit === null ? null : sandboxOf(unit.assignments, context);
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

async function profileAt(path: string): Promise<Profile | null> {
  try {
    return existsSync(path) ? await readProfile(path) : null;
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

/** What the drop-in in force denies of what was learned. */
function driftOf({ unit, sandbox, row }: Seen, profile: Profile): number | null {
  if (unit === null || sandbox === null || (row.sandbox !== 'allowtrace' && row.sandbox !== 'trial')) return null;
  return check(profile, sandbox, commandsOf(unit.assignments).programs).violations.length;
}

async function leftOutOf({ row: { unit } }: Seen, profile: Profile, user: boolean): Promise<AuditedUnit['leftOut']> {
  const { target } = await readTarget({ ...TARGET_DEFAULTS, unit, user, operands: [], rest: [] });
  return leaveOneOut(fold(profile).profile, target);
}

/** How many denials the journal tells of each unit that a drop-in of allowtrace confines. */
async function addDenials(all: readonly Seen[], user: boolean): Promise<void> {
  const confined = all.filter(({ row }) => row.sandbox === 'allowtrace' || row.sandbox === 'trial');
  const since = new Map(confined.map(({ row, where }) => [row.unit, inForceSince(where, [])]));
  const asked = { units: [...since.keys()], since: Math.min(...since.values()), user, grep: DENIAL_WORDS };
  const messages = await journalOf(asked);
  if (messages === null) return;
  for (const { row, sandbox } of confined) {
    const own = messages.filter(({ unit, time }) => unit === row.unit && time >= (since.get(unit) ?? 0));
    row.denials = sandbox === null ? null : loggedDenials(own, sandbox).length;
  }
}

/** Looks at what was learned, as long as there is time: first at drift, then at how sure it is. */
async function addLearned(all: readonly Seen[], user: boolean, limit: number): Promise<void> {
  const learned: { seen: Seen; profile: Profile }[] = [];
  for (const seen of all) {
    const profile = await profileAt(seen.where.profile);
    if (profile === null) continue;
    seen.row.learned = { runs: profile.runs.length, facts: profile.facts.length };
    learned.push({ seen, profile });
  }
  for (const { seen, profile } of learned) {
    if (used() < limit) seen.row.drift = driftOf(seen, profile);
    else if (seen.row.sandbox === 'allowtrace' || seen.row.sandbox === 'trial') seen.row.skipped.push('drift');
  }
  for (const { seen, profile } of learned) {
    if (used() < limit) seen.row.leftOut = await leftOutOf(seen, profile, user);
    else seen.row.skipped.push('leftOut');
  }
}

const byExposure = (a: AuditedUnit, b: AuditedUnit): number => b.exposure - a.exposure || (a.unit < b.unit ? -1 : 1);

function look(unit: string, { score, level }: Exposure, active: string, scope: Scope, context: SandboxContext): Seen {
  const where = places(unit, scope, false);
  const loaded = load(unit, scope, context);
  const sandbox = sandboxIn(loaded, context);
  return {
    where,
    unit: loaded,
    sandbox,
    row: {
      unit,
      active,
      exposure: score,
      level,
      sandbox: confinementOf(where, sandbox),
      learning: false,
      learned: null,
      leftOut: null,
      drift: null,
      denials: null,
      skipped: [],
    },
  };
}

/** Throws UsageError where systemd cannot be asked. */
export async function gather(scope: Scope): Promise<Audit> {
  const args = { instance: undefined, user: scope.user, systemd: undefined, 'other-host': false };
  const [exposures, active, context] = await Promise.all([
    hostExposures(scope.user),
    activeStates(new Systemctl(scope.user)),
    sandboxContext({ ...args, operands: [], rest: [] }),
  ]);
  const learning = new Set(learnedUnits(scope).map(({ record }) => record.unit));
  const all = [...exposures].map(([unit, exposure]) => look(unit, exposure, active.get(unit) ?? '', scope, context));
  for (const { row } of all) row.learning = learning.has(row.unit);
  await Promise.all([addDenials(all, scope.user), addLearned(all, scope.user, TIME_MS)]);
  return {
    format: 'allowtrace-audit',
    version: 1,
    host: hostname(),
    systemd: context.systemd,
    units: all.map(({ row }) => row).sort(byExposure),
  };
}
