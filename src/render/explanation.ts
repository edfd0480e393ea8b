// An explanation for a reader: the answer, what can be done, the directives, and every place in the logs that speaks for it.

import type { Explanation, Use } from '../policy/explain/explanation.ts';
import type { Reason } from '../policy/policy.ts';
import { reasonText } from './access-text.ts';
import { printable } from './printable.ts';
import { PLAIN, type Style } from './style.ts';

/** Places shown; JSON has all. */
const PLACES = 12;

const line = (text: string): string => `  ${printable(text)}`;

function useLine({ use, seen, outcome, by }: Use, width: number, style: Style): string {
  const verdict = outcome === 'allowed' ? style.green('allowed') : style.red(outcome);
  const often = seen === 0 ? style.dim('never observed') : `observed ${seen}×`;
  const because = by === null ? '' : style.dim(`  ${printable(by)}`);
  return `  ${use.padEnd(width)}  ${verdict}  ${often}${because}`;
}

function section(title: string, lines: readonly string[], style: Style): string {
  return lines.length === 0 ? '' : `\n${style.bold(title)}\n${lines.join('\n')}\n`;
}

function places(evidence: readonly Reason[]): string[] {
  const shown = evidence.slice(0, PLACES).map(reason => line(reasonText(reason)));
  return evidence.length > PLACES
    ? [...shown, `  … and ${evidence.length - PLACES} more: --format json lists them`]
    : shown;
}

/** The explanation as text for a terminal. */
export function renderExplanation(explanation: Explanation, style: Style = PLAIN): string {
  const { subject, kind, answer, uses, directives, evidence, withheld, notes } = explanation;
  const width = Math.max(0, ...uses.map(({ use }) => use.length));
  return [
    `${style.bold(printable(subject))} (${kind}): ${printable(answer)}\n`,
    section(
      'Inside the sandbox',
      uses.map(use => useLine(use, width, style)),
      style,
    ),
    section(
      'Directives',
      directives.flatMap(({ name, value, because, evidence: [first], wider }) => [
        line(`${name}=${value.length > 100 ? `${value.slice(0, 100)}…` : value}`),
        style.dim(`    ${printable(first === undefined ? because : `${because} · ${reasonText(first)}`)}`),
        ...(wider === undefined ? [] : [style.yellow(`    broader than observed: ${printable(wider)}`)]),
      ]),
      style,
    ),
    section('Seen', places(evidence), style),
    section(
      'Withheld because of it',
      withheld.map(({ name, value, because }) => line(`${name}=${value}: ${because}`)),
      style,
    ),
    section(
      'Notes',
      notes.map(({ kind: sort, text }) => line(`${sort}: ${text}`)),
      style,
    ),
  ].join('');
}
