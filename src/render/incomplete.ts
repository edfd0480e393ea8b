// That the evidence is incomplete, in the same words wherever it is said.

import { printable } from './printable.ts';

const joined = (incomplete: readonly string[]): string => printable(incomplete.join('; '));

/** `Incomplete evidence: lines were cut out of the log: …`; null where the evidence is complete. */
export const incompleteText = (incomplete: readonly string[]): string | null =>
  incomplete.length === 0 ? null : `Incomplete evidence: ${joined(incomplete)}`;

/** The last line on stderr of whoever prints a proposal. */
export const incompleteWarning = (incomplete: readonly string[], allowed: boolean): string =>
  `Incomplete evidence, so what rests on it is withheld${allowed ? '' : ' and the exit status is 3 (--allow-incomplete: 0)'}: ${joined(incomplete)}\n`;
