// What `allowtrace replay` ends with: keeps the profile, if it is asked to, proposes, and sums up.

import { writeProfile } from '../profile/file.ts';
import type { Profile } from '../profile/profile.ts';
import { summary } from '../render/summary.ts';
import { askAhead } from '../systemd/version.ts';
import type { Io } from './command.ts';
import { printProposal } from './proposal.ts';
import type { ReplayArguments } from './replay.ts';

/** While the log is read. */
export const prepare = askAhead;

export async function conclude(profile: Profile, args: ReplayArguments, io: Io): Promise<number> {
  if (args.profile !== undefined) await writeProfile(args.profile, profile);
  const status = await printProposal(profile, args, io);
  io.stderr.write(summary(profile));
  return status;
}
