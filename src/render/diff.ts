// The difference of two profiles or of two sets of directives, for a reviewer and for machines (docs/schemas/diff.schema.json).

import { toJson } from '../json.ts';
import type { DirectiveChange } from '../policy/check/diff.ts';
import type { Access } from '../process/access.ts';
import { parentOf } from '../process/resolve.ts';
import type { FactChange } from '../profile/diff.ts';
import { counted, grouped } from './number.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { renderTree, type TreeRow } from './tree.ts';
import { originText } from './violations.ts';

export interface Difference {
  /** The names of what was compared. */
  old: string;
  new: string;
  facts: FactChange[];
  directives: DirectiveChange[];
}

const TITLES: Readonly<Record<Access['kind'], string>> = {
  path: 'paths',
  move: 'renames and links',
  process: 'programs',
  syscall: 'system calls',
  capability: 'capabilities',
  socket: 'sockets',
  address: 'addresses',
  namespace: 'namespaces',
  memory: 'executable memory',
  feature: 'features',
  unresolved: 'paths that could not be resolved',
  blind: 'blind spots',
};

const MARKS: Readonly<Record<FactChange['change'], string>> = { added: '+', removed: '-', changed: '~' };
/** Names are aligned up to this width. */
const WIDEST = 60;
/** So many names of one directory with the same change are summed up. */
const MANY = 12;
const SAMPLES = 3;

const usesText = ({ change, added, removed }: FactChange): string =>
  change === 'changed'
    ? [...added.map(use => `+${use}`), ...removed.map(use => `-${use}`)].map(printable).join(' ')
    : (change === 'added' ? added : removed).map(printable).join(' ');

const cells = (change: FactChange): string[] => [MARKS[change.change], usesText(change), originText(change.origin)];

/** A row a path, but one for many names of a directory of which the same is to be said. */
function pathRows(changes: readonly FactChange[]): TreeRow[] {
  const above = new Set(changes.map(({ subject }) => parentOf(subject)));
  const alike = new Map<string, FactChange[]>();
  for (const change of changes) {
    const shared = above.has(change.subject) ? change.subject : parentOf(change.subject);
    const key = `${shared}\0${MARKS[change.change]}\0${usesText(change)}`;
    const group = alike.get(key);
    if (group === undefined) alike.set(key, [change]);
    else group.push(change);
  }
  return [...alike.values()].flatMap(group => {
    const [first] = group;
    if (group.length <= MANY || first === undefined)
      return group.map(change => ({ path: change.subject, cells: cells(change) }));
    const directory = parentOf(first.subject);
    const names = group.slice(0, SAMPLES).map(({ subject }) => subject.slice(subject.lastIndexOf('/') + 1));
    const path = `${directory === '/' ? '' : directory}/(${grouped(group.length)} names, such as ${names.join(', ')})`;
    return [{ path, cells: cells(first) }];
  });
}

function factsText(facts: readonly FactChange[], style: Style): string[] {
  const marked = (text: string): string =>
    text.startsWith('+') ? style.green(text) : text.startsWith('-') ? style.red(text) : text;
  const lines: string[] = [];
  for (const kind of new Set(facts.map(fact => fact.kind))) {
    const changes = facts.filter(fact => fact.kind === kind);
    lines.push('', style.bold(TITLES[kind]));
    if (kind === 'path') {
      lines.push(renderTree(pathRows(changes), { style, paint: [marked, text => text, style.dim] }).trimEnd());
      continue;
    }
    const width = Math.min(WIDEST, Math.max(...changes.map(({ subject }) => printable(subject).length)));
    for (const change of changes) {
      const [mark = '', uses = '', origin = ''] = cells(change);
      const name = printable(change.subject).padEnd(width);
      lines.push(`  ${marked(`${mark} ${name}`)}  ${uses}  ${style.dim(origin)}`);
    }
  }
  return lines;
}

const CHANGES: readonly DirectiveChange['change'][] = ['widened', 'narrowed', 'changed'];

function directiveLines({ name, allowed, refused, old, new: now }: DirectiveChange, style: Style): string[] {
  if (allowed.length === 0 && refused.length === 0) {
    const value = (text: string | null): string => (text === null ? 'not set' : printable(text));
    return [`  ${name}=  ${value(old)} → ${value(now)}`];
  }
  return [
    ...(allowed.length === 0 ? [] : [style.red(`  + ${name}=  allows ${allowed.map(printable).join(' ')}`)]),
    ...(refused.length === 0
      ? []
      : [style.green(`  - ${name}=  no longer allows ${refused.map(printable).join(' ')}`)]),
  ];
}

function directivesText(directives: readonly DirectiveChange[], style: Style): string[] {
  const lines: string[] = [];
  for (const change of CHANGES) {
    const changes = directives.filter(directive => directive.change === change);
    if (changes.length > 0)
      lines.push('', style.bold(change), ...changes.flatMap(directive => directiveLines(directive, style)));
  }
  return lines;
}

function totals({ facts, directives }: Difference): string {
  const facet = (list: readonly { change: string }[], change: string): number =>
    list.filter(entry => entry.change === change).length;
  const words = [
    ...CHANGES.map(change => [facet(directives, change), `${change}`] as const).map(([n, change]) =>
      n === 0 ? '' : `${counted(n, 'directive')} ${change}`,
    ),
    ...(['added', 'removed', 'changed'] as const).map(change => {
      const n = facet(facts, change);
      return n === 0 ? '' : `${grouped(n)} ${change}`;
    }),
  ];
  return words.filter(word => word !== '').join(', ');
}

export function diffText(difference: Difference, style: Style): string {
  const { old, new: now, facts, directives } = difference;
  const names = `${printable(old)} → ${printable(now)}`;
  if (facts.length === 0 && directives.length === 0) return `${names}: no difference\n`;
  return `${[`${names}: ${totals(difference)}`, ...directivesText(directives, style), ...factsText(facts, style)].join('\n')}\n`;
}

export function diffJson({ old, new: now, facts, directives }: Difference): string {
  const same = facts.length === 0 && directives.length === 0;
  return `${toJson({ same, old, new: now, directives, facts }, 1)}\n`;
}
