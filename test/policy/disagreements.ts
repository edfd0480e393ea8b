// Prints where the model and a real systemd disagree: a line for each kind, with the fewest directives that show it. Needs root; see differential.test.ts.
//   node build/test/policy/disagreements.js [SYSTEMD [SETS [SEED]]]         (default: 252, 500 and one of the clock)
//   WIDER=1 node …                                                         with the sets of wider-sets.ts, and more accesses

import { UsageError } from '../../src/errors.ts';
import { type Baseline, disagreements, prepare, type Ran, runSets } from '../support/differential.ts';
import { SAMPLES } from '../support/directive-sets.ts';
import fc from '../support/fast-check.ts';
import { host } from '../support/releases.ts';
import type { SystemdHost } from '../support/systemd-host.ts';
import { WIDER_SAMPLES } from '../support/wider-sets.ts';

const AT_ONCE = 50;
/** Kinds that are made small. */
const KINDS_AT_MOST = Number(process.env.KINDS ?? 60);
const LOST: Ran = { status: 'lost', outcomes: [] };

/** Without the set that shows it. */
const kindOf = (text: string): string => text.slice(0, text.indexOf(': ', text.indexOf('systemd ')));

interface Found {
  count: number;
  lines: readonly string[];
}

/** The same set without one line, and without one word of a line. */
function smaller(lines: readonly string[]): string[][] {
  const without = lines.map((_, i) => lines.filter((__, j) => j !== i));
  const shorter = lines.flatMap((line, i) => {
    const [name = '', ...rest] = line.split('=');
    const words = rest.join('=').split(' ');
    if (words.length < 2) return [];
    return words.map((_, w) => lines.with(i, `${name}=${words.filter((__, j) => j !== w).join(' ')}`));
  });
  return [...without, ...shorter];
}

/** A set that the model does not take is a kind of its own. */
function judged(base: Baseline, lines: readonly string[], real: Ran): string[] {
  try {
    return disagreements(base, lines, real);
  } catch (error) {
    if (error instanceof UsageError)
      return [`not taken: ${error.message.slice('unit:N: '.length)}, systemd ${real.status}: `];
    throw error;
  }
}

const wider = process.env.WIDER !== undefined;

/** Numbers of units, each used once. */
let unit = 1;
/** Sets of which every access was compared, as far as the service started. */
let started = 0;

async function ask(machine: SystemdHost, base: Baseline, sets: readonly (readonly string[])[]): Promise<Set<string>[]> {
  const answers: Set<string>[] = [];
  for (let i = 0; i < sets.length; i += AT_ONCE) {
    const some = sets.slice(i, i + AT_ONCE);
    const real = await runSets(machine, some, unit, wider);
    unit += some.length;
    started += real.filter(({ status }) => status === '0').length;
    answers.push(...some.map((lines, j) => new Set(judged(base, lines, real[j] ?? LOST).map(kindOf))));
  }
  return answers;
}

/** The fewest lines that still show this kind. */
async function smallest(
  machine: SystemdHost,
  base: Baseline,
  kind: string,
  lines: readonly string[],
): Promise<readonly string[]> {
  const candidates = smaller(lines);
  const answers = await ask(machine, base, candidates);
  const next = candidates.find((_, i) => answers[i]?.has(kind));
  return next === undefined ? lines : smallest(machine, base, kind, next);
}

const [systemd = 252, count = 500, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const samples = wider ? WIDER_SAMPLES : SAMPLES;
const total = samples.reduce((sum, [, share]) => sum + share, 0);
const sets = samples.flatMap(([set, share]) => fc.sample(set, { seed, numRuns: Math.ceil((count * share) / total) }));
const machine = await host(systemd);
try {
  const base = await prepare(machine, wider);
  const answers = await ask(machine, base, sets);
  const compared = started * base.words.length + sets.length;
  const wrong = answers.reduce((sum, kinds) => sum + kinds.size, 0);
  const found = new Map<string, Found>();
  for (const [i, kinds] of answers.entries())
    for (const kind of kinds) {
      const lines = sets[i] ?? [];
      const known = found.get(kind) ?? { count: 0, lines };
      found.set(kind, { count: known.count + 1, lines: known.lines.length <= lines.length ? known.lines : lines });
    }
  console.log(
    `systemd ${systemd}, seed ${seed}: ${sets.length} sets of directives, ${base.words.length} accesses each, ${found.size} kinds of disagreement`,
  );
  console.log(
    `${compared - wrong} of ${compared} outcomes agree: ${((100 * (compared - wrong)) / compared).toFixed(3)} %`,
  );
  for (const [kind, { count: times, lines }] of [...found]
    .sort(([, a], [, b]) => b.count - a.count)
    .slice(0, KINDS_AT_MOST))
    console.log(`${times} × ${kind}: ${(await smallest(machine, base, kind, lines)).join('; ')}`);
} finally {
  await machine.halt();
}
