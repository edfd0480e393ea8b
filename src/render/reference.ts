// The reference in docs/, as Markdown made from the tables: commands with their options, directives, system calls.

import type { DirectiveRow, MountRow, Value, Versions } from '../policy/directives/row.ts';
import type { Effect } from '../policy/effects.ts';
import type { Family } from '../policy/equal-power.ts';
import type { SyscallRow } from '../process/syscalls.ts';
import type { CommandManual, OptionManual } from './manual.ts';

const GENERATED = 'Made from the tables in the code by `npm run docs`; do not edit it here.';

const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\n+/g, ' ');
const code = (text: string): string => `\`${text}\``;
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(titles), row(titles.map(() => '---')), ...rows.map(row)].join('\n');

function optionRow({ name, alias, metavar, choices, many, default: preset, isOn, describe }: OptionManual): string[] {
  const value = choices.length > 0 ? ` ${choices.join('|')}` : metavar === null ? '' : ` ${metavar}`;
  const notes = [many ? 'may be given several times' : '', preset === null ? '' : `default: ${code(preset)}`];
  const text = [describe, ...notes.filter(note => note !== '')].join('; ');
  return [code(`${alias === null ? '' : `-${alias}, `}--${isOn ? '[no-]' : ''}${name}${value}`), text];
}

