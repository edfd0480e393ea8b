// SystemCallFilter= and SystemCallErrorNumber= as systemd adds them up: which calls are refused, with what, and by which line.
// Sources: config_parse_syscall_filter(), seccomp_parse_syscall_filter(), seccomp_load_syscall_filter_set_raw() and override_default_action()
// of systemd 247 to 262; seccomp_rule_add(3); systemd.exec(5).

import type { Outcome, SyscallSets } from '../effects.ts';
import type { Assignment } from '../findings.ts';
import { SET_NAMES } from '../sets.ts';
import { badValue, wordsOf } from './settings.ts';

export interface SystemCallFilter {
  /** Everything but the calls below is refused, or only they are. */
  mode: 'allow' | 'deny';
  /** In an allow-list: call → null (allowed), or the outcome of its own with which it is refused. In a deny-list: call → its outcome. */
  calls: Map<string, { outcome: Outcome | null; by: Assignment }>;
  /** Calls that a later line took out of the allow-list. */
  removed: Map<string, Assignment>;
  /** What a call that is refused gets, when its entry says nothing else. */
  outcome: Outcome;
  /** What a call gets that no allow-list and no set of this systemd names. */
  unnamed: Outcome;
  /** Whether some set names a call. */
  isNamed: (call: string) => boolean;
  /** Lines with an entry whose outcome is the one that calls without an entry get: libseccomp takes no such rule, and the start fails. */
  failures: readonly Assignment[];
  /** The line that made it an allow-list or a deny-list. */
  by: Assignment;
}

/** `kill`, an errno's name or its number → what the service gets. */
function outcomeOf(by: Assignment, text: string): Outcome {
  if (text === 'kill') return 'SIGSYS';
  if (/^E[A-Z0-9]+$/.test(text)) return text;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= 0 && number < 4096)) throw badValue(by, `'${text}' is not an errno`, 'such as EPERM, or kill');
  return ERRNO_NAMES[number] ?? `errno ${number}`;
}

/** The errnos that are given as numbers in practice (errno(3), x86 and arm). */
const ERRNO_NAMES: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  5: 'EIO',
  11: 'EAGAIN',
  13: 'EACCES',
  16: 'EBUSY',
  22: 'EINVAL',
  38: 'ENOSYS',
  95: 'EOPNOTSUPP',
  97: 'EAFNOSUPPORT',
};

/** `~call:errno` in an allow-list gives the call an outcome of its own, and `call:errno` is ignored; before, the errno was. */
const OWN_OUTCOMES_SINCE = 248;
/** An allow-list answers ENOSYS to calls that are not in @known; before, what it answers to all others. */
const ENOSYS_SINCE = 255;

/** Of a set that only another release has systemd ignores the word. A set that none has is a mistake. */
function members(by: Assignment, name: string, sets: SyscallSets): Iterable<string> {
  if (!name.startsWith('@')) return [name];
  const set = sets(name);
  if (set.size === 0 && !SET_NAMES.includes(name))
    throw badValue(by, `systemd knows no group ${name} and ignores it`, 'systemd-analyze syscall-filter lists them');
  return set;
}

/** What the lines are read with. */
interface Reading {
  systemd: number;
  sets: SyscallSets;
}

type Draft = Omit<SystemCallFilter, 'failures'>;

/** The filter that the lines in force make; null without any. */
export function systemCallFilter(assignments: readonly Assignment[], reading: Reading): SystemCallFilter | null {
  const { systemd, sets } = reading;
  const number = assignments.findLast(({ name }) => name === 'SystemCallErrorNumber');
  const outcome = number === undefined ? 'SIGSYS' : outcomeOf(number, number.value);
  const unnamed = systemd >= ENOSYS_SINCE ? 'ENOSYS' : outcome;
  const known = sets('@known');
  const isNamed = (call: string): boolean => known.size === 0 || known.has(call);
  let filter: Draft | null = null;
  for (const by of assignments) {
    if (by.name !== 'SystemCallFilter') continue;
    const invert = by.value.startsWith('~');
    if (filter === null) {
      const mode = invert ? 'deny' : 'allow';
      filter = { mode, calls: new Map(), removed: new Map(), outcome, unnamed, isNamed, by };
      if (!invert) for (const name of sets('@default')) filter.calls.set(name, { outcome: null, by });
    }
    for (const { text } of wordsOf(by, { unquote: false }, invert ? by.value.slice(1) : by.value))
      add(filter, by, text, invert, reading);
  }
  return filter === null ? null : { ...filter, failures: refusedRules(filter) };
}

/** The lines whose entries libseccomp does not take. */
function refusedRules({ mode, calls, unnamed }: Draft): Assignment[] {
  if (mode === 'deny') return [];
  return [...new Set([...calls.values()].flatMap(({ outcome, by }) => (outcome === unnamed ? [by] : [])))];
}

function add(filter: Draft, by: Assignment, text: string, invert: boolean, { systemd, sets }: Reading): void {
  const [name = '', errno] = text.split(':');
  const own = errno === undefined ? null : outcomeOf(by, errno);
  const isOwn = own !== null && systemd >= OWN_OUTCOMES_SINCE;
  // A call that is allowed takes no errno: systemd ignores the word.
  if (isOwn && !invert) return;
  for (const call of members(by, name, sets)) {
    if (invert !== (filter.mode === 'allow') || (invert && isOwn)) {
      filter.calls.set(call, { outcome: invert ? (own ?? filter.outcome) : null, by });
      filter.removed.delete(call);
    } else {
      filter.calls.delete(call);
      if (filter.mode === 'allow') filter.removed.set(call, by);
    }
  }
}

/** What a call gets and which line says so; null when it passes. */
export function filtered(filter: SystemCallFilter, call: string): { outcome: Outcome; by: Assignment } | null {
  const entry = filter.calls.get(call);
  if (entry !== undefined) return entry.outcome === null ? null : { outcome: entry.outcome, by: entry.by };
  if (filter.mode === 'deny') return null;
  return {
    outcome: filter.isNamed(call) ? filter.outcome : filter.unnamed,
    by: filter.removed.get(call) ?? filter.by,
  };
}
