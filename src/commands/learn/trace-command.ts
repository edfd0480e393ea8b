// A command, traced from its start to its end into a profile: what `learn` and `check --run` have in common.

import { randomUUID } from 'node:crypto';
import { hostname, release } from 'node:os';
import { basename } from 'node:path';
import process from 'node:process';
import { UsageError } from '../../errors.ts';
import { inspectProgram } from '../../host/interpreters.ts';
import { growSlowly, stayLean } from '../../host/memory.ts';
import { chooseTracing, type TracingChoice } from '../../host/tracing-mode.ts';
import type { Coverage } from '../../profile/coverage.ts';
import { Observer } from '../../profile/observer.ts';
import type { SharedProfile } from '../../profile/shared-profile.ts';
import { printable } from '../../render/printable.ts';
import { findStrace, isOlder, LIVE_LAYOUT, probeTracing, type Strace, type Tracing } from '../../strace/launch.ts';
import type { Io } from '../cli/command.ts';
import { StatusLine } from '../cli/status-line.ts';
import { after } from '../cli/values.ts';
import { type Learned, Learning } from './learning.ts';
import { checkProgram, type Outcome, Tracee } from './run-traced.ts';

export interface TraceOptions {
  tracing: 'auto' | Tracing;
  /** Where to save while it runs; null: only in memory. */
  shared: SharedProfile | null;
  saveSeconds: number;
  /** Ends the command after so many seconds, or at this coverage. */
  forSeconds?: number | undefined;
  untilCoverage?: number | undefined;
  host?: string | undefined;
  /** Shows a line at the foot of a terminal. */
  status: boolean;
  /** The command's standard output goes to our standard error. */
  toStderr?: boolean;
}

/** What was learned, how the command ended, and whether it was us who ended it because enough was seen. */
export interface Traced extends Learned {
  outcome: Outcome;
  enough: boolean;
}

const STATUS_MS = 1_000;

async function tracingFor(
  strace: Strace,
  command: readonly string[],
  options: TraceOptions,
  io: Io,
): Promise<TracingChoice> {
  if (options.tracing === 'complete') {
    await probeTracing(strace, 'complete');
    return { mode: 'complete', why: 'it was asked for' };
  }
  const obstacle = await probeTracing(strace, 'seccomp');
  if (options.tracing === 'seccomp' && obstacle === null) return { mode: 'seccomp', why: 'it was asked for' };
  return chooseTracing(command, io.env.PATH ?? '', obstacle, options.shared?.known ?? null);
}

const WORDS: Readonly<Record<Tracing, string>> = {
  seccomp: 'tracing with a filter, hot calls are assumed',
  complete: 'tracing every call',
};

/** Lines that strace writes of a command that it could not execute. */
const FEW_LINES = 10;

/** False when the kernel refused to execute the command: what is in the log then is strace's own end. */
const wasStarted = ({ exitCode }: Outcome, observer: Observer): boolean =>
  exitCode !== 1 ||
  observer.stats.lines > FEW_LINES ||
  observer.snapshot().facts.some(({ kind }) => kind === 'process');

/** Runs `command` under strace. Its stdin, stdout, stderr and signals are ours; remarks go to stderr. */
export async function traceCommand(command: readonly string[], options: TraceOptions, io: Io): Promise<Traced> {
  growSlowly();
  stayLean();
  checkProgram(command, io.env.PATH ?? '');
  const line = new StatusLine(io, options.status);
  const tell = (message: string): void => {
    io.stderr.write(`allowtrace: ${printable(message)}\n`);
  };
  const strace = await findStrace();
  const { mode, why } = await tracingFor(strace, command, options, io);
  tell(`${WORDS[mode]} (strace ${strace.version}), because ${why}`);
  if (mode === 'seccomp' && isOlder(strace, release()))
    tell(`calls that are newer than strace ${strace.version} pass its filter unseen; --complete shows them by number`);
  const [name = ''] = command;
  const id = randomUUID();
  const uid = process.geteuid?.();
  const observer = new Observer({
    id,
    trace: basename(name),
    mode,
    host: options.host ?? hostname(),
    command: [...command],
    strace: strace.version,
    cwd: process.cwd(),
    layout: LIVE_LAYOUT,
    inspect: inspectProgram,
    ...(uid === undefined ? {} : { uid }),
    ...(io.env.NOTIFY_SOCKET === undefined ? {} : { mayNotify: io.env.NOTIFY_SOCKET }),
  });
  let callOff: (() => void) | undefined;
  const tracee = await Tracee.prepare({
    toStderr: options.toStderr ?? false,
    strace,
    mode,
    command,
    env: io.env,
    take: chunk => {
      // The time counts from the command's first call: before, there is nothing to end.
      if (options.forSeconds !== undefined) callOff ??= after(options.forSeconds, () => stop('the time is over'));
      observer.push(chunk);
    },
    pids: () => observer.pids,
    tell,
  });
  let enough = false;
  const stop = (because: string): void => {
    enough = true;
    tell(`${because}: ending the command`);
    tracee.end();
  };
  const learning = new Learning({
    observer,
    id,
    shared: options.shared,
    saveSeconds: options.saveSeconds,
    untilCoverage: options.untilCoverage,
    shown: line.shown,
    onEnough: (reached: Coverage) => stop(`the coverage has reached ${(reached.coverage * 100).toFixed(1)} %`),
    tell,
  });
  const shown = line.shown
    ? setInterval(() => line.show(printable(`learning ${basename(name)} · ${learning.status()}`)), STATUS_MS)
    : undefined;
  try {
    await learning.check();
    const outcome = await tracee.finished();
    clearInterval(shown);
    line.end();
    if (!wasStarted(outcome, observer))
      throw new UsageError(
        'not-started',
        `${printable(name)} did not start`,
        'strace says why; a script needs a first line such as #!/bin/sh, and the interpreter that it names',
      );
    return { ...(await learning.finish()), outcome, enough };
  } finally {
    callOff?.();
    clearInterval(shown);
    line.end();
    learning.stop();
    tracee.release();
  }
}
