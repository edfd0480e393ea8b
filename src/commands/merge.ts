// `allowtrace merge`: profiles of many runs and hosts become one. With `-` it is a reducer: JSON Lines in, one line out.

import { EXIT, UsageError } from '../errors.ts';
import { formatProfile, PROFILE_MODE, writeAtomically } from '../profile/file.ts';
import { ProfileMerger } from '../profile/merge.ts';
import type { Fact } from '../profile/profile.ts';
import { type Selected, select } from '../profile/select.ts';
import { printable } from '../render/printable.ts';
import { summary } from '../render/summary.ts';
import { defineCommand, type Io } from './command.ts';
import { parseSpan } from './duration.ts';
import { profileFiles, profilesIn } from './profile-files.ts';
import { progressBar } from './progress.ts';

const SAMPLES = 5;

function atLeast(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(value)) throw new UsageError('bad-number', `--${option} ${value}: is not a number from 1 on`);
  return Number(value);
}

/** A date, or how long ago: Unix seconds. */
function sinceOption(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const span = parseSpan(value);
  const date = span === null ? Date.parse(value) : Date.now() - span * 1000;
  if (Number.isNaN(date))
    throw new UsageError(
      'bad-date',
      `--since ${value}: is neither a date nor a duration`,
      'such as 2026-11-01 or 30days',
    );
  return date / 1000;
}

const nameOf = (fact: Fact): string => {
  if (fact.kind === 'path') return `${fact.mode} ${fact.path}`;
  return 'name' in fact ? `${fact.kind} ${fact.name}` : fact.kind;
};

/** What was left out, summed up by its reason. */
function tellDropped({ dropped, droppedRuns }: Selected, io: Io): void {
  if (droppedRuns.length > 0) io.stderr.write(`dropped: ${droppedRuns.length} runs that ended before --since\n`);
  for (const { fact, why } of dropped.slice(0, SAMPLES))
    io.stderr.write(`dropped: ${printable(nameOf(fact))}: ${why}\n`);
  if (dropped.length > SAMPLES) io.stderr.write(`dropped: ${dropped.length - SAMPLES} more facts\n`);
}

export default defineCommand({
  operands: 'PROFILE…',
  description:
    'Merges profiles: files, folders of them, or JSON Lines. Merging is commutative, associative and idempotent: the order does not matter, and merging a run twice changes nothing. `-` reads profiles from standard input, one JSON object a line, and writes the result as one line, which makes it a reducer for MapReduce engines (docs/fleet.md). When one input is damaged, nothing is written.',
  options: {
    output: {
      type: 'string',
      alias: 'o',
      describe: 'write to FILE instead of standard output',
      requiresArg: true,
      metavar: 'FILE',
    },
    'min-runs': {
      type: 'string',
      describe: 'keep only facts that were seen in at least N runs',
      requiresArg: true,
      metavar: 'N',
    },
    'min-hosts': {
      type: 'string',
      describe: 'keep only facts that were seen on at least N hosts',
      requiresArg: true,
      metavar: 'N',
    },
    since: {
      type: 'string',
      describe: 'drop runs and facts that were last seen before DATE, or longer ago than a duration (30days)',
      requiresArg: true,
      metavar: 'DATE',
    },
  },
  examples: [
    ['allowtrace merge monday.json tuesday.json -o week.json', 'two runs become one profile'],
    ['allowtrace merge --min-hosts 3 hosts/ -o fleet.json', 'what at least three hosts of a folder did'],
    ['cat hosts/*.jsonl | allowtrace merge -', 'a reducer for a fleet'],
  ],
  async run(args, io) {
    if (args.operands.length === 0)
      throw new UsageError(
        'no-input',
        'no profile was given',
        'give profiles, folders of them, or - for standard input',
      );
    const wanted = {
      minRuns: atLeast('min-runs', args['min-runs']),
      minHosts: atLeast('min-hosts', args['min-hosts']),
      since: sinceOption(args.since),
    };
    const files = await profileFiles(args.operands);
    const progress = progressBar(io, files.length);
    const merger = new ProfileMerger();
    try {
      for (const [i, file] of files.entries()) {
        for await (const profile of profilesIn(file, io.stdin)) merger.add(profile);
        progress.update(i + 1, () => `${i + 1} of ${files.length} files`);
      }
    } finally {
      progress.end();
    }
    const selected = select(merger.result(), wanted);
    const text = formatProfile(selected.profile);
    const oneLine = args.operands.includes('-') && args.output === undefined;
    if (args.output !== undefined) await writeAtomically(args.output, text, PROFILE_MODE);
    else io.stdout.write(oneLine ? `${text.replace(/\n/g, '')}\n` : text);
    tellDropped(selected, io);
    io.stderr.write(summary(selected.profile));
    return EXIT.ok;
  },
});
