// What has been seen up to the line that is being read: facts, each with how often, when, by which program and where first.
// It knows no calls: whoever reads them says what to record.

import type { Access, Origin } from '../process/access.ts';
import type { Task } from '../process/state.ts';
import { Facts } from './facts.ts';
import { SliceClock } from './slices.ts';
import { NOBODY } from './tallies.ts';

const DAY = 86_400;

/** Unix time of 9999-12-31 23:59:59, UTC: what comes later is no time, and a date of five digits would break whoever reads it. */
const LATEST = 253_402_300_799;

/** The number of a fact that there was no room for. */
export const NO_FACT = -1;

export class Sightings {
  readonly facts = new Facts();
  readonly clock: SliceClock = new SliceClock(() => this.facts.tallies.widen());
  /** Of the log's lines: the first time stamp and the latest; NaN before there is one. */
  start: number = Number.NaN;
  end: number = Number.NaN;
  /** Name of the log, for origins. */
  trace: string;
  #line = 0;
  /** Of the line, midnights added; NaN when the log has no time stamps. */
  #now = Number.NaN;
  #midnights = 0;
  /** System calls by name (and ABI): almost every line looks one up. */
  readonly #syscalls = new Map<string, number>();
  /** Executables by name; most lines are of the same one as the line before. */
  readonly #executables = new Map<string, number>();
  #exe: string | null = null;
  #executable = NOBODY;

  constructor(trace: string) {
    this.trace = trace;
  }

  /** Distinct facts. */
  get size(): number {
    return this.facts.size;
  }

  /** The numbers of the system calls seen, by name; those of another ABI as `name abi`. */
  get syscalls(): ReadonlyMap<string, number> {
    return this.#syscalls;
  }

  /** The line that is being read. */
  get line(): number {
    return this.#line;
  }

  /** Moves on to a line; `time` in seconds, NaN: it shows none. */
  at(line: number, time: number): void {
    this.#line = line;
    if (!(time <= LATEST)) {
      this.#now = Number.NaN;
      if (Number.isNaN(this.start)) this.clock.move('lines', line);
      return;
    }
    let now = time + this.#midnights;
    if (now < this.end - DAY / 2 && time < DAY) {
      // -t and -tt show the time of day only: midnight has passed.
      this.#midnights += DAY;
      now += DAY;
    }
    this.#now = now;
    if (Number.isNaN(this.start)) this.start = now;
    if (!(now <= this.end)) this.end = now;
    this.clock.move('seconds', now);
  }

  /** The origin of what the line shows. */
  origin(pid: number | null, syscall: string): Origin {
    return { trace: this.trace, line: this.#line, pid, syscall };
  }

  /** One more time, on this line: a fact by its number. */
  touch(fact: number, task: Task): void {
    if (fact === NO_FACT) return;
    if (task.exe !== this.#exe) this.#turnTo(task.exe);
    const isNew = this.facts.tallies.touch(fact, this.#now, this.clock.bit, this.#executable);
    if (isNew && task.exe !== null) this.facts.addExecutable(fact, task.exe);
  }

  #turnTo(exe: string | null): void {
    this.#exe = exe;
    this.#executable = NOBODY;
    if (exe === null) return;
    this.#executable = this.#executables.get(exe) ?? this.#executables.size + 1;
    this.#executables.set(exe, this.#executable);
  }

  /** An access, on this line; returns the number of the fact, or NO_FACT when there are too many of its kind. */
  see(access: Access, task: Task, syscall: string): number {
    const fact = this.#factOf(access, task, syscall);
    this.touch(fact, task);
    return fact;
  }

  #factOf(access: Access, task: Task, syscall: string): number {
    return this.facts.of(access, () => this.origin(task.pid, syscall))?.number ?? NO_FACT;
  }

  /** A system call, on this line; as `see`. */
  call(name: string, abi: 'i386' | 'x32' | undefined, task: Task): number {
    const key = abi === undefined ? name : `${name} ${abi}`;
    let fact = this.#syscalls.get(key) ?? NO_FACT;
    if (fact === NO_FACT) {
      const access: Access = abi === undefined ? { kind: 'syscall', name } : { kind: 'syscall', name, abi };
      fact = this.#factOf(access, task, name);
      if (fact !== NO_FACT) this.#syscalls.set(key, fact);
    }
    this.touch(fact, task);
    return fact;
  }
}
