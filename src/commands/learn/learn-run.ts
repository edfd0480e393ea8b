// What `allowtrace learn` does.

import { EXIT, UsageError } from '../../errors.ts';
import { checkWritable } from '../../profile/file.ts';
import { SharedProfile } from '../../profile/shared-profile.ts';
import type { Io } from '../cli/command.ts';
import { dieBy } from '../cli/exit-like.ts';
import { shareOption, spanOption } from '../cli/values.ts';
import { readTarget } from '../input/target.ts';
import { printProposal } from '../proposal/proposal.ts';
import type { LearnArguments } from './learn.ts';
import { traceCommand } from './trace-command.ts';

export async function run(args: LearnArguments, io: Io): Promise<number> {
  if (args.operands.length > 0 || args.rest.length === 0)
    throw new UsageError('no-command', 'no command', 'write it after --: allowtrace learn -- daemon -d');
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
  if (!saved) return EXIT.failed;
  if (enough || outcome.exitCode === 0) return proposed;
  return outcome.signal === null ? (outcome.exitCode ?? EXIT.failed) : dieBy(outcome.signal, io);
}
