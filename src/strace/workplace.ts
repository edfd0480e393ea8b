// Scanners with a block of text each, for logs that are scanned in place. They are used again and again: V8 does not see how much memory
// WebAssembly holds, and would collect those that nobody uses any more too late.

import { Scanner } from './scan.ts';
import { type Block, Blocks, newBlockMemory } from './scan-blocks.ts';

export interface Workplace {
  readonly scanner: Scanner;
  readonly block: Block;
}

const idle: Workplace[] = [];

/** Null where there is no memory for it. */
export function takeWorkplace(): Workplace | null {
  const known = idle.pop();
  if (known !== undefined) return known;
  const memory = newBlockMemory(1);
  return memory === null ? null : { scanner: new Scanner(memory.memory), block: new Blocks(memory).at(0) };
}

export function leaveWorkplace(workplace: Workplace): void {
  idle.push(workplace);
}
