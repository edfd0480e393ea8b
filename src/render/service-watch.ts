// The live screen of a service that is learned: its state as `status` shows it, and the newest facts below. Text that is printable.

import type { Fact } from '../profile/profile.ts';
import { describe } from './access-text.ts';
import { dateTime } from './date-time.ts';
import { printable } from './printable.ts';
import { type ServiceStatus, statusText } from './service-status.ts';
import type { Style } from './style.ts';

/** `09:48:31  read /etc/hosts  nginx`; the time is UTC. */
export function factText(fact: Fact): string {
  const { first, by } = fact.evidence;
  const time = first === undefined ? '' : `${dateTime(first).slice(-8)}  `;
  const programs = by.map(path => path.slice(path.lastIndexOf('/') + 1)).join(', ');
  const what = fact.kind === 'syscall' ? `system call ${describe(fact)}` : describe(fact);
  return printable(`${time}${what}${programs === '' ? '' : `  ${programs}`}`);
}

/** The facts that were observed last, the newest first. */
export const newestFacts = (facts: readonly Fact[], count: number): Fact[] =>
  [...facts].sort((a, b) => (b.evidence.first ?? 0) - (a.evidence.first ?? 0)).slice(0, count);

interface Screen {
  columns: number;
  rows: number;
  now: number;
  style: Style;
}

/** As many rows as there are, none wider than the screen. */
export function watchScreen(status: ServiceStatus, facts: readonly Fact[], screen: Screen): string {
  const { columns, rows, now, style } = screen;
  const head = statusText(status, style, now, columns).trimEnd().split('\n');
  const room = Math.max(0, rows - head.length - 4);
  const fresh = newestFacts(facts, room).map(fact => `  ${[...factText(fact)].slice(0, columns - 3).join('')}`);
  const lines = [
    ...head,
    '',
    style.bold('New facts (UTC)'),
    ...fresh,
    style.dim('Ctrl-C ends watching; learning goes on'),
  ];
  return lines.slice(0, rows).join('\n');
}
