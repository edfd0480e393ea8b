// What allowtrace reads, asks and decides, and when: for `--debug`. Switched off, a call costs one comparison, since what is said comes
// as a function.

import { performance } from 'node:perf_hooks';

/** Where it goes; null: nobody wants to know. */
let sink: ((line: string) => void) | null = null;

/** From now on every line goes to `write`, without a newline. */
export function showDebug(write: (line: string) => void): void {
  sink = write;
}

/** Is anybody listening? */
export const isDebugging = (): boolean => sink !== null;

/** Says one thing, with the milliseconds since the process began. */
export function debug(what: () => string): void {
  sink?.(`[${performance.now().toFixed(1).padStart(8)} ms] ${what()}`);
}
