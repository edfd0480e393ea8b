// What `allowtrace replay` ends with: keeps the profile, if it is asked to, proposes, and sums up.

import { writeProfile } from '../../profile/file.ts';
import type { Profile } from '../../profile/profile.ts';
import { askAhead } from '../../systemd/version.ts';
import type { Io } from '../cli/command.ts';
import { printProposal } from '../proposal/proposal.ts';
import type { ReplayArguments } from './replay.ts';

/** While the log is read. */
export const prepare = askAhead;

export async function conclude(profile: Profile, args: ReplayArguments, io: Io): Promise<number> {
  if (args.profile !== undefined) await writeProfile(args.profile, profile);
  return printProposal(profile, { ...args, upstream: args.for === 'upstream' }, io);
}
