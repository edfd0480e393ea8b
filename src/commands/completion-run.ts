// What `allowtrace completion` does.

import { EXIT, UsageError } from '../errors.ts';
import { bashCompletion } from '../render/completion/bash.ts';
import { fishCompletion } from '../render/completion/fish.ts';
import { zshCompletion } from '../render/completion/zsh.ts';
import type { Arguments, Io, Manual, OptionTable } from './cli/command.ts';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

const isShell = (word: string | undefined): word is keyof typeof SHELLS =>
  word !== undefined && Object.hasOwn(SHELLS, word);

export async function run({ operands }: Arguments<OptionTable>, io: Io, manual: Manual): Promise<number> {
  const [shell] = operands;
  if (!isShell(shell) || operands.length > 1)
    throw new UsageError(
      'bad-shell',
      shell === undefined ? 'no shell' : `there is no completion for '${operands.join(' ')}'`,
      `choose from ${Object.keys(SHELLS).join(', ')}`,
    );
  io.stdout.write(SHELLS[shell](await manual.commands(), manual.common));
  return EXIT.ok;
}
