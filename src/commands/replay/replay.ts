// `allowtrace replay`: saved logs in, a proposal out.

import { type Arguments, defineCommand, type OptionTable } from '../cli/command.ts';
import { CWD_OPTION, FOR_OPTION, PROPOSAL_OPTIONS } from '../cli/options.ts';

const OPTIONS = {
  profile: {
    type: 'string',
    describe: 'also write the profile to FILE, replacing its profile, for merge, check and propose',
    requiresArg: true,
  },
  cwd: CWD_OPTION,
  host: {
    type: 'string',
    describe: 'name of the host the log comes from, for merging many hosts',
    requiresArg: true,
    metavar: 'HOST',
  },
  for: FOR_OPTION,
  ...PROPOSAL_OPTIONS,
} as const satisfies OptionTable;

export type ReplayArguments = Arguments<typeof OPTIONS>;

export default defineCommand({
  operands: 'LOG…',
  description:
    'Reads saved logs of `strace -f` (plain, gzip or zstd; a file, a folder or prefix of -ff files, or - for standard input) and prints a systemd drop-in that allows what was observed and nothing else. A summary of what was read goes to stderr.',
  options: OPTIONS,
  examples: [
    ['allowtrace replay daemon.strace', 'print a drop-in'],
    ['allowtrace replay --paths tmpfs,exec daemon.strace', 'the true allow-list'],
    ['allowtrace replay --profile daemon.json mon.strace tue.strace.gz', 'learn from two logs and keep the profile'],
  ],
});
