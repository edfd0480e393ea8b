// `allowtrace replay`: saved logs in, a proposal out.

import { writeProfile } from '../profile/file.ts';
import { summary } from '../render/summary.ts';
import { askAhead } from '../systemd/version.ts';
import { defineCommand } from './command.ts';
import { loadProfile } from './inputs.ts';
import { PROPOSAL_OPTIONS, printProposal } from './proposal.ts';

export default defineCommand({
  operands: 'LOG…',
  description:
    'Reads saved logs of `strace -f` (plain, gzip or zstd; a file, a folder or prefix of -ff files, or - for standard input) and prints a systemd drop-in that allows what was seen and nothing else. Each directive carries its evidence. A summary of what was read goes to stderr.',
  options: {
    profile: {
      type: 'string',
      describe: 'also write what was learnt to FILE, for merging, checking and proposing later',
      requiresArg: true,
    },
    cwd: {
      type: 'string',
      describe: 'where the first process started, when the log does not tell',
      requiresArg: true,
      metavar: 'DIR',
    },
    host: {
      type: 'string',
      describe: 'name of the host the log comes from, for merging many hosts',
      requiresArg: true,
      metavar: 'HOST',
    },
    ...PROPOSAL_OPTIONS,
  },
  examples: [
    ['allowtrace replay daemon.strace', 'print a drop-in'],
    ['allowtrace replay --paths tmpfs,exec daemon.strace', 'the true allow-list'],
    [
      'allowtrace replay --profile daemon.json mon.strace tue.strace.gz',
      'learn from two logs and keep what was learnt',
    ],
  ],
  async run(args, io) {
    // Answered while the log is read.
    askAhead();
    const profile = await loadProfile(args.operands, { cwd: args.cwd, host: args.host }, io);
    if (args.profile !== undefined) await writeProfile(args.profile, profile);
    const status = await printProposal(profile, args, io);
    io.stderr.write(summary(profile));
    return status;
  },
});
