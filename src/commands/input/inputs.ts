// What commands read: any mix of saved logs and profiles becomes one profile.

import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { isAuditLog } from '../../audit/reader.ts';
import { debug } from '../../debug.ts';
import { UsageError } from '../../errors.ts';
import { inspectProgram } from '../../host/interpreters.ts';
import { growSlowly, makeRoom } from '../../host/memory.ts';
import type { Observer } from '../../profile/observer.ts';
import type { IdleRule } from '../../profile/patterns.ts';
import type { Profile, Unrecognised } from '../../profile/profile.ts';
import { grouped } from '../../render/number.ts';
import { printable } from '../../render/printable.ts';
import { type Carrier, howToUnwrap } from '../../strace/carriers.ts';
import { Identity } from '../../strace/identity.ts';
import { findLog, type Log } from '../../strace/log.ts';
import { scanAhead } from '../../strace/scan/ahead.ts';
import type { Io } from '../cli/command.ts';
import { progressBar } from '../cli/progress.ts';
import type { Owner } from './records.ts';

export interface InputOptions {
  /** Where the first process of a log started. */
  cwd?: string | undefined;
  /** The host the logs come from. */
  host?: string | undefined;
  /** Whose records of audit and journal are taken. */
  owner?: (() => Promise<Owner>) | undefined;
}

const PROFILE_START = /^\s*\{\s*"format"\s*:\s*"allowtrace-profile"/;
const MANY_FACTS = 10_000;
/** From so many bytes on disk, memory is worth more care than the start is. */
const LARGE = 1 << 19;
/** Between two looks at the progress bar. */
const LINES_PER_LOOK = 4096;

/** What is shown of a log that is being read. */
type Tell = (done: number) => void;

/** Reads one log through to its end. */
async function observe(log: Log, options: InputOptions, io: Io): Promise<Profile> {
  // Not loaded for profiles.
  const { Observer } = await import('../../profile/observer.ts');
  const run = new Observer({
    id: '',
    trace: log.name,
    mode: 'replay',
    inspect: inspectProgram,
    ...(options.cwd === undefined ? {} : { cwd: resolve(options.cwd) }),
    ...(options.host === undefined ? {} : { host: options.host }),
  });
  const progress = progressBar(io, log.size);
  const note = (): string =>
    `${printable(log.name)}: ${grouped(run.stats.lines)} lines, ${grouped(run.stats.facts)} facts`;
  const tell: Tell = done => progress.update(done, note);
  try {
    const id = log.kind === 'set' ? await readSet(log, run, tell) : await readSingle(log, run, tell);
    progress.end();
    if (run.carrier !== undefined) io.stderr.write(unwrapped(log.name, run.carrier));
    const profile = finish(run, log, options.host === undefined ? id : `${id}@${options.host}`);
    debug(() => `read ${note()}, ${run.stats.unrecognised} lines not understood`);
    return profile;
  } finally {
    progress.end();
  }
}

/** What is said of a log whose lines were carried by something. */
function unwrapped(name: string, { name: carrier, example, tag }: Carrier): string {
  const others = tag === undefined ? '' : `, and read only the lines of ${tag.replace(/\s+/g, ' ')}`;
  const said = printable(`${name}: removed what ${carrier} adds to each line (\`${example}\`)${others}`);
  return `${said}\n`;
}

/** These resolve to what the run is known by. */
async function readSet(log: Log & { kind: 'set' }, run: Observer, tell: Tell): Promise<string> {
  const { setLayout, setLines } = await import('../../strace/file-set.ts');
  const layout = setLayout(log.files);
  const files = log.files.map(({ path, pid }) => run.file(path, pid, layout));
  let lines = 0;
  for (const [file, line] of setLines(log.files, layout)) {
    files[file]?.line(line);
    if (++lines % LINES_PER_LOOK === 0) tell(lines);
  }
  return log.id;
}

async function readSingle(log: Log & { kind: 'single' }, run: Observer, tell: Tell): Promise<string> {
  const { rules, inodes } = run.scanning;
  const ahead = log.file === null ? null : scanAhead(log.file, rules, inodes);
  const id = ahead === null ? await push(log, run, tell) : await take(ahead, run, tell);
  return log.id ?? id ?? '';
}

async function take(
  ahead: NonNullable<ReturnType<typeof scanAhead>>,
  run: Observer,
  tell: Tell,
): Promise<string | null> {
  let done = 0;
  try {
    let next = await ahead.next();
    // V8 takes the flags for its default when a thread is made (Heap::ConfigureHeap).
    growSlowly();
    for (; next.done !== true; next = await ahead.next()) {
      run.take(next.value);
      done += next.value.size;
      tell(done);
    }
    return next.value;
  } finally {
    await ahead.return(null);
  }
}

async function push(log: Log & { kind: 'single' }, run: Observer, tell: Tell): Promise<string | null> {
  const identity = log.id === null ? new Identity() : null;
  let done = 0;
  for await (const chunk of log.open()) {
    identity?.add(chunk);
    run.push(chunk);
    done += chunk.length;
    tell(done);
  }
  return identity?.id ?? null;
}

/** The profile of a log that was read to its end; an error when nothing in it was strace's. */
function finish(run: Observer, log: Log, id: string): Profile {
  run.end();
  // What the lines had to be followed with took more memory than their profile and the proposal will.
  if (run.stats.facts > MANY_FACTS) makeRoom();
  const profile = run.snapshot(id);
  if (profile.facts.some(fact => fact.kind === 'syscall')) return profile;
  const [sample] = profile.unrecognised.samples;
  if (sample !== undefined) throw notStrace(log.name, sample);
  throw run.stats.lines === 0 ? emptyLog(log.name) : withoutCalls(log.name);
}

/** A log with its beginning, which tells what kind of log it is. */
async function begun(log: Log & { kind: 'single' }): Promise<{ log: Log & { kind: 'single' }; beginning: string }> {
  if (log.file?.packing === 'none') return { log, beginning: log.start.toString('latin1') };
  const pieces = log.open()[Symbol.asyncIterator]();
  const first = await pieces.next();
  async function* all(): AsyncGenerator<Buffer> {
    for (let next = first; next.done !== true; next = await pieces.next()) yield next.value;
  }
  const beginning = first.done === true ? '' : first.value.toString('latin1');
  if (log.file !== null) {
    // It can be opened again, which is for a thread of its own where it is large.
    await pieces.return?.();
    return { log, beginning };
  }
  return { log: { ...log, open: all }, beginning };
}

/** What is read last: records belong to the programs that profiles and logs beside them show. */
type Later = (programs: readonly string[], alone: boolean) => Promise<Profile>;

async function readOne(name: string, options: InputOptions, io: Io): Promise<Profile | Later> {
  const found = findLog(name, io.stdin);
  if (((found.kind === 'set' ? found.size : found.file?.size) ?? LARGE) >= LARGE) growSlowly();
  if (found.kind === 'set') return observe(found, options, io);
  if (PROFILE_START.test(found.start.toString('latin1', 0, 200))) {
    const { readProfile } = await import('../../profile/file.ts');
    debug(() => `reading ${printable(name)} as a profile`);
    return readProfile(name);
  }
  const { log, beginning } = await begun(found);
  if (!isAuditLog(beginning)) return observe(log, options, io);
  return async (programs, alone) => {
    const { loadRecords } = await import('./records.ts');
    const identity = new Identity();
    const input = Readable.from(identified(log.open(), identity));
    const { unit, programs: own } = (await options.owner?.()) ?? { unit: null, programs: [] };
    const owner = { unit, programs: [...own, ...programs] };
    const { host } = options;
    return loadRecords(input, { name, id: () => log.id ?? identity.id, host }, owner, {
      alone,
      tell: text => io.stderr.write(text),
    });
  };
}

async function* identified(chunks: AsyncIterable<Buffer>, identity: Identity): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    // Chunks of a plain file are valid until the next is asked for.
    const own = Buffer.from(chunk);
    identity.add(own);
    yield own;
  }
}

