// Calls that were not traced but recorded (audit, the kernel's log, strace -c) → a profile, which says so of each: it is incomplete evidence, and
// adds to what was traced.

import type { Origin, PathAccess, SyscallAccess } from '../process/access.ts';
import { GAPS } from './gaps.ts';
import { byKey, factKey } from './key.ts';
import { byFact } from './order.ts';
import { type Fact, PROFILE_VERSION, type Profile } from './profile.ts';

/** One record of an access. */
export interface Recorded {
  access: SyscallAccess | PathAccess;
  /** The call that it was. */
  syscall: string;
  from: NonNullable<Origin['from']>;
  line: number;
  pid: number | null;
  exe: string | null;
  time?: number | undefined;
  /** How often; one record, one call, but for the table of strace -c. */
  count: number;
}

/** What the log itself is. */
export interface RecordedLog {
  id: string;
  trace: string;
  host?: string | undefined;
  lines: number;
  /** Records that could not be read. */
  unread: Profile['unrecognised'];
}

/** Names of programs kept for a call, as in other profiles. */
const PROGRAMS = 8;

/** Records of one access, as one fact. */
function factOf(records: readonly Recorded[], { id, trace }: RecordedLog): Fact[] {
  const [first] = records;
  if (first === undefined) return [];
  const { access, syscall, from, line, pid } = first;
  const times = records.flatMap(({ time }) => time ?? []);
  const by = [...new Set(records.flatMap(({ exe }) => exe ?? []))].sort(byKey).slice(0, PROGRAMS);
  const evidence = {
    count: records.reduce((sum, { count }) => sum + count, 0),
    runs: [id],
    ...(times.length === 0 ? {} : { first: times.reduce(least), last: times.reduce(greatest) }),
    origin: { trace, line, pid, syscall, from },
    by,
    slices: { [id]: 1 },
  };
  return [{ ...access, evidence }];
}

const least = (a: number, b: number): number => Math.min(a, b);
const greatest = (a: number, b: number): number => Math.max(a, b);

/** `records` in the order of their lines. */
export function recordedProfile(records: readonly Recorded[], log: RecordedLog): Profile {
  const { id, trace, host, lines, unread } = log;
  const groups = new Map<string, Recorded[]>();
  for (const record of records) {
    const key = factKey(record.access);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [record]);
    else group.push(record);
  }
  const gap: Fact = {
    kind: 'blind',
    what: GAPS.records,
    evidence: { count: 0, runs: [id], origin: { trace, line: 1, pid: null, syscall: '' }, by: [], slices: { [id]: 0 } },
  };
  const times = records.flatMap(({ time }) => time ?? []);
  return {
    format: 'allowtrace-profile',
    version: PROFILE_VERSION,
    runs: [
      {
        id,
        trace,
        ...(host === undefined ? {} : { host }),
        ...(times.length === 0 ? {} : { start: times.reduce(least), end: times.reduce(greatest) }),
        lines,
        unrecognised: unread.count,
        processes: new Set(records.flatMap(({ pid }) => pid ?? [])).size,
        slice: { unit: 'lines', width: Math.max(1, lines), used: 1 },
        mode: 'records',
      },
    ],
    facts: [...[...groups.values()].flatMap(group => factOf(group, log)), gap].sort(byFact),
    unrecognised: unread,
    overflow: [],
  };
}

/** Without runs that are only records of single calls: they are no samples of what a service does. */
export function traced(profile: Profile): Profile {
  const runs = profile.runs.filter(({ mode }) => mode !== 'records');
  if (runs.length === profile.runs.length) return profile;
  const ids = new Set(runs.map(({ id }) => id));
  return { ...profile, runs, facts: profile.facts.filter(({ evidence }) => evidence.runs.some(id => ids.has(id))) };
}
