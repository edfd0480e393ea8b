// Time spans as people and systemd write them: `90`, `10m`, `1h30m`, `2days`, `1min 30s`. Source: systemd.time(7), «Parsing Time Spans».

import { rowOf } from '../row.ts';

const SECONDS: Readonly<Record<string, number>> = {
  us: 1e-6,
  usec: 1e-6,
  ms: 0.001,
  msec: 0.001,
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
  month: 2_629_800,
  months: 2_629_800,
  y: 31_557_600,
  year: 31_557_600,
  years: 31_557_600,
};

const PART = /(\d+(?:\.\d+)?)\s*([a-z]*)/g;

/** Seconds of a time span; null when it is none, or `infinity`. A bare number is seconds. */
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
