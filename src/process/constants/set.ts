// A set of constants, and how a number is written in its words: as strace does by default. Bits that no word is known of stay a number.

/** The constants that may stand in one place. Numbers are those of Linux on x86-64. */
export interface ConstantSet {
  /** Of these there is one. */
  readonly one?: Readonly<Record<string, number>>;
  /** The bits in which it stands; by default those that are no flags. */
  readonly field?: number;
  /** Of these there are any, those of several bits first. */
  readonly flags?: Readonly<Record<string, number>>;
  /** What is left is written in octal: a mode. */
  readonly octal?: true;
}

const NUMBER = /^(?:0x[0-9a-f]+|\d+)$/;

export const isNumber = (text: string): boolean => NUMBER.test(text);

/** `0x1f`, `017` and `15` as C reads them. */
function numberOf(printed: string): bigint {
  return /^0\d/.test(printed) ? BigInt(`0o${printed}`) : BigInt(printed);
}

/** The one that stands among the flags, without those. */
function oneOf(value: bigint, { one, field, flags }: ConstantSet): readonly [name: string | undefined, bits: bigint] {
  const others = Object.values(flags ?? {}).reduce((bits, flag) => bits | BigInt(flag), 0n);
  const bits = field === undefined ? value & ~others : value & BigInt(field);
  const found = Object.entries(one ?? {}).find(([, number]) => BigInt(number) === bits);
  return [found?.[0], bits];
}

function wordsOf(value: bigint, set: ConstantSet, alone: boolean): string[] {
  const [name, bits] = oneOf(value, set);
  const words: string[] = [];
  let rest = value;
  if (name !== undefined && (bits !== 0n || alone)) {
    words.push(name);
    rest &= ~bits;
  }
  for (const [flag, number] of Object.entries(set.flags ?? {})) {
    const mask = BigInt(number);
    if ((rest & mask) !== mask) continue;
    words.push(flag);
    rest &= ~mask;
  }
  if (rest !== 0n) words.push(set.octal === true ? `0${rest.toString(8)}` : `0x${rest.toString(16)}`);
  return words.length === 0 && alone ? ['0'] : words;
}

/** What stands in a place, in the words of its set: `0x80241` → `O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC`. Words stay as they are. */
export function spelled(printed: string, set: ConstantSet): string {
  const parts = printed.split('|');
  const numbers = parts.filter(isNumber);
  if (numbers.length === 0) return printed;
  const value = numbers.reduce((sum, part) => sum | numberOf(part), 0n);
  const known = parts.filter(part => !isNumber(part));
  return [...known, ...wordsOf(value, set, known.length === 0)].join('|');
}
