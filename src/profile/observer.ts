// One run under observation: strace's output in, a profile out, at any moment. It ties the rooms on its left together.
// It does no I/O: executed files are inspected (for their interpreters, which strace cannot show) by the function it is given.

import type { Access, Origin } from '../process/access.ts';
import { Walker } from '../process/walker.ts';
import type { Carrier } from '../strace/carriers.ts';
import type { Layout } from '../strace/layout.ts';
import { type Scanned, TraceReader } from '../strace/reader.ts';
import type { Settle } from '../strace/records.ts';
import { assumptions } from './assumptions.ts';
import type { Sighting } from './facts.ts';
import { Follower } from './follower.ts';
import { GAPS, type Gap, gapsOf, unreadGaps } from './gaps.ts';
import { byKey } from './key.ts';
import type { Kept } from './memo.ts';
import { byFact } from './order.ts';
import { otherNames } from './other-names.ts';
import { type Fact, PROFILE_VERSION, type Profile, type Run } from './profile.ts';
import { type Inspector, Programs } from './programs.ts';
import { Sightings } from './sightings.ts';
import { UnseenSends } from './unseen-sends.ts';

export type { Inspection, Inspector, Needed } from './programs.ts';

export interface ObserverOptions {
  /** Stable id of the run (see Run.id). */
  id: string;
  /** Name of the trace, for origins. */
  trace: string;
  mode: Run['mode'];
  host?: string;
  command?: string[];
  strace?: string;
  /** Where the first process started; without it relative paths stay unresolved until the log tells. */
  cwd?: string;
  /** Its effective uid, when the launcher knows. */
  uid?: number;
  layout?: Layout;
  /** AF_UNIX datagram sockets that the command was told to send to (NOTIFY_SOCKET); for runs that do not trace sending. */
  mayNotify?: string;
  inspect?: Inspector;
  /** false: look at every line in full; the result is the same, only slower (the tests compare both). */
  fast?: boolean;
}

/** A way in for the lines of one log. */
export interface Lines {
  /** Takes one line (latin-1, without its newline). */
  line(text: string): void;
  end(): void;
}

export class Observer {
  readonly #options: ObserverOptions;
  readonly #sightings: Sightings;
  readonly #follower: Follower;
  readonly #readers: { reader: TraceReader<Kept>; trace: string }[] = [];
  readonly #first: TraceReader<Kept>;
  /** One reader of each layout, with which others of the same share memory. */
  readonly #kin = new Map<Layout, TraceReader<Kept>>();
  readonly #sends: UnseenSends | null;
  #ended = false;
  /** See Run.boot; known once the service itself is started. */
  boot: boolean | undefined;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#sightings = new Sightings(options.trace);
    this.#sends = options.mode === 'seccomp' ? new UnseenSends(options.mayNotify) : null;
    const walker = new Walker(options.cwd ?? null, options.uid ?? null);
    const programs = new Programs(this.#sightings, options.inspect);
    this.#follower = new Follower(walker, this.#sightings, programs, this.#sends);
    this.#first = this.#reader(options.trace, options.layout, undefined);
  }

  #reader(trace: string, layout: Layout | undefined, pid: number | undefined): TraceReader<Kept> {
    const fast = this.#options.fast === false ? null : this.#follower;
    const kin = layout === undefined ? undefined : this.#kin.get(layout);
    const reader = new TraceReader<Kept>(this.#follower, { layout, pid }, fast, kin);
    if (layout !== undefined && kin === undefined) this.#kin.set(layout, reader);
    this.#readers.push({ reader, trace });
    return reader;
  }

  /**
   * A reader for one more log of the same run, whose origin names it: a file of a -ff set, whose lines carry no pid, or what another
   * strace wrote (`pid` undefined): `launched`, whether it begins with a process that was started like the first one.
   */
  file(trace: string, pid: number | undefined, layout: Layout, launched?: boolean): Lines {
    const reader = this.#reader(trace, layout, pid);
    let begins = launched;
    const into = (act: () => void): void => {
      this.#sightings.trace = trace;
      act();
    };
    const line = (text: string): void => {
      if (begins !== undefined) this.#follower.walker.processes.begin(begins);
      begins = undefined;
      reader.line(text);
    };
    return { line: text => into(() => line(text)), end: () => into(() => reader.end()) };
  }

  /** Takes the next bytes of the log, cut anywhere. */
  push(chunk: Uint8Array): void {
    this.#first.push(chunk);
  }

