// Which columns a log's lines begin with. It depends on strace's options only, so it is decided once for a log,
// from a sample of its lines, and then parsed strictly (prefix.ts).

import { findCarrier, type Unwrap } from './carriers.ts';
import { sideline } from './notices.ts';
import { type Layout, newPrefix, readPrefix } from './prefix.ts';

export type { Layout } from './prefix.ts';

/** Of the beginning of a log, this much is looked at: so many lines, out of so many bytes. */
export const SAMPLE_LINES = 50;
export const SAMPLE_BYTES: number = 1 << 18;

/** The layout of a log without a prefix. */
export const PLAIN_LAYOUT: Layout = {
  pid: 'bracket',
  context: false,
  time: 'none',
  relative: false,
  number: false,
  pointer: false,
};

const BODY = /^(?:[a-z_][a-zA-Z0-9_]*(?:#64)?\(|<\.\.\. |\+\+\+ |--- |\[ Process PID)/;

/** Every layout, the simplest first. */
const LAYOUTS: readonly Layout[] = (['column', 'bracket'] as const).flatMap(pid =>
  (['none', 'day', 'unix'] as const).flatMap(time =>
    [false, true].flatMap(relative =>
      [false, true].flatMap(context =>
        [false, true].flatMap(number =>
          [false, true].map((pointer): Layout => ({ pid, context, time, relative, number, pointer })),
        ),
      ),
    ),
  ),
);

/** How many of these lines each layout fits, the best of them: null when none fits any. */
function best(sample: readonly string[]): { layout: Layout | null; fitting: number } {
  const prefix = newPrefix();
  const votes = LAYOUTS.map(() => 0);
  for (const line of sample) {
    const bytes = Buffer.from(line, 'latin1');
    LAYOUTS.forEach((layout, i) => {
      readPrefix(bytes, 0, bytes.length, layout, prefix);
      if (prefix.body >= 0 && BODY.test(line.slice(prefix.body))) votes[i] = (votes[i] ?? 0) + 1;
    });
  }
  const fitting = Math.max(...votes);
  return { layout: fitting === 0 ? null : (LAYOUTS[votes.indexOf(fitting)] ?? null), fitting };
}

/** The layout that fits most of the sample lines, or null when none fits any: then this is not strace's output. */
export const detectLayout = (sample: readonly string[]): Layout | null => best(sample).layout;

/** The same of lines that may be carried by something, and how that is taken off. */
export function detectCarried(sample: readonly string[]): { layout: Layout | null; unwrap: Unwrap | null } {
  // Frames of -k begin alike, and are no calls that a carrier was put before.
  const lines = sample.filter(line => sideline(line) === null);
  const { layout, fitting } = best(lines);
  const found = fitting === lines.length ? null : findCarrier(lines, fitting, carried => best(carried).fitting);
  if (found === null) return { layout, unwrap: null };
  const inner = detectLayout(sample.map(found.unwrap));
  return { layout: inner === null ? null : { ...inner, carrier: found.carrier }, unwrap: found.unwrap };
}
