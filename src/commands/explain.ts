// `allowtrace explain`: one question about a proposal, answered with directives and places in the logs.

import { EXIT, UsageError } from '../errors.ts';
import { printExplanation } from './answer.ts';
import { defineCommand } from './command.ts';
import { loadProfile } from './inputs.ts';
import { FOLD_OPTIONS, propose } from './proposal.ts';
import { readTarget, TARGET_OPTIONS } from './target.ts';

export default defineCommand({
  operands: 'WHAT PROFILE…',
  description:
    'Answers why something is allowed or not: WHAT is an absolute path, a system call, a @set of calls, a capability, an address family or a directive. The answer names the directives that speak of it, every place in the logs where it was seen, and what was withheld because of it. Logs may stand in place of profiles.',
  options: {
    ...TARGET_OPTIONS,
    ...FOLD_OPTIONS,
    format: { choices: ['text', 'json'], describe: 'text for reading, or JSON', default: 'text' },
  },
  examples: [
    ['allowtrace explain /etc/shadow daemon.json', 'may the service read it, and who says so?'],
    ['allowtrace explain chroot daemon.json', 'why is the system call allowed?'],
    ['allowtrace explain NoNewPrivileges daemon.strace', 'why is the directive not proposed?'],
  ],
  async run(args, io) {
    const [what, ...operands] = args.operands;
    if (what === undefined)
      throw new UsageError(
        'no-question',
        'nothing to explain was named',
        'such as: allowtrace explain /etc/shadow daemon.json',
      );
    const profile = await loadProfile(operands, {}, io);
    const { target } = await readTarget(args);
    const { policy, folding } = propose(profile, target, args);
    printExplanation(what, { profile: folding.profile, policy, target }, args.format, io);
    return EXIT.ok;
  },
});
