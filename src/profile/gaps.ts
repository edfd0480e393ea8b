// What a log may lack, so that nothing can be concluded from not having observed it: the start of the service (strace -p), calls that were
// filtered out (-e trace=…, -z, -P …), lines that somebody cut out or that nobody understands. strace does not write down its options; they
// show in what is missing.

import { indexOf } from './fact-index.ts';
import type { Profile } from './profile.ts';

/**
 * `records`: nothing was traced, there are only records of single calls · `excerpt`: lines were cut out · `dropped`: there were more names than a profile holds · `unread`: too many lines that may be calls were not understood · `foreign`: many lines are not strace's,
 * but cannot be calls either · `calls`: some, so that their list is not complete · `others`: those that are neither about files nor sockets.
 */
export type Gap =
  | 'records'
  | 'start'
  | 'excerpt'
  | 'unread'
  | 'dropped'
  | 'foreign'
  | 'calls'
  | 'files'
  | 'sockets'
  | 'others';

/** In the words of a blind spot; a profile holds them as such. */
export const GAPS: Readonly<Record<Gap, string>> = {
  records:
    'nothing was traced: the names of some calls are known from records (audit, kernel log, strace -c), and nothing else',
  start: 'how the service starts is not in the log (strace -p, or execve was not traced): record one from the start',
  excerpt: 'lines were cut out of the log ("...", "[snip]"): it is an excerpt, and anything may be in what is missing',
  unread: 'more than 1 % of the log may be calls that were not understood, or whose start is missing',
  dropped: 'more different names were used than a profile holds: those that came last are missing',
  foreign: 'more than 1 % of the lines are not from strace: -o FILE keeps the output of the program out of the log',
  calls: 'only some system calls were traced (-e trace=…, -z, -P …): the list of system calls is not complete',
  files: 'calls about files may not have been traced (-e trace=…, -P …)',
  sockets: 'calls about sockets may not have been traced (-e trace=…)',
  others: 'calls about memory, users, namespaces and other processes may not have been traced (-e trace=…)',
};

const ALL: readonly Gap[] = [
  ...(['records', 'start', 'excerpt', 'unread', 'dropped'] as const),
  ...(['foreign', 'calls', 'files', 'sockets', 'others'] as const),
];

/** Lines of a log that tell nothing. */
export interface Unread {
  /** All lines of the log. */
  lines: number;
  /** Those that were not understood. */
  unrecognised: number;
  /** Of these, those that may be calls or parts of them; and the ends of calls whose beginning is not in the log. */
  calls: number;
  /** A line says that others were left out. */
  excerpt: boolean;
  /** Names that the profile had no room for. */
  dropped: number;
}

/** More than this share of lines that tell nothing is too much to conclude anything from what the others do not hold. */
const UNREAD_SHARE = 0.01;

/** Text that every call, and every half of one, holds some of; what else a program prints holds it rarely. */
const CALL = /[a-z0-9_]\(|\) += |<unfinished |resumed>/;
/** Of a line that is too long to be kept, `text` is empty. */
export const mayBeCall = (text: string): boolean => text === '' || CALL.test(text);

/** What people write in place of the lines that they leave out, alone on a line (also U+2026 in UTF-8). */
const CUT = /^[\s[\](){}<>*#/-]*(?:\.\.\.|\u00e2\u0080\u00a6|snip(?:ped)?|cut|skipped|omitted)[\s[\](){}<>*#/-]*$/i;
export const isCut = (text: string): boolean => text.length <= LONGEST_CUT && CUT.test(text);
const LONGEST_CUT = 40;

/** What is missing where lines tell nothing. */
export function unreadGaps({ lines, unrecognised, calls, excerpt, dropped }: Unread): Gap[] {
  const gaps: Gap[] = excerpt ? ['excerpt'] : [];
  if (dropped > 0) gaps.push('dropped');
  if (calls > lines * UNREAD_SHARE) return [...gaps, 'unread'];
  return unrecognised > lines * UNREAD_SHARE ? [...gaps, 'foreign'] : gaps;
}

/** What decides about the gaps of a log. */
export interface Shown {
  /** System calls by name. */
  names: ReadonlySet<string>;
  /** How many there are in all. */
  calls: number;
  /** A process ended by itself. */
  exited: boolean;
  /** A program was started by a process that did nothing before, and that strace was not attached to: strace started the service. */
  started: boolean;
}

/** That a kind of calls is missing tells nothing about how strace was run where there are fewer in all: no program starts with so few. */
const EVIDENCE = 20;

const ENDS = ['exit_group', 'exit'] as const;
/** The loader and libc make one of them in every program, and so does what runs without them. */
const MEMORY = ['brk', 'mmap', 'mmap2', 'munmap', 'mprotect'] as const;
const DESCRIPTORS = ['read', 'write', 'close', 'pread64', 'readv', 'writev'] as const;
const SIGNALS = ['rt_sigaction', 'rt_sigprocmask', 'sigaction', 'sigprocmask'] as const;
const WAITS = ['futex', 'poll', 'ppoll', 'select', 'pselect6', 'epoll_wait', 'epoll_pwait'] as const;
const OPENS = ['openat', 'open', 'openat2'] as const;
const LOOKS = [
  'access',
  'faccessat',
  'faccessat2',
  'stat',
  'stat64',
  'newfstatat',
  'fstatat64',
  'statx',
  'readlink',
  'readlinkat',
] as const;
const SOCKETS = [
  'socket',
  'socketpair',
  'socketcall',
  'connect',
  'bind',
  'listen',
  'accept',
  'accept4',
  'getsockname',
  'getsockopt',
] as const;

function isFiltered({ names, calls, exited }: Shown): boolean {
  const without = (...groups: (readonly string[])[]): boolean => !groups.flat().some(name => names.has(name));
  const enough = calls >= EVIDENCE;
  if (exited && without(ENDS)) return true;
  if ((exited || enough) && names.has('execve') && without(MEMORY)) return true;
  return enough && without(MEMORY, DESCRIPTORS, SIGNALS, WAITS);
}

/** What a log lacks that was made by an ordinary strace. */
export function gapsOf(shown: Shown): Gap[] {
  const { names, started } = shown;
  const has = (group: readonly string[]): boolean => group.some(name => names.has(name));
  const filtered = isFiltered(shown);
  if (!started) return filtered ? ['start', 'calls'] : ['start'];
  if (!filtered) return [];
  const gaps: Gap[] = ['calls'];
  // Where there are some of every kind, they were not chosen by their kind: only some names are missing, or those that failed.
  if ([OPENS, MEMORY, DESCRIPTORS, SIGNALS].every(has)) return gaps;
  if (!has(OPENS) || !has(LOOKS)) gaps.push('files');
  if (!has(SOCKETS)) gaps.push('sockets');
  gaps.push('others');
  return gaps;
}

/** What none of the runs of a profile shows: what one of them lacks, another may have. */
export function gapsIn(profile: Profile): ReadonlySet<Gap> {
  const lacking = new Map(
    indexOf(profile)
      .ofKind('blind')
      .map(({ what, evidence }) => [what, evidence.runs.length]),
  );
  return new Set(ALL.filter(gap => lacking.get(GAPS[gap]) === profile.runs.length));
}

/** Why a profile is incomplete evidence, in words; empty where it is not. */
export const shortfalls = (profile: Profile): string[] => [...gapsIn(profile)].map(gap => GAPS[gap]);
