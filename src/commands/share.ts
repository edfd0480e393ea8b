// A coverage to be reached, as people write it: `0.99` or `99%`.

import { UsageError } from '../errors.ts';

/** The value of --until-coverage, between 0 and 1; all of what a program can do is never known to have been seen. */
export function shareOption(text: string): number {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (!(value > 0 && value < 1))
    throw new UsageError('bad-coverage', `--until-coverage ${text}: is not a share below 1`, 'such as 0.99 or 99%');
  return value;
}
