// `allowtrace completion`: a script for the user's shell, made from the table of commands.

import { defineCommand } from './cli/command.ts';

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
});
