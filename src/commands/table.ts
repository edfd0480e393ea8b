// The table of commands. Each is loaded only when it is run, so that start-up stays cheap.

import type { Command, OptionTable } from './command.ts';

export interface CommandEntry {
  /** One line for the overview. */
  summary: string;
  /** Saved logs may be among its words. */
  readsLogs?: true;
  load: () => Promise<{ default: Command<OptionTable> }>;
}

/** verb → loader, in the order in which `allowtrace --help` lists them. */
// biome-ignore format: one command a line
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  learn:      { summary: 'run a command, learn what it does and propose a sandbox', load: () => import('./learn.ts') },
  replay:     { summary: 'learn from saved strace logs and propose a sandbox', load: () => import('./replay.ts'), readsLogs: true },
  propose:    { summary: 'propose a sandbox from profiles', load: () => import('./propose.ts'), readsLogs: true },
  check:      { summary: 'does what was observed still fit the unit?', load: () => import('./check.ts'), readsLogs: true },
  diff:       { summary: 'compare two profiles, or two units', load: () => import('./diff.ts'), readsLogs: true },
  explain:    { summary: 'tell why something is allowed or not', load: () => import('./explain.ts'), readsLogs: true },
  merge:      { summary: 'merge profiles of many runs and hosts', load: () => import('./merge.ts') },
  service:    { summary: 'learn from a running systemd service, try the proposal, diagnose', load: () => import('./service.ts') },
  events:     { summary: 'print every line of a log as JSON', load: () => import('./events.ts') },
  report:     { summary: 'show what a service does, as an HTML page', load: () => import('./report.ts'), readsLogs: true },
  completion: { summary: 'print completions for a shell', load: () => import('./completion.ts') },
};
