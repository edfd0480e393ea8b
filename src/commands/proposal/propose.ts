// `allowtrace propose`: profiles (or logs) in, a proposal out.

import { type Arguments, defineCommand } from '../cli/command.ts';
import { PROPOSAL_OPTIONS } from '../cli/options.ts';

export type ProposeArguments = Arguments<typeof PROPOSAL_OPTIONS>;

export default defineCommand({
  operands: 'PROFILE…',
  description:
    'Prints a systemd drop-in that allows what the profiles hold and nothing else. Several profiles are merged first.',
  options: PROPOSAL_OPTIONS,
  examples: [
    ['allowtrace propose daemon.json', 'print a drop-in'],
    ['allowtrace propose --format json hosts/*.json', 'the policy of many hosts, with all its evidence'],
  ],
});
