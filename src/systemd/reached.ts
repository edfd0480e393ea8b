// What is written down when a learning period has reached the coverage that was asked for. It outlasts the reboot that removes a
// runtime learning period, so that the administrator finds out how it ended. Text in, values out; no I/O.

export interface Reached {
  format: 'allowtrace-reached';
  version: 1;
  /** Seconds (Unix time). */
  at: number;
  /** The share that was asked for, and the estimate with its standard error. */
  wanted: number;
  coverage: number;
  coverageError: number;
}

const isReached = (value: unknown): value is Reached =>
  typeof value === 'object' &&
  value !== null &&
  'format' in value &&
  value.format === 'allowtrace-reached' &&
  'version' in value &&
  value.version === 1;

/** Null for any other text. */
export function readReached(text: string): Reached | null {
  try {
    const value: unknown = JSON.parse(text);
    return isReached(value) ? value : null;
  } catch {
    return null;
  }
}
