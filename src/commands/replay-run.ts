// What `allowtrace replay` does.

import { writeProfile } from '../profile/file.ts';
import { summary } from '../render/summary.ts';
import { askAhead } from '../systemd/version.ts';
import type { Io } from './command.ts';
import { loadProfile } from './inputs.ts';
import type { ReplayArguments } from './replay.ts';

export async function run(args: ReplayArguments, io: Io): Promise<number> {
  // Answered while the log is read.
  askAhead();
  // So is the code that answers: a thread of its own has begun to read.
  const [profile, { printProposal }] = await Promise.all([
    loadProfile(args.operands, { cwd: args.cwd, host: args.host }, io),
    import('./proposal.ts'),
  ]);
  if (args.profile !== undefined) await writeProfile(args.profile, profile);
  const status = await printProposal(profile, args, io);
  io.stderr.write(summary(profile));
  return status;
}
