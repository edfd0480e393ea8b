// `allowtrace learn`: runs a command as if it ran alone, and learns what it does.

import { type Arguments, defineCommand, type OptionTable } from '../cli/command.ts';
import { PROPOSAL_OPTIONS, TRACING_OPTIONS } from '../cli/options.ts';

const OPTIONS = {
  profile: {
    type: 'string',
    describe: 'save the profile in FILE, added to its contents',
    requiresArg: true,
    metavar: 'FILE',
  },
  output: {
    type: 'string',
    alias: 'o',
    describe: 'write the proposal to FILE instead of standard output',
    requiresArg: true,
    metavar: 'FILE',
  },
  'save-interval': {
    type: 'string',
    describe:
      'save new facts after at most this time; counts alone once a minute, and a profile that takes long to save less often (saving takes 5 % of the time at most)',
    default: '5s',
    requiresArg: true,
    metavar: 'DURATION',
  },
  'until-coverage': {
    type: 'string',
    describe: 'end the command when the estimated coverage, less its standard error, is this share (0.99, 99%)',
    requiresArg: true,
    metavar: 'SHARE',
  },
  for: {
    type: 'string',
    describe: 'end the command after this time (10m, 2h, 3days)',
    requiresArg: true,
    metavar: 'DURATION',
  },
  host: {
    type: 'string',
    describe: "name of this host in the profile (default: this machine's)",
    requiresArg: true,
    metavar: 'HOST',
  },
  status: {
    type: 'boolean',
    describe: 'show a status line at the bottom of a terminal (--no-status for commands that draw there)',
    default: true,
  },
  ...TRACING_OPTIONS,
  ...PROPOSAL_OPTIONS,
} as const satisfies OptionTable;

export type LearnArguments = Arguments<typeof OPTIONS>;

export default defineCommand({
  operands: '-- COMMAND…',
  description: `Runs COMMAND under strace, learns what it does, and prints a drop-in when it has ended. The command keeps our standard input, output and error, gets our signals, and its exit status becomes ours; a command that forks away is followed until the last of its processes has ended. Ctrl-C ends the command (twice: kills it), and what was learned is kept.

The proposal goes to standard output after the command has ended, behind whatever the command wrote there; --output writes it to a file of its own. With --profile, what is learned is saved every few seconds and added to what the file holds already; several learners may share one profile. If the profile cannot be saved at the end, the exit status is 2 and a copy is left in $TMPDIR.`,
  options: OPTIONS,
  examples: [
    ['allowtrace learn -- /usr/sbin/daemon -d', 'run it, stop it with Ctrl-C, and read the proposal'],
    ['allowtrace learn --profile daemon.json --for 2h -o daemon.conf -- daemon -d', 'learn for two hours, keep all'],
    ['allowtrace learn --complete -- make install', 'trace every call'],
  ],
});
