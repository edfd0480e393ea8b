// Waiting for something to become true, without guessing how long it takes.

import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves to the first value of `ask` that is neither null, undefined nor false; a missing file is asked for again. */
export async function until<T>(ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
    await sleep(20);
  }
}
