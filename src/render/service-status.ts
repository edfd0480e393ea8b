// The state of a service's learning period, in a few lines for people. The values are the command's; with --json they are printed as they are.

import type { Coverage } from '../profile/coverage.ts';
import { describeCoverage, duration } from './coverage.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

export interface ServiceStatus {
  unit: string;
  /** As systemd calls it: active, inactive, failed … */
  active: string;
  /** Null: it is not being learnt. */
  learning: {
    /** Unix seconds. */
    since: number;
    persistent: boolean;
    mode: 'seccomp' | 'complete';
    why: string;
    /** false: the unit was released because its collector failed for good. */
    wrapped: boolean;
    /** State of the collector, its own words, and how often systemd restarted it. */
    collector: string;
    says: string;
    restarts: number;
  } | null;
  profile: { path: string; runs: number; lines: number; seconds: number; facts: number } | null;
  coverage: Coverage | null;
}

const count = (n: number, one: string): string => `${Math.round(n).toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;

function learningText({ learning }: ServiceStatus, style: Style, now: number): string[] {
  if (learning === null) return ['not being learnt'];
  const { since, persistent, mode, why, wrapped, collector, says, restarts } = learning;
  const lines = [
    `learning for ${duration(now - since)}${persistent ? ', also over a reboot' : ''}; tracing ${mode}: ${printable(why)}`,
  ];
  if (!wrapped)
    lines.push(style.red('given up: the collector failed for good, and the unit was released (journalctl tells why)'));
  else if (collector !== 'active') lines.push(style.yellow(`the collector is ${collector}`));
  else if (!/^\d+ lines read$/.test(says)) lines.push(style.yellow(printable(says)));
  if (restarts > 0) lines.push(style.yellow(`the collector was restarted ${count(restarts, 'time')}`));
  return lines;
}

function profileText({ profile, coverage }: ServiceStatus, now: number): string[] {
  if (profile === null) return ['nothing learnt yet'];
  const { path, runs, lines, seconds, facts } = profile;
  const rate = seconds < 1 ? '' : `, ${count((lines / seconds) * 60, 'line')} a minute`;
  return [
    `${count(runs, 'run')}, ${count(lines, 'line')}${rate}, ${count(facts, 'fact')} in ${printable(path)}`,
    ...describeCoverage(coverage, now).trimEnd().split('\n'),
  ];
}

/** A heading and a few lines; `now` in Unix seconds. */
export function statusText(status: ServiceStatus, style: Style, now: number): string {
  const paint = status.active === 'active' ? style.green : status.active === 'failed' ? style.red : style.yellow;
  const lines = [...learningText(status, style, now), ...profileText(status, now)];
  return `${style.bold(status.unit)} ${paint(status.active)}\n${lines.map(line => `  ${line}\n`).join('')}`;
}
