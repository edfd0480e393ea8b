// What stands behind an option or as an operand, concluded from how the manual writes it: FILE, DIR, UNIT, `start|stop UNIT`, `-- COMMAND`.

import type { CommandManual, OptionManual } from '../manual.ts';

export type WordKind = 'file' | 'directory' | 'unit' | 'host' | 'free';

const KINDS: readonly (readonly [RegExp, WordKind])[] = [
  [/\bUNIT/, 'unit'],
  [/\bDIR/, 'directory'],
  [/\bHOST\b/, 'host'],
  [/\b(?:FILE|LOG|PROFILE|POLICY|GLOB|OLD|NEW)/, 'file'],
];

/** The kind of word that is written like this in a synopsis. */
export const wordKind = (written: string): WordKind => KINDS.find(([pattern]) => pattern.test(written))?.[1] ?? 'free';

export interface Operands {
  /** The first operand is one of these words, when there are any. */
  first: readonly string[];
  /** Any other operand. */
  others: WordKind;
  /** What stands behind `--`. */
  rest: 'command' | WordKind;
}

export function operandWords({ operands }: CommandManual): Operands {
  const [own = '', rest = ''] = operands.split('-- ');
  return {
    first: /^[a-z-]+(?:\|[a-z-]+)+/.exec(own)?.[0].split('|') ?? [],
    others: wordKind(own),
    rest: /COMMAND|CMD/.test(rest) ? 'command' : wordKind(rest),
  };
}

/** A switch that is on is only ever turned off. */
export const longName = ({ name, isOn }: Pick<OptionManual, 'name' | 'isOn'>): string => (isOn ? `no-${name}` : name);

/** `--output`, and `-o` where there is one. */
export const flags = ({ name, alias, isOn }: OptionManual): string[] => [
  `--${longName({ name, isOn })}`,
  ...(alias === null ? [] : [`-${alias}`]),
];
