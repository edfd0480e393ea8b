// What `allowtrace merge` does.

import { EXIT, UsageError } from '../../errors.ts';
import { growSlowly } from '../../host/memory.ts';
import { formatProfile, PROFILE_MODE, writeAtomically } from '../../profile/file.ts';
import { ProfileMerger } from '../../profile/merge.ts';
import type { Fact } from '../../profile/profile.ts';
import { type Selected, select } from '../../profile/select.ts';
import { printable } from '../../render/printable.ts';
import { summary } from '../../render/summary.ts';
import { parseSpan } from '../../systemd/time-span.ts';
import type { Io } from '../cli/command.ts';
import { progressBar } from '../cli/progress.ts';
import { profileFiles, profilesIn } from '../input/profile-files.ts';
import type { MergeArguments } from './merge.ts';

const SAMPLES = 5;
const MANY_FILES = 100;

function atLeast(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(value))
    throw new UsageError('bad-number', `--${option} ${value}: must be a whole number from 1 on`);
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

export async function run(args: MergeArguments, io: Io): Promise<number> {
  if (args.operands.length === 0)
    throw new UsageError('no-input', 'no profiles', 'give profiles, folders of them, or - for standard input');
  const wanted = {
    minRuns: atLeast('min-runs', args['min-runs']),
    minHosts: atLeast('min-hosts', args['min-hosts']),
    since: sinceOption(args.since),
  };
  const files = await profileFiles(args.operands);
  if (files.length >= MANY_FILES) growSlowly();
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
  if (args.output !== undefined) io.stderr.write(`Next: allowtrace propose ${printable(args.output)}\n`);
  return EXIT.ok;
}
