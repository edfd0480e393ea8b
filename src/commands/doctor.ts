// `allowtrace doctor`: is this machine ready?

import { defineCommand } from './cli/command.ts';

export default defineCommand({
  operands: '',
  description:
    'Checks what allowtrace needs on this machine: strace, permission to trace, systemd, kernel features, permissions and disk. Each problem comes with its fix. Exit status 1 if something is missing.',
  options: {
    user: { type: 'boolean', describe: 'check for your own service manager (systemctl --user)', default: false },
    format: { choices: ['text', 'json'], describe: 'text, or JSON for machines', default: 'text' },
  },
  examples: [['sudo allowtrace doctor', 'before the first `allowtrace service start`']],
});
