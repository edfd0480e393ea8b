// Directives that rest on what was not seen are worth nothing where the logs could not have shown it.

import { GAPS, type Gap, gapsIn } from '../../../profile/gaps.ts';
import type { Profile } from '../../../profile/profile.ts';
import { type DirectiveRow, valuesIn } from '../../directives/row.ts';
import { DIRECTIVE_ROWS, effectsOf } from '../../directives/table.ts';
import type { Effect } from '../../effects.ts';
import type { Directive } from '../../policy.ts';
import { type Plan, takenBack } from '../plan.ts';

/** Where these are missing, anything may be. */
const EVERYTHING = ['records', 'start', 'excerpt', 'unread', 'dropped'] as const satisfies readonly Gap[];

type Area = Exclude<Gap, (typeof EVERYTHING)[number] | 'foreign'>;

const ALL: readonly Area[] = ['files', 'sockets', 'others'];

/** The calls that would show that an effect denies something. */
// biome-ignore format: one effect a line
const SHOWN_BY: Readonly<Record<Effect['deny'], readonly Area[]>> = {
  'syscalls':            ['others'],
  'syscalls-except':     ['calls'],
  'foreign-abi':         ['others'],
  'capability':          ALL,
  'capabilities-except': ALL,
  'paths':               ['files'],
  'other-paths':         ['files'],
  'devices':             ['files'],
  'families':            ['sockets'],
  'families-except':     ['sockets'],
  'namespaces':          ['others'],
  'memory':              ['others'],
  'feature':             ['others'],
  'network':             ['sockets'],
};

/** The calls on which lists with a logic of their own rest. */
// biome-ignore format: one kind a line
const RESTS_ON: Readonly<Record<Exclude<DirectiveRow['kind'], 'choice'>, readonly Area[]>> = {
  paths:        ['files'],
  devices:      ['files'],
  syscalls:     ['calls'],
  capabilities: ALL,
  families:     ['sockets'],
  addresses:    ['sockets'],
  namespaces:   ['others'],
  other:        ALL,
};

/** Libraries are executed by mapping them, which is no call about files. */
const EXECUTES: ReadonlySet<string> = new Set(['ExecPaths', 'NoExecPaths']);

function areasOf(name: string, row: DirectiveRow, systemd: number): readonly Area[] {
  if (EXECUTES.has(name)) return ['files', 'others'];
  if (row.kind !== 'choice') return RESTS_ON[row.kind];
  const effects = valuesIn(row, systemd).flatMap(([, value]) => effectsOf(value, systemd));
  return effects.flatMap(({ deny }) => SHOWN_BY[deny]);
}

/** The calls that a directive rests on: those that would show that it denies something. */
export function restsOn({ name }: Directive, systemd: number): readonly Area[] {
  const row = DIRECTIVE_ROWS.get(name);
  return row === undefined || row.always !== undefined ? [] : areasOf(name, row, systemd);
}

/** What is missing of the evidence for a directive. */
function missing(directive: Directive, gaps: ReadonlySet<Gap>, systemd: number): Gap | undefined {
  const row = DIRECTIVE_ROWS.get(directive.name);
  if (row === undefined || row.always !== undefined) return undefined;
  return EVERYTHING.find(gap => gaps.has(gap)) ?? restsOn(directive, systemd).find(area => gaps.has(area));
}

/** A plan without the directives whose evidence no log could show. */
export function withoutUnseen(plan: Plan, profile: Profile, systemd: number): Plan {
  const gaps = gapsIn(profile);
  if (gaps.size === 0) return plan;
  return takenBack(plan, directive => {
    const gap = missing(directive, gaps, systemd);
    return gap === undefined ? null : { because: GAPS[gap] };
  });
}
