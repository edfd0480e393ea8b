// The profile: what was seen, as plain JSON-shaped data. It is the contract between observing and asking:
// everything a command prints can be printed again from the profile alone. This file holds its types; nothing here does I/O.

import type { Access, Origin } from '../process/access.ts';

/** Version of the profile's JSON form; raised when a reader of the old form would misread the new one. 2: the evidence stands apart. */
export const PROFILE_VERSION = 2;

/**
 * How often and where an access was seen. Every field joins as a semilattice (max, min, union), so that merging is
 * commutative, associative and idempotent.
 */
export interface Evidence {
  /** The greatest number of times it was seen in any one run. */
  count: number;
  /** Ids of the runs it was seen in, sorted. In the file: ranges of indices into `runs`. */
  runs: readonly string[];
  /** Seconds (Unix time; or since midnight for logs with -t/-tt), only when the log has time stamps. */
  first?: number;
  last?: number;
  /** The first place it was seen: the least by (trace, line). */
  origin: Origin;
  /** Executables that did it (host paths; the 8 alphabetically first; empty when unknown). */
  by: readonly string[];
  /** For profiles of few runs: per run id, a 32-bit set of the time slices it was seen in (see Run.slice). */
  slices?: Record<string, number>;
}

/** One observed fact: an access and its evidence. */
export type Fact<A extends Access = Access> = A & { evidence: Evidence };

/** One learning run: a saved log (or a set of -ff files), or one wrapped launch. */
export interface Run {
  /** Stable: the same log gives the same id, so that merging it twice changes nothing. */
  id: string;
  /** Name of the trace (file name, or the command of a live run). */
  trace: string;
  host?: string;
  command?: string[];
  /** Time stamps of the log's first and last line (seconds). */
  start?: number;
  end?: number;
  lines: number;
  /** Lines that were not understood. */
  unrecognised: number;
  processes: number;
  /** Facts of this profile that no earlier run of it had seen (runs in the order of the file). */
  newFacts?: number;
  /** Log lines (or seconds, when it has time stamps) per slice, and the number of slices used (at most 32). */
  slice: { unit: 'seconds' | 'lines'; width: number; used: number };
  /** `replay`: every traced call is in the log; `seccomp`: hot calls were left out and are assumed; `complete`: everything was traced; `records`: nothing was, but records name calls. */
  mode: 'replay' | 'seccomp' | 'complete' | 'records';
  strace?: string;
  /** Of a service of the running systemd: whether it was started with /run as after a boot; absent: not known. */
  boot?: boolean;
  /** The log ended in the middle (no exit line of the first process, or a cut line). */
  truncated?: boolean;
}

/** Lines that were not understood, summed up with the first few samples. */
export interface Unrecognised {
  count: number;
  samples: { trace: string; line: number; text: string; why: string }[];
}

/** Everything that was learned. `facts` and `runs` are sorted (by key, by start and id), so the same profile has the same bytes. */
export interface Profile {
  format: 'allowtrace-profile';
  version: typeof PROFILE_VERSION;
  runs: Run[];
  facts: Fact[];
  unrecognised: Unrecognised;
  /** Facts that were dropped or widened because a bound was reached; each says how many and why. */
  overflow: { what: string; count: number }[];
}
