// Moments for people: ISO 8601, UTC.

const DAY = 86_400;

/** Unix seconds as `2026-11-24 20:31:52`; those of logs without a date as `20:31:52`. */
export function dateTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  // A profile may come from anybody.
  if (Number.isNaN(date.getTime())) return 'no date';
  const text = date.toISOString().slice(0, 19).replace('T', ' ');
  return seconds < 2 * DAY ? text.slice(11) : text;
}
