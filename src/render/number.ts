// Numbers for reading. Intl does the same, but takes longer to load than a short log takes to read.

/** A whole number with a comma before each three digits: `1,234,567`. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(?:\d{3})+$)/g, ',');

/** `1 path`, `1,234 paths`; `many` where an `s` does not make the plural. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${grouped(n)} ${n === 1 ? one : many}`;
