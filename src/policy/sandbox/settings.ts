// How assignments of the same name combine, and what a value may be: THE TABLE of settings that make up a sandbox.
// Sources: systemd.exec(5), systemd.resource-control(5); src/core/load-fragment.c of systemd 252.

import { UsageError } from '../../errors.ts';
import { rowOf } from '../../row.ts';
import { DIRECTIVE_ROWS } from '../directives/table.ts';
import type { Effect } from '../effects.ts';
import type { Assignment } from '../findings.ts';
import { BadWord, splitWords, type Word, type WordRules } from '../words.ts';

/** A setting as it counts: written, or implied by another. */
export interface Setting {
  name: string;
  value: string;
  by: Assignment;
}

/** An effect and the line that has it. */
export interface Rule {
  effect: Effect;
  by: Assignment;
}

/** Old names that systemd still reads. */
const ALIASES: Readonly<Record<string, string>> = {
  ReadWriteDirectories: 'ReadWritePaths',
  ReadOnlyDirectories: 'ReadOnlyPaths',
  InaccessibleDirectories: 'InaccessiblePaths',
  Capabilities: 'CapabilityBoundingSet',
};

/** Lists that limit nothing, and so are no rows of the table of directives: setting → the name of its list. */
// biome-ignore format: one kind a line
const OTHER_LISTS: Readonly<Record<string, string>> = {
  MountImages: 'MountImages', ExtensionImages: 'ExtensionImages', ExtensionDirectories: 'ExtensionDirectories',
  LoadCredential: 'LoadCredential', LoadCredentialEncrypted: 'LoadCredential', SetCredential: 'SetCredential', SetCredentialEncrypted: 'SetCredential',
  ExecCondition: 'ExecCondition', ExecStartPre: 'ExecStartPre', ExecStart: 'ExecStart', ExecStartPost: 'ExecStartPost', ExecReload: 'ExecReload', ExecReloadPost: 'ExecReloadPost', ExecStop: 'ExecStop', ExecStopPost: 'ExecStopPost',
  BPFProgram: 'BPFProgram', IPIngressFilterPath: 'IPIngressFilterPath', IPEgressFilterPath: 'IPEgressFilterPath',
};

/** The list that the lines of this setting add up to, which an empty value resets; null: the last value counts. */
export function listOf(name: string): string | null {
  const row = DIRECTIVE_ROWS.get(name);
  return row?.list !== undefined ? (row?.shares ?? name) : (rowOf(OTHER_LISTS, name) ?? null);
}

/** Do several lines of this setting add up? */
export const isList = (name: string): boolean => listOf(name) !== null;

/** An empty value is no reset but the strictest there is. */
const EMPTY_IS_A_VALUE: ReadonlySet<string> = new Set(['CapabilityBoundingSet']);

/** Sections whose settings make the sandbox of the processes of a unit. */
export const SANDBOX_SECTIONS: ReadonlySet<string> = new Set(['Service', 'Socket', 'Mount', 'Swap']);

/** What is in force after all of a unit's lines were read in order: what was reset or set again later is left out. */
export function inForce(assignments: readonly Assignment[]): Assignment[] {
  const kept = new Map<string, Assignment[]>();
  const loose: { key: string; assignment: Assignment }[] = [];
  for (const written of assignments) {
    const { section } = written;
    const name = SANDBOX_SECTIONS.has(section) ? (rowOf(ALIASES, written.name) ?? written.name) : written.name;
    const assignment = name === written.name ? written : { ...written, name };
    const list = SANDBOX_SECTIONS.has(section) ? listOf(name) : null;
    // Settings of other sections have rules of their own and do not make the sandbox: all are kept.
    const key = SANDBOX_SECTIONS.has(section) ? `${section} ${list ?? name}` : `${section} ${name} ${loose.length}`;
    const before = kept.get(key) ?? [];
    if (assignment.value === '' && list === null && isChoice(name, section))
      throw badValue(assignment, 'an empty value, so systemd ignores the line', 'remove it, or correct the value');
    if (assignment.value !== '') kept.set(key, list === null ? [assignment] : [...before, assignment]);
    else kept.set(key, EMPTY_IS_A_VALUE.has(name) ? [assignment] : []);
    loose.push({ key, assignment });
  }
  return loose.filter(({ key, assignment }) => kept.get(key)?.includes(assignment)).map(({ assignment }) => assignment);
}

/** A setting with a few fixed values, none of which is empty. */
const isChoice = (name: string, section: string): boolean =>
  SANDBOX_SECTIONS.has(section) && DIRECTIVE_ROWS.get(name)?.values !== undefined;

/** A value that systemd would ignore with a warning, which leaves the service with less of a sandbox than it seems to have. */
export const badValue = ({ name, value, at }: Assignment, why: string, hint?: string): UsageError =>
  new UsageError('bad-value', `${at.file}:${at.line}: ${name}=${value}: ${why}`, hint);

const YES: ReadonlySet<string> = new Set(['1', 'yes', 'y', 'true', 't', 'on']);
const NO: ReadonlySet<string> = new Set(['0', 'no', 'n', 'false', 'f', 'off']);

/** A boolean as systemd reads it; null when it is none. */
export function booleanOf(value: string): boolean | null {
  const word = value.toLowerCase();
  if (YES.has(word)) return true;
  return NO.has(word) ? false : null;
}

/** A value in the form of the table of directives: a boolean as `yes` or `no`, anything else as it is. */
export function plainValue(value: string): string {
  const yes = booleanOf(value);
  return yes === null ? value : yes ? 'yes' : 'no';
}

/** May the unit start before there is a /tmp? Then PrivateTmp=yes is another thing: see EARLY_TMP. */
export function startsEarly(assignments: readonly Assignment[]): boolean {
  const own = assignments.filter(({ section }) => section === 'Unit');
  const late = booleanOf(own.findLast(({ name }) => name === 'DefaultDependencies')?.value ?? 'yes') !== false;
  const waits = own.some(
    ({ name, value }) =>
      /^(?:Requires|Wants)MountsFor$/.test(name) && value.split(/\s+/).some(path => /^\/tmp(?:\/|$)/.test(path)),
  );
  return !late && !waits;
}

/** The words of an assignment's value. Throws UsageError. */
export function wordsOf(assignment: Assignment, rules: WordRules = {}, value: string = assignment.value): Word[] {
  try {
    return splitWords(value, rules);
  } catch (error) {
    if (error instanceof BadWord) throw badValue(assignment, `${error.message}, so systemd ignores it`);
    throw error;
  }
}
