// `allowtrace check`: would the unit let the service do what was observed? Exit status 0 yes, 1 no, 2 could not tell.

import { type Arguments, defineCommand, type OptionTable } from '../cli/command.ts';
import {
  CHECK_FORMATS,
  CWD_OPTION,
  FOLD_OPTIONS,
  TOLERANCE_OPTIONS,
  TRACING_OPTIONS,
  UNIT_OPTIONS,
} from '../cli/options.ts';

const OPTIONS = {
  format: { choices: CHECK_FORMATS, describe: 'how to print the answer', default: 'text' },
  output: {
    type: 'string',
    alias: 'o',
    describe: 'write the answer to FILE instead of standard output',
    requiresArg: true,
  },
  run: {
    type: 'boolean',
    describe: 'the words after -- are a command: run it under strace, then check its behaviour',
    default: false,
  },
  tracing: { ...TRACING_OPTIONS.tracing, default: 'complete' },
  fix: {
    type: 'boolean',
    describe: 'write the fixes into the drop-in (or a new one), then check again',
    default: false,
  },
  unused: { type: 'boolean', describe: 'list unused permissions', default: false },
  ...TOLERANCE_OPTIONS,
  'write-baseline': {
    type: 'string',
    describe: 'write all violations to FILE, as accepted',
    requiresArg: true,
  },
  cwd: CWD_OPTION,
  host: { type: 'string', describe: 'name of the host the logs come from', requiresArg: true, metavar: 'HOST' },
  ...UNIT_OPTIONS,
  ...FOLD_OPTIONS,
} as const satisfies OptionTable;

export type CheckArguments = Arguments<typeof OPTIONS>;

export default defineCommand({
  operands: 'UNIT… -- LOG-or-PROFILE…, or --run UNIT… -- COMMAND…',
  description:
    'Checks recorded behaviour against a unit: a unit by name or file with its drop-ins, drop-ins on top of it, a bare drop-in, the JSON of propose, or - for what `systemctl cat` prints; against logs and profiles. Each access that systemd would deny is shown with where it was observed, the line that denies it and the smallest change that would allow it. Exit status: 0 fits, 1 does not, 2 could not be checked.',
  options: OPTIONS,
  examples: [
    ['allowtrace check nginx.service -- nginx.strace', 'does the installed unit allow what was recorded?'],
    ['allowtrace check deploy/app.service -- profiles/*.json', 'the unit of a repository, against what was learned'],
    ['allowtrace check --fix hardening.conf -- app.strace', 'fix a drop-in'],
    ['allowtrace check --run app.service -- ./smoke-test', 'run a command, and check what it does'],
    ['systemctl cat app | allowtrace check - -- app.json', 'the unit of another machine'],
    ['allowtrace check --format sarif -o check.sarif app.service -- app.json', 'for code scanning'],
  ],
});
