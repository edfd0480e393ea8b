// The collector of a service's learning period: reads what straces write into the FIFOs that systemd holds open, and saves what was
// learned every few seconds. systemd runs it (systemd/collector-units.ts); it is no command of its own.

import { randomBytes } from 'node:crypto';
import {
  existsSync,
  fstatSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { UsageError } from '../../errors.ts';
import { inspectProgram } from '../../host/interpreters.ts';
import { stayLean } from '../../host/memory.ts';
import { findTracer, signal } from '../../host/tracees.ts';
import { metIn } from '../../host/tracing-mode.ts';
import { assured, coverage } from '../../profile/coverage.ts';
import { ensureDirectory, writeAtomically, writeProfile } from '../../profile/file.ts';
import { fold } from '../../profile/patterns.ts';
import { SharedProfile } from '../../profile/shared-profile.ts';
import { shortCoverage } from '../../render/coverage.ts';
import { type LearningRecord, readRecord } from '../../systemd/collector-units.ts';
import type { Stream } from '../../systemd/learning-unit.ts';
import { enoughName, rescuedIn, startedMark } from '../../systemd/places.ts';
import type { Reached } from '../../systemd/reached.ts';
import { ServiceRuns } from '../../systemd/service-runs.ts';
import { Systemctl } from '../../systemd/systemctl.ts';

/** Counts and times are saved this often; a new fact sooner, since it may never come again. */
const SAVE_MS = 5000;
const LOOK_MS = 1000;
/** systemd kills a collector that hangs (WatchdogSec=): a full FIFO would halt the service. One that works says so by the clock, however slow. */
const ALIVE_MS = 15_000;
/** At the end, this long without a line means that the FIFOs are empty: between two timers Node reads what there is to read. */
const QUIET_MS = 50;
/** What to do about a run whose filter broke something. */
const AGAIN = '`service stop`, then `start`, traces every call';
/** Estimating the coverage may take this share of the time at most. */
const SHARE = 0.05;
/** sd_listen_fds(3): the first descriptor that systemd passes. */
const FIRST_FD = 3;

/** Errors of places; any other is one of what a profile holds. */
const TROUBLE: ReadonlySet<string> = new Set(['unreadable', 'unwritable', 'no-directory']);

const notify = async (...state: string[]): Promise<void> => {
  await execa('systemd-notify', state, { reject: false, stdio: 'ignore' });
};

/** Tells systemd that the collector works, seldom enough to cost nothing. */
class Heart {
  #last = performance.now();

  /** Nothing, if systemd heard it a moment ago. */
  beat(status: string): void {
    if (performance.now() - this.#last >= ALIVE_MS) this.tell(status);
  }

  tell(status: string): void {
    this.#last = performance.now();
    void notify('WATCHDOG=1', `--status=${status}`);
  }
}

/** What was learned before; a file that cannot be read is set aside, never overwritten. */
async function open(path: string): Promise<SharedProfile> {
  try {
    return await SharedProfile.open(path);
  } catch (error) {
    if (!(error instanceof UsageError) || TROUBLE.has(error.code)) throw error;
    await setAside(path, error.message);
    return SharedProfile.open(path);
  }
}

async function setAside(path: string, why: string): Promise<void> {
  const aside = `${path}.${Date.now()}.damaged`;
  await rename(path, aside);
  process.stderr.write(`${why}: set aside as ${aside}\n`);
}

/** Whether a process that the log named is still traced: `abandoned` is one of this unit's that runs on without its strace. */
function watch(pid: number, unit: string): 'traced' | 'gone' | 'abandoned' {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    if (!/^TracerPid:\t0$/m.test(status)) return 'traced';
    // A zombie's tracer has left; a number from another PID namespace may be that of any process here.
    if (/^State:\t[ZX]/m.test(status)) return 'gone';
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`/${unit}\n`) ? 'abandoned' : 'gone';
  } catch {
    return 'gone';
  }
}

/** Names in /proc/self/fd do not tell: they begin outside where systemd itself runs in a chroot. */
const isSameFile = (one: Stats, other: Stats | undefined): boolean => one.dev === other?.dev && one.ino === other.ino;

/** Lets the name that strace opens lead to this FIFO. */
function link({ fifo, pipes }: Stream, pipe: string): void {
  if (pipes.length < 2) return;
  const temporary = `${fifo}.link`;
  rmSync(temporary, { force: true });
  symlinkSync(basename(pipe), temporary);
  renameSync(temporary, fifo);
}

