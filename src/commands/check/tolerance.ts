// What a check puts up with: known violations, and how much may be allowed that nothing used.

import { readFile } from 'node:fs/promises';
import { fileTrouble, UsageError } from '../../errors.ts';
import { type Known, parseBaseline } from '../../policy/check/baseline.ts';
import type { Tolerance } from '../../policy/check/verdict.ts';
import type { ToleranceArguments } from '../cli/options.ts';

async function readBaseline(name: string | undefined): Promise<Known[]> {
  if (name === undefined) return [];
  const text = await readFile(name, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError('unreadable', `${name}: ${fileTrouble(error)}`, 'write one with --write-baseline FILE');
  });
  return parseBaseline(text, name);
}

function maxUnused({ strict, 'max-unused': asked }: ToleranceArguments): number | null {
  if (asked === undefined) return strict ? 0 : null;
  if (!Number.isInteger(asked) || asked < 0)
    throw new UsageError('bad-number', '--max-unused must be a whole number', 'such as --max-unused 3');
  return strict ? 0 : asked;
}

/** What the options ask for. Throws UsageError. */
export async function toleranceOf(args: ToleranceArguments): Promise<Tolerance> {
  return { baseline: await readBaseline(args.baseline), maxUnused: maxUnused(args), strict: args.strict };
}
