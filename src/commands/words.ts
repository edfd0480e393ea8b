// The words of a command as yargs reads them, and its help. Strict: an unknown option is an error, never ignored.

import yargs, { type Argv } from 'yargs';
import { UsageError } from '../errors.ts';
import type { Command, Io, OptionTable } from './command.ts';
import { COMMON_OPTIONS } from './manual.ts';
import type { Words } from './plain.ts';

/** yargs makes a list of an option that is given twice, and takes an empty value for one. */
function checkGiven(table: OptionTable, name: string, value: unknown): void {
  if (Array.isArray(value) && table[name]?.array !== true)
    throw new UsageError('usage', `--${name} is given ${value.length} times`, 'once is meant: leave out the others');
  if (value === '') throw new UsageError('usage', `--${name} has no value`, 'an empty one means nothing');
}

function parser(verb: string, command: Command<OptionTable>, io: Io): Argv {
  return yargs([])
    .scriptName('allowtrace')
    .usage(`allowtrace ${verb} [OPTION…] ${command.operands}\n\n${command.description}`)
    .options(command.options)
    .option('config', COMMON_OPTIONS.config)
    .describe('no-config', COMMON_OPTIONS['no-config'].describe)
    .example(command.examples.map(([line, what]): [string, string] => [line, what]))
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-positional-numbers': false,
      'greedy-arrays': false,
    })
    .strictOptions()
    .version(false)
    .locale('en')
    .help()
    .alias('help', 'h')
    .wrap(Math.min(io.stdout.columns ?? 100, 110))
    .exitProcess(false)
    .fail((message, error) => {
      // What yargs itself objects to comes as a YError, or as a message alone.
      if (error !== undefined && error.name !== 'YError') throw error;
      const text = (message ?? error?.message ?? '').replace(/^Unknown argument(s?): /, 'Unknown option$1: ');
      throw new UsageError('usage', text, `allowtrace ${verb} --help lists the options`);
    });
}

export const helpText = (verb: string, command: Command<OptionTable>, io: Io): Promise<string> =>
  parser(verb, command, io).getHelp();

/** What the words of a command say, those before `--`; `configured` are options that the config file sets. */
export async function readWords(
  verb: string,
  command: Command<OptionTable>,
  words: readonly string[],
  configured: Record<string, unknown>,
  io: Io,
): Promise<Words> {
  const {
    _: operands,
    $0: _script,
    config: _config,
    ...options
  } = await parser(verb, command, io)
    .config(configured)
    .parseAsync([...words]);
  for (const name of Object.keys(command.options)) checkGiven(command.options, name, options[name]);
  return { options, operands: operands.map(String) };
}
