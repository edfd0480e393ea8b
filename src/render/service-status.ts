// The state of a service's learning period, in a few lines for people. The values are the command's; with --json they are printed as they are.

import type { Completeness } from '../policy/propose/completeness.ts';
import type { Coverage } from '../profile/coverage.ts';
import { completenessText } from './completeness.ts';
import { describeCoverage, duration } from './coverage.ts';
import { incompleteText } from './incomplete.ts';
import { indented } from './indented.ts';
import { counted } from './number.ts';
import { operand } from './operand.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

export interface ServiceStatus {
  unit: string;
  /** Of the user's own service manager. */
  user: boolean;
  /** As systemd calls it: active, inactive, failed …; masked, not-found … where it is not loaded. */
  active: string;
  /** How it failed; '' when it did not. */
  failure: string;
  /** The proposal that is in force; null: none. */
  proposal: { path: string; trial: boolean } | null;
  /** Null: it is not being learned. */
  learning: {
    /** Unix seconds. */
    since: number;
    persistent: boolean;
    mode: 'seccomp' | 'complete';
    why: string;
    /** Learning ends at this coverage; null: when it is stopped. */
    until: number | null;
    /** What keeps strace from tracing at the next start; '' for nothing. */
    obstacle: string;
    /** false: the drop-in is gone, because the coverage is reached or the collector failed for good. */
    wrapped: boolean;
    /** State of the collector, its own words, and how often systemd restarted it. */
    collector: string;
    says: string;
    restarts: number;
  } | null;
  /** It runs without its sandbox, for a diagnosis. */
  diagnosed: boolean;
  /** The coverage that was asked for, if it was reached: when (Unix seconds), and the estimate with its standard error at that time. */
  reached: { at: number; wanted: number; coverage: number; coverageError: number } | null;
  profile: {
    path: string;
    runs: number;
    lines: number;
    seconds: number;
    facts: number;
    /** The newest fact in words, and when it was first seen (Unix seconds). */
    lastNew: { what: string; time: number } | null;
  } | null;
  /** Why what was learned cannot be read; '' when it can. */
  unreadable: string;
  /** An estimate, for programs. */
  coverage: Coverage | null;
  /** Null: nothing was learned, or the unit cannot be loaded. */
  completeness: Completeness | null;
  /** Why what was learned is incomplete evidence; empty where it is not. */
  incomplete: string[];
}

const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;

function reachedText({ unit, user, learning, reached }: ServiceStatus, style: Style, now: number): string[] {
  if (reached === null) return [];
  const { at, wanted, coverage, coverageError } = reached;
  const estimate = `${(coverage * 100).toFixed(1)} % ± ${(coverageError * 100).toFixed(1)}`;
  const ended = style.green(
    `reached the requested coverage of ${percent(wanted)} ${duration(now - at)} ago: ${estimate}`,
  );
  if (learning === null) return [ended];
  const own = operand(unit, user);
  const meanwhile =
    learning.mode === 'complete'
      ? 'strace has detached; relaxed settings stay relaxed until the next start'
      : 'it was not restarted: recording continues until its next start';
  return [ended, meanwhile, `allowtrace service stop ${own} restores it now and prints the proposal`];
}

function proposalText({ unit, user, proposal }: ServiceStatus, style: Style): string[] {
  const own = operand(unit, user);
  if (proposal === null) return [];
  if (!proposal.trial) return [`its proposal is installed: ${printable(proposal.path)}`];
  return [
    style.yellow('its proposal is on trial'),
    `a timer takes it back if allowtrace no longer watches it (systemctl list-timers 'allowtrace-*'); to take it back now: allowtrace service stop ${own}`,
  ];
}

function learningText(status: ServiceStatus, style: Style, now: number): string[] {
  const { learning, reached, diagnosed } = status;
  const own = operand(status.unit, status.user);
  const ended = reachedText(status, style, now);
  if (learning === null) return ['not being learned', ...ended];
  if (diagnosed)
    return [
      style.yellow(
        learning.wrapped
          ? `runs without its sandbox for ${duration(now - learning.since)}, for a diagnosis; should that have been killed, allowtrace service reset ${own} ends it`
          : `its diagnosis was killed; allowtrace service reset ${own} removes what is left`,
      ),
    ];
  const { since, persistent, mode, why, until, obstacle, wrapped, collector, says, restarts } = learning;
  const end = until === null ? '' : `, until a coverage of ${percent(until)}`;
  const lines = [
    `learning for ${duration(now - since)}${end}${persistent ? ', also over a reboot' : ''}; tracing ${mode}: ${printable(why)}`,
    ...ended,
  ];
  if (wrapped && obstacle !== '')
    lines.push(style.red(`it will not start again until allowtrace service stop ${own}: ${obstacle}`));
  if (!wrapped && reached === null && collector === 'active')
    lines.push(
      style.yellow(
        `its learning drop-in is gone, so the next start is not recorded; allowtrace service stop ${own} ends learning`,
      ),
    );
  else if (!wrapped && reached === null)
    lines.push(style.red('the collector failed repeatedly, and the unit was restored (see journalctl)'));
  else if (collector !== 'active' && reached === null) lines.push(style.yellow(`the collector is ${collector}`));
  else if (!/^(?:\d+ lines read)?$/.test(says)) lines.push(style.yellow(printable(says)));
  if (restarts > 0) lines.push(style.yellow(`the collector was restarted ${counted(restarts, 'time')}`));
  return lines;
}

function profileText(
  { profile, learning, coverage, completeness, incomplete, unreadable }: ServiceStatus,
  style: Style,
  now: number,
): string[] {
  if (unreadable !== '') return [style.red(`could not read the profile: ${printable(unreadable)}`)];
  if (profile === null) return ['nothing learned yet'];
  const { path, runs, lines, seconds, facts, lastNew } = profile;
  const doubt = incompleteText(incomplete);
  const rate = seconds < 1 ? '' : ` (${counted(Math.round((lines / seconds) * 60), 'line')} a minute)`;
  return [
    `${counted(runs, 'run')}, ${counted(lines, 'line')}${rate}, ${counted(facts, 'fact')}`,
    ...(lastNew === null ? [] : [`last new fact ${duration(now - lastNew.time)} ago: ${printable(lastNew.what)}`]),
    // Who asked for a coverage sees how far that is.
    ...(typeof learning?.until === 'number' ? describeCoverage(coverage, now).trimEnd().split('\n') : []),
    ...(completeness === null ? [] : completenessText(completeness).trimEnd().split('\n')),
    ...(doubt === null ? [] : [style.yellow(doubt)]),
    `kept in ${printable(path)}`,
  ];
}

/** A heading and a few lines, broken at `columns`; `now` in Unix seconds. */
export function statusText(status: ServiceStatus, style: Style, now: number, columns: number): string {
  const { active, failure, unit } = status;
  const paint = active === 'active' ? style.green : active === 'failed' ? style.red : style.yellow;
  const lines = [
    ...learningText(status, style, now),
    ...proposalText(status, style),
    ...profileText(status, style, now),
  ];
  return `${style.bold(unit)} ${paint(`${active}${failure === '' ? '' : `: ${printable(failure)}`}`)}\n${lines.map(line => indented(line, columns)).join('')}`;
}
