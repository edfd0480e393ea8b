// The evidence of a profile as it stands in its file: a column a line, apart from the facts. So a fact's own line stays as it is while its
// counts and times grow, and `git diff` shows what is new. Entry i of each column is about fact i. Pure.

import { isRecord, toJson } from '../json.ts';
import type { Fact, Run } from './profile.ts';

/** Sorted indices → "0-4,7". */
function formatRanges(indices: readonly number[]): string {
  const ranges: string[] = [];
  for (let i = 0; i < indices.length; ) {
    const from = indices[i] ?? 0;
    let to = from;
    while (indices[++i] === to + 1) to++;
    ranges.push(from === to ? `${from}` : `${from}-${to}`);
  }
  return ranges.join(',');
}

/** Facts that are turned into text at a time: a profile of many is saved without holding all of its text. */
export const PIECE = 1000;

/** `"name":[…]` on one line, piece by piece. */
function* column(name: string, facts: readonly Fact[], entry: (fact: Fact) => unknown): Generator<string> {
  yield `"${name}":[`;
  for (let at = 0; at < facts.length; at += PIECE) {
    const piece = toJson(facts.slice(at, at + PIECE).map(entry)).slice(1, -1);
    yield at === 0 ? piece : `,${piece}`;
  }
  yield ']';
}

/** The object `evidence` of a file. Runs are named by their indices, which keeps profiles of thousands of runs small, and so are traces. */
export function* columnsText(facts: readonly Fact[], runs: readonly Run[]): Generator<string> {
  const index = new Map(runs.map(({ id }, i) => [id, i]));
  const ranges = new Map<readonly string[], string>();
  const rangesOf = (ids: readonly string[]): string => {
    const known = ranges.get(ids) ?? formatRanges(ids.map(id => index.get(id) ?? 0).sort((a, b) => a - b));
    ranges.set(ids, known);
    return known;
  };
  const slicesOf = ({ evidence: { slices = {} } }: Fact): Record<string, number> | null => {
    const stored = Object.entries(slices).map(([id, bits]): [number, number] => [index.get(id) ?? 0, bits]);
    return stored.length === 0 ? null : Object.fromEntries(stored.sort(([a], [b]) => a - b));
  };
  const traces = [...new Set(facts.map(({ evidence }) => evidence.origin.trace))].sort();
  const places = new Map(traces.map((trace, i) => [trace, i]));
  yield `{"traces":${toJson(traces)},\n`;
  yield* column('origins', facts, ({ evidence: { origin } }) => [
    places.get(origin.trace) ?? 0,
    origin.line,
    origin.pid,
    origin.syscall,
    ...(origin.from === undefined ? [] : [origin.from]),
  ]);
  yield ',\n';
  yield* column('counts', facts, ({ evidence }) => evidence.count);
  yield ',\n';
  yield* column('first', facts, ({ evidence }) => evidence.first ?? null);
  yield ',\n';
  yield* column('last', facts, ({ evidence }) => evidence.last ?? null);
  yield ',\n';
  yield* column('runs', facts, ({ evidence }) => rangesOf(evidence.runs));
  yield ',\n';
  yield* column('slices', facts, slicesOf);
  yield '}';
}

const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/**
 * Puts evidence and fact together in the form that each fact had in files of version 1, whose fields are held against their table elsewhere.
 * Null where the columns do not belong to so many facts.
 */
export function evidenceOf(value: unknown, facts: number): ((fact: unknown, index: number) => unknown) | null {
  if (!isRecord(value)) return null;
  const { traces, origins, counts, first, last, runs, slices } = value;
  const columns = [origins, counts, first, last, runs, slices];
  if (!isArray(traces) || !columns.every(one => isArray(one) && one.length === facts)) return null;
  const at = (list: unknown, index: number): unknown => (isArray(list) ? list[index] : undefined);
  return (fact, index) => {
    if (!isRecord(fact)) return null;
    const { by, ...access } = fact;
    const origin = at(origins, index);
    const [trace, line, pid, syscall, source] = isArray(origin) ? origin : [];
    const [from, to] = [at(first, index), at(last, index)];
    return {
      ...access,
      evidence: {
        count: at(counts, index),
        ...(from === null ? {} : { first: from }),
        ...(to === null ? {} : { last: to }),
        origin: {
          trace: typeof trace === 'number' ? traces[trace] : undefined,
          line,
          pid,
          syscall,
          ...(source === undefined ? {} : { from: source }),
        },
        by,
        slices: at(slices, index) ?? {},
        runs: at(runs, index),
      },
    };
  };
}
