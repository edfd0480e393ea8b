// Durations as people and systemd write them: `90`, `10m`, `1h30m`, `2days`. Source: systemd.time(7), parsing time spans.

import { UsageError } from '../../errors.ts';
import { rowOf } from '../../row.ts';

const SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  minute: 60,
  minutes: 60,
  h: 3_600,
  hr: 3_600,
  hour: 3_600,
  hours: 3_600,
  d: 86_400,
  day: 86_400,
  days: 86_400,
  w: 604_800,
  week: 604_800,
  weeks: 604_800,
};

const PART = /(\d+(?:\.\d+)?)\s*([a-z]*)/g;

/** Seconds of a time span; null when it is none. A bare number is seconds. */
export function parseSpan(text: string): number | null {
  if (text.trim() === '' || text.replace(PART, '').trim() !== '') return null;
  let sum = 0;
  for (const [, number, unit = ''] of text.matchAll(PART)) {
    const factor = unit === '' ? 1 : rowOf(SECONDS, unit);
    if (factor === undefined) return null;
    sum += Number(number) * factor;
  }
  return sum;
}

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
    throw new UsageError('bad-coverage', `--until-coverage ${text}: is not a share below 1`, 'such as 0.99 or 99%');
  return value;
}
