// A policy as the drop-in that is read at a glance and committed: three lines on what it is, each directive under at most one line, what the user
// has to know at the end. Evidence and what was withheld stand in full-dropin.ts.

import { DIRECTIVE_ROWS } from '../policy/directives/table.ts';
import type { Basis, Directive, Note, Policy } from '../policy/policy.ts';
import { duration } from './coverage.ts';
import { incompleteText } from './incomplete.ts';
import { counted } from './number.ts';
import { assignment, comment, paragraph, WIDTH } from './unit-lines.ts';

const ifAny = (n: number, one: string): string[] => (n === 0 ? [] : [counted(n, one)]);

/** The beginning of a text that is too long for its line, up to a whole word. */
function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = text.lastIndexOf(' ', width - 2);
  return `${text.slice(0, end > 0 ? end : width - 2).replace(/[ ,;:(]+$/, '')} …`;
}

const line = (text: string): string => comment(cut(text, WIDTH - 2));

/** What is to be said of a directive: how it is broader than observed, else what it rests on; null where its name and paths say it all. */
function remark({ name, because, evidence, wider, brief }: Directive): string | null {
  if (brief !== undefined || wider !== undefined) return line(`broader than observed: ${brief ?? wider ?? ''}`);
  const row = DIRECTIVE_ROWS.get(name);
  if (evidence.length === 0 || (row?.kind === 'paths' && row.list !== undefined)) return null;
  return line(because.length > WIDTH - 2 ? (row?.says ?? because) : because);
}

/** Paths, then what is fixed or listed, then system calls: with a blank line between. */
const groupOf = (name: string): string => {
  const kind = DIRECTIVE_ROWS.get(name)?.kind;
  return kind === 'paths' || kind === 'syscalls' ? kind : 'others';
};

/** A remark that holds for several lines of one directive is made once. */
function body(directives: readonly Directive[]): string[] {
  const lines: string[] = [];
  let above: { name: string; text: string | null } | undefined;
  const named = new Set<string>();
  for (const directive of directives) {
    const { name } = directive;
    const text = remark(directive);
    if (above !== undefined && groupOf(above.name) !== groupOf(name)) lines.push('');
    if (text !== null && (text !== above?.text || name !== above.name)) lines.push(text);
    lines.push(assignment(directive, !named.has(name)));
    named.add(name);
    above = { name, text };
  }
  return lines;
}

/** `3 runs on 2 hosts, 5 h`. */
function basisText({ runs, hosts, seconds }: Basis): string {
  const time = seconds === undefined ? 'no time stamps' : duration(seconds);
  return `${counted(runs, 'run')} on ${counted(hosts, 'host')}, ${time}`;
}

/** Of many, so many are said in the drop-in. */
const SAID = 4;

/** What the user has to decide or cannot see; the rest is counted. */
function tail({ notes, withheld }: Policy): string[] {
  const open = notes.filter(({ kind }) => kind === 'open' || kind === 'blind');
  const kinds = (kind: Note['kind']): number => notes.filter(note => note.kind === kind).length;
  const counts = [
    ifAny(open.length - Math.min(open.length, SAID), 'more note'),
    ifAny(withheld.length, 'withheld value'),
    ifAny(kinds('folded'), 'folded name'),
    ifAny(kinds('assumption'), 'assumption'),
    ifAny(kinds('hint'), 'hint'),
  ].flat();
  return [
    ...open.slice(0, SAID).flatMap(({ text }) => paragraph(text)),
    ...paragraph(`--format full adds ${['evidence', ...counts].join(', ')}`),
  ];
}

/** What it is, in comments: incomplete evidence and warnings first, then for which systemd, and on what it rests. */
export function headLines({ target, basis, incomplete, notes }: Policy): string[] {
  const doubt = incompleteText(incomplete);
  return [
    ...(doubt === null ? [] : [comment(`${doubt}. What rests on it is withheld.`)]),
    ...notes.flatMap(({ kind, text }) => (kind === 'warning' ? [comment(`WARNING: ${text}`)] : [])),
    ...(target.base === true
      ? [
          comment(`Proposed by allowtrace for systemd ${target.systemd}, without learning`),
          comment('Denies what almost no service needs; learn to deny the rest.'),
        ]
      : [
          comment(
            `Proposed by allowtrace for systemd ${target.systemd} (paths: ${target.paths.join('+')}, calls: ${target.syscalls})`,
          ),
          comment(`Allows what was observed: ${basisText(basis)}.`),
        ]),
  ];
}

/** The text of the drop-in. */
export function renderDropin(policy: Policy): string {
  const unit = policy.target.unit ?? 'NAME.service';
  const next = comment(`Next: save in /etc/systemd/system/${unit}.d/, daemon-reload, restart.`);
  return `${[...headLines(policy), next, '', '[Service]', ...body(policy.directives), '', ...tail(policy)].join('\n')}\n`;
}
