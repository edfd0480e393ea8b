// What the unit that is in force says to what was seen: violations, and rules that nothing used.

import type { Assignment, Edit, Unused, Violation } from '../../policy/findings.ts';
import { describe } from '../dropin.ts';
import { type Html, html } from './html.ts';
import type { Report, Section } from './report.ts';
import { assignment, code, count, number, programs, table } from './text.ts';

const place = ({ at }: Pick<Assignment, 'at'>): Html => html`<span class="origin">${at.file}:${at.line}</span>`;

const edit = ({ action, name, value }: Edit): Html => html`${action} ${code(assignment({ name, value }))}`;

const violation = ({ access, outcome, by, origin, count: times, programs: who, mend }: Violation): Html[] => [
  html`${code(describe(access))}<br>${programs(who)} <span class="origin">${origin.trace}:${origin.line} ${origin.syscall}</span>`,
  html`${number(times)}`,
  html`<span class="outcome">${outcome}</span>`,
  html`${code(assignment(by))}<br>${place(by)}`,
  mend === null
    ? html`no change of the drop-in helps`
    : html`${mend.edits.map((one, i) => html`${i > 0 && ', '}${edit(one)}`)}${mend.wider !== undefined && html`<br><span class="wider">wider than seen: ${mend.wider}</span>`}`,
];

const unusedRow = ({ by, allows }: Unused): Html[] => [code(allows), html`${code(by.name)} ${place(by)}`];

export function check({ check: found }: Report): Section | null {
  if (found === null) return null;
  const { violations, unused, unknown } = found.findings;
  return {
    id: 'check',
    title: 'The unit today',
    count: String(violations.length),
    body: html`<p>${violations.length === 0 ? `Everything that was seen fits ${found.unit}.` : `${count(violations.length, 'access', 'accesses')} succeeded when seen, and ${found.unit} denies ${violations.length === 1 ? 'it' : 'them'}.`}</p>
${violations.length > 0 && table('Violations', [{ title: 'Seen' }, { title: 'Times', kind: 'number' }, { title: 'Outcome', kind: 'word' }, { title: 'Denied by' }, { title: 'Mend' }], violations.map(violation))}
${unused.length > 0 && table('Allowed, never seen', [{ title: 'Rule' }, { title: 'In' }], unused.map(unusedRow))}
${unknown.length > 0 && html`<p>Nothing is concluded from ${unknown.map((one, i) => html`${i > 0 && ', '}${code(assignment(one))} ${place(one)}`)}.</p>`}`,
  };
}
