// What the unit that is in force says to what was seen: violations, and rules that nothing used.

import type { Assignment, Edit, Mend, Unused, Violation } from '../../policy/findings.ts';
import { describe } from '../dropin.ts';
import { type Html, html } from './html.ts';
import type { Report, Section } from './report.ts';
import { assignment, type Column, code, count, number, programs, table } from './text.ts';

/** Violations shown. */
const SHOWN = 500;

const place = ({ at }: Pick<Assignment, 'at'>): Html => html`<span class="origin">${at.file}:${at.line}</span>`;

const edit = ({ action, name, value }: Edit): Html => html`${action} ${code(assignment({ name, value }))}`;

function mended(mend: Mend): Html {
  const { edits, wider } = mend;
  return html`${edits.map((one, i) => html`${i > 0 && ', '}${edit(one)}`)}${wider !== undefined && html`<br><span class="wider">wider than seen: ${wider}</span>`}`;
}

function violations(found: readonly Violation[]): Html {
  const hasMends = found.some(({ mend }) => mend !== null);
  const columns: Column[] = [
    { title: 'Seen' },
    { title: 'Times', kind: 'number' },
    { title: 'Outcome', kind: 'word' },
    { title: 'Denied by' },
  ];
  const rows = found
    .slice(0, SHOWN)
    .map(({ access, outcome, by, origin, count: times, programs: who, mend }) => [
      html`${code(describe(access))}<br>${programs(who)} <span class="origin">${origin.trace}:${origin.line} ${origin.syscall}</span>`,
      number(times),
      html`<span class="outcome">${outcome}</span>`,
      html`${code(assignment(by))}<br>${place(by)}`,
      ...(hasMends ? [mend === null ? 'no change of the drop-in helps' : mended(mend)] : []),
    ]);
  return html`${table('Violations', hasMends ? [...columns, { title: 'Mend' }] : columns, rows)}
${found.length > SHOWN && html`<p>and ${number(found.length - SHOWN)} more: allowtrace check lists them all.</p>`}`;
}

const unusedRow = ({ by, allows }: Unused): Html[] => [code(allows), html`${code(by.name)} ${place(by)}`];

export function check({ check: found }: Report): Section | null {
  if (found === null) return null;
  const { unit, findings } = found;
  const { violations: denied, unused, unknown } = findings;
  const answer =
    denied.length === 0
      ? `Everything that was seen fits ${unit}.`
      : `${count(denied.length, 'access', 'accesses')} succeeded when seen, and ${unit} denies ${denied.length === 1 ? 'it' : 'them'}.`;
  return {
    id: 'check',
    title: 'The unit today',
    count: number(denied.length),
    body: html`<p>${answer}</p>
${denied.length > 0 && violations(denied)}
${unused.length > 0 && table('Allowed, never seen', [{ title: 'Rule' }, { title: 'In' }], unused.map(unusedRow))}
${unknown.length > 0 && html`<p>Nothing is concluded from ${unknown.map((one, i) => html`${i > 0 && ', '}${code(assignment(one))} ${place(one)}`)}.</p>`}`,
  };
}
