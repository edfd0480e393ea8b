// `allowtrace report`: what a service does, and what the proposal makes of it, as one HTML page for whoever has to decide.

import { type Arguments, defineCommand, type OptionTable } from '../cli/command.ts';
import { FOLD_OPTIONS, TARGET_OPTIONS } from '../cli/options.ts';

const OPTIONS = {
  output: {
    type: 'string',
    alias: 'o',
    describe: 'write the page to FILE instead of standard output',
    requiresArg: true,
  },
  ...TARGET_OPTIONS,
  ...FOLD_OPTIONS,
  unit: {
    type: 'string',
    describe: 'what the page is about: UNIT (a name or a file) is also checked against the profile',
    requiresArg: true,
  },
} as const satisfies OptionTable;

export type ReportArguments = Arguments<typeof OPTIONS>;

export default defineCommand({
  operands: 'PROFILE…',
  description:
    'Writes one HTML page that shows what the profiles hold and what follows from it: the verdict and the proposal with all reasons, the tree of paths, the discovery curve, system calls, processes, sockets, capabilities, and everything that was not understood. The page needs no network and no other file; it can be searched, printed, and read without JavaScript.',
  options: OPTIONS,
  examples: [
    ['allowtrace report daemon.json -o report.html', 'a page to look at'],
    ['allowtrace report --unit nginx nginx.json -o nginx.html', 'also check the unit that is installed'],
    ['allowtrace report --paths tmpfs,exec hosts/*.json > report.html', 'of many hosts, with the strictest proposal'],
  ],
});
