// The journal of units: what they and systemd wrote since a time. One call for all. Reads, decides nothing.
// Sources: journalctl(1), systemd.journal-fields(7), «Journal JSON Format» (systemd.io/JOURNAL_EXPORT_FORMATS).

import { fieldText } from '../audit/journal-field.ts';
import { isRecord } from '../json.ts';
import { programOutput } from '../program-output.ts';

export interface JournalEntry {
  unit: string;
  /** Seconds since 1970. */
  time: number;
  text: string;
}

export interface JournalQuestion {
  units: readonly string[];
  /** Seconds since 1970. */
  since: number;
  user: boolean;
  /** A regular expression in lower case: only messages that match it, in any case. */
  grep?: string;
}

/** The newest so many messages are read. */
const LINES = 5_000;
const LIMIT_MS = 20_000;
const FIELDS = 'MESSAGE,_SYSTEMD_UNIT,_SYSTEMD_USER_UNIT,UNIT,USER_UNIT,OBJECT_SYSTEMD_UNIT,_PID,_UID';

/** Whose message it is. What a service writes into the fields without `_` is its own word: only systemd and root are believed there. */
function unitOf(entry: Record<string, unknown>, user: boolean): string {
  const field = (name: string): string => {
    const value = entry[name];
    return typeof value === 'string' ? value : '';
  };
  const fromManager = user ? field('USER_UNIT') : field('_PID') === '1' ? field('UNIT') : '';
  const fromRoot = field('_UID') === '0' ? field('OBJECT_SYSTEMD_UNIT') : '';
  return fromManager || fromRoot || field(user ? '_SYSTEMD_USER_UNIT' : '_SYSTEMD_UNIT');
}

function entryOf(line: string, user: boolean): JournalEntry[] {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return [];
  }
  if (!isRecord(entry)) return [];
  return [
    {
      unit: unitOf(entry, user),
      time: Number(entry.__REALTIME_TIMESTAMP) / 1e6,
      text: fieldText(entry.MESSAGE, 'utf8'),
    },
  ];
}

/** The messages, oldest first; null when the journal could not be read, so that nothing is known. */
export async function journalOf({ units, since, user, grep }: JournalQuestion): Promise<JournalEntry[] | null> {
  if (units.length === 0) return [];
  const words = [
    ...(user ? ['--user'] : []),
    '--no-pager',
    '--quiet',
    '--output=json',
    `--output-fields=${FIELDS}`,
    `--lines=${LINES}`,
    `--since=@${Math.floor(since)}`,
    ...(grep === undefined ? [] : [`--grep=${grep}`]),
    ...units.map(unit => `${user ? '--user-unit' : '--unit'}=${unit}`),
  ];
  const { stdout, stderr, failed } = await programOutput('journalctl', words, { timeout: LIMIT_MS });
  // With --grep it ends with 1 where nothing matches, and says nothing.
  if (failed && (stdout !== '' || stderr !== '')) return null;
  const asked = new Set(units);
  return stdout
    .split('\n')
    .flatMap(line => entryOf(line, user))
    .filter(({ unit }) => asked.has(unit))
    .sort((a, b) => a.time - b.time);
}
