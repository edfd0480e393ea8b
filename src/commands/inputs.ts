// What commands read: any mix of saved logs and profiles becomes one profile.

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { inspectProgram } from '../host/interpreters.ts';
import { growSlowly, makeRoom } from '../host/memory.ts';
import { Observer } from '../profile/observer.ts';
import type { Profile } from '../profile/profile.ts';
import { printable } from '../render/printable.ts';
import { findLog, type Log } from '../strace/log.ts';
import { scanAhead } from '../strace/scan-ahead.ts';
import type { Io } from './command.ts';
import { emptyLog, notStrace, withoutCalls } from './no-log.ts';
import { progressBar } from './progress.ts';

export interface InputOptions {
  /** Where the first process of a log started. */
  cwd?: string | undefined;
  /** The host the logs come from. */
  host?: string | undefined;
}

const PROFILE_START = /^\s*\{\s*"format"\s*:\s*"allowtrace-profile"/;
const MANY_FACTS = 10_000;
/** Between two looks at the progress bar. */
const LINES_PER_LOOK = 4096;

/** Reads one log through to its end. */
async function observe(log: Log, options: InputOptions, io: Io): Promise<Profile> {
  const id = createHash('sha256');
  const observer = (identity: string): Observer =>
    new Observer({
      id: identity,
      trace: log.name,
      mode: 'replay',
      inspect: inspectProgram,
      ...(options.cwd === undefined ? {} : { cwd: resolve(options.cwd) }),
      ...(options.host === undefined ? {} : { host: options.host }),
    });
  const identity = (own: string): string => (options.host === undefined ? own : `${own}@${options.host}`);
  const progress = progressBar(io, log.size);
  const note = (run: Observer): string =>
    `${printable(log.name)}: ${run.stats.lines.toLocaleString('en')} lines, ${run.stats.facts.toLocaleString('en')} facts`;
  try {
    if (log.kind === 'set') {
      const { setLayout, setLines } = await import('../strace/file-set.ts');
      const run = observer(identity(log.id));
      const layout = setLayout(log.files);
      const files = log.files.map(({ path, pid }) => run.file(path, pid, layout));
      let lines = 0;
      for (const [file, line] of setLines(log.files, layout)) {
        files[file]?.line(line);
        if (++lines % LINES_PER_LOOK === 0) progress.update(lines, () => note(run));
      }
      return finish(run, log);
    }
    if (log.id !== '') {
      const run = observer(identity(log.id));
      const { rules, inodes } = run.scanning;
      const ahead = log.file === null ? null : scanAhead(log.file, rules, inodes);
      let done = 0;
      for await (const piece of ahead ?? log.open()) {
        // V8 takes the flags for its default when a thread is made (Heap::ConfigureHeap).
        if (done === 0 && ahead !== null) growSlowly();
        if (Buffer.isBuffer(piece)) run.push(piece);
        else run.take(piece);
        done += Buffer.isBuffer(piece) ? piece.length : piece.size;
        progress.update(done, () => note(run));
      }
      return finish(run, log);
    }
    // A stream has no identity before its end: it is hashed on the way, and the runs are named then.
    const run = observer('stream');
    for await (const chunk of log.open()) {
      id.update(chunk);
      run.push(chunk);
      progress.update(0, () => note(run));
    }
    return renameRun(finish(run, log), identity(id.digest('hex').slice(0, 16)));
  } finally {
    progress.end();
  }
}

function renameRun(profile: Profile, id: string): Profile {
  return {
    ...profile,
    runs: profile.runs.map(run => ({ ...run, id })),
    facts: profile.facts.map(fact => ({
      ...fact,
      evidence: { ...fact.evidence, runs: [id], slices: { [id]: fact.evidence.slices?.stream ?? 0 } },
    })),
  };
}

/** The profile of a log that was read to its end; an error when nothing in it was strace's. */
function finish(run: Observer, log: Log): Profile {
  run.end();
  // What the lines had to be followed with took more memory than their profile and the proposal will.
  if (run.stats.facts > MANY_FACTS) makeRoom();
  const profile = run.snapshot();
  if (profile.facts.some(fact => fact.kind === 'syscall')) return profile;
  const [sample] = profile.unrecognised.samples;
  if (sample !== undefined) throw notStrace(log.name, sample);
  throw run.stats.lines === 0 ? emptyLog(log.name) : withoutCalls(log.name);
}

async function readOne(name: string, options: InputOptions, io: Io): Promise<Profile> {
  const log = findLog(name, io.stdin);
  if (log.kind === 'single' && PROFILE_START.test(log.start.toString('latin1', 0, 200))) {
    const { readProfile } = await import('../profile/file.ts');
    return readProfile(name);
  }
  return observe(log, options, io);
}

/** One profile of all operands: logs (plain, gzip, zstd, `-`, -ff folders and prefixes) and profiles. */
export async function loadProfile(operands: readonly string[], options: InputOptions, io: Io): Promise<Profile> {
  if (operands.length === 0)
    throw new UsageError(
      'no-input',
      'no log and no profile was given',
      'give at least one file, or - for standard input',
    );
  const profiles: Profile[] = [];
  for (const name of operands) profiles.push(await readOne(name, options, io));
  const { mergeProfiles } = await import('../profile/merge.ts');
  return mergeProfiles(profiles);
}
