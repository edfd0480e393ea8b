// --fold and --ignore that are for nothing that was seen: mistyped, perhaps.

import type { IdleRule } from '../profile/patterns.ts';
import { printable } from '../render/printable.ts';
import type { Io } from './command.ts';

export function tellIdleRules(rules: readonly IdleRule[], io: Io): void {
  for (const { rule, glob } of rules)
    io.stderr.write(`--${rule} ${printable(glob)}: no path that was seen matches it\n`);
}
