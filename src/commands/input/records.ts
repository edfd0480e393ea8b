// What audit, the kernel's log and the journal hold of a service: its calls become a profile, and what else they tell is said on stderr.

import type { Readable } from 'node:stream';
import type { CauseEvent, ExitEvent, SeccompEvent, StepEvent } from '../../audit/events.ts';
import { readAuditLine } from '../../audit/reader.ts';
import { fileTrouble, UsageError } from '../../errors.ts';
import { type Programs, programsOf } from '../../host/programs.ts';
import type { Profile } from '../../profile/profile.ts';
import { type Recorded, recordedProfile } from '../../profile/recorded.ts';
import { grouped } from '../../render/number.ts';
import { printable } from '../../render/printable.ts';
import { LongLine, linesOf } from '../../text-lines.ts';

/** A record has at most 8,970 bytes (MAX_AUDIT_MESSAGE_LENGTH); an entry of the journal as JSON has more. */
const LINE_LIMIT = 1 << 20;
const SAMPLES = 10;
/** Different records kept apart, so that one that two sources hold counts once. */
const KNOWN = 1 << 16;

/** Whose records are taken. */
export interface Owner {
  /** The unit, for people; null: none was named. */
  unit: string | null;
  /** Programs that it runs; empty: not known, then records of a single program are its own. */
  programs: readonly string[];
}

/** Everything that such a log tells. */
export interface Records {
  lines: number;
  seccomp: { event: SeccompEvent; line: number }[];
  counts: { name: string; calls: number; line: number }[];
  setup: (StepEvent | CauseEvent | ExitEvent)[];
  others: Map<string, number>;
  lost: number;
  unread: Profile['unrecognised'];
}

/** Reads such a log to its end. */
export async function readRecords(lines: AsyncIterable<string>, name: string): Promise<Records> {
  const known = new Set<string>();
  const records: Records = {
    lines: 0,
    seccomp: [],
    counts: [],
    setup: [],
    others: new Map(),
    lost: 0,
    unread: { count: 0, samples: [] },
  };
  for await (const text of lines) {
    const line = ++records.lines;
    const event = readAuditLine(text.replace(/\r$/, ''));
    if (event === 'unread') {
      if (records.unread.samples.length < SAMPLES)
        records.unread.samples.push({ trace: name, line, text: text.slice(0, 300), why: 'a record that is not whole' });
      records.unread.count++;
    }
    if (typeof event === 'string') continue;
    switch (event.kind) {
      case 'seccomp':
        if (event.id !== '' && known.has(event.id)) break;
        if (event.id !== '' && known.size < KNOWN) known.add(event.id);
        records.seccomp.push({ event, line });
        break;
      case 'count':
        records.counts.push({ name: event.name, calls: event.calls, line });
        break;
      case 'other-denial':
        records.others.set(event.module, (records.others.get(event.module) ?? 0) + 1);
        break;
      case 'lost':
        records.lost += event.count;
        break;
      default:
        records.setup.push(event);
    }
  }
  return records;
}

/** The lines of a log that was opened for its bytes. */
async function* recordLines(input: Readable, name: string): AsyncGenerator<string> {
  try {
    yield* linesOf(input, LINE_LIMIT);
  } catch (error) {
    if (error instanceof LongLine) throw new UsageError('long-line', `${name}: has a line of more than 1 MB`);
    throw error instanceof UsageError ? error : new UsageError('unreadable', `${name}: ${fileTrouble(error)}`);
  }
}

/** Records of the unit's own programs, and of whom the others are. */
export function ownRecords(
  { seccomp }: Records,
  { programs }: Owner,
): { own: Records['seccomp']; foreign: Map<string, number>; tie: boolean } {
  const all = new Set(seccomp.map(({ event }) => event.exe ?? event.comm));
  const known: Programs | null = programs.length === 0 ? null : programsOf(programs);
  const isOwn = (event: SeccompEvent): boolean => known?.runs(event) ?? all.size === 1;
  const foreign = new Map<string, number>();
  for (const { event } of seccomp)
    if (!isOwn(event)) foreign.set(event.exe ?? event.comm, (foreign.get(event.exe ?? event.comm) ?? 0) + 1);
  return { own: seccomp.filter(({ event }) => isOwn(event)), foreign, tie: known === null && all.size > 1 };
}

const named = (names: ReadonlyMap<string, number>): string =>
  [...names]
    .slice(0, 3)
    .map(([name, count]) => `${name} (${grouped(count)})`)
    .join(', ') + (names.size > 3 ? ` and ${names.size - 3} more` : '');

