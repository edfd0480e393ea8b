// `allowtrace completion`: a script for the user's shell, made from the table of commands.

import { EXIT, UsageError } from '../errors.ts';
import { bashCompletion } from '../render/completion/bash.ts';
import { fishCompletion } from '../render/completion/fish.ts';
import { zshCompletion } from '../render/completion/zsh.ts';
import { defineCommand } from './command.ts';
import { COMMON_OPTIONS, manual, optionManuals } from './manual.ts';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

const isShell = (word: string | undefined): word is keyof typeof SHELLS =>
  word !== undefined && Object.hasOwn(SHELLS, word);

export default defineCommand({
  operands: 'bash|zsh|fish',
  description:
    'Prints a script that completes the commands, options and values of allowtrace in your shell: commands, choices, files, units.',
  options: {},
  examples: [
    ['source <(allowtrace completion bash)', 'in ~/.bashrc'],
    ['allowtrace completion zsh > ~/.zfunc/_allowtrace', 'a directory of $fpath'],
    ['allowtrace completion fish > ~/.config/fish/completions/allowtrace.fish', 'fish finds it there'],
  ],
  async run({ operands }, io) {
    const [shell] = operands;
    if (!isShell(shell) || operands.length > 1)
      throw new UsageError(
        'bad-shell',
        shell === undefined ? 'no shell was given' : `there is no completion for '${operands.join(' ')}'`,
        `choose from ${Object.keys(SHELLS).join(', ')}`,
      );
    io.stdout.write(SHELLS[shell](await manual(), optionManuals(COMMON_OPTIONS)));
    return EXIT.ok;
  },
});
