// The beginning of a file that somebody else named. In its place a FIFO may stand, and to open one may wait forever; a device may do worse.

import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';

const PAGE = 4096;

/** The first `length` bytes of a regular file, fewer where it is shorter, and what it is; null when it is none, or cannot be read. */
export function fileStart(path: string, length: number): { bytes: Buffer; stats: Stats } | null {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) return null;
      // Files of /proc have no size and hold something.
      const buffer = Buffer.alloc(Math.min(length, Math.max(stats.size, PAGE)));
      return { bytes: buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, 0)), stats };
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
