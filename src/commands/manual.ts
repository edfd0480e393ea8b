// The command table as plain data (render/manual.ts).

import type { CommandManual, OptionManual } from '../render/manual.ts';
import type { Option } from './cli/command.ts';
import { COMMANDS } from './table.ts';

/** Options that every command has (run.ts and cli.ts see to them). */
export const COMMON_OPTIONS = {
  help: { type: 'boolean', alias: 'h', describe: 'show how the command is used' },
  config: {
    type: 'string',
    describe:
      'take options from FILE (default: allowtrace.config.json, or the key allowtrace of package.json, upwards from here)',
    requiresArg: true,
  },
  'no-config': { type: 'boolean', describe: 'take options from the command line only' },
  debug: { type: 'boolean', describe: 'write to stderr what is read, asked and decided, and when' },
} as const satisfies Readonly<Record<string, Option>>;

/** What the description itself calls the value: `write to FILE`. */
const named = (describe: string): string | undefined =>
  /\b(?:FILE|DIR|GLOB|UNIT|HOST|NAME|VERSION|COMMAND|DURATION)\b/.exec(describe)?.[0];

function optionManual(name: string, option: Option): OptionManual {
  const aliases = typeof option.alias === 'string' ? [option.alias] : (option.alias ?? []);
  const type = option.type === 'number' || option.type === 'boolean' ? option.type : 'string';
  const choices = (option.choices ?? []).map(String);
  const describe = option.describe ?? option.description ?? '';
  return {
    name,
    alias: aliases.find(({ length }) => length === 1) ?? null,
    metavar: type === 'boolean' ? null : (option.metavar ?? named(describe) ?? (type === 'number' ? 'N' : 'VALUE')),
    choices,
    offers: option.offers ?? choices,
    many: option.array === true || option.type === 'array',
    type,
    default: typeof option.default === 'boolean' || option.default === undefined ? null : String(option.default),
    isOn: option.default === true,
    describe,
  };
}

export const optionManuals = (options: Readonly<Record<string, Option>>): OptionManual[] =>
  Object.entries(options)
    .filter(([, { hidden }]) => hidden !== true)
    .map(([name, option]) => optionManual(name, option));

/** All commands, in the order of the table. Loads every one of them. */
export async function manual(): Promise<CommandManual[]> {
  return Promise.all(
    Object.entries(COMMANDS).map(async ([verb, { summary, describe }]) => {
      const { default: command } = await describe();
      const { operands, description, examples } = command;
      return { verb, summary, operands, description, examples, options: optionManuals(command.options) };
    }),
  );
}