  /** What lines have to be scanned by for `take`. */
  get scanning(): { rules: readonly Settle[]; inodes: boolean } {
    return { rules: this.#follower.settles, inodes: this.#follower.inodes };
  }

  /** Takes lines that another thread has scanned (strace/scan/ahead.ts): all of the log, or none of it. */
  take(scanned: Scanned): void {
    this.#first.take(scanned);
  }

  /** Takes one line (latin-1, without its newline). */
  line(text: string): void {
    this.#first.line(text);
  }

  /** Pids of the processes and threads that live at this point of the log. */
  get pids(): number[] {
    return this.#follower.walker.processes.pids;
  }

  /** What is taken off each line of the log; undefined: nothing. */
  get carrier(): Carrier | undefined {
    return this.#first.layout?.carrier;
  }

  /** The log has ended. */
  end(): void {
    this.#ended = true;
    for (const { reader, trace } of this.#readers) {
      this.#sightings.trace = trace;
      reader.end();
    }
    for (const { reader } of this.#readers) reader.forget();
  }

  /** Lines read, lines understood as strace's, processes, distinct facts, time of the last line. */
  get stats(): {
    lines: number;
    recognised: number;
    unrecognised: number;
    processes: number;
    facts: number;
    end: number | undefined;
  } {
    const { walker, recognised, unrecognised } = this.#follower;
    return {
      lines: this.#readers.reduce((sum, { reader }) => sum + reader.lines, 0),
      recognised,
      unrecognised: unrecognised.count,
      processes: walker.processes.count,
      facts: this.#sightings.size,
      end: Number.isNaN(this.#sightings.end) ? undefined : this.#sightings.end,
    };
  }

  /** Everything learned so far, as plain data. `id`: of the run, where it became known only as the log was read. */
  snapshot(id: string = this.#options.id): Profile {
    const { facts } = this.#sightings;
    const { count, samples } = this.#follower.unrecognised;
    const fact = this.#facts(id);
    const seen: Fact[] = [];
    for (const sighting of facts.inOrder()) if (facts.tallies.count(sighting.number) > 0) seen.push(fact(sighting));
    const concluded = this.#concluded(id, seen);
    return {
      format: 'allowtrace-profile',
      version: PROFILE_VERSION,
      runs: [this.#run(id)],
      facts: concluded.length === 0 ? seen : [...seen, ...concluded].sort(byFact),
      unrecognised: { count, samples: [...samples] },
      overflow: [...facts.overflow]
        .map(([what, times]) => ({ what, count: times }))
        .sort((a, b) => byKey(a.what, b.what)),
    };
  }

  #run(id: string): Run {
    const { trace, host, command, strace, mode } = this.#options;
    const { start, end, clock } = this.#sightings;
    const { lines, unrecognised, processes } = this.stats;
    return {
      id,
      trace,
      ...(host === undefined ? {} : { host }),
      ...(command === undefined ? {} : { command }),
      ...(Number.isNaN(start) ? {} : { start, end }),
      lines,
      unrecognised,
      processes,
      slice: { unit: clock.unit, width: clock.width, used: clock.used },
      mode,
      ...(strace === undefined ? {} : { strace }),
      ...(this.boot === undefined ? {} : { boot: this.boot }),
      ...(this.#follower.truncated ? { truncated: true } : {}),
    };
  }

  /** What follows from calls that are not in the log: which are assumed, and what could not be seen. */
  #concluded(id: string, seen: readonly Fact[]): Fact[] {
    const { trace } = this.#options;
    const origin: Origin = { trace, line: 1, pid: null, syscall: 'execve' };
    const found = [...(this.#sends === null ? [] : assumptions(seen)), ...otherNames(seen), ...this.#gaps()];
    const all = [...found.map(access => ({ access, origin, by: [] })), ...(this.#sends?.unseen(this.#ended) ?? [])];
    return all.map(({ access, origin, by }) => ({
      ...access,
      evidence: { count: 0, runs: [id], origin, by, slices: { [id]: 0 } },
    }));
  }

  /** What makes a fact of a sighting. Facts share their lists of runs, and those of the same slices what tells them. */
  #facts(id: string): (sighting: Sighting) => Fact {
    const { tallies } = this.#sightings.facts;
    const runs = [id];
    const known = new Map<number, Record<string, number>>();
    const slicesOf = (bits: number): Record<string, number> => {
      const slices = known.get(bits) ?? { [id]: bits >>> 0 };
      known.set(bits, slices);
      return slices;
    };
    return ({ access, number, origin, by }) => {
      const count = tallies.count(number);
      const first = tallies.first(number);
      const last = tallies.last(number);
      const slices = slicesOf(tallies.slices(number));
      // Without time stamps there is neither the one nor the other.
      const evidence = Number.isNaN(first)
        ? { count, runs, origin, by, slices }
        : { count, runs, first, last, origin, by, slices };
      // A spread of objects of several shapes makes one of a slower kind, twice as large.
      return Object.assign({}, access, { evidence });
    };
  }

  #gaps(): Access[] {
    const { unrecognised, unread, excerpt } = this.#follower;
    const { lines } = this.stats;
    const { dropped } = this.#sightings.facts;
    const gaps = [
      ...unreadGaps({ lines, unrecognised: unrecognised.count, calls: unread, excerpt, dropped }),
      ...(this.#options.mode === 'replay' ? this.#optionGaps() : []),
    ];
    return gaps.map(gap => ({ kind: 'blind', what: GAPS[gap] }));
  }

  /** Of a log that others made: with what options, only it itself can tell. */
  #optionGaps(): Gap[] {
    const { syscalls, facts } = this.#sightings;
    const { exited, attached, walker } = this.#follower;
    const calls = [...syscalls.values()].reduce((sum, number) => sum + facts.tallies.count(number), 0);
    return gapsOf({ names: new Set(syscalls.keys()), calls, exited, started: walker.processes.started && !attached });
  }
}
