// What the unit that is in force says to what was seen: violations, and rules that nothing used.

import type { Assignment, Edit, Fix, Unused, Violation } from '../../policy/findings.ts';
import { describe, sourceText } from '../access-text.ts';
import { type Cause, causes } from '../violations.ts';
import { type Html, html } from './html.ts';
import type { Report, Section } from './report.ts';
import { assignment, type Column, code, count, number, programs, table } from './text.ts';

/** Violations shown of one line and one fix. */
const SHOWN = 100;

const place = ({ at }: Pick<Assignment, 'at'>): Html => html`<span class="origin">${at.file}:${at.line}</span>`;

const edit = ({ action, name, value }: Edit): Html => html`${action} ${code(assignment({ name, value }))}`;

function fixed(fix: Fix): Html {
  const { edits, wider } = fix;
  return html`${edits.map((one, i) => html`${i > 0 && ', '}${edit(one)}`)}${wider !== undefined && html`<br><span class="wider">broader than observed: ${wider}</span>`}`;
}

const COLUMNS: readonly Column[] = [
  { title: 'Observed' },
  { title: 'Times', kind: 'number' },
  { title: 'Outcome', kind: 'word' },
];

const row = ({ access, outcome, origin, count: times, programs: who }: Violation): Html[] => [
  html`${code(describe(access))}<br>${programs(who)} <span class="origin">${sourceText(origin)}</span>`,
  html`${number(times)}`,
  html`<span class="outcome">${outcome}</span>`,
];

/** What one line of the unit denies: a table for each way out. */
function cause({ by, parts, count: denied }: Cause): Html {
  return html`<h3>${code(assignment(by))} denies ${number(denied)} ${place(by)}</h3>
${parts.map(({ fix, violations }) => {
  const shown = table(
    html`Fix: ${fix === null ? 'no change of a drop-in helps' : fixed(fix)}`,
    COLUMNS,
    violations.slice(0, SHOWN).map(row),
  );
  const rest = violations.length - SHOWN;
  return html`${shown}${rest > 0 && html`<p>and ${number(rest)} more: allowtrace check --format json lists them all.</p>`}`;
})}`;
}

const unusedRow = ({ by, allows }: Unused): Html[] => [code(allows), html`${code(by.name)} ${place(by)}`];

export function check({ check: found }: Report): Section | null {
  if (found === null) return null;
  const { unit, findings } = found;
  const { violations: denied, unused, unknown, unjudged } = findings;
  const answer =
    denied.length === 0
      ? `${unit} allows everything observed.`
      : `${unit} denies ${count(denied.length, 'observed access', 'observed accesses')}.`;
  return {
    id: 'check',
    title: 'Unit in force',
    count: number(denied.length),
    body: html`<p>${answer}</p>
${causes(denied).map(cause)}
${unused.length > 0 && table('Unused permissions', [{ title: 'Rule' }, { title: 'In' }], unused.map(unusedRow))}
${unknown.length > 0 && html`<p>Ignored, because allowtrace does not support them: ${unknown.map((one, i) => html`${i > 0 && ', '}${code(assignment(one))} ${place(one)}`)}.</p>`}
${unjudged.length > 0 && html`<p>Not judged: ${unjudged.map(({ by, why }, i) => html`${i > 0 && '; '}${code(assignment(by))} ${place(by)}: ${why}`)}.</p>`}`,
  };
}
