// `allowtrace audit`: every service of this host at a glance.

import { type Arguments, defineCommand, type OptionTable } from '../cli/command.ts';

const OPTIONS = {
  format: { choices: ['table', 'json', 'html'], describe: 'how to print it', default: 'table' },
  output: {
    type: 'string',
    alias: 'o',
    describe: 'write it to FILE instead of standard output',
    requiresArg: true,
  },
  'max-exposure': {
    type: 'number',
    describe: 'exit with 1 when a service is exposed more than N (0 to 10)',
    requiresArg: true,
    metavar: 'N',
  },
  user: {
    type: 'boolean',
    describe: 'the services of your own service manager (systemctl --user)',
    default: false,
  },
} as const satisfies OptionTable;

export type AuditArguments = Arguments<typeof OPTIONS>;

export default defineCommand({
  operands: '',
  description: `Lists every service that systemd has loaded (but those that run once and end), the most exposed first: its exposure as \`systemd-analyze security\` scores it, what confines it, whether it was learned and how sure that is, what the installed drop-in denies of what was learned (drift), and what the journal tells that it denied since.

For how sure, each part of what was learned is left out in turn and put to a proposal that is made of the others: 5/6 says that one of six would have been denied something. After three seconds of the processor no further profiles are looked at, and those that were not are named.`,
  options: OPTIONS,
  examples: [
    ['sudo allowtrace audit', 'all services, the most exposed first'],
    ['sudo allowtrace audit --max-exposure 7', 'exit with 1 when one is exposed more than that'],
    ['sudo allowtrace audit --format html -o audit.html', 'a page to send around'],
  ],
});
