// The shape of a command. From these records come `--help`, the man page, shell completions and the reference in docs/.

import type { Readable, Writable } from 'node:stream';
import type { InferredOptionTypes, Options } from 'yargs';
import type { CommandManual, OptionManual } from '../../render/manual.ts';

/**
 * An option of yargs. `metavar` names its value in the manual, where `describe` does not do so (`write to FILE`);
 * completion offers files for FILE, directories for DIR, units for UNIT, or the usual values, which are not all there are (`offers`).
 */
export type Option = Options & { metavar?: string; offers?: readonly string[] };

export type OptionTable = Record<string, Option>;

/** What a command gets: its options by name, `operands`, and `rest`: the words after a `--` of the synopsis. */
export type Arguments<O extends OptionTable> = InferredOptionTypes<O> & { operands: string[]; rest: string[] };

/** The outside world, so that commands can be run in tests without a process of their own. */
export interface Io {
  stdin: Readable;
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable & { isTTY?: boolean; columns?: number; rows?: number };
  env: NodeJS.ProcessEnv;
}

/** What a command says of itself. What it does stands in a file of its own, `VERB-run.ts`; `table.ts` puts the two together. */
export interface Command<O extends OptionTable> {
  /** The operands, as in the synopsis of a man page: `LOG…`. */
  operands: string;
  /** One paragraph or more for `--help` and the man page. */
  description: string;
  options: O;
  /** Pairs of [command line, what it does]. */
  examples: readonly (readonly [string, string])[];
  /** Where the first operand says what to do: what each of these words takes. */
  actions?: Readonly<Record<string, ActionManual>>;
}

/** What one action of a command says of itself. */
export interface ActionManual {
  operands: string;
  summary: string;
  /** Names of options. */
  takes: readonly string[];
}

/** Checks a command record and keeps the types of its options. */
export function defineCommand<const O extends OptionTable>(command: Command<O>): Command<O> {
  return command;
}

/** All commands as data, for a command that tells others of them. */
export interface Manual {
  commands(): Promise<CommandManual[]>;
  /** Options that every command has. */
  common: readonly OptionManual[];
}

export interface Runner<O extends OptionTable> {
  /** Results go to stdout, everything else to stderr; resolves to an exit status (see errors.ts). */
  run(args: Arguments<O>, io: Io, manual: Manual): Promise<number>;
}
