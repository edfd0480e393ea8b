// Command lines that are written plainly are read without yargs (words.ts), which takes as long to load as node itself. Whatever is unusual or
// wrong is left to it: it knows everything, and says what it objects to. A test holds both to the same answers.

import type { Option, OptionTable } from './command.ts';

/** All that is known here of an option. */
const KNOWN: ReadonlySet<string> = new Set([
  'type',
  'alias',
  'array',
  'choices',
  'default',
  'describe',
  'metavar',
  'requiresArg',
]);
const OPTION = /^--([a-z]+(?:-[a-z]+)*)(?:=(.+))?$/s;
const LETTER = /^-([a-z])$/;
const NUMBER = /^(?:0|[1-9]\d{0,8})$/;

/** What the words of a command say. */
export interface Words {
  options: Record<string, unknown>;
  operands: string[];
}

/** Of the words before `--`; null: ask yargs. */
export function readPlainly(table: OptionTable, words: readonly string[]): Words | null {
  const options = defaults(table);
  const operands: string[] = [];
  const given = new Set<string>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (isValue(word)) {
      operands.push(word);
      continue;
    }
    const [, name = fullName(table, LETTER.exec(word)?.[1]), own] = OPTION.exec(word) ?? [];
    const option = Object.hasOwn(table, name) ? table[name] : undefined;
    if (option === undefined || !Object.keys(option).every(key => KNOWN.has(key))) return null;
    const isList = option.array === true;
    if (given.has(name) && !isList) return null;
    const value = option.type === 'boolean' ? switchedOn(own, words[i + 1]) : argument(option, own ?? words[++i]);
    if (value === null) return null;
    options[name] = isList ? [...listed(options[name]), value] : value;
    given.add(name);
  }
  return { options, operands };
}

/** Of `-o`. */
const fullName = (table: OptionTable, letter: string | undefined): string =>
  Object.keys(table).find(name => letter !== undefined && [table[name]?.alias].flat().includes(letter)) ?? '';

const defaults = (table: OptionTable): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(table).flatMap(([name, option]) => ('default' in option ? [[name, option.default]] : [])),
  );

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** yargs would take dashes for options, quotes off, and a last `help` for a question. */
const isValue = (word: string): boolean => word === '-' || !/^(?:-|["']|help$|$)/.test(word);

/** Switches stand alone; yargs would take these words for their values. */
const switchedOn = (own: string | undefined, next: string | undefined): true | null =>
  own === undefined && next !== 'true' && next !== 'false' ? true : null;

function argument({ type, choices }: Option, word: string | undefined): string | number | null {
  if (word === undefined || !isValue(word) || word === '-') return null;
  if (type === 'number') return NUMBER.test(word) ? Number(word) : null;
  if (choices !== undefined) return choices.includes(word) ? word : null;
  return type === 'string' ? word : null;
}
