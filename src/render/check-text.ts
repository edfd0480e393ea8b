// The answer of a check for people: the summary first, then each denying line of the unit with what it denies and the fix.

import { isWhole, type Verdict } from '../policy/check/verdict.ts';
import type { Assignment, Violation } from '../policy/findings.ts';
import { describe } from './access-text.ts';
import { incompleteText } from './incomplete.ts';
import { counted, grouped } from './number.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import {
  assignmentText,
  type Cause,
  causes,
  fixText,
  idleLines,
  originText,
  placeText,
  programsText,
} from './violations.ts';

/** Accesses shown of one denying line and one fix; the JSON has them all. */
const SHOWN = 10;
/** Fixes shown of one denying line. */
const PARTS = 8;
/** Columns are aligned up to this width; a longer text pushes its neighbours. */
const WIDEST = 64;

/** Rows of cells in columns. */
function columns(rows: readonly (readonly string[])[], indent: string): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, Math.min(cell.length, WIDEST));
    });
  return rows.map(row => `${indent}${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd());
}

const row = (violation: Violation): string[] => [
  violation.outcome,
  printable(describe(violation.access)),
  programsText(violation),
  `${originText(violation.origin)}${violation.count > 1 ? ` (${violation.count}×)` : ''}`,
];

function causeText({ by, parts, count }: Cause, style: Style): string[] {
  const lines = [
    `${style.red('✗')} ${style.bold(`${placeText(by.at)}: ${assignmentText(by)}`)} ${style.dim(`denies ${grouped(count)}`)}`,
  ];
  for (const { fix, violations } of parts.slice(0, PARTS)) {
    lines.push(...columns(violations.slice(0, SHOWN).map(row), '    '));
    if (violations.length > SHOWN)
      lines.push(
        style.dim(`    … and ${grouped(violations.length - SHOWN)} more of this kind (--format json lists all)`),
      );
    lines.push(`    ${style.green('→')} ${fixText(fix)}`);
  }
  const rest = parts.slice(PARTS).reduce((sum, { violations }) => sum + violations.length, 0);
  if (rest > 0) lines.push(style.dim(`    … and ${grouped(rest)} more with other fixes (--format json lists all)`));
  return lines;
}

const rule = (by: Assignment): string => `${placeText(by.at)}: ${assignmentText(by)}`;

function headline(verdict: Verdict, style: Style): string {
  const { fits, unit, observed, violations, unused, tooMuchUnused } = verdict;
  const name = printable(unit);
  if (violations.length > 0)
    return `${style.red('does not fit')}: ${name} denies ${grouped(violations.length)} of ${counted(observed, 'observed access', 'observed accesses')}`;
  if (tooMuchUnused) return `${style.red('does not fit')}: ${name} has ${counted(unused.length, 'unused permission')}`;
  if (!fits) return `${style.red('does not fit')}: the baseline of ${name} has stale entries`;
  const whole = isWhole(verdict) ? style.green('fits') : style.yellow('fits as far as it could be judged');
  return `${whole}: ${name} allows ${observed === 1 ? 'the one observed access' : `all ${counted(observed, 'observed access', 'observed accesses')}`}`;
}

function unusedText({ unused }: Verdict, style: Style): string[] {
  if (unused.length === 0) return ['', 'unused permissions: none'];
  const lines = ['', `${style.yellow('unused permissions')}: ${grouped(unused.length)}`];
  for (const { by, allows } of idleLines(unused))
    lines.push(`    ${placeText(by.at)}: ${by.name}=  ${allows.map(printable).join(' ')}`);
  return lines;
}

/** The whole answer. `listUnused`: unused permissions too. */
export function checkText(verdict: Verdict, { style, listUnused }: { style: Style; listUnused: boolean }): string {
  const { violations, accepted, stale, unknown, unjudged, ignored, tooMuchUnused } = verdict;
  const lines = [headline(verdict, style)];
  const doubt = incompleteText(verdict.incomplete);
  if (doubt !== null) lines.push(style.yellow(doubt));
  if (ignored.length > 0) {
    lines.push(
      '',
      `${style.yellow('ignored by systemd')}: ${counted(ignored.length, 'part')} of the unit, so the sandbox is not what its lines say`,
    );
    for (const { message, hint } of ignored)
      lines.push(`    ${printable(message)}${hint === null ? '' : style.dim(` (${printable(hint)})`)}`);
  }
  for (const cause of causes(violations)) lines.push('', ...causeText(cause, style));
  if (listUnused || tooMuchUnused) lines.push(...unusedText(verdict, style));
  if (accepted.length > 0)
    lines.push('', style.dim(`accepted by the baseline: ${counted(accepted.length, 'violation')}`));
  if (stale.length > 0) {
    lines.push('', `${style.yellow('stale')}: ${counted(stale.length, 'baseline entry', 'baseline entries')}`);
    for (const entry of stale) lines.push(`    ${printable(Object.values(entry).join(' '))}`);
  }
  if (unknown.length > 0) {
    lines.push('', `${style.yellow('ignored')}: ${counted(unknown.length, 'unsupported directive')}`);
    for (const by of unknown) lines.push(`    ${rule(by)}`);
  }
  if (unjudged.length > 0) {
    lines.push('', `${style.yellow('not judged')}: ${counted(unjudged.length, 'line')} with which the start may fail`);
    for (const { by, why } of unjudged) lines.push(`    ${rule(by)}: ${printable(why)}`);
  }
  return `${lines.join('\n')}\n`;
}
