// A large saved log is read from the start, while the words of the command line that name it have still to be understood.

import { beginScan, largeLog } from '../../strace/scan-ahead.ts';

/** Saved logs are scanned without the inodes of sockets: see Follower. The rules are loaded only where there is such a log. */
export async function beginReading(words: readonly string[]): Promise<void> {
  const file = largeLog(words);
  if (file !== null) beginScan(file, (await import('../../profile/settles.ts')).SETTLES, false);
}
