// What a log of an ordinary strace may lack, so that nothing can be concluded from not having seen it: the start of the service
// (strace -p), and calls that were filtered out (-e trace=…, -z, -P …). strace does not write down its options; they show in what is missing.

import { indexOf } from './fact-index.ts';
import type { Profile } from './profile.ts';

/** `calls`: some, so that their list is not complete · `others`: those that are neither about files nor about sockets. */
export type Gap = 'start' | 'calls' | 'files' | 'sockets' | 'others';

/** In the words of a blind spot; a profile holds them as such. */
export const GAPS: Readonly<Record<Gap, string>> = {
  start: 'how the service starts is not in the log (strace -p, or execve was not traced): record one from the start',
  calls: 'only some system calls were traced (-e trace=…, -z, -P …): the list of system calls is not complete',
  files: 'calls about files may not have been traced (-e trace=…, -P …)',
  sockets: 'calls about sockets may not have been traced (-e trace=…)',
  others: 'calls about memory, users, namespaces and other processes may not have been traced (-e trace=…)',
};

const ALL: readonly Gap[] = ['start', 'calls', 'files', 'sockets', 'others'];

/** What decides about the gaps of a log. */
export interface Shown {
  /** System calls by name. */
  names: ReadonlySet<string>;
  /** How many there are in all. */
  calls: number;
  /** A process ended by itself. */
  exited: boolean;
  /** A program was started by a process that did nothing before: strace started the service. */
  started: boolean;
}

/** A log with fewer calls tells too little about how it was made: no program starts with so few. */
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
  const { names, calls, started } = shown;
  const has = (group: readonly string[]): boolean => group.some(name => names.has(name));
  const filtered = isFiltered(shown);
  if (!filtered && calls < EVIDENCE) return [];
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
