// Names that look like a mistyped one. Levenshtein's distance, with a bound that grows with the name.

/** How many letters must be changed, added or removed to make one word the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}

const SHOWN = 4;

/** The candidates that are near to `word` or hold it, the nearest first; case does not matter. */
export function nearest(word: string, candidates: Iterable<string>): string[] {
  const wanted = word.toLowerCase();
  const bound = Math.max(2, Math.floor(wanted.length / 3));
  return [...new Set(candidates)]
    .map(name => {
      const known = name.toLowerCase();
      const holds = wanted.length >= 4 && known.includes(wanted);
      return { name, far: holds ? 1 : distance(wanted, known) };
    })
    .filter(({ far }) => far <= bound)
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
    .slice(0, SHOWN)
    .map(({ name }) => name);
}

/** `did you mean check, or explain?`; null when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | null {
  const found = nearest(word, candidates);
  const last = found.pop();
  if (last === undefined) return null;
  return `did you mean ${found.length === 0 ? last : `${found.join(', ')} or ${last}`}?`;
}
