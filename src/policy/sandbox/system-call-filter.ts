// SystemCallFilter= and SystemCallErrorNumber= as systemd adds them up: which calls are refused, with what, and by which line.
// Source: config_parse_syscall_filter() and seccomp_parse_syscall_filter() of systemd 252; systemd.exec(5).

import type { Outcome, SyscallSets } from '../effects.ts';
import type { Assignment } from '../findings.ts';
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
  /** The line that made it an allow-list or a deny-list. */
  by: Assignment;
}

/** `kill`, an errno's name or its number → what the service gets. */
function outcomeOf(by: Assignment, text: string): Outcome {
  if (text === 'kill') return 'SIGSYS';
  if (/^E[A-Z0-9]+$/.test(text)) return text;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= 0 && number < 4096)) throw badValue(by, `'${text}' is no errno`, 'such as EPERM, or kill');
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

function members(by: Assignment, name: string, sets: SyscallSets): Iterable<string> {
  if (!name.startsWith('@')) return [name];
  const set = sets(name);
  if (set.size === 0)
    throw badValue(by, `systemd knows no group ${name} and ignores it`, 'systemd-analyze syscall-filter lists them');
  return set;
}

/** The filter that the lines in force make; null without any. */
export function systemCallFilter(assignments: readonly Assignment[], sets: SyscallSets): SystemCallFilter | null {
  const number = assignments.findLast(({ name }) => name === 'SystemCallErrorNumber');
  const outcome = number === undefined ? 'SIGSYS' : outcomeOf(number, number.value);
  let filter: SystemCallFilter | null = null;
  for (const by of assignments) {
    if (by.name !== 'SystemCallFilter') continue;
    const invert = by.value.startsWith('~');
    if (filter === null) {
      filter = { mode: invert ? 'deny' : 'allow', calls: new Map(), removed: new Map(), outcome, by };
      if (!invert) for (const name of sets('@default')) filter.calls.set(name, { outcome: null, by });
    }
    for (const { text } of wordsOf(by, { unquote: false }, invert ? by.value.slice(1) : by.value))
      add(filter, by, text, invert, sets);
  }
  return filter;
}

function add(filter: SystemCallFilter, by: Assignment, text: string, invert: boolean, sets: SyscallSets): void {
  const [name = '', errno] = text.split(':');
  const own = errno === undefined ? null : outcomeOf(by, errno);
  if (own !== null && !invert)
    throw badValue(by, `'${text}': a call that is allowed takes no errno, so systemd ignores it`);
  for (const call of members(by, name, sets)) {
    if (invert !== (filter.mode === 'allow') || (invert && own !== null)) {
      filter.calls.set(call, { outcome: own ?? (invert ? filter.outcome : null), by });
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
  return { outcome: filter.outcome, by: filter.removed.get(call) ?? filter.by };
}
