// A large saved log is read from the start, while the words of the command line that name it have still to be understood.

import { SETTLES } from '../../profile/settles.ts';
import { beginScan } from '../../strace/scan-ahead.ts';

/** Saved logs are scanned without the inodes of sockets: see Follower. */
export const beginReading = (words: readonly string[]): void => beginScan(words, SETTLES, false);
