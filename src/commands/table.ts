// The table of commands. Each is loaded only when it is run, so that start-up stays cheap.

import type { Command, OptionTable } from './command.ts';

export interface CommandEntry {
  /** One line for the overview. */
  summary: string;
  load: () => Promise<{ default: Command<OptionTable> }>;
}

/** verb → loader, in the order in which `allowtrace --help` lists them. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  events: { summary: 'print every line of a log as JSON', load: () => import('./events.ts') },
};
