// A policy for reading in a terminal: a summary line, the settings in aligned columns, paths as a tree, what was withheld, what is open.

import { DIRECTIVE_ROWS } from '../policy/directives/table.ts';
import type { Directive, Policy, Reason, Withheld } from '../policy/policy.ts';
import { reasonText } from './access-text.ts';
import { type Assessed, exposureText } from './assessment.ts';
import { incompleteText } from './incomplete.ts';
import { counted } from './number.ts';
import { printable } from './printable.ts';
import { PLAIN, type Style } from './style.ts';
import { renderTree, type TreeRow } from './tree.ts';

/** Longer values are cut; the drop-in has them whole. */
const VALUE = 44;

const cut = (text: string, width: number): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text);

/** A list of one path: `ReadWritePaths=-/var/lib/app`. */
function pathOf({ name, value }: Directive): string | null {
  const row = DIRECTIVE_ROWS.get(name);
  if (row?.kind !== 'paths' || row.list === undefined) return null;
  const path = value.replace(/^"?[-+]*/, '').replace(/"$/, '');
  return path.startsWith('/') && !path.includes(' ') ? path : null;
}

const origin = (evidence: readonly Reason[]): string => {
  const [first] = evidence;
  return first === undefined ? '' : `${first.origin.trace}:${first.origin.line}`;
};

interface Row {
  name: string;
  value: string;
  why: string;
  wider: string | undefined;
}

function columns(rows: readonly Row[], paint: (text: string) => string, style: Style): string {
  const nameWidth = Math.max(0, ...rows.map(({ name }) => name.length));
  const valueWidth = Math.max(0, ...rows.map(({ value }) => value.length));
  return rows
    .map(({ name, value, why, wider }) => {
      const line = `  ${name.padEnd(nameWidth)}  ${paint(value.padEnd(valueWidth))}  ${style.dim(why)}\n`;
      return wider === undefined
        ? line
        : `${line}  ${' '.repeat(nameWidth)}  ${style.yellow(`broader than observed: ${wider}`)}\n`;
    })
    .join('');
}

const settingRow = ({ name, value, because, evidence, wider }: Directive): Row => ({
  name,
  value: printable(cut(value, VALUE)),
  why: printable([because, origin(evidence)].filter(part => part !== '').join(' · ')),
  wider: wider === undefined ? undefined : printable(wider),
});

const withheldRow = ({ name, value, because, evidence }: Withheld): Row => ({
  name,
  value: printable(cut(value, VALUE)),
  why: printable(evidence[0] === undefined ? because : reasonText(evidence[0])),
  wider: undefined,
});

function treeRow(directive: Directive, path: string): TreeRow {
  const { name, because, seen, evidence, wider } = directive;
  const times = seen === 0 ? '' : `${seen}×`;
  const why = [because, origin(evidence), wider === undefined ? '' : `broader than observed: ${wider}`];
  return { path, cells: [name, times, printable(why.filter(part => part !== '').join(' · '))] };
}

/** How many directives there are, how many are broader than observed, how many were withheld. */
export function policySummary({ directives, withheld, target }: Policy, exposure: string | null = null): string {
  const wider = directives.filter(one => one.wider !== undefined).length;
  const parts = [
    counted(directives.length, 'directive'),
    `${withheld.length} withheld`,
    wider === 0 ? '' : `${wider} broader than observed`,
    exposure === null ? '' : `exposure ${exposure}`,
    `for systemd ${target.systemd}`,
  ];
  return parts.filter(part => part !== '').join(' · ');
}

/** The table; `assessment` adds systemd's score to the summary. */
export function renderPolicyTable(policy: Policy, assessment: Assessed | null, style: Style = PLAIN): string {
  const { directives, withheld, notes } = policy;
  const exposure = assessment === null ? null : exposureText(assessment);
  const paths = directives.flatMap(directive => {
    const path = pathOf(directive);
    return path === null ? [] : [{ directive, path }];
  });
  const ofPaths = new Set(paths.map(({ directive }) => directive));
  const settings = directives.filter(directive => !ofPaths.has(directive));
  const title = (text: string): string => `\n${style.bold(text)}\n`;
  const doubt = incompleteText(policy.incomplete);
  const parts = [doubt === null ? '' : `${style.red(doubt)}\n`, `${style.bold(policySummary(policy, exposure))}\n`];
  const isWarning = ({ kind }: Policy['notes'][number]): boolean => kind === 'warning';
  for (const { text } of notes.filter(isWarning)) parts.push(`${style.red('warning')}: ${printable(text)}\n`);
  parts.push(title('Settings'), columns(settings.map(settingRow), style.green, style));
  if (paths.length > 0)
    parts.push(
      title('Paths'),
      renderTree(
        paths.map(({ directive, path }) => treeRow(directive, path)),
        { style, paint: [style.green, style.cyan, style.dim] },
      ),
    );
  if (withheld.length > 0) parts.push(title('Withheld'), columns(withheld.map(withheldRow), style.red, style));
  const told = notes.filter(note => !isWarning(note));
  if (told.length > 0)
    parts.push(title('Notes'), told.map(({ kind, text }) => `  ${style.yellow(kind)}: ${printable(text)}\n`).join(''));
  return parts.join('');
}
