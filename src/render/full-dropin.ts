// A policy as a drop-in with all that is known of it: each directive under a comment with its evidence, then what was withheld, and the notes.

import type { Directive, Policy } from '../policy/policy.ts';
import { reasonText } from './access-text.ts';
import { incompleteText } from './incomplete.ts';
import { assignment, comment } from './unit-lines.ts';

function block(directive: Directive, index: number, all: readonly Directive[]): string {
  const first = all.findIndex(({ name }) => name === directive.name) === index;
  const lines = [comment(directive.because)];
  for (const reason of directive.evidence.slice(0, 1)) lines.push(comment(`  ${reasonText(reason)}`));
  if (directive.wider !== undefined) lines.push(comment(`  broader than observed: ${directive.wider}`));
  return [...lines, assignment(directive, first)].join('\n');
}

/** The text of the drop-in. */
export function renderFullDropin(policy: Policy): string {
  const { target, incomplete, directives, withheld, notes } = policy;
  const doubt = incompleteText(incomplete);
  const paths = target.paths.join('+');
  const head = [
    comment(
      target.base === true
        ? `Proposed by allowtrace for systemd ${target.systemd}, without learning.`
        : `Proposed by allowtrace for systemd ${target.systemd} (paths: ${paths}, system calls: ${target.syscalls}).`,
    ),
    comment(
      'Install as /etc/systemd/system/NAME.service.d/allowtrace.conf, then: systemctl daemon-reload && systemctl restart NAME',
    ),
  ];
  for (const { kind, text } of notes) if (kind === 'warning') head.unshift(comment(`WARNING: ${text}`));
  if (doubt !== null) head.unshift(comment(`${doubt}. What rests on it is withheld.`));
  const tail: string[] = [];
  const denied = withheld.flatMap(({ name, value, evidence: [reason] }) =>
    reason === undefined ? [] : [`${name}=${value}: ${reasonText(reason)}`],
  );
  if (denied.length > 0) tail.push(comment('Not proposed, because it would have denied what was observed:'));
  for (const line of denied) tail.push(comment(`  ${line}`));
  const others = new Map<string, string[]>();
  for (const { name, value, because, evidence } of withheld)
    if (evidence.length === 0) others.set(because, [...(others.get(because) ?? []), `${name}=${value}`]);
  if (others.size > 0) tail.push(comment('Not proposed for other reasons:'));
  for (const [because, lines] of others) tail.push(comment(`  ${because}: ${lines.join(', ')}`));
  const told = notes.filter(({ kind }) => kind !== 'warning');
  if (told.length > 0) {
    tail.push(comment('Notes:'));
    for (const note of told) tail.push(comment(`  ${note.kind}: ${note.text}`));
  }
  return `${[head.join('\n'), '[Service]', ...directives.map(block), ...(tail.length > 0 ? [tail.join('\n')] : [])].join('\n\n')}\n`;
}
