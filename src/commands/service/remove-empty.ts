// Removing directories that nothing else is in.

import { rmdir } from 'node:fs/promises';

/** Leaves a directory that holds something, or is not there. */
export async function removeEmpty(directory: string): Promise<void> {
  try {
    await rmdir(directory);
  } catch {
    // Not empty, or not there.
  }
}
