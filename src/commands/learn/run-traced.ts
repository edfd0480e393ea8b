// Runs a command under strace as if it ran alone: it has our stdin, stdout and stderr, gets our signals, and its exit status comes back.
// strace itself is never signalled: it ends when the last of its tracees has ended. What its log says is given to `take`.
// Sources: strace(1) (-D, -I), credentials(7), signal(7).

import { statSync } from 'node:fs';
import process from 'node:process';
import { execa } from 'execa';
import { UsageError } from '../../errors.ts';
import { findProgram } from '../../host/named-programs.ts';
import {
  findTracer,
  isForeground,
  killOrphans,
  leftBehind,
  type Status,
  signal,
  statusOf,
  topmost,
  traceesOf,
} from '../../host/tracees.ts';
import { type Strace, straceArguments, type Tracing } from '../../strace/launch.ts';
import { LiveLog } from '../../strace/live-log.ts';

export interface TracedRun {
  /** What the command writes to standard output goes to our standard error: ours is for a result. */
  toStderr: boolean;
  strace: Strace;
  mode: Tracing;
  /** The program and its arguments. */
  command: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Takes the next bytes of the log. */
  take: (chunk: Buffer) => void;
  /** Pids that the log knows to live. */
  pids: () => readonly number[];
  /** Tells the user something that happens meanwhile. */
  tell: (message: string) => void;
}

/** How the command ended. */
export interface Outcome {
  exitCode: number | null;
  /** The signal that killed it. */
  signal: NodeJS.Signals | null;
  /** strace ended before the command did: the log is not complete. */
  cut: boolean;
}