/** The first start since the mark was missing: after a boot, or after what the service had left in /run was set aside. */
function firstSinceBoot({ streams }: LearningRecord): boolean {
  const [first] = streams;
  const mark = first === undefined ? null : startedMark(dirname(first.fifo));
  if (mark === null || existsSync(mark)) return false;
  writeFileSync(mark, '');
  return true;
}

class Collector {
  readonly #record: LearningRecord;
  readonly #profile: SharedProfile;
  readonly #runs: ServiceRuns;
  readonly #systemctl: Systemctl;
  #saved = 0;
  #facts = 0;
  #untraced = false;
  /** What a run under a filter met that the filter breaks or hides; '' for nothing. */
  #broken = '';
  readonly #gains: boolean;
  #complaint = '';
  #enough: boolean;
  #judged = 0;
  #notBefore = 0;
  /** Seen without a tracer once; twice in a row is no coincidence of a start or an end. */
  #suspects: ReadonlySet<number> = new Set();

  constructor(record: LearningRecord, profile: SharedProfile) {
    this.#record = record;
    this.#gains = record.gains === true;
    this.#profile = profile;
    this.#systemctl = new Systemctl(record.user);
    this.#enough = record.until !== undefined && existsSync(record.until.reached);
    const id = (): string => `${record.unit}-${new Date().toISOString()}-${randomBytes(4).toString('hex')}`;
    this.#runs = new ServiceRuns(record, {
      id,
      inspect: inspectProgram,
      next: link,
      isBootStart: () => firstSinceBoot(record),
    });
  }

  get lines(): number {
    return this.#runs.lines;
  }

  /** Reads every FIFO that systemd passed. */
  listen(count: number, onData: () => void): void {
    const pipes = this.#record.streams.flatMap(stream => stream.pipes);
    for (let fd = FIRST_FD; fd < FIRST_FD + count; fd++) {
      const passed = fstatSync(fd);
      const path = pipes.find(pipe => isSameFile(passed, statSync(pipe, { throwIfNoEntry: false })));
      if (path === undefined) throw new UsageError('no-stream', `descriptor ${fd} is none of ${pipes.join(', ')}`);
      const fifo = new Socket({ fd, readable: true, writable: false });
      fifo.on('data', (chunk: Buffer) => {
        this.#runs.push(path, chunk);
        onData();
      });
      fifo.on('error', (error: Error) => process.stderr.write(`${path}: ${error.message}\n`));
    }
  }

  /** Whether something was learned that is not saved yet, and not only seen again. */
  get hasNews(): boolean {
    return this.#runs.facts !== this.#facts;
  }

  /** Writes what is new; what cannot be written is kept and tried again. */
  async save(): Promise<void> {
    const { lines, facts } = this.#runs;
    if (lines === this.#saved) return;
    try {
      await this.#profile.add(this.#runs.profile());
      this.#saved = lines;
      this.#facts = facts;
      this.#complain('');
      if (this.#record.mode === 'seccomp') this.#tellBroken(metIn(this.#profile.known, this.#gains));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      // All that it held before somebody else damaged it is known here, and is saved with the next attempt.
      if (!TROUBLE.has(error.code)) await setAside(this.#profile.path, error.message);
      else this.#complain(error.message);
    }
  }

  /** What could not be saved to the end is left where there is no disk, for `service stop` to find. */
  async rescue(): Promise<void> {
    const [first] = this.#record.streams;
    if (this.#complaint === '' || first === undefined) return;
    const path = rescuedIn(dirname(first.fifo));
    await writeProfile(path, this.#profile.known);
    process.stderr.write(`not saved in its place; all that was learned is in ${path}\n`);
  }

  /** Told once, as soon as it is known: the run is marked, and `service start` traces completely the next time. */
  #tellBroken(met: string | null): void {
    if (met === null || this.#broken !== '') return;
    this.#broken = `${met}: a filter breaks or hides that`;
    process.stderr.write(`${this.#broken}; learn again with every call traced: ${AGAIN}\n`);
  }

  #complain(text: string): void {
    if (text === this.#complaint) return;
    this.#complaint = text;
    process.stderr.write(text === '' ? 'saved again\n' : `not saved, and tried again: ${text}\n`);
  }

  /** What keeps it from learning or saving; '' for nothing. */
  get problem(): string {
    if (this.#complaint !== '') return `not saved: ${this.#complaint}`;
    if (this.#runs.forged > 0)
      return 'the service opened the log of its own strace: what stands behind that is not believed; `service stop`, then `start`, learns on';
    if (this.#broken !== '') return `${this.#broken}; ${AGAIN}`;
    return this.#untraced ? 'strace was killed: nothing is learned until the next restart' : '';
  }

  /** One line for `systemctl status`. */
  get status(): string {
    return this.problem === '' ? `${this.lines} lines read` : this.problem;
  }

  /** Ends the learning period when the coverage that was asked for is reached, by what is saved. The service is not restarted for it. */
  async judge(): Promise<void> {
    const { until, unit, mode } = this.#record;
    const began = Date.now();
    if (until === undefined || this.#complaint !== '' || began < this.#notBefore) return;
    if (!this.#enough && this.#judged !== this.#saved) {
      this.#judged = this.#saved;
      const now = coverage(fold(this.#profile.known).profile);
      if (now !== null && assured(now) >= until.coverage) {
        const reached: Reached = {
          format: 'allowtrace-reached',
          version: 1,
          at: Math.floor(began / 1000),
          wanted: until.coverage,
          coverage: now.coverage,
          coverageError: now.coverageError,
        };
        await writeAtomically(until.reached, `${JSON.stringify(reached)}\n`);
        this.#enough = true;
        process.stderr.write(
          `enough is learned of ${unit}: ${shortCoverage(now)}; it is not restarted, and its next start is its own\n`,
        );
      }
    }
    if (this.#enough && existsSync(until.dropin)) await this.#systemctl.attempt('start', '--', enoughName(unit));
    if (this.#enough && mode === 'complete') this.#letGo();
    this.#notBefore = Date.now() + (Date.now() - began) * (1 / SHARE - 1);
  }

  /** A service that is traced without a filter runs on when its straces are killed, at its own speed and without a stop. */
  #letGo(): void {
    if (this.#runs.alive().length === 0) return;
    for (const { fifo } of this.#record.streams) {
      const tracer = findTracer(fifo);
      if (tracer !== null) signal(tracer, 'SIGKILL');
    }
  }

  /** Looks whether straces are still there: one that was killed leaves its service without system calls, if it used a filter. */
  async look(): Promise<void> {
    const { unit, mode } = this.#record;
    const watched = this.#runs.alive();
    const unseen = watched.filter(pid => watch(pid, unit) !== 'traced');
    const lost = unseen.filter(pid => this.#suspects.has(pid));
    this.#suspects = new Set(unseen);
    if (watched.length > unseen.length) this.#untraced = false;
    if (lost.length === 0) return;
    for (const pid of lost) this.#runs.unwatched(pid);
    const abandoned = lost.filter(pid => watch(pid, unit) === 'abandoned');
    const failed = (await this.#systemctl.show(unit))('ActiveState') === 'failed';
    if ((abandoned.length === 0 && !failed) || (this.#enough && mode === 'complete')) return;
    this.#untraced = true;
    process.stderr.write(`strace is gone: ${unit} is no longer traced\n`);
    if (mode !== 'seccomp') return;
    process.stderr.write(`restarting ${unit}: without strace, its filter lets no call through\n`);
    await this.#systemctl.attempt('restart', '--no-block', '--', unit);
  }
}

async function collect(unitFile: string): Promise<void> {
  const record = readRecord(await readFile(unitFile, 'utf8'));
  if (record === null)
    throw new UsageError('no-record', `${unitFile}: holds no record of \`allowtrace service start\``);
  await ensureDirectory(dirname(record.profile));
  const collector = new Collector(record, await open(record.profile));
  const ending = new AbortController();
  const { signal: ended } = ending;
  process.once('SIGTERM', () => ending.abort());
  for (const stream of record.streams) if (!existsSync(stream.fifo)) link(stream, stream.pipes[0] ?? stream.fifo);
  const heart = new Heart();
  collector.listen(Number(process.env.LISTEN_FDS ?? 0), () => heart.beat(collector.status));
  await notify('--ready', `--status=${collector.status}`);
  let told = '';
  let saved = performance.now();
  for (;;) {
    await pause(LOOK_MS, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) break;
    await collector.look();
    heart.beat(collector.status);
    if (collector.hasNews || performance.now() - saved >= SAVE_MS) {
      await collector.save();
      saved = performance.now();
    }
    heart.beat(collector.status);
    await collector.judge();
    if (collector.problem !== told) heart.tell(collector.status);
    else heart.beat(collector.status);
    told = collector.problem;
  }
  for (let before = -1; before !== collector.lines; await pause(QUIET_MS)) before = collector.lines;
  await collector.save();
  await collector.rescue();
  process.exit(0);
}

stayLean();
void collect(process.argv[2] ?? '');
