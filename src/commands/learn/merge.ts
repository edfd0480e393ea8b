// `allowtrace merge`: profiles of many runs and hosts become one. With `-` it is a reducer: JSON Lines in, one line out.

import { type Arguments, defineCommand, type OptionTable } from '../cli/command.ts';

const OPTIONS = {
  output: {
    type: 'string',
    alias: 'o',
    describe: 'write to FILE instead of standard output',
    requiresArg: true,
    metavar: 'FILE',
  },
  'min-runs': {
    type: 'string',
    describe: 'keep only facts observed in at least N runs',
    requiresArg: true,
    metavar: 'N',
  },
  'min-hosts': {
    type: 'string',
    describe: 'keep only facts observed on at least N hosts',
    requiresArg: true,
    metavar: 'N',
  },
  since: {
    type: 'string',
    describe: 'drop runs and facts last observed before DATE, or longer ago than a duration (30days)',
    requiresArg: true,
    metavar: 'DATE',
  },
} as const satisfies OptionTable;

export type MergeArguments = Arguments<typeof OPTIONS>;

export default defineCommand({
  operands: 'PROFILE…',
  description:
    'Merges profiles: files, folders of them, or JSON Lines. Merging is commutative, associative and idempotent: the order does not matter, and merging a run twice changes nothing. `-` reads profiles from standard input, one JSON object a line, and writes the result as one line, which makes it a reducer for MapReduce engines (docs/fleet.md). When one input is damaged, nothing is written.',
  options: OPTIONS,
  examples: [
    ['allowtrace merge monday.json tuesday.json -o week.json', 'two runs become one profile'],
    ['allowtrace merge --min-hosts 3 hosts/ -o fleet.json', 'what at least three hosts of a folder did'],
    ['cat hosts/*.jsonl | allowtrace merge -', 'a reducer for a fleet'],
  ],
});
