// `allowtrace explain`: one question about a proposal, answered with directives and places in the logs.

import { type Arguments, defineCommand, type OptionTable } from '../cli/command.ts';
import { FOLD_OPTIONS, TARGET_OPTIONS } from '../cli/options.ts';

const OPTIONS = {
  ...TARGET_OPTIONS,
  ...FOLD_OPTIONS,
  format: { choices: ['text', 'json'], describe: 'text for reading, or JSON', default: 'text' },
} as const satisfies OptionTable;

export type ExplainArguments = Arguments<typeof OPTIONS>;

export default defineCommand({
  operands: 'WHAT PROFILE…',
  description:
    'Explains why something is allowed or denied: WHAT is an absolute path, a system call, a @set of calls, a capability, an address family or a directive. The answer names the directives that decide it, every place in the logs where it was observed, and what was withheld because of it. Logs are accepted in place of profiles.',
  options: OPTIONS,
  examples: [
    ['allowtrace explain /etc/shadow daemon.json', 'may the service read it, and who says so?'],
    ['allowtrace explain chroot daemon.json', 'why is the system call allowed?'],
    ['allowtrace explain NoNewPrivileges daemon.strace', 'why is the directive not proposed?'],
  ],
});
