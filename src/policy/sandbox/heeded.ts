// What systemd does without: a line, or a word of a list, that it reads, warns of and ignores. The rest of the unit is in force all the same.
// A line is tried as the model reads it alone; of a list that does not pass, each word is tried.
// Source: the config_parse_*() functions of src/core/load-fragment.c of systemd 252: `continue` there means the word, `return 0` the line.

import { UsageError } from '../../errors.ts';
import { DIRECTIVE_ROWS } from '../directives/table.ts';
import type { SyscallSets } from '../effects.ts';
import type { Assignment, Ignored } from '../findings.ts';
import { UNKNOWN_HOST } from '../host-view.ts';
import { BadWord, rawWords } from '../words.ts';
import { sandboxOf } from './sandbox.ts';
import { inForce, SANDBOX_SECTIONS } from './settings.ts';

/** What systemd reads the lines with. */
export interface Reading {
  systemd: number;
  sets: SyscallSets;
  /** Replaces specifiers. Throws UsageError. */
  resolve: (assignment: Assignment) => Assignment;
}

/** Errors that mean: systemd ignores it, and the service starts. */
const HARMLESS: ReadonlySet<string> = new Set(['bad-value', 'ignored-specifier']);

/** Lists of which a bad word spoils the whole line: namespace_flags_from_string(), config_parse_cgroup_socket_bind(). */
const ALL_OR_NOTHING: ReadonlySet<string> = new Set(['RestrictNamespaces', 'SocketBindAllow', 'SocketBindDeny']);

/** A list without any word that is known still is one: what it means, as it can be written. */
const NOTHING_LEFT: Readonly<Record<string, string>> = {
  SystemCallFilter: '@default',
  RestrictAddressFamilies: 'none',
  CapabilityBoundingSet: '',
};

type Tried = { read: Assignment } | { error: UsageError };

function attempt(assignment: Assignment, { systemd, sets, resolve }: Reading): Tried {
  try {
    const read = resolve(assignment);
    sandboxOf(inForce([read]), { systemd, sets, host: UNKNOWN_HOST });
    return { read };
  } catch (error) {
    if (error instanceof UsageError && HARMLESS.has(error.code)) return { error };
    throw error;
  }
}

/** The words of a list as they are written, up to one that is not closed: from there on the line is ignored. */
function wordsAsWritten(value: string): string[] {
  const found: string[] = [];
  try {
    for (const word of rawWords(value)) found.push(word);
  } catch (error) {
    if (!(error instanceof BadWord)) throw error;
  }
  return found;
}

function heed(assignment: Assignment, reading: Reading): { kept: Assignment[]; errors: UsageError[] } {
  const whole = attempt(assignment, reading);
  if ('read' in whole) return { kept: [whole.read], errors: [] };
  const { name, value } = assignment;
  if (DIRECTIVE_ROWS.get(name)?.list === undefined || ALL_OR_NOTHING.has(name))
    return { kept: [], errors: [whole.error] };
  const sign = value.startsWith('~') ? '~' : '';
  const kept: string[] = [];
  const errors: UsageError[] = [];
  for (const word of wordsAsWritten(value.slice(sign.length))) {
    const tried = attempt({ ...assignment, value: sign + word }, reading);
    if ('read' in tried) kept.push(tried.read.value.slice(sign.length));
    else errors.push(tried.error);
  }
  const left = kept.length > 0 || sign !== '' ? sign + kept.join(' ') : NOTHING_LEFT[name];
  return {
    kept: left === undefined ? [] : [{ ...assignment, value: left }],
    errors: errors.length === 0 ? [whole.error] : errors,
  };
}

/** The lines as systemd takes them, their specifiers resolved, and what it ignores of them. Throws UsageError for what is unknown here. */
export function heeded(
  written: readonly Assignment[],
  reading: Reading,
): { assignments: Assignment[]; ignored: Ignored[] } {
  const assignments: Assignment[] = [];
  const ignored: Ignored[] = [];
  for (const one of written) {
    if (!SANDBOX_SECTIONS.has(one.section)) {
      assignments.push(one);
      continue;
    }
    const { kept, errors } = heed(one, reading);
    assignments.push(...kept);
    for (const { message, hint } of errors) ignored.push({ at: one.at, message, hint: hint ?? null });
  }
  return { assignments, ignored };
}
