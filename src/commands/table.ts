// The table of commands. Each is loaded only when it is run, so that start-up stays cheap.

import type { Command, OptionTable, Runner } from './cli/command.ts';

export interface CommandEntry {
  /** One line for the overview. */
  summary: string;
  describe: () => Promise<{ default: Command<OptionTable> }>;
  load: () => Promise<Runner<OptionTable>>;
}

/** A row; the options that a command says it takes are those that its `run` gets. */
function command<O extends OptionTable>(
  summary: string,
  describe: () => Promise<{ default: Command<O> }>,
  load: () => Promise<Runner<O>>,
): CommandEntry {
  return { summary, describe, load };
}

/** verb → what to load, in the order in which `allowtrace --help` lists them. */
// biome-ignore format: one command a line
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  learn:      command('run a command, learn what it does and propose a sandbox', () => import('./learn/learn.ts'), () => import('./learn/learn-run.ts')),
  replay:     command('learn from saved strace logs and propose a sandbox', () => import('./replay/replay.ts'), () => import('./replay/replay-run.ts')),
  propose:    command('propose a sandbox from profiles', () => import('./proposal/propose.ts'), () => import('./proposal/propose-run.ts')),
  check:      command('check recorded behaviour against a unit', () => import('./check/check.ts'), () => import('./check/check-run.ts')),
  diff:       command('compare two profiles, or two units', () => import('./check/diff.ts'), () => import('./check/diff-run.ts')),
  explain:    command('explain why something is allowed or denied', () => import('./proposal/explain.ts'), () => import('./proposal/explain-run.ts')),
  merge:      command('merge profiles of many runs and hosts', () => import('./learn/merge.ts'), () => import('./learn/merge-run.ts')),
  service:    command('learn from a running systemd service, try the proposal, diagnose', () => import('./service/service.ts'), () => import('./service/service-run.ts')),
  harden:     command('propose, without learning, what breaks almost nothing', () => import('./harden/harden.ts'), () => import('./harden/harden-run.ts')),
  audit:      command('list every service of this host: exposure, sandbox, drift, denials', () => import('./audit/audit.ts'), () => import('./audit/audit-run.ts')),
  events:     command('print every line of a log as JSON', () => import('./replay/events.ts'), () => import('./replay/events-run.ts')),
  report:     command('show what a service does, as an HTML page', () => import('./proposal/report.ts'), () => import('./proposal/report-run.ts')),
  doctor:     command('check what this machine needs for learning', () => import('./doctor.ts'), () => import('./doctor-run.ts')),
  completion: command('print completions for a shell', () => import('./completion.ts'), () => import('./completion-run.ts')),
};
