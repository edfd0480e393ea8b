// Tables that are asked by words of others: of a log, a unit, a profile, a command line.

/** The row of that name, if the table has one: every object answers to `constructor` and `toString`, too. */
export const rowOf = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
