// A proposal as a shipped unit has it: settings in the order of their names, as in systemd's own units, and two lines on what it is. Nothing in it
// tells of the machine where it was learned.

import type { Policy } from '../policy/policy.ts';
import { leftOpen } from '../policy/propose/corrections/upstream.ts';
import { incompleteText } from './incomplete.ts';
import { comment, lines, paragraph } from './unit-lines.ts';

/** The lines for [Service] of the unit, in place of its own sandbox. */
export function renderUpstream({ target, incomplete, directives, withheld, notes }: Policy): string {
  const doubt = incompleteText(incomplete);
  const broader = [
    ...new Set([...directives.flatMap(({ brief, wider }) => brief ?? wider ?? []), ...leftOpen(withheld)]),
  ];
  const sorted = [...directives].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const text = [
    ...(doubt === null ? [] : [comment(`${doubt}. What rests on it is withheld.`)]),
    ...notes.flatMap(({ kind, text }) => (kind === 'warning' ? [comment(`WARNING: ${text}`)] : [])),
    comment(`Sandbox for systemd ${target.systemd} and later, in place of that of the unit.`),
    ...(broader.length === 0 ? [] : paragraph(`Broader than observed: ${broader.join('; ')}.`)),
    '[Service]',
    ...sorted.map(directive => lines(directive)),
  ];
  return `${text.join('\n')}\n`;
}