/** `t.service: Failed at step NAMESPACE spawning /usr/bin/uname: No such file or directory`. */
export function setupText(event: StepEvent | CauseEvent | ExitEvent): string {
  switch (event.kind) {
    case 'step':
      return `${event.unit}: Failed at step ${event.step} spawning ${event.program}: ${event.why}`;
    case 'cause':
      return `${event.unit}: ${event.text}`;
    case 'exit':
      return `${event.unit}: exited, code=${event.code}, status=${event.status}`;
  }
}

/** What was recorded, as a profile. `more`: what else is known from such a log. */
export function profileOf(
  records: Records,
  own: Records['seccomp'],
  log: { id: string; trace: string; host?: string | undefined },
  more: readonly Recorded[] = [],
): Profile {
  const calls: Recorded[] = own.flatMap(({ event, line }) => {
    const { name, abi, source: from, pid, exe, time } = event;
    if (name === null) return [];
    const access = { kind: 'syscall' as const, name, ...(abi === undefined ? {} : { abi }) };
    return [{ access, syscall: name, from, line, pid, exe, time, count: 1 }];
  });
  for (const { name, calls: count, line } of records.counts)
    calls.push({
      access: { kind: 'syscall', name },
      syscall: name,
      from: 'strace -c',
      line,
      pid: null,
      exe: null,
      count,
    });
  return recordedProfile([...calls, ...more], { ...log, lines: records.lines, unread: records.unread });
}

const OUTCOMES: Readonly<Record<SeccompEvent['outcome'], string>> = {
  killed: 'the process was killed',
  logged: 'logged and allowed',
  failed: 'failed',
};

/** One line for each call that was recorded: `reboot: the process was killed (3×, audit.log:12)`. */
export function callLines(own: Records['seccomp'], trace: string): string[] {
  const found = new Map<string, { line: number; count: number }>();
  for (const { event, line } of own) {
    const call = event.name ?? `number ${event.number}, which has no name here and is left out`;
    const key = `${call}${event.abi === undefined ? '' : ` (${event.abi})`}: ${OUTCOMES[event.outcome]}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { line, count: 1 });
    else known.count++;
  }
  return [...found].map(
    ([what, { line, count }]) => `${what} (${trace}:${line}${count > 1 ? `, ${grouped(count)}×` : ''})`,
  );
}

/** What of such a log becomes no fact, in a line each. */
function remarks(records: Records, foreign: ReadonlyMap<string, number>, { unit }: Owner): string[] {
  const told = records.setup.filter(event => unit === null || event.unit === unit);
  const last = told.slice(-3).map(setupText);
  return [
    ...(foreign.size === 0 ? [] : [`ignored records of other programs: ${named(foreign)}`]),
    ...[...records.others].map(
      ([module, count]) =>
        `ignored ${grouped(count)} ${count === 1 ? 'denial' : 'denials'} by ${module}: no matter of a unit's sandbox`,
    ),
    ...(records.lost === 0 ? [] : [`the kernel left ${grouped(records.lost)} records out of its log`]),
    ...last.map(text => `systemd said: ${text}`),
  ];
}

/** A log of records as a profile; what else it holds goes to stderr. `alone`: nothing else is known, so that it has to hold something. */
export async function loadRecords(
  input: Readable,
  log: { name: string; id: () => string; host?: string | undefined },
  owner: Owner,
  { alone, tell }: { alone: boolean; tell: (text: string) => void },
): Promise<Profile> {
  const records = await readRecords(recordLines(input, log.name), log.name);
  const { own, foreign, tie } = ownRecords(records, owner);
  const whose = owner.unit ?? 'the service';
  if (tie)
    throw new UsageError(
      'many-programs',
      `${log.name}: holds records of ${foreign.size} programs: ${named(foreign)}`,
      '--unit UNIT tells whose are meant; so does a profile beside it',
    );
  for (const line of [...callLines(own, log.name), ...remarks(records, foreign, owner)]) tell(`${printable(line)}\n`);
  const profile = profileOf(records, own, { id: log.id(), trace: log.name, host: log.host });
  if (!alone || profile.facts.some(({ kind }) => kind === 'syscall')) return profile;
  const [sample] = records.unread.samples;
  const why = sample === undefined ? `no system calls of ${whose}` : `no record that is whole (line ${sample.line})`;
  throw new UsageError(
    'no-records',
    `${log.name}: holds ${why}`,
    'journalctl -k -o json, or the log of auditd, holds those at which a filter acted; journalctl -o cat -u UNIT prints a log of strace',
  );
}
