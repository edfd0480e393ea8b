// `allowtrace merge`: profiles of many runs and hosts become one. With `-` it is a reducer: JSON Lines in, one line out.

import { createInterface } from 'node:readline';
import { EXIT, UsageError } from '../errors.ts';
import { formatProfile, parseProfile, readProfile, writeAtomically } from '../profile/file.ts';
import { ProfileMerger } from '../profile/merge.ts';
import { summary } from '../render/summary.ts';
import { defineCommand, type Io } from './command.ts';

async function addLines(merger: ProfileMerger, io: Io): Promise<void> {
  let number = 0;
  for await (const line of createInterface({ input: io.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() !== '') merger.add(parseProfile(line, `standard input:${number}`));
  }
}

export default defineCommand({
  operands: 'PROFILE…',
  description:
    'Merges profiles. Merging is commutative, associative and idempotent: the order does not matter, and merging a run twice changes nothing. `-` reads profiles from standard input, one JSON object a line, and writes the result as one line.',
  options: {
    output: { type: 'string', alias: 'o', describe: 'write to FILE instead of standard output', requiresArg: true },
  },
  examples: [
    ['allowtrace merge monday.json tuesday.json -o week.json', 'two runs become one profile'],
    ['cat hosts/*.jsonl | allowtrace merge -', 'a reducer for a fleet'],
  ],
  async run(args, io) {
    if (args.operands.length === 0)
      throw new UsageError('no-input', 'no profile was given', 'give profiles, or - for standard input');
    const merger = new ProfileMerger();
    for (const name of args.operands) {
      if (name === '-') await addLines(merger, io);
      else merger.add(await readProfile(name));
    }
    const profile = merger.result();
    const stream = args.operands.includes('-') && args.output === undefined;
    const text = formatProfile(profile);
    if (args.output !== undefined) await writeAtomically(args.output, text);
    else io.stdout.write(stream ? `${text.replace(/\n/g, '')}\n` : text);
    io.stderr.write(summary(profile));
    return EXIT.ok;
  },
});
