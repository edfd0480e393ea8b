// What `allowtrace propose` does.

import { summary } from '../render/summary.ts';
import { askAhead } from '../systemd/version.ts';
import type { Io } from './command.ts';
import { loadProfile } from './inputs.ts';
import { printProposal } from './proposal.ts';
import type { ProposeArguments } from './propose.ts';

export async function run(args: ProposeArguments, io: Io): Promise<number> {
  // Answered while the profiles are read.
  askAhead();
  const profile = await loadProfile(args.operands, {}, io);
  const status = await printProposal(profile, args, io);
  io.stderr.write(summary(profile));
  return status;
}
