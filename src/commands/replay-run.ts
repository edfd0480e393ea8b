// What `allowtrace replay` does.

import { writeProfile } from '../profile/file.ts';
import { summary } from '../render/summary.ts';
import { askAhead } from '../systemd/version.ts';
import type { Io } from './command.ts';
import { loadProfile } from './inputs.ts';
import { printProposal } from './proposal.ts';
import type { ReplayArguments } from './replay.ts';

export async function run(args: ReplayArguments, io: Io): Promise<number> {
  // Answered while the log is read.
  askAhead();
  const profile = await loadProfile(args.operands, { cwd: args.cwd, host: args.host }, io);
  if (args.profile !== undefined) await writeProfile(args.profile, profile);
  const status = await printProposal(profile, args, io);
  io.stderr.write(summary(profile));
  return status;
}
