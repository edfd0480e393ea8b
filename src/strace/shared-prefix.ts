// What stands in front of every line without being known: a prefix of the same words and other numbers (`web-1 app `, `12:`, `+`), found by the
// lines themselves.

/** The first call, or notice, of a line, and what stands before it. */
const HEAD = /^(.*?)(?:\[pid +\d+\] )?(?:[a-z_][a-z0-9_]*\(|<\.\.\. \w|\+\+\+ |--- SIG)/;
/** Of what stands before, strace's own: the pid of -o, and the time behind it. The day of a date is none, and a time alone may be anybody's: without it, no line is lost. */
const OWN = /(?<=^|[\s|>\])])(?<![A-Z][a-z]{2} {1,2})\d+ +(?:[\d:.]+ +)*$/;
/** Heads looked at, and the longest. */
const HEADS = 3;
const LONGEST = 200;

/** A prefix as a pattern: any number stands for any other, and blanks inside for any. Blanks behind it may be the line's own. */
const patternOf = (prefix: string): RegExp =>
  new RegExp(
    `^${prefix
      .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
      .replace(/\d+/g, '\\d+')
      .replace(/ +(?=[^ ])/g, ' +')}`,
  );

/** Patterns of prefixes that at least half of the lines share. */
export function sharedPrefixes(lines: readonly string[]): RegExp[] {
  const counts = new Map<string, { head: string; count: number }>();
  for (const line of lines) {
    const head = HEAD.exec(line)?.[1] ?? '';
    if (head === '' || head.length > LONGEST) continue;
    const key = head.replace(/\d+/g, '0').replace(/ +/g, ' ');
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { head, count: 1 });
    else known.count++;
  }
  const heads = [...counts.values()].sort((a, b) => b.count - a.count).slice(0, HEADS);
  return heads
    .map(({ head }) => head.replace(OWN, ''))
    .filter(prefix => prefix !== '')
    .map(patternOf)
    .filter(pattern => lines.filter(line => pattern.test(line)).length * 2 >= lines.length);
}
