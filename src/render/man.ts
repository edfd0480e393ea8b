// The manual page allowtrace(1), from the table of commands. Macros: man(7); text is escaped as groff_char(7) asks.

import type { CommandManual, OptionManual } from './manual.ts';

const escaped = (text: string): string =>
  text.replace(/\\/g, '\\e').replace(/-/g, '\\-').replace(/'/g, '\\(aq').replace(/^\./gm, '\\&.');

/** Running text: what stands in backticks is set bold. */
const prose = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '\\fB$1\\fR');
const paragraphs = (text: string): string =>
  text
    .split(/\n\s*\n/)
    .map(prose)
    .join('\n.PP\n');
const bold = (text: string): string => `\\fB${escaped(text)}\\fR`;
const italic = (text: string): string => `\\fI${escaped(text)}\\fR`;

function term({ name, alias, metavar, choices, isOn }: OptionManual): string {
  const value = choices.length > 0 ? choices.map(bold).join('|') : metavar === null ? '' : italic(metavar);
  const short = alias === null ? '' : `${bold(`-${alias}`)}, `;
  return `${short}${bold(`--${isOn ? '[no-]' : ''}${name}`)}${value === '' ? '' : ` ${value}`}`;
}

function option(entry: OptionManual): string {
  const notes = [
    entry.many ? 'May be given several times.' : '',
    entry.default === null ? '' : `Default: ${entry.default}.`,
  ].filter(note => note !== '');
  return `.TP\n${term(entry)}\n${prose([sentence(entry.describe), ...notes].join(' '))}`;
}

const sentence = (text: string): string =>
  text.slice(0, 1).toUpperCase() + text.slice(1) + (/[.?!]$/.test(text) ? '' : '.');

const example = ([line, what]: readonly [string, string]): string => `.TP\n${bold(line)}\n${prose(sentence(what))}`;

const synopsis = ({ verb, operands }: CommandManual): string =>
  `${bold('allowtrace')} ${bold(verb)} [${italic('OPTION')}…] ${italic(operands)}`.trimEnd();

function section(command: CommandManual): string {
  const { verb, description, options, examples } = command;
  return [
    `.SS ${escaped(verb)}`,
    synopsis(command),
    '.PP',
    paragraphs(description),
    ...options.map(option),
    ...(examples.length === 0 ? [] : ['.PP', 'Examples:', ...examples.map(example)]),
  ].join('\n');
}

export interface ManualFrame {
  version: string;
  /** Options that every command has. */
  common: readonly OptionManual[];
}

export function renderMan(commands: readonly CommandManual[], { version, common }: ManualFrame): string {
  return `.\\" Generated from the table of commands: npm run docs
.TH ALLOWTRACE 1 "" "allowtrace ${escaped(version)}" "User Commands"
.SH NAME
allowtrace \\- learn from strace what a service does; propose, check and explain its systemd sandbox
.SH SYNOPSIS
${bold('allowtrace')} ${italic('COMMAND')} [${italic('OPTION')}…] [${italic('ARGUMENT')}…]
.SH DESCRIPTION
${paragraphs(`A service needs little of the machine it runs on. \`allowtrace\` reads what \`strace\` writes about it, keeps what it really used in a profile, and proposes the systemd sandbox that allows that and nothing else. Each directive of the proposal names its evidence.

Results go to standard output, everything else to standard error.`)}
.SH COMMANDS
${commands.map(section).join('\n')}
.SH OPTIONS OF ALL COMMANDS
${common.map(option).join('\n')}
.SH EXIT STATUS
.TP
0
Done; a check found that everything fits.
.TP
1
A check found violations.
.TP
2
What was asked could not be done; the reason is on standard error.
.TP
3
No proposal passes its own check, so none is printed: lines of the unit itself deny what was observed. Or one was printed whose evidence is incomplete (a log without the start of the service, an excerpt, lines that were not understood, a filtered log): what rests on what is missing is withheld. With ${bold('--allow-incomplete')} the status is then 0.
.SH ENVIRONMENT
.TP
${bold('NO_COLOR')}
When set and not empty, output is not coloured.
.SH SEE ALSO
.BR strace (1),
.BR systemd.exec (5),
.BR systemd\\-analyze (1),
.BR capabilities (7)
`;
}