/** The programs that ran in these profiles. */
const programsIn = (profiles: readonly Profile[]): string[] =>
  profiles.flatMap(({ facts }) => facts.flatMap(fact => (fact.kind === 'process' ? [fact.exe] : [])));

/** One profile of all operands: logs (plain, gzip, zstd, `-`, -ff folders and prefixes) and profiles. */
export async function loadProfile(operands: readonly string[], options: InputOptions, io: Io): Promise<Profile> {
  if (operands.length === 0)
    throw new UsageError('no-input', 'no input files', 'give at least one file, or - for standard input');
  const profiles: Profile[] = [];
  const later: Later[] = [];
  for (const name of operands) {
    const read = await readOne(name, options, io);
    if (typeof read === 'function') later.push(read);
    else profiles.push(read);
  }
  const programs = programsIn(profiles);
  for (const read of later) profiles.push(await read(programs, profiles.length === 0));
  const { mergeProfiles } = await import('../../profile/merge.ts');
  return mergeProfiles(profiles);
}

/** Says which --fold and --ignore match nothing that was observed: mistyped, perhaps. */
export function tellIdleRules(rules: readonly IdleRule[], io: Io): void {
  for (const { rule, glob } of rules) io.stderr.write(`--${rule} ${printable(glob)}: no observed path matches it\n`);
}

const HINT = 'record one with: strace -f -y -o FILE COMMAND';
const SHOWN = 80;

export const emptyLog = (name: string): UsageError => new UsageError('empty-log', `${name}: is empty`, HINT);

/** `sample`: the first line that was not understood. */
export const notStrace = (name: string, sample: Omit<Unrecognised['samples'][number], 'trace'>): UsageError =>
  new UsageError(
    'not-strace',
    `${name}:${sample.line}: is not strace output (${sample.why}): ${printable(sample.text.slice(0, SHOWN))}`,
    howToUnwrap(sample.text) ?? HINT,
  );

const withoutCalls = (name: string): UsageError =>
  new UsageError('no-calls', `${name}:1: holds no system calls (a table of strace -c, or only notices)`, HINT);
