// What is recorded of a unit's last start: the kernel writes down the call at which a filter ended a process, and systemd the step at which it
// could not set up the sandbox. Where that names the line of the unit, nothing has to run without its sandbox.

import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { hostname } from 'node:os';
import process from 'node:process';
import type { CauseEvent, SeccompEvent, StepEvent } from '../../audit/events.ts';
import type { Assignment } from '../../policy/findings.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Recorded } from '../../profile/recorded.ts';
import { linesOfStep } from '../../systemd/steps.ts';
import { type Properties, printed, type Systemctl } from '../../systemd/systemctl.ts';
import { LongLine, linesOf } from '../../text-lines.ts';
import { callLines, ownRecords, profileOf, type Records, readRecords, setupText } from '../input/records.ts';

const AUDIT_LOG = '/var/log/audit/audit.log';
/** Of the log of auditd, only the end is looked at. */
const TAIL = 8 << 20;
/** The kernel's records have the time of its last tick, and milliseconds are rounded. */
const SLACK_S = 0.1;

/** What is known from records of why a unit fails. */
export interface RecordedTrouble {
  /** What was recorded, in lines for people. */
  told: string[];
  /** Calls and programs at which it ended, to be put to the model of its sandbox; null: none is recorded. */
  profile: Profile | null;
  /** The lines of the unit that systemd could not carry out. */
  lines: Assignment[];
}

/** When the unit was started last, in seconds of Unix time, or a moment before; null: never. */
function startOf(show: Properties): number | null {
  const at = Number(show('InactiveExitTimestampMonotonic')) / 1e6;
  return at > 0 ? Date.now() / 1000 - (Number(process.hrtime.bigint()) / 1e9 - at) - SLACK_S : null;
}

async function* auditLog(): AsyncGenerator<string> {
  const file = await open(AUDIT_LOG).catch(() => null);
  if (file === null) return;
  try {
    const { size } = await file.stat();
    yield* linesOf(file.createReadStream({ start: Math.max(0, size - TAIL), autoClose: false }), TAIL);
  } catch (error) {
    if (!(error instanceof LongLine)) throw error;
  } finally {
    await file.close();
  }
}

/** Everything that may have been recorded: auditd takes what the kernel would write to its log, and in containers no journal holds that. */
async function* sources(unit: string, since: number, systemctl: Systemctl): AsyncGenerator<string> {
  yield* systemctl.records(unit, since);
  yield* auditLog();
  yield* printed('dmesg', []);
}

const stepText = (step: StepEvent): string =>
  step.program === '' ? `${step.unit}: failed at step ${step.step}` : setupText(step);

/** What systemd could not do, and what it said just before. */
function lastStep({ setup }: Records, unit: string, since: number): { step: StepEvent; cause?: CauseEvent } | null {
  const own = setup.filter(event => event.unit === unit && (event.time ?? since) >= since);
  const at = own.findLastIndex(({ kind }) => kind === 'step');
  const [step, before] = [own[at], own[at - 1]];
  if (step?.kind === 'step') return before?.kind === 'cause' ? { step, cause: before } : { step };
  // The journal may have lost what the process itself said; its exit status tells the step, too.
  const [, name = ''] = own.flatMap(event => (event.kind === 'exit' ? (SETUP.exec(event.status) ?? []) : []));
  return name === '' ? null : { step: { kind: 'step', unit, step: name, program: '', why: 'systemd does not say' } };
}

/** Statuses from 200 on are systemd's own: systemd.exec(5), «Process Exit Codes». */
const SETUP = /^2\d\d\/([A-Z_]+)$/;

/** In place of a line: what `ausearch -a` finds a record by. */
const serialOf = ({ id }: SeccompEvent): number => Number(/\d+$/.exec(id)?.[0] ?? 1);

/** Many records in a moment are too many for the kernel's log. */
const unnamedText = (lost: number): string =>
  `a filter killed it, and no record tells at which call${lost === 0 ? '' : ` (the kernel left ${lost} out of its log)`}`;

/** Every failed step speaks of a program that was to be executed. */
const begun = ({ program, time }: StepEvent): Recorded[] =>
  program.startsWith('/')
    ? [
        {
          access: { kind: 'path', mode: 'exec', path: program },
          syscall: 'execve',
          from: 'journal',
          line: 1,
          pid: null,
          exe: null,
          time,
          count: 1,
        },
      ]
    : [];

/** A program that is there and cannot be executed may be out of reach for many reasons. */
const isFinal = ({ step, program }: StepEvent): boolean => step !== 'EXEC' || (program !== '' && !existsSync(program));

/** Looks at what is recorded since the unit was started last; null: nothing that tells anything. */
export async function recordedTrouble(
  unit: string,
  show: Properties,
  { assignments, programs }: { assignments: readonly Assignment[]; programs: readonly string[] },
  systemctl: Systemctl,
): Promise<RecordedTrouble | null> {
  const since = startOf(show);
  if (since === null) return null;
  const records = await readRecords(sources(unit, since, systemctl), 'journal');
  const recent = records.seccomp
    .filter(({ event }) => (event.time ?? 0) >= since)
    .map(({ event }) => ({ event, line: serialOf(event) }));
  const { own } = programs.length === 0 ? { own: [] } : ownRecords({ ...records, seccomp: recent }, { unit, programs });
  const failed = lastStep(records, unit, since);
  const killed = records.setup.some(
    event => event.kind === 'exit' && event.unit === unit && event.status === '31/SYS' && (event.time ?? 0) >= since,
  );
  const unnamed = killed && !own.some(({ event }) => event.outcome === 'killed' && event.name !== null);
  if (own.length === 0 && failed === null && !killed) return null;
  const log = { id: `journal ${unit} ${since.toFixed(3)}`, trace: `journal of ${unit}`, host: hostname() };
  return {
    told: [
      ...callLines(own, log.trace),
      ...(failed === null
        ? []
        : [...(failed.cause === undefined ? [] : [setupText(failed.cause)]), stepText(failed.step)]),
      ...(unnamed ? [unnamedText(records.lost)] : []),
    ],
    profile:
      own.length === 0 && failed === null
        ? null
        : profileOf(records, own, log, failed === null ? [] : begun(failed.step)),
    lines: failed === null || !isFinal(failed.step) ? [] : linesOfStep(failed.step, failed.cause, assignments),
  };
}
