// `allowtrace service start --help` is about `start`: its operands, its options, its examples.

import type { Command, OptionTable } from './command.ts';

/** `start, diagnose: seccomp is …`: which actions an option is for is said only where there are several. */
const ACTIONS = /^[a-z]+(?: --apply)?(?:, [a-z]+(?: --apply)?)*: /;

/** The part of a command that is about one action; null where the word names none. */
export function actionHelp(command: Command<OptionTable>, word: string | undefined): Command<OptionTable> | null {
  const action = word === undefined ? undefined : command.actions?.[word];
  if (action === undefined) return null;
  const options = Object.entries(command.options)
    .filter(([name]) => action.takes.includes(name))
    .map(([name, option]) => [name, { ...option, describe: option.describe?.replace(ACTIONS, '') }] as const);
  return {
    operands: `${word} [OPTION…] ${action.operands}`,
    description: action.summary,
    options: Object.fromEntries(options),
    examples: command.examples.filter(([line]) => line.includes(` ${word}`)),
  };
}
