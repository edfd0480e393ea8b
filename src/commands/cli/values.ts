// Values of options that several commands take: durations and shares.

import { UsageError } from '../../errors.ts';
import { parseSpan } from '../../systemd/time-span.ts';

/** The longest time that setTimeout(3) of Node waits, in milliseconds: 24.8 days; it takes a longer one for none at all. */
export const LONGEST_MS: number = 2 ** 31 - 1;

/** Calls `act` after so many seconds, also if that takes months; returns what calls it off. */
export function after(seconds: number, act: () => void): () => void {
  const due = Date.now() + seconds * 1000;
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = due - Date.now();
    timer = left > LONGEST_MS ? setTimeout(wait, LONGEST_MS) : setTimeout(act, Math.max(0, left));
  };
  wait();
  return () => clearTimeout(timer);
}

/** Seconds of the value of `option`; a UsageError when it is not a time span longer than nothing. */
export function spanOption(option: string, text: string): number {
  const seconds = parseSpan(text);
  if (seconds === null || seconds <= 0)
    throw new UsageError('bad-duration', `--${option} ${text}: is not a duration`, 'such as 30s, 10m, 2h or 3days');
  return seconds;
}

/** The value of --until-coverage, between 0 and 1; all of what a program can do is never known to have been seen. */
export function shareOption(text: string): number {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (!(value > 0 && value < 1))
    throw new UsageError('bad-coverage', `--until-coverage ${text}: must be between 0 and 1`, 'such as 0.99 or 99%');
  return value;
}
