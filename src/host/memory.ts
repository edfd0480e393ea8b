// How much memory this process takes. Sources: V8's flag-definitions.h (semi_space_growth_factor, heap_growing_percent,
// optimize_for_size, expose_gc). A version of V8 that does not know a flag ignores it; docs/benchmarks.md has what they give.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * For large inputs, before objects are made of them: V8 would let the space of young objects grow to 32 MB, and the heap to several times what
 * lives in it before it collects. That costs a third of the memory and saves a few per cent of the time. Code that was compiled before is
 * not kept for the next time then (bin/allowtrace.js).
 */
export function growSlowly(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=30');
}

/** For what runs for days beside a service: V8 then collects garbage sooner rather than let the heap grow, for little more work. */
export const stayLean = (): void => setFlagsFromString('--optimize-for-size');

/**
 * Gives back what is no longer needed, where that is much and V8 would not notice before the heap has grown by as much again. What comes
 * next may fill the room without being looked through for garbage again.
 */
export function makeRoom(): void {
  setFlagsFromString('--heap-growing-percent=60');
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