function commandSection({ verb, operands, description, options, examples }: CommandManual): string {
  const parts = [`## ${verb}`, code(`allowtrace ${verb} [OPTION…] ${operands}`.trimEnd()), description];
  if (options.length > 0) parts.push(table(['option', 'meaning'], options.map(optionRow)));
  if (examples.length > 0) parts.push(`    ${examples.map(([line, what]) => `${line}    # ${what}`).join('\n    ')}`);
  return parts.join('\n\n');
}

export function renderCommandReference(commands: readonly CommandManual[], common: readonly OptionManual[]): string {
  const head = `# Commands

${GENERATED} The same is in \`allowtrace COMMAND --help\` and \`man allowtrace\`.

Results go to standard output, everything else to standard error. Exit status: 0 done (check: it fits), 1 findings (check: it does not fit), 2 could not be done, 3 no proposal that the evidence proves.

Options of all commands:

${table(['option', 'meaning'], common.map(optionRow))}`;
  return `${[head, ...commands.map(commandSection)].join('\n\n')}\n`;
}

const USES: Readonly<Record<(Effect & { deny: 'paths' })['uses'], string>> = {
  all: 'any use',
  write: 'writing',
  exec: 'executing',
  inodes: 'making, removing and changing owner or mode',
  content: 'reading, listing and writing',
  open: 'opening',
};

/** What one effect of a value refuses, in a few words. */
function effectText(effect: Effect): string {
  switch (effect.deny) {
    case 'syscalls':
      return `calls ${effect.names.join(' ')}`;
    case 'syscalls-except':
      return `all calls but ${effect.names.join(' ')}`;
    case 'foreign-abi':
      return 'calls of other architectures';
    case 'capability':
      return effect.names.join(' ');
    case 'capabilities-except':
      return `all capabilities but ${effect.names.join(' ')}`;
    case 'paths': {
      const use = USES[effect.uses];
      return `${use} below ${effect.under.join(' ')}${effect.except === undefined ? '' : ` except ${effect.except.join(' ')}`}`;
    }
    case 'families':
      return `sockets ${effect.names.join(' ')}`;
    case 'families-except':
      return `all sockets but ${effect.names.join(' ')}`;
    case 'namespaces':
      return `namespaces ${effect.names.join(' ')}`;
    case 'memory':
      return 'memory that is writable and executable';
    case 'feature':
      return `${effect.name}${effect.except === undefined ? '' : ` except ${effect.except.join(' ')}`}`;
    case 'network':
      return 'the network outside its own loopback';
    case 'other-paths':
      return `any use of what lies below ${effect.under}, except ${effect.only.join(' ')}`;
    case 'devices':
      return `opening devices${effect.except.length === 0 ? '' : ` except ${effect.except.join(' ')}`}${effect.readOnly === undefined ? '' : `, and ${effect.readOnly.join(' ')} for reading`}`;
  }
}

/** The releases that something holds for: ` (since 254)`. */
function releases({ since, until }: Versions): string {
  const parts = [since === undefined ? '' : `since ${since}`, until === undefined ? '' : `before ${until}`];
  const text = parts.filter(part => part !== '').join(', ');
  return text === '' ? '' : ` (${text})`;
}

/** Paths that get the same kind of mount are listed together. */
function mountTexts(rows: readonly MountRow[]): string[] {
  const kinds = new Map<string, string[]>();
  for (const row of rows) {
    const kind = `${row.mode}${row.readOnly === true ? ', read-only' : ''}${releases(row)}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), row.path]);
  }
  return [...kinds].map(([kind, paths]) => `${paths.join(' ')} ${kind}`);
}

const valueTexts = ({ denies = [], mounts = [], beside = [] }: Value): string[] => [
  ...mountTexts([...mounts, ...beside]),
  ...denies.map(effect => effectText(effect) + releases(effect)),
];

function directiveRow([name, { since, until, kind, values, always, never, says }]: readonly [
  string,
  DirectiveRow,
]): string[] {
  const shown = Object.entries(values ?? {}).flatMap(([value, one]) => {
    const texts = [...new Set(valueTexts(one))];
    return texts.length === 0 ? [] : [`${code(value)}${releases(one)}: ${texts.join('; ')}`];
  });
  const proposed =
    never !== undefined
      ? `no: ${never}`
      : always !== undefined
        ? `always ${code(always)}`
        : 'as far as the evidence allows';
  return [
    code(name),
    until === undefined ? String(since) : `${since}, before ${until}`,
    shown.length > 0 ? shown.join('. ') : kind,
    proposed,
    says,
  ];
}

export function renderDirectiveReference(directives: readonly (readonly [string, DirectiveRow])[]): string {
  const rows = [...directives].sort(([a], [b]) => (a < b ? -1 : 1)).map(directiveRow);
  return `# Directives

${GENERATED} ${rows.length} directives of systemd.exec(5) and systemd.resource-control(5), from \`src/policy/directives/table.ts\`.

*Since* is the first version of systemd that knows the directive; a value or an effect may have come later, or gone. A value denies what stands
behind it (paths with the kind of mount that systemd makes over them); the strictest that denies nothing observed is proposed.

${table(['directive', 'since', 'denies', 'proposed', 'what it is for'], rows)}
`;
}

function syscallRow([name, { at, fd, does, tells, needs }]: readonly [string, SyscallRow]): string[] {
  const paths = (at ?? []).map(([access, index]) =>
    index < 0 ? `${access} on its descriptor` : `${access} argument ${index + 1}`,
  );
  const facts = [does ?? '', fd === undefined ? '' : 'gives a descriptor', ...(tells ?? [])].filter(
    text => text !== '',
  );
  return [code(name), paths.join(', '), facts.join(', '), (needs ?? []).join(', ')];
}

function familyRow([name, family]: readonly [string, Family]): string[] {
  const { calls, shown, with: also, elsewhere, why, source } = family;
  const by = shown === undefined ? 'any of them' : shown === 'always' ? 'any program' : shown;
  const machines = elsewhere === undefined ? '' : `; on other machines ${elsewhere}`;
  return [name, `${calls}${machines}`, also === undefined ? by : `${by}, with ${also}`, `${why} (${source})`];
}

export function renderSyscallReference(
  calls: readonly (readonly [string, SyscallRow])[],
  families: readonly (readonly [string, Family])[],
): string {
  const rows = [...calls].sort(([a], [b]) => (a < b ? -1 : 1)).map(syscallRow);
  return `# System calls

${GENERATED} ${rows.length} system calls of which more than the name is looked at, from \`src/process/syscalls.ts\`. Of all others only the name and
the number of calls are kept: they name no path and tell about no directive but SystemCallFilter=.

${table(['call', 'paths: how they are used', 'what it does and tells', 'capability'], rows)}

# Calls of equal power

With \`--syscalls equal\`, the default, a call that was observed brings the rest of its family: calls that do the same to the same objects with no
more power. ${families.length} families, from \`src/policy/equal-power.ts\`; a test holds each against the table above and the sets of systemd. A call whose
power another line of the proposal holds back (a capability that is not in \`CapabilityBoundingSet=\`, say) follows beside that line only.

${table(['family', 'calls', 'shown by', 'why they are equal'], families.map(familyRow))}
`;
}
