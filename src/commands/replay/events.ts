// `allowtrace events`: every line of a log as one JSON object, for jq and for finding out what allowtrace made of it.

import { type Arguments, defineCommand, type OptionTable } from '../cli/command.ts';
import { CWD_OPTION } from '../cli/options.ts';

const OPTIONS = {
  cwd: CWD_OPTION,
  raw: { type: 'boolean', describe: 'add the text of the line', default: false },
} as const satisfies OptionTable;

export type EventsArguments = Arguments<typeof OPTIONS>;

export default defineCommand({
  operands: 'LOG…',
  description:
    'Writes one JSON object for each line of a saved strace log: what kind of line it is, the call, the paths it names as the host sees them, and its result. docs/events.md describes every field.',
  options: OPTIONS,
  examples: [
    ['allowtrace events daemon.strace', 'every line as JSON'],
    ["allowtrace events daemon.strace | jq -r '.paths[]?.path'", 'all paths'],
  ],
});
