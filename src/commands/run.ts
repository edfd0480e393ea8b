// Parses one command's words with yargs and runs it. Strict: an unknown option is an error, never ignored.

import yargs from 'yargs';
import { debug } from '../debug.ts';
import { EXIT, UsageError } from '../errors.ts';
import { didYouMean } from '../nearest-word.ts';
import { actionHelp } from './cli/action-help.ts';
import type { Io, OptionTable } from './cli/command.ts';
import { configured } from './config.ts';
import { COMMON_OPTIONS, manual, optionManuals } from './manual.ts';
import type { CommandEntry } from './table.ts';

/** yargs makes a list of an option that is given twice, and takes an empty value for one. */
function checkGiven(table: OptionTable, name: string, value: unknown): void {
  if (Array.isArray(value) && table[name]?.array !== true)
    throw new UsageError('usage', `--${name} may be given only once`, `it is given ${value.length} times`);
  if (value === '') throw new UsageError('usage', `--${name} needs a value`);
}

/** Runs the command of `entry` with the words after its verb; resolves to its exit status. */
export async function runCommand(verb: string, entry: CommandEntry, words: readonly string[], io: Io): Promise<number> {
  const { default: command } = await entry.describe();
  const cut = words.indexOf('--');
  const own = cut < 0 ? words : words.slice(0, cut);
  const rest = cut < 0 ? [] : words.slice(cut + 1);
  const wantsHelp = own.includes('--help') || own.includes('-h');
  const manualPage = wantsHelp ? (actionHelp(command, own[0]) ?? command) : command;
  const parser = yargs([])
    .scriptName('allowtrace')
    .usage(
      `allowtrace ${verb} ${manualPage === command ? '[OPTION…] ' : ''}${manualPage.operands}\n\n${manualPage.description}`,
    )
    .options(manualPage.options)
    .option('config', COMMON_OPTIONS.config)
    .describe('no-config', COMMON_OPTIONS['no-config'].describe)
    .option('debug', COMMON_OPTIONS.debug)
    .example(manualPage.examples.map(([line, what]): [string, string] => [line, what]))
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
      const text = (message ?? error?.message ?? '')
        .replace(/^Unknown argument(s?): /, 'Unknown option$1: ')
        .replace(/\s*\n\s*/g, ' ');
      const unknown = /^Unknown options?: ([\w-]+)/.exec(text)?.[1];
      const names = Object.keys({ ...command.options, ...COMMON_OPTIONS }).map(name => `--${name}`);
      const hint = unknown === undefined ? null : didYouMean(`--${unknown}`, names);
      throw new UsageError('usage', text, hint ?? `allowtrace ${verb} --help lists the options`);
    });
  if (wantsHelp) {
    io.stdout.write(`${await parser.getHelp()}\n`);
    return EXIT.ok;
  }
  parser.config(await configured(verb, command, own));
  const { _: operands, $0: _script, config: _config, debug: _debug, ...options } = await parser.parseAsync([...own]);
  for (const name of Object.keys(command.options)) checkGiven(command.options, name, options[name]);
  // Behind `--` are the logs or the command, where the synopsis has one; elsewhere it is operands that may begin with a dash.
  const apart = command.operands.includes('--');
  const all = [...operands.map(String), ...(apart ? [] : rest)];
  debug(() => `options: ${JSON.stringify(options)}`);
  const { run } = await entry.load();
  return run({ ...options, operands: all, rest: apart ? [...rest] : [] }, io, {
    commands: manual,
    common: optionManuals(COMMON_OPTIONS),
  });
}
