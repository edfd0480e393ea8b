// Numbers for reading. Intl does the same, but takes longer to load than a short log takes to read.

/** A whole number with a comma before each three digits: `1,234,567`. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(?:\d{3})+$)/g, ',');
