// THE TABLE of what stands in a profile's file, to hold against what is read: a profile may come from another host, or from anybody.
// The compiler checks that each field of an access, and of its evidence, has a row.

import { isRecord } from '../json.ts';
import type { Access, Mode, Origin } from '../process/access.ts';
import type { Evidence, Profile, Run } from './profile.ts';

/** `word`: nothing but letters, digits, `_` and `-`, since it may become a word of a unit. */
type Form = 'text' | 'texts' | 'word' | 'path' | 'mode' | 'number' | 'pid' | 'boolean';

/** The fields of `T` and their forms; `?` behind those that may be missing. */
type Fields<T, Except extends string> = {
  readonly [F in Exclude<keyof T, Except>]-?: Record<never, never> extends Pick<T, F> ? `${Form}?` : Form;
};

const MODES: Readonly<Record<Mode, true>> = {
  stat: true,
  read: true,
  list: true,
  write: true,
  create: true,
  delete: true,
  meta: true,
  exec: true,
  map: true,
  connect: true,
  bind: true,
  mount: true,
  watch: true,
  chdir: true,
  chroot: true,
};

const isText = (value: unknown): value is string => typeof value === 'string';

const TESTS: Readonly<Record<Form, (value: unknown) => boolean>> = {
  text: isText,
  texts: value => Array.isArray(value) && value.every(isText),
  word: value => isText(value) && /^[\w-]+$/.test(value),
  path: value => isText(value) && value.startsWith('/') && !value.includes('\0'),
  mode: value => isText(value) && Object.hasOwn(MODES, value),
  number: Number.isFinite,
  pid: value => value === null || Number.isFinite(value),
  boolean: value => typeof value === 'boolean',
};

type Accesses = {
  readonly [K in Access['kind']]: Fields<Extract<Access, { kind: K }>, 'kind'>;
};

// biome-ignore format: one kind a line
const ACCESSES: Accesses = {
  path:       { mode: 'mode', path: 'path', asked: 'path?', errno: 'text?', uid: 'number?', pattern: 'boolean?', inferred: 'text?' },
  move:       { call: 'word', from: 'path', to: 'path', errno: 'text?' },
  syscall:    { name: 'word', abi: 'word?', assumed: 'boolean?' },
  socket:     { family: 'text', type: 'text', protocol: 'text?', errno: 'text?' },
  address:    { op: 'word', family: 'text', address: 'text', port: 'number?', transport: 'word?', errno: 'text?' },
  capability: { name: 'word', syscall: 'text', certain: 'boolean', detail: 'text?', from: 'word?', errno: 'text?' },
  namespace:  { type: 'word', call: 'text', errno: 'text?' },
  memory:     { what: 'word', errno: 'text?' },
  feature:    { name: 'word', value: 'text?', certain: 'boolean?', errno: 'text?' },
  process:    { exe: 'text', parent: 'text?', root: 'text?', cwd: 'text?' },
  unresolved: { mode: 'mode', asked: 'text' },
  blind:      { what: 'text' },
};

const ORIGIN: Fields<Origin, never> = { trace: 'text', line: 'number', pid: 'pid', syscall: 'text', from: 'text?' };

/** `runs` is text in the file. */
const EVIDENCE: Fields<Evidence, 'origin' | 'slices'> = {
  count: 'number',
  runs: 'text',
  first: 'number?',
  last: 'number?',
  by: 'texts',
};

const RUN: Fields<Run, 'slice'> = {
  id: 'text',
  trace: 'text',
  host: 'text?',
  command: 'texts?',
  start: 'number?',
  end: 'number?',
  lines: 'number',
  unrecognised: 'number',
  processes: 'number',
  newFacts: 'number?',
  mode: 'word',
  strace: 'text?',
  boot: 'boolean?',
  truncated: 'boolean?',
};

const SLICE: Fields<Run['slice'], never> = { unit: 'word', width: 'number', used: 'number' };

type Sample = Profile['unrecognised']['samples'][number];
const SAMPLE: Fields<Sample, never> = { trace: 'text', line: 'number', text: 'text', why: 'text' };

type Overflow = Profile['overflow'][number];
const OVERFLOW: Fields<Overflow, never> = { what: 'text', count: 'number' };

type Row = readonly (readonly [name: string, test: (value: unknown) => boolean, optional: boolean])[];

const isForm = (word: string): word is Form => Object.hasOwn(TESTS, word);

/** A row as it is worked through. */
const row = (fields: Readonly<Record<string, string>>): Row =>
  Object.entries(fields).map(([name, form]) => {
    const word = form.replace('?', '');
    return [name, isForm(word) ? TESTS[word] : () => false, form.endsWith('?')];
  });

const fits = (value: unknown, fields: Row): value is Record<string, unknown> =>
  isRecord(value) &&
  fields.every(([name, test, optional]) => (value[name] === undefined ? optional : test(value[name])));

const ROWS: ReadonlyMap<unknown, Row> = new Map(Object.entries(ACCESSES).map(([kind, fields]) => [kind, row(fields)]));
const [ORIGIN_ROW, EVIDENCE_ROW, RUN_ROW, SLICE_ROW] = [row(ORIGIN), row(EVIDENCE), row(RUN), row(SLICE)];
const [SAMPLE_ROW, OVERFLOW_ROW] = [row(SAMPLE), row(OVERFLOW)];

/** A fact as it stands in the file. */
export interface StoredFact {
  kind: string;
  evidence: { runs: string; slices?: Record<string, number> };
}

export function isStoredFact(value: unknown): value is StoredFact {
  if (!isRecord(value)) return false;
  const fields = ROWS.get(value.kind);
  const { evidence } = value;
  if (fields === undefined || !fits(value, fields) || !fits(evidence, EVIDENCE_ROW)) return false;
  const { origin, slices = {} } = evidence;
  return fits(origin, ORIGIN_ROW) && isRecord(slices) && Object.values(slices).every(Number.isFinite);
}

export const isRun = (value: unknown): value is Run => fits(value, RUN_ROW) && fits(value.slice, SLICE_ROW);
export const isSample = (value: unknown): value is Sample => fits(value, SAMPLE_ROW);
export const isOverflow = (value: unknown): value is Overflow => fits(value, OVERFLOW_ROW);
