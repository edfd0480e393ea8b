// `allowtrace propose`: profiles (or logs) in, a proposal out.

import { summary } from '../render/summary.ts';
import { askAhead } from '../systemd/version.ts';
import { defineCommand } from './command.ts';
import { loadProfile } from './inputs.ts';
import { PROPOSAL_OPTIONS, printProposal } from './proposal.ts';

export default defineCommand({
  operands: 'PROFILE…',
  description:
    'Prints a systemd drop-in that allows what the profiles hold and nothing else. Several profiles are merged first.',
  options: PROPOSAL_OPTIONS,
  examples: [
    ['allowtrace propose daemon.json', 'print a drop-in'],
    ['allowtrace propose --format json hosts/*.json', 'the policy of many hosts, with all its evidence'],
  ],
  async run(args, io) {
    // Answered while the profiles are read.
    askAhead();
    const profile = await loadProfile(args.operands, {}, io);
    const status = await printProposal(profile, args, io);
    io.stderr.write(summary(profile));
    return status;
  },
});
