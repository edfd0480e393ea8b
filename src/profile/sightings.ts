// What has been seen up to the line that is being read: facts, each with how often, when, by which program and where first.
// It knows no calls: whoever reads them says what to record.

import type { Access, Origin } from '../process/access.ts';
import type { Task } from '../process/state.ts';
import { Facts, type Sighting, withExecutable } from './facts.ts';
import { SliceClock } from './slices.ts';

const DAY = 86_400;

export class Sightings {
  readonly facts = new Facts();
  readonly clock: SliceClock = new SliceClock(() => this.facts.widen());
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
  readonly #syscalls = new Map<string, Sighting>();
  readonly #lists = new Map<string, readonly string[]>();

  constructor(trace: string) {
    this.trace = trace;
  }

  /** Distinct facts. */
  get size(): number {
    return this.facts.size;
  }

  /** The system calls seen, by name; those of another ABI as `name abi`. */
  get syscalls(): ReadonlyMap<string, Sighting> {
    return this.#syscalls;
  }

  /** The line that is being read. */
  get line(): number {
    return this.#line;
  }

  /** Moves on to a line; `time` in seconds, NaN: it shows none. */
  at(line: number, time: number): void {
    this.#line = line;
    if (Number.isNaN(time)) {
      this.#now = time;
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

  /** One more time, on this line. */
  touch(sighting: Sighting | null, task: Task): void {
    if (sighting === null) return;
    sighting.count++;
    sighting.slices |= this.clock.bit;
    const now = this.#now;
    if (!Number.isNaN(now)) {
      if (Number.isNaN(sighting.first)) sighting.first = now;
      if (!(now <= sighting.last)) sighting.last = now;
    }
    if (task.exe !== sighting.lastBy && task.exe !== null) {
      sighting.lastBy = task.exe;
      sighting.by = sighting.by.length === 0 ? this.#alone(task.exe) : withExecutable(sighting.by, task.exe);
    }
  }

  /** The list of this executable alone: most facts have one, and share it. */
  #alone(exe: string): readonly string[] {
    const known = this.#lists.get(exe);
    if (known !== undefined) return known;
    const list = [exe];
    this.#lists.set(exe, list);
    return list;
  }

  /** An access, on this line; null when there are too many of its kind. */
  see(access: Access, task: Task, syscall: string): Sighting | null {
    const sighting = this.facts.find(access, () => this.origin(task.pid, syscall));
    this.touch(sighting, task);
    return sighting;
  }

  /** A system call, on this line. */
  call(name: string, abi: 'i386' | 'x32' | undefined, task: Task): Sighting | null {
    const key = abi === undefined ? name : `${name} ${abi}`;
    let sighting = this.#syscalls.get(key) ?? null;
    if (sighting === null) {
      const access: Access = abi === undefined ? { kind: 'syscall', name } : { kind: 'syscall', name, abi };
      sighting = this.facts.find(access, () => this.origin(task.pid, name));
      if (sighting !== null) this.#syscalls.set(key, sighting);
    }
    this.touch(sighting, task);
    return sighting;
  }
}
