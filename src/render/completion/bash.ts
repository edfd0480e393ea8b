// Completion for bash, without the help of bash-completion: complete -F, bash(1) «Programmable Completion».

import type { CommandManual, OptionManual } from '../manual.ts';
import { flags, longName, operandWords, type WordKind, wordKind } from './words.ts';

const FILL: Readonly<Record<WordKind | 'command', string>> = {
  file: '_allowtrace_files -f',
  directory: '_allowtrace_files -d',
  unit: '_allowtrace_units',
  host: '_allowtrace_words "$(compgen -A hostname)"',
  free: ':',
  command: '_allowtrace_command $((i + 1))',
};

const value = ({ offers, metavar }: OptionManual): string =>
  offers.length > 0 ? `_allowtrace_words '${offers.join(' ')}'` : FILL[wordKind(metavar ?? '')];

function branch(command: CommandManual, common: readonly OptionManual[]): string {
  const all = [...command.options, ...common];
  const { first, others, rest } = operandWords(command);
  const words = all.map(option => `--${longName(option)}`).join(' ');
  const values = all
    .filter(({ metavar }) => metavar !== null)
    .map(option => `\t\t${flags(option).join(' | ')}) ${value(option)}; return ;;`);
  return [
    `\t${command.verb})`,
    `\t\tif ((i < COMP_CWORD)); then ${FILL[rest]}; return; fi`,
    ...(values.length === 0 ? [] : ['\t\tcase $previous in', ...values, '\t\tesac']),
    `\t\tif [[ $word == -* ]]; then _allowtrace_words '${words}'; return; fi`,
    ...(first.length === 0
      ? []
      : [`\t\tif ((COMP_CWORD == 2)); then _allowtrace_words '${first.join(' ')}'; return; fi`]),
    `\t\t${FILL[others]} ;;`,
  ].join('\n');
}

export function bashCompletion(commands: readonly CommandManual[], common: readonly OptionManual[]): string {
  return `# bash completion for allowtrace, printed by: allowtrace completion bash

_allowtrace_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word"); }
_allowtrace_files() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen "$1" -- "$word"); }
_allowtrace_units() {
	compopt -o filenames
	mapfile -t COMPREPLY < <(
		compgen -f -- "$word"
		compgen -W "$(systemctl list-unit-files --type=service --plain --no-legend --no-pager 2>/dev/null | cut -d' ' -f1)" -- "$word"
	)
}
_allowtrace_command() {
	if ((COMP_CWORD == $1)); then mapfile -t COMPREPLY < <(compgen -c -- "$word"); else _allowtrace_files -f; fi
}

_allowtrace() {
	local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} i
	COMPREPLY=()
	# bash splits --option=value in three words.
	if [[ $word == = ]]; then word=; elif [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}; fi
	if ((COMP_CWORD == 1)); then
		_allowtrace_words '${commands.map(({ verb }) => verb).join(' ')} help --help --version'
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do [[ \${COMP_WORDS[i]} == -- ]] && break; done
	case \${COMP_WORDS[1]} in
${commands.map(command => branch(command, common)).join('\n')}
	help) _allowtrace_words '${commands.map(({ verb }) => verb).join(' ')}' ;;
	esac
}

complete -F _allowtrace allowtrace
`;
}
