// Completion for fish: complete(1) of fish 3.

import type { CommandManual, OptionManual } from '../manual.ts';
import { longName, operandWords, type WordKind, wordKind } from './words.ts';

const FILL: Readonly<Record<WordKind | 'command', string>> = {
  file: '-F',
  directory: "-xa '(__fish_complete_directories (commandline -ct))'",
  unit: "-Fa '(__allowtrace_units)'",
  host: "-xa '(__fish_print_hostnames)'",
  free: '',
  command: "-xa '(__fish_complete_subcommand --commandline (__allowtrace_rest))'",
};

const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

function option(verb: string, { name, alias, metavar, offers, isOn, describe }: OptionManual): string {
  const short = alias === null ? '' : ` -s ${alias}`;
  const kind = wordKind(metavar ?? '');
  const fill = offers.length > 0 ? ` -xa ${quote(offers.join(' '))}` : kind === 'free' ? ' -x' : ` -r ${FILL[kind]}`;
  const takes = metavar === null ? '' : fill;
  return `complete -c allowtrace -n '__allowtrace_in ${verb}' -l ${longName({ name, isOn })}${short}${takes} -d ${quote(describe)}`;
}

function branch(command: CommandManual, common: readonly OptionManual[]): string {
  const { verb } = command;
  const { first, others, rest } = operandWords(command);
  const line = (condition: string, fill: string): string[] =>
    fill === '' ? [] : [`complete -c allowtrace -n '${condition} ${verb}' ${fill}`];
  return [
    ...[...command.options, ...common].map(one => option(verb, one)),
    ...(first.length === 0
      ? []
      : [`complete -c allowtrace -n '__allowtrace_first ${verb}' -a ${quote(first.join(' '))}`]),
    ...line('__allowtrace_in', FILL[others]),
    ...line('__allowtrace_behind', FILL[rest]),
  ].join('\n');
}

export function fishCompletion(commands: readonly CommandManual[], common: readonly OptionManual[]): string {
  const verbs = commands.map(
    ({ verb, summary }) => `complete -c allowtrace -n __fish_use_subcommand -a ${verb} -d ${quote(summary)}`,
  );
  return `# fish completion for allowtrace, printed by: allowtrace completion fish

function __allowtrace_in
    set -l words (commandline -opc)
    test "$words[2]" = $argv[1]; and not contains -- -- $words
end
function __allowtrace_behind
    set -l words (commandline -opc)
    test "$words[2]" = $argv[1]; and contains -- -- $words
end
function __allowtrace_first
    set -l words (commandline -opc)
    test "$words[2]" = $argv[1]; and test (count $words) -eq 2
end
function __allowtrace_rest
    set -l words (commandline -opc) (commandline -ct)
    string join ' ' -- $words[(math (contains -i -- -- $words) + 1)..-1]
end
function __allowtrace_units
    systemctl list-unit-files --type=service --plain --no-legend --no-pager 2>/dev/null | string split -f1 ' '
end

complete -c allowtrace -f
complete -c allowtrace -n __fish_use_subcommand -l help -s h -d 'list the commands'
complete -c allowtrace -n __fish_use_subcommand -l version -s V -d 'print the version'
${verbs.join('\n')}
${commands.map(command => branch(command, common)).join('\n')}
`;
}
