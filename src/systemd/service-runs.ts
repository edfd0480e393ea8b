// What straces write about one service, line by line, becomes runs and their profile. A run is one life of the service: it begins
// when its first command is started again, and its reload and stop commands belong to it. No I/O; time and names are given.

import { ProfileMerger } from '../profile/merge.ts';
import { type Lines, Observer } from '../profile/observer.ts';
import type { Profile } from '../profile/profile.ts';
import type { Inspector } from '../profile/programs.ts';
import { LIVE_LAYOUT } from '../strace/launch.ts';
import type { LearningRecord } from './collector-units.ts';
import type { Stream } from './learning-unit.ts';

/** A longer line is not kept while its end is awaited: the reader counts it as not understood. */
const LONGEST = 1 << 20;
const EXITED = /^\d+ +[\d.]+ \+\+\+ (?:exited|killed) /;
const SUPERSEDED = / \+\+\+ superseded by execve in pid (\d+) /;
const BORN = /^\d+ +[\d.]+ (?:<\.\.\. )?(?:clone3?|v?fork)[( ].* = (\d+)(?: \/\* (\d+) in strace's PID NS \*\/)?$/;
const BEARING = /^\d+ +[\d.]+ (?:clone3?|v?fork)\(.* <unfinished \.\.\.>$/;
const STARTED = /^\d+ +[\d.]+ execve\(/;
const EXECUTED = /^\d+ +[\d.]+ (?:execve\(|<\.\.\. execve resumed>).* = 0$/;

/** Calls that can make strace write what it did not see. */
const TAKES_OVER =
  /^\d+ +[\d.]+ (?:ptrace\(PTRACE_(?:ATTACH|SEIZE),|process_vm_writev\(|open(?:at2?)?\(.*"\/proc\/\d+\/mem", .*O_(?:WRONLY|RDWR)).* = \d/;

/** systemd's own; a user's manager has its own in his runtime directory. */
const NOTIFY_SOCKET = '/run/systemd/notify';

/** The commands that a start of the service runs; the others belong to the run that goes on. */
const STARTING: ReadonlySet<string> = new Set(['ExecCondition', 'ExecStartPre', 'ExecStart']);

interface Source {
  stream: Stream;
  pipe: string;
  /** Place of the stream in the unit. */
  index: number;
  /** Processes that the strace of this stream watches. */
  alive: Set<number>;
  /** Those in the middle of making a process, which may write before its number is known. */
  bearing: Set<number>;
  /** The part of a line whose end has not come. */
  carry: string;
  reader: Lines | null;
  run: LiveRun | null;
  /** A traced process could write to this log: what comes now may be its own. */
  forged: boolean;
  /** Successful execve calls still to come before the command itself runs. */
  skip: number;
}

interface LiveRun {
  observer: Observer;
  /** The latest starting command that was begun, by its place in the unit. */
  reached: number;
}

export interface Surroundings {
  /** A new id for a run. */
  id: () => string;
  inspect: Inspector;
  /** Whether this start of the service found /run as after a boot; asked once for each start. */
  isBootStart: () => boolean;
  /** Makes the next strace of a stream open this FIFO. */
  next: (stream: Stream, pipe: string) => void;
}

export class ServiceRuns {
  readonly #record: LearningRecord;
  readonly #around: Surroundings;
  readonly #sources: Source[];
  readonly #past = new ProfileMerger();
  #runs: LiveRun[] = [];
  #current: LiveRun | null = null;
  #retired = 0;
  /** Lines taken so far. */
  lines = 0;
  /** Logs that are not believed any more, because a traced process could write to them. */
  forged = 0;

  constructor(record: LearningRecord, around: Surroundings) {
    this.#record = record;
    this.#around = around;
    this.#sources = record.streams.flatMap((stream, index) =>
      stream.pipes.map(pipe => ({
        stream,
        pipe,
        index,
        alive: new Set<number>(),
        bearing: new Set<number>(),
        carry: '',
        reader: null,
        run: null,
        skip: 0,
        forged: false,
      })),
    );
  }

  /** Bytes from a FIFO, cut anywhere. */
  push(pipe: string, chunk: Uint8Array): void {
    const source = this.#sources.find(one => one.pipe === pipe);
    if (source === undefined) return;
    const text = source.carry + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    let at = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      this.#line(source, text.slice(at, end));
      at = end + 1;
    }
    source.carry = text.length - at > LONGEST ? '' : text.slice(at);
  }

  /** Processes that are being watched, as far as the log tells. */
  alive(): number[] {
    return this.#sources.flatMap(({ alive }) => [...alive]);
  }

  /** This process is no longer watched: it is gone, or its strace is, or its number was never one of this machine's. */
  unwatched(pid: number): void {
    for (const source of this.#sources) this.#left(source, pid);
  }

  /** A number that changes when something is seen for the first time in a run. */
  get facts(): number {
    return this.#retired + this.#runs.reduce((sum, { observer }) => sum + observer.stats.facts, 0);
  }

  /** Everything learned from these straces so far. */
  profile(): Profile {
    this.#retire();
    const merged = new ProfileMerger();
    merged.add(this.#past.result());
    for (const { observer } of this.#runs) merged.add(observer.snapshot());
    return merged.result();
  }

  #line(source: Source, text: string): void {
    const pid = Number.parseInt(text, 10);
    if (Number.isNaN(pid)) {
      source.reader?.line(text);
      return;
    }
    if (source.forged) return;
    this.lines++;
    const over = text.endsWith('+++');
    if (!over && !source.alive.has(pid)) {
      const fresh = STARTED.test(text) && source.bearing.size === 0;
      if (fresh || source.alive.size === 0) this.#begin(source, fresh);
      source.alive.add(pid);
    }
    if (BEARING.test(text)) source.bearing.add(pid);
    else source.bearing.delete(pid);
    const [, own, seen = own] = BORN.exec(text) ?? [];
    if (seen !== undefined && seen !== '0') source.alive.add(Number(seen));
    if (source.skip > 0 && EXECUTED.test(text)) source.skip--;
    if (this.#record.exposed === true && this.#opensLog(text)) {
      source.forged = true;
      this.forged++;
      this.#finish(source);
      return;
    }
    if (source.skip === 0) source.reader?.line(text);
    if (!over) return;
    if (EXITED.test(text)) this.#left(source, pid);
    else this.#left(source, Number(SUPERSEDED.exec(text)?.[1] ?? Number.NaN));
  }

  /**
   * A process of the service got hold of a log or of strace itself. strace writes that down before the call returns, so that whatever the
   * process writes stands behind it.
   */
  #opensLog(text: string): boolean {
    if (TAKES_OVER.test(text)) return true;
    const [, got] = / = \d+<(.*)>$/.exec(text) ?? [];
    return got !== undefined && this.#record.streams.some(({ pipes }) => pipes.includes(got));
  }

  #left(source: Source, pid: number): void {
    if (source.alive.delete(pid) && source.alive.size === 0) this.#finish(source);
  }

  /** A strace has begun to write; `fresh`: with the start of its command, not in the middle (the collector was restarted). */
  #begin(source: Source, fresh: boolean): void {
    this.#finish(source);
    const { stream, index } = source;
    const starts = fresh && STARTING.has(stream.setting);
    const run = this.#current;
    const joins = run !== null && (!starts || index > run.reached);
    const current = joins ? run : this.#newRun();
    // A stop command of the life before may have begun this run.
    if (starts && current.reached < 0) current.observer.boot = this.#around.isBootStart();
    if (starts) current.reached = index;
    this.#current = current;
    source.run = current;
    this.#makeWay(source);
    source.skip = fresh && stream.prologue > 0 ? stream.prologue + 1 : 0;
    source.reader = current.observer.file(`${this.#record.unit} ${stream.setting}`, undefined, LIVE_LAYOUT, fresh);
  }

  /** The FIFO is taken: the next strace of this stream gets one that nobody writes to, if there is one. */
  #makeWay(taken: Source): void {
    const free = this.#sources.find(one => one.stream === taken.stream && one !== taken && one.alive.size === 0);
    if (free !== undefined) this.#around.next(taken.stream, free.pipe);
  }

  #newRun(): LiveRun {
    const { unit, host, mode, strace, streams, cwd, uid, notifies, user } = this.#record;
    const main = streams.find(({ setting }) => setting === 'ExecStart');
    const observer = new Observer({
      id: this.#around.id(),
      trace: unit,
      mode,
      host,
      strace,
      ...(main === undefined ? {} : { command: [main.command] }),
      cwd,
      ...(uid === null ? {} : { uid }),
      ...(notifies && !user ? { mayNotify: NOTIFY_SOCKET } : {}),
      layout: LIVE_LAYOUT,
      inspect: this.#around.inspect,
    });
    const run = { observer, reached: -1 };
    this.#runs.push(run);
    return run;
  }

  #finish(source: Source): void {
    source.reader?.end();
    source.reader = null;
    source.run = null;
    source.alive.clear();
    source.bearing.clear();
  }

  /** Runs that are over become plain data. */
  #retire(): void {
    const over = this.#runs.filter(run => run !== this.#current && this.#sources.every(source => source.run !== run));
    for (const { observer } of over) {
      this.#past.add(observer.snapshot());
      this.#retired += observer.stats.facts;
    }
    this.#runs = this.#runs.filter(run => !over.includes(run));
  }
}
