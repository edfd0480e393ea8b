// `allowtrace propose`: profiles (or logs) in, a proposal out.

import { type Arguments, defineCommand, type OptionTable } from '../cli/command.ts';
import { FOR_OPTION, PROPOSAL_OPTIONS } from '../cli/options.ts';

const OPTIONS = { for: FOR_OPTION, ...PROPOSAL_OPTIONS } as const satisfies OptionTable;

export type ProposeArguments = Arguments<typeof OPTIONS>;

export default defineCommand({
  operands: 'PROFILE…',
  description:
    'Prints a systemd drop-in that allows what the profiles hold and nothing else. Several profiles are merged first.',
  options: OPTIONS,
  examples: [
    ['allowtrace propose daemon.json', 'print a drop-in'],
    ['allowtrace propose --for upstream --systemd 252 --unit daemon week.json', 'lines for the unit that is shipped'],
    ['allowtrace propose --format json hosts/*.json', 'the policy of many hosts, with all its evidence'],
  ],
});