/** Signals that are passed on as they are. */
const PASSED: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'];
/** Signals that a terminal sends to the command as well. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
/** Signals that ask for an end. */
const ENDING: ReadonlySet<NodeJS.Signals> = new Set(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP']);
/** Two Ctrl-C in this time kill. */
const IMPATIENT_MS = 5_000;

const STDERR = 2;
const NEWLINE = 10;

/** A UsageError when `command` names no program; `path` is its PATH. */
export function checkProgram([name = '']: readonly string[], path: string): void {
  if (findProgram(name, path) !== null) return;
  const stats = name.includes('/') ? statSync(name, { throwIfNoEntry: false }) : undefined;
  if (stats?.isDirectory()) throw new UsageError('no-command', `${name}: is a directory, and no program`);
  if (stats !== undefined)
    throw new UsageError('no-command', `${name}: may not be executed`, `a program or script needs: chmod +x ${name}`);
  throw new UsageError('no-command', `${name}: no such program`, 'write the command after --, as in a shell');
}

/** A running traced command. */
export class Tracee {
  readonly #run: TracedRun;
  readonly #log: LiveLog;
  /** The command's own process, our child; null when it has ended. */
  #main: number | null = null;
  #tracer: number | null = null;
  #interrupted = Number.NEGATIVE_INFINITY;
  #ending = false;
  #over = false;
  /** The command's first call is in the log, with its result: until then strace stands in its place, which ignores signals. */
  #started = false;
  /** What asked for an end before that. */
  #early: NodeJS.Signals | null = null;
  readonly #listeners: readonly (readonly [NodeJS.Signals, () => void])[];

  private constructor(run: TracedRun, log: LiveLog) {
    this.#run = run;
    this.#log = log;
    this.#listeners = [
      ...PASSED.map(name => [name, () => this.#pass(name)] as const),
      ...FROM_TERMINAL.map(name => [name, () => this.#interrupt(name)] as const),
    ];
    for (const [name, listener] of this.#listeners) process.on(name, listener);
  }

  static async prepare(run: TracedRun): Promise<Tracee> {
    return new Tracee(run, await LiveLog.create());
  }

  /** Runs it; resolves when the command and everything it started have ended. */
  async finished(): Promise<Outcome> {
    const { strace, mode, command, env, take, toStderr } = this.#run;
    try {
      const words = [...straceArguments(mode, this.#log.path), ...command];
      const child = execa(strace.path, words, {
        stdio: ['inherit', toStderr ? STDERR : 'inherit', 'inherit'],
        env,
        extendEnv: false,
        reject: false,
        cleanup: false,
      });
      const main = child.pid ?? 0;
      this.#main = main;
      const ended = child.then(result => {
        this.#main = null;
        this.#log.opened();
        return result;
      });
      const forked = ended.then(() => this.#followForked());
      const any = await this.#log.read(chunk => {
        // strace writes the first half of execve(2) before the program has taken its place.
        if (chunk.includes(NEWLINE)) this.#begun();
        take(chunk);
      });
      const cut = await this.#loggingEnded(main);
      const { exitCode, signal: killer } = await ended;
      await forked;
      if (!any) throw new UsageError('not-traced', `strace could not run ${command[0] ?? ''}`, 'see its message above');
      return { exitCode: exitCode ?? null, signal: killer ?? null, cut };
    } finally {
      this.#over = true;
    }
  }

  /** From now on signals are for us again. Until then, also after the end, they do not keep anybody from saving. */
  release(): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
    this.#log.close();
  }

  /** Asks the command to end, as a service manager would. */
  end(): void {
    this.#ending = true;
    for (const pid of this.#targets()) signal(pid, 'SIGTERM');
  }

  #begun(): void {
    if (this.#started) return;
    this.#started = true;
    if (this.#early !== null) for (const pid of this.#targets()) signal(pid, this.#early);
  }

  #pass(name: NodeJS.Signals): void {
    if (ENDING.has(name)) this.#ending = true;
    if (!this.#started && ENDING.has(name)) {
      this.#early = name;
      return;
    }
    for (const pid of this.#targets()) signal(pid, name);
  }

  /** Ctrl-C: the terminal has told every process of our group; those of other groups get it here. */
  #interrupt(name: NodeJS.Signals): void {
    const now = Date.now();
    if (now - this.#interrupted < IMPATIENT_MS) {
      this.#run.tell('killed');
      for (const { pid } of this.#tracees()) signal(pid, 'SIGKILL');
      return;
    }
    this.#interrupted = now;
    this.#ending = true;
    const terminal = isForeground();
    this.#run.tell('ending the command; Ctrl-C again kills it');
    if (!this.#started) {
      this.#early = name;
      return;
    }
    const own = terminal ? statusOf(process.pid)?.group : undefined;
    for (const pid of this.#targets()) {
      const inGroup = own !== undefined && statusOf(pid)?.group === own;
      if (!inGroup) signal(pid, terminal ? 'SIGTERM' : name);
    }
  }

  /** The command itself; when it has forked away, the topmost of what it left running. */
  #targets(): number[] {
    return this.#main === null ? topmost(this.#tracees()).map(({ pid }) => pid) : [this.#main];
  }

  #tracees(): Status[] {
    if (this.#over) return [];
    this.#tracer ??= (this.#main === null ? null : statusOf(this.#main)?.tracer || null) ?? findTracer(this.#log.path);
    return this.#tracer === null ? [] : traceesOf(this.#tracer);
  }

  /** The command has ended; it may have left a daemon. When it was asked to end, so is what it left. */
  #followForked(): void {
    const left = this.#tracees();
    if (left.length === 0) return;
    if (this.#ending) this.end();
    else this.#run.tell(`the command has forked away; learning goes on until its ${left.length} processes end`);
  }

  /** The log has ended. If `main` or anything it started has not ended in it, strace was killed. */
  async #loggingEnded(main: number): Promise<boolean> {
    const { mode, strace, pids, tell } = this.#run;
    const unended = pids();
    const alive = await leftBehind(unended);
    if (alive.length === 0 && !unended.includes(main)) return false;
    if (mode === 'complete') {
      tell('strace was killed: the command goes on without it, and what it does from now on is not seen');
      return true;
    }
    tell('strace was killed: the command cannot go on without it, and is killed too');
    if (!strace.killsOnExit) killOrphans(alive);
    return true;
  }
}
