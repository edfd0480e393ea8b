// `allowtrace diff`: two profiles (or logs), or two sets of directives (units, drop-ins, proposals), as a reviewer reads what changed.

import { type Arguments, defineCommand, type OptionTable } from '../cli/command.ts';
import { FOLD_OPTIONS, UNIT_OPTIONS } from '../cli/options.ts';

const OPTIONS = {
  instance: UNIT_OPTIONS.instance,
  user: UNIT_OPTIONS.user,
  systemd: UNIT_OPTIONS.systemd,
  'other-host': UNIT_OPTIONS['other-host'],
  cwd: { type: 'string', describe: 'where the first process of a log started', requiresArg: true, metavar: 'DIR' },
  ...FOLD_OPTIONS,
  format: { choices: ['text', 'json'], describe: 'for people, or for machines', default: 'text' },
} as const satisfies OptionTable;

export type DiffArguments = Arguments<typeof OPTIONS>;

export default defineCommand({
  operands: 'OLD NEW',
  description:
    'Compares two profiles or logs (what is used now that was not, and what no more), or two units, drop-ins or proposals in JSON (which directives were widened, which narrowed; what was widened comes first). Exit status: 0 no difference, 1 differences, 2 could not compare.',
  options: OPTIONS,
  examples: [
    ['allowtrace diff monday.json tuesday.json', 'what Tuesday used that Monday did not'],
    ['allowtrace diff main.conf branch.conf', 'what a pull request allows'],
    ['allowtrace diff --format json old.json new.json', 'for machines: docs/schemas/diff.schema.json'],
  ],
});
