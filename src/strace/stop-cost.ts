// What a call costs that is traced completely: two stops of the process, and what strace decodes and writes between them.

import { programOutput } from '../program-output.ts';
import { type Strace, straceArguments } from './launch.ts';

/** dd(1) makes two calls for each block, and few besides. */
const BLOCKS = 4_000;
const DD = ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=1', `count=${BLOCKS}`, 'status=none'] as const;

async function secondsOf([program = '', ...words]: readonly string[]): Promise<number | null> {
  const began = performance.now();
  const { failed } = await programOutput(program, words);
  return failed ? null : (performance.now() - began) / 1000;
}

/** Seconds that a call takes longer on this machine when every call is traced; null: it could not be measured. */
export async function stopCost(strace: Strace): Promise<number | null> {
  const alone = await secondsOf(DD);
  // -D would let the measured command end before strace.
  const words = straceArguments('complete', '/dev/null').filter(word => word !== '-D');
  const traced = await secondsOf([strace.path, ...words, ...DD]);
  return alone === null || traced === null ? null : Math.max(0, traced - alone) / (2 * BLOCKS);
}
