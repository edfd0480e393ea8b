// Completion for zsh: _arguments, zshcompsys(1). Works autoloaded as `_allowtrace` and sourced.

import type { CommandManual, OptionManual } from '../manual.ts';
import { flags, operandWords, type WordKind, wordKind } from './words.ts';

const FILL: Readonly<Record<WordKind | 'command', string>> = {
  file: '_files',
  directory: '_files -/',
  unit: '_allowtrace_units',
  host: '_hosts',
  free: ' ',
  command: '_normal',
};

const quote = (text: string): string => `'${text.replace(/'/g, "'\\''")}'`;
const described = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&');

function spec(option: OptionManual): string {
  const { metavar, offers, many, describe } = option;
  const tail =
    metavar === null ? '' : `:${metavar}:${offers.length > 0 ? `(${offers.join(' ')})` : FILL[wordKind(metavar)]}`;
  const names = flags(option);
  const repeat = many ? '*' : names.length > 1 ? `(${names.join(' ')})` : '';
  return names
    .map(name => {
      const joined = metavar === null ? '' : name.startsWith('--') ? '=' : '+';
      return quote(`${repeat}${name}${joined}[${described(describe)}]${tail}`);
    })
    .join(' ');
}

function branch(command: CommandManual, common: readonly OptionManual[]): string {
  const { first, others, rest } = operandWords(command);
  const operands = [
    ...(first.length === 0 ? [] : [`'1:action:(${first.join(' ')})'`]),
    others === 'free' ? '' : `'*:${others}:${FILL[others]}'`,
  ].filter(text => text !== '');
  const specs = [...[...command.options, ...common].map(spec), ...operands];
  return `    ${command.verb})
      if (( behind )); then ${rest === 'free' ? ':' : FILL[rest]}; return; fi
      _arguments -s ${specs.join(' \\\n        ')} ;;`;
}

export function zshCompletion(commands: readonly CommandManual[], common: readonly OptionManual[]): string {
  const list = commands.map(({ verb, summary }) => quote(`${verb}:${described(summary)}`)).join('\n    ');
  return `#compdef allowtrace
# zsh completion for allowtrace, printed by: allowtrace completion zsh

_allowtrace_units() {
  local -a units
  units=(\${(f)"$(systemctl list-unit-files --type=service --plain --no-legend --no-pager 2>/dev/null | cut -d' ' -f1)"})
  _alternative 'units:unit:compadd -a units' 'files:file:_files'
}

_allowtrace() {
  local -a commands
  commands=(
    ${list}
    'help:show how a command is used'
  )
  if (( CURRENT == 2 )); then
    if [[ $PREFIX == -* ]]; then compadd -- --help --version; else _describe -t commands command commands; fi
    return
  fi
  shift words
  (( CURRENT-- ))
  local verb=$words[1] behind=0 dashes=\${words[(i)--]}
  if (( dashes < CURRENT )); then
    behind=1
    shift $dashes words
    (( CURRENT -= dashes ))
  fi
  case $verb in
${commands.map(command => branch(command, common)).join('\n')}
    help) _describe -t commands command commands ;;
  esac
}

if [[ $funcstack[1] == _allowtrace ]]; then _allowtrace "$@"; else compdef _allowtrace allowtrace; fi
`;
}
