// `allowtrace learn`: runs a command as if it ran alone, and learns what it does.

import { EXIT, UsageError } from '../errors.ts';
import { checkWritable } from '../profile/file.ts';
import { SharedProfile } from '../profile/shared-profile.ts';
import { summary } from '../render/summary.ts';
import { defineCommand } from './command.ts';
import { spanOption } from './duration.ts';
import { dieBy } from './exit-like.ts';
import { PROPOSAL_OPTIONS, printProposal } from './proposal.ts';
import { shareOption } from './share.ts';
import { readTarget } from './target.ts';
import { TRACING_OPTIONS, traceCommand } from './trace-command.ts';

export default defineCommand({
  operands: '-- COMMAND…',
  description: `Runs COMMAND under strace, learns what it does, and prints a drop-in when it has ended. The command keeps our standard input, output and error, gets our signals, and its exit status becomes ours; a command that forks away is followed until the last of its processes has ended. Ctrl-C ends the command (twice: kills it), and what was learnt is kept.

The proposal goes to standard output after the command has ended, behind whatever the command wrote there; --output writes it to a file of its own. With --profile, what is learnt is saved every few seconds and added to what the file holds already; several learners may share one profile. If the profile cannot be saved at the end, the exit status is 2 and a copy is left in $TMPDIR.`,
  options: {
    profile: {
      type: 'string',
      describe: 'save what is learnt in FILE, adding to what it holds',
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
    status: { type: 'boolean', describe: 'show a status line on a terminal', default: true },
    ...TRACING_OPTIONS,
    ...PROPOSAL_OPTIONS,
  },
  examples: [
    ['allowtrace learn -- /usr/sbin/daemon -d', 'run it, stop it with Ctrl-C, and read the proposal'],
    ['allowtrace learn --profile daemon.json --for 2h -o daemon.conf -- daemon -d', 'learn for two hours, keep all'],
    ['allowtrace learn --complete -- make install', 'trace every call'],
  ],
  async run(args, io) {
    if (args.operands.length > 0 || args.rest.length === 0)
      throw new UsageError('no-command', 'no command was given', 'write it after --: allowtrace learn -- daemon -d');
    const saveSeconds = spanOption('save-interval', args['save-interval']);
    const forSeconds = args.for === undefined ? undefined : spanOption('for', args.for);
    const wanted = args['until-coverage'];
    const untilCoverage = wanted === undefined ? undefined : shareOption(wanted);
    const shared = args.profile === undefined ? null : await SharedProfile.open(args.profile);
    await readTarget(args);
    if (args.output !== undefined) await checkWritable(args.output);
    const tracing = args.complete ? 'complete' : args.tracing;
    const { profile, saved, outcome, enough } = await traceCommand(
      args.rest,
      { tracing, shared, saveSeconds, forSeconds, untilCoverage, host: args.host, status: args.status },
      io,
    );
    const proposed = await printProposal(profile, args, io, args.output);
    io.stderr.write(summary(profile));
    if (!saved) return EXIT.failed;
    if (enough || outcome.exitCode === 0) return proposed;
    return outcome.signal === null ? (outcome.exitCode ?? EXIT.failed) : dieBy(outcome.signal, io);
  },
});
