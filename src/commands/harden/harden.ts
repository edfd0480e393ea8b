// `allowtrace harden`: without learning, the directives that break almost nothing.

import { type Arguments, defineCommand, type OptionTable } from '../cli/command.ts';
import { PROPOSAL_OPTIONS } from '../cli/options.ts';

const OPTIONS = {
  format: PROPOSAL_OPTIONS.format,
  systemd: PROPOSAL_OPTIONS.systemd,
  user: PROPOSAL_OPTIONS.user,
  verify: PROPOSAL_OPTIONS.verify,
  output: {
    type: 'string',
    alias: 'o',
    describe: 'write the proposal to FILE instead of standard output',
    requiresArg: true,
  },
} as const satisfies OptionTable;

export type HardenArguments = Arguments<typeof OPTIONS>;

export default defineCommand({
  operands: 'UNIT',
  description: `Proposes, without learning, those directives for an installed service that break almost nothing: a first step. What the unit's lines, its programs, the helpers that they name and its configuration say of it withholds a directive (a program that compiles code keeps memory that it may write and execute, one that sets the clock may go on doing so); --format full tells which, and why. Nothing of the service is run.

Installed as allowtrace.conf, it is the base that learning refines: while the service is learned it is out of force, and \`service stop --apply\` puts the proposal in its place. It allows far more than what the service needs.`,
  options: OPTIONS,
  examples: [
    ['allowtrace harden nginx', 'print a drop-in for the installed nginx.service'],
    ['allowtrace harden nginx --format full', 'also what was withheld, and why'],
    ['allowtrace harden nginx --systemd 247', 'for a machine with an older systemd'],
  ],
});
