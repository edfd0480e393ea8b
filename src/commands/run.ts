// Reads one command's words and runs it.

import { EXIT } from '../errors.ts';
import type { Command, Io, OptionTable } from './command.ts';
import { configured } from './config.ts';
import { readPlainly } from './plain.ts';

/** Runs `command` with the words after its verb; resolves to its exit status. */
export async function runCommand(
  verb: string,
  command: Command<OptionTable>,
  words: readonly string[],
  io: Io,
): Promise<number> {
  const cut = words.indexOf('--');
  const own = cut < 0 ? words : words.slice(0, cut);
  const rest = cut < 0 ? [] : words.slice(cut + 1);
  if (own.includes('--help') || own.includes('-h')) {
    const { helpText } = await import('./words.ts');
    io.stdout.write(`${await helpText(verb, command, io)}\n`);
    return EXIT.ok;
  }
  const settings = await configured(verb, command, own);
  const plain = Object.keys(settings).length === 0 ? readPlainly(command.options, own) : null;
  const { options, operands } =
    plain ?? (await (await import('./words.ts')).readWords(verb, command, own, settings, io));
  return command.run({ ...options, operands, rest }, io);
}
