// What `allowtrace propose` does.

import { askAhead } from '../../systemd/version.ts';
import type { Io } from '../cli/command.ts';
import { loadProfile } from '../input/inputs.ts';
import { ownerOf } from '../input/target.ts';
import { printProposal } from './proposal.ts';
import type { ProposeArguments } from './propose.ts';

export async function run(args: ProposeArguments, io: Io): Promise<number> {
  // Answered while the profiles are read.
  askAhead();
  const profile = await loadProfile(args.operands, { owner: () => ownerOf(args) }, io);
  return printProposal(profile, { ...args, upstream: args.for === 'upstream' }, io);
}
