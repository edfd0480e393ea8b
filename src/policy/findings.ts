// What a check finds, as plain data: observed accesses that a unit denies, and rules of the unit that nothing used.
// Types only; `check` makes findings, `fix` adds the way out, `render` prints them.

import type { Access, Origin } from '../process/access.ts';
import type { Outcome } from './effects.ts';

/** A line of a unit file: `file` as it was named or found, `line` from 1 (of a continued line, the first). */
export interface UnitLine {
  file: string;
  line: number;
}

/** One `Name=value` that is in force: comments, continuations, resets and drop-in order are dealt with, specifiers expanded. */
export interface Assignment {
  section: string;
  name: string;
  value: string;
  at: UnitLine;
}

/** What systemd warns of and does without, a line or a word of it. `message` begins with the place. */
export interface Ignored {
  at: UnitLine;
  message: string;
  /** How it may have been meant. */
  hint: string | null;
}

/**
 * One change of a unit's lines. `add` appends a line (list directives add up, of others the last one counts), `replace` gives the
 * line at `at` another value, `remove` takes one word out of the list that stands there.
 */
export type Edit =
  | { action: 'add'; name: string; value: string }
  | { action: 'replace'; name: string; value: string; at: UnitLine }
  | { action: 'remove'; name: string; value: string; at: UnitLine };

/** The smallest change of the drop-in that would allow an access. */
export interface Fix {
  edits: Edit[];
  /** What it allows beyond what was observed, in one sentence. */
  wider?: string;
}

/** An access that was observed to succeed and that the unit denies. */
export interface Violation {
  access: Access;
  /** What the service would get: an errno, `SIGSYS`, or the exit code of a start that fails: `226/NAMESPACE`, `228/SECCOMP`. */
  outcome: Outcome;
  /** The assignment that denies it. */
  by: Assignment;
  /** Where the access was first seen. */
  origin: Origin;
  /** How often it was seen. */
  count: number;
  /** The executables that did it, as far as the log tells (see Evidence.by). */
  programs: readonly string[];
  /** Null until `fix` looked for one, and when no drop-in helps. */
  fix: Fix | null;
}

/** Something that a line of the unit allows and that was never observed. */
export interface Unused {
  by: Assignment;
  /** The word of the value that nothing used: a path, a system call, a capability, a family … */
  allows: string;
}

/** A line with which the service may or may not start, and why that is unknown. */
export interface Unjudged {
  by: Assignment;
  why: string;
}

export interface Findings {
  violations: Violation[];
  unused: Unused[];
  /** Sandbox directives whose effect the model does not know, so it ignores them. */
  unknown: Assignment[];
  /** What may end the start, as far as that is unknown. */
  unjudged: Unjudged[];
}
