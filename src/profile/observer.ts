// One run under observation: strace's output in, a profile out, at any moment. It ties the rooms on its left together.
// It does no I/O: executed files are inspected (for their interpreters, which strace cannot show) by the function it is given.

import type { Access, Origin, PathAccess } from '../process/access.ts';
import { accesses } from '../process/accesses.ts';
import { applyEffect, cloneFlags, shownCwd } from '../process/effects.ts';
import { type PathUse, pathUses } from '../process/paths.ts';
import { type Entry, Processes, type Task } from '../process/state.ts';
import { ROWS, type SyscallRow } from '../process/syscalls.ts';
import { fdArgument } from '../strace/arguments.ts';
import type { Layout } from '../strace/layout.ts';
import { type Call, parseCall, parseUnended } from '../strace/parse.ts';
import { TraceReader } from '../strace/reader.ts';
import type { LineRecord, RecordSink, Settle } from '../strace/records.ts';
import { assumptions } from './assumptions.ts';
import { addExecutable, Facts, type Sighting } from './facts.ts';
import { byKey, factKey } from './key.ts';
import { type Fact, PROFILE_VERSION, type Profile, type Run } from './profile.ts';
import { SliceClock } from './slices.ts';
import { UnseenSends } from './unseen-sends.ts';

/** One file the kernel itself opens to start a program. Host paths; `asked` when a symlink lies between. */
export interface Needed {
  path: string;
  asked?: string;
  mode: 'exec';
  why: string;
}

/** What strace cannot show of an executed file: its ELF interpreter or `#!` interpreters, whether it is set-uid or set-gid, and whether the former. */
export interface Inspection {
  needs: Needed[];
  setId: boolean;
  setUid: boolean;
}

/** Looks at an executed file; null when it cannot be read on this machine. */
export type Inspector = (path: string) => Inspection | null;

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

/** A parsed call, kept for the lines that repeat it. */
interface Parsed {
  call: Call;
  row: SyscallRow;
  /** The cwd that its arguments tell (-y). */
  cwd: string | undefined;
  /** Its facts depend on nothing but what `memo` names. */
  repeatable: boolean;
  memo: {
    entry: Entry;
    exe: string | null;
    uid: number | null;
    ownUmask: boolean;
    foreign: boolean;
    generation: number;
    uses: PathUse[];
    sightings: Sighting[];
  } | null;
}

const CACHED_CALLS = 8_192;
const CACHED_LENGTH = 400;
const SAMPLES = 10;
const SAMPLE_LENGTH = 200;

/** Calls every dynamically linked program makes: a longer log without any of them was made with a filter (-e trace=…). */
const UBIQUITOUS: readonly string[] = [
  'read',
  'write',
  'close',
  'mmap',
  'brk',
  'munmap',
  'rt_sigaction',
  'exit_group',
  'futex',
];
const FILTER_EVIDENCE = 20;

const SETTLES: ReadonlyMap<string, Settle> = new Map(
  [...ROWS].flatMap(([name, { settled }]): [string, Settle][] =>
    settled === undefined ? [] : [[name, { name, unless: settled }]],
  ),
);

export class Observer implements RecordSink {
  readonly settles: ReadonlyMap<string, Settle> | null;
  readonly #options: ObserverOptions;
  readonly #processes: Processes;
  readonly #facts = new Facts();
  readonly #readers: { reader: TraceReader; trace: string }[] = [];
  readonly #syscalls = new Map<string, Sighting>();
  readonly #calls = new Map<string, Parsed>();
  readonly #clock: SliceClock;
  readonly #samples: Profile['unrecognised']['samples'] = [];
  readonly #inspected = new Set<string>();
  readonly #sends: UnseenSends | null;
  readonly #abis = new Map<number | null, 'i386' | 'x32'>();
  #trace: string;
  #unrecognised = 0;
  #recognised = 0;
  #start: number | undefined;
  #end: number | undefined;
  #dayOffset = 0;
  #truncated = false;
  #ended = false;
  #lastPid: number | null | undefined;
  #lastTask: Task | undefined;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#trace = options.trace;
    this.#sends = options.mode === 'seccomp' ? new UnseenSends(options.mayNotify) : null;
    this.settles = options.fast === false ? null : SETTLES;
    this.#processes = new Processes(options.cwd ?? null, options.uid ?? null);
    this.#clock = new SliceClock(() => this.#facts.widen());
    this.#readers.push({
      reader: new TraceReader(this, options.layout === undefined ? {} : { layout: options.layout }),
      trace: options.trace,
    });
  }

  /** A reader for one file of a -ff set: its lines carry no pid, and their origin names that file. */
  file(trace: string, pid: number, layout: Layout): { line(text: string): void; end(): void } {
    const reader = new TraceReader(this, { layout, pid });
    this.#readers.push({ reader, trace });
    const into = (act: () => void): void => {
      this.#trace = trace;
      act();
    };
    return { line: text => into(() => reader.line(text)), end: () => into(() => reader.end()) };
  }

  /** Takes the next bytes of the log, cut anywhere. */
  push(chunk: Uint8Array): void {
    this.#readers[0]?.reader.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1'));
  }

  /** Takes one line (latin-1, without its newline). */
  line(text: string): void {
    this.#readers[0]?.reader.line(text);
  }

  /** Pids of the processes and threads that live at this point of the log. */
  get pids(): number[] {
    return this.#processes.pids;
  }

  /** The log has ended. */
  end(): void {
    this.#ended = true;
    for (const { reader, trace } of this.#readers) {
      this.#trace = trace;
      reader.end();
    }
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
    return {
      lines: this.#readers.reduce((sum, { reader }) => sum + reader.lines, 0),
      recognised: this.#recognised,
      unrecognised: this.#unrecognised,
      processes: this.#processes.count,
      facts: this.#facts.size + this.#syscalls.size,
      end: this.#end,
    };
  }

  settled(name: string, pid: number | null, line: number, time: number | undefined): void {
    this.#recognised++;
    const task = this.#taskOf(pid);
    this.#tick(line, time);
    this.#touch(this.#syscall(name, pid, line), time, task);
  }

  seen(pid: number | null, line: number, time: number | undefined): void {
    this.#recognised++;
    this.#taskOf(pid);
    this.#tick(line, time);
  }

  record(record: LineRecord): void {
    if (record.kind === 'unrecognised') {
      this.#notUnderstood(record.line, record.text, record.why);
      return;
    }
    this.#recognised++;
    this.#tick(record.line, record.time);
    switch (record.kind) {
      case 'call':
        this.#call(record.text, record.pid, record.line, record.time);
        break;
      case 'unfinished':
        this.#begin(record.head, record.pid);
        break;
      case 'detached':
      case 'pending':
        this.#unended(record.head, record.pid, record.line, record.time);
        break;
      case 'orphan':
        this.#touch(this.#syscall(record.name, record.pid, record.line), record.time, this.#taskOf(record.pid));
        break;
      case 'exit':
      case 'killed':
        this.#processes.exit(record.pid);
        this.#abis.delete(record.pid);
        this.#lastPid = undefined;
        break;
      case 'superseded':
        this.#processes.supersede(record.oldPid, record.pid);
        this.#lastPid = undefined;
        break;
      case 'personality':
        this.#personality(record.text, record.pid);
        break;
    }
  }

  /** Everything learnt so far, as plain data. */
  snapshot(): Profile {
    const { id, trace, host, command, strace, mode } = this.#options;
    const stats = this.stats;
    const run: Run = {
      id,
      trace,
      ...(host === undefined ? {} : { host }),
      ...(command === undefined ? {} : { command }),
      ...(this.#start === undefined ? {} : { start: this.#start }),
      ...(this.#end === undefined ? {} : { end: this.#end }),
      lines: stats.lines,
      unrecognised: this.#unrecognised,
      processes: stats.processes,
      slice: { unit: this.#clock.unit, width: this.#clock.width, used: this.#clock.used },
      mode,
      ...(strace === undefined ? {} : { strace }),
      ...(this.#truncated ? { truncated: true } : {}),
    };
    this.#noteFilter();
    const seen = [...this.#facts.values()].flatMap(([key, sighting]) =>
      sighting.count > 0 ? [[key, this.#fact(sighting)] as const] : [],
    );
    const concluded = this.#concluded(seen.map(([, fact]) => fact));
    const keyed = [...seen, ...concluded].sort(([a], [b]) => byKey(a, b));
    return {
      format: 'allowtrace-profile',
      version: PROFILE_VERSION,
      runs: [run],
      facts: keyed.map(([, fact]) => fact),
      unrecognised: { count: this.#unrecognised, samples: [...this.#samples] },
      overflow: [...this.#facts.overflow]
        .map(([what, count]) => ({ what, count }))
        .sort((a, b) => byKey(a.what, b.what)),
    };
  }

  /** What follows from having left calls out: which are assumed, and what could not be seen. */
  #concluded(seen: readonly Fact[]): (readonly [string, Fact])[] {
    if (this.#sends === null) return [];
    const { id, trace } = this.#options;
    const origin: Origin = { trace, line: 1, pid: null, syscall: 'execve' };
    const all = [...assumptions(seen).map(access => ({ access, origin, by: [] })), ...this.#sends.unseen(this.#ended)];
    return all.map(({ access, origin, by }) => [
      factKey(access),
      { ...access, evidence: { count: 0, runs: [id], origin, by, slices: { [id]: 0 } } },
    ]);
  }

  #fact(sighting: Sighting): Fact {
    const { id } = this.#options;
    return {
      ...sighting.access,
      evidence: {
        count: sighting.count,
        runs: [id],
        ...(sighting.first === undefined ? {} : { first: sighting.first }),
        ...(sighting.last === undefined ? {} : { last: sighting.last }),
        origin: sighting.origin,
        by: [...sighting.by],
        slices: { [id]: sighting.slices },
      },
    };
  }

  #taskOf(pid: number | null): Task {
    if (pid === this.#lastPid && this.#lastTask !== undefined) return this.#lastTask;
    this.#lastTask = this.#processes.task(pid);
    this.#lastPid = pid;
    return this.#lastTask;
  }

  #tick(line: number, time: number | undefined): void {
    if (time === undefined) {
      if (this.#start === undefined) this.#clock.move('lines', line);
      return;
    }
    let now = time + this.#dayOffset;
    if (this.#end !== undefined && now < this.#end - 43_200 && time < 86_400) {
      // -t and -tt show the time of day only: midnight has passed.
      this.#dayOffset += 86_400;
      now += 86_400;
    }
    if (this.#start === undefined) this.#start = now;
    if (this.#end === undefined || now > this.#end) this.#end = now;
    this.#clock.move('seconds', now);
  }

  #touch(sighting: Sighting | null, time: number | undefined, task: Task): void {
    if (sighting === null) return;
    sighting.count++;
    sighting.slices = (sighting.slices | this.#clock.bit) >>> 0;
    if (time !== undefined) {
      const now = time + this.#dayOffset;
      if (sighting.first === undefined) sighting.first = now;
      if (sighting.last === undefined || now > sighting.last) sighting.last = now;
    }
    if (task.exe !== sighting.lastBy && task.exe !== null) {
      sighting.lastBy = task.exe;
      addExecutable(sighting, task.exe);
    }
  }

  #origin(line: number, pid: number | null, syscall: string): Origin {
    return { trace: this.#trace, line, pid, syscall };
  }

  #syscall(name: string, pid: number | null, line: number): Sighting | null {
    const abi = this.#abis.size === 0 ? undefined : this.#abis.get(pid);
    const key = abi === undefined ? name : `${name} ${abi}`;
    const known = this.#syscalls.get(key);
    if (known !== undefined) return known;
    const access: Access = abi === undefined ? { kind: 'syscall', name } : { kind: 'syscall', name, abi };
    const found = this.#facts.find(access, () => this.#origin(line, pid, name));
    if (found !== null) this.#syscalls.set(key, found);
    return found;
  }

  #see(access: Access, line: number, time: number | undefined, task: Task, syscall: string): Sighting | null {
    const sighting = this.#facts.find(access, () => this.#origin(line, task.pid, syscall));
    this.#touch(sighting, time, task);
    return sighting;
  }

  #parse(text: string): Parsed | string {
    const known = this.#calls.get(text);
    if (known !== undefined) return known;
    // A copy: what is kept must not keep the whole chunk it was cut from alive.
    const keep = text.length <= CACHED_LENGTH;
    const own = keep ? Buffer.from(text, 'latin1').toString('latin1') : text;
    const call = parseCall(own);
    if ('why' in call) return call.why;
    const row = ROWS.get(call.name) ?? {};
    const parsed: Parsed = { call, row, cwd: shownCwd(row, call), repeatable: isRepeatable(row, call), memo: null };
    if (keep) {
      if (this.#calls.size >= CACHED_CALLS) this.#calls.clear();
      this.#calls.set(own, parsed);
    }
    return parsed;
  }

  #call(text: string, pid: number | null, line: number, time: number | undefined): void {
    const parsed = this.#parse(text);
    if (typeof parsed === 'string') {
      this.#recognised--;
      this.#notUnderstood(line, text, parsed);
      return;
    }
    const { call, row } = parsed;
    const task = this.#taskOf(pid);
    if (parsed.cwd !== undefined) task.fs.cwd = parsed.cwd;
    const entry: Entry = task.entry ?? { cwd: task.fs.cwd, root: task.fs.root };
    task.entry = null;
    this.#touch(this.#syscall(call.name, pid, line), time, task);
    const uses = this.#observe(parsed, task, entry, line, time);
    if (row.does !== undefined || row.fd !== undefined) applyEffect(row, call, uses, task, this.#processes);
    this.#sends?.watch(call, task.exe, () => this.#origin(line, pid, call.name));
    if (row.does === 'exec' && call.result.errno === undefined) this.#started(uses[0], task, line, time, call.name);
    if (!ROWS.has(call.name)) this.#unknownCall(call, task, line, time);
  }

  /** Records what the call accessed; from memory, when the same call was made in the same circumstances before. */
  #observe(parsed: Parsed, task: Task, entry: Entry, line: number, time: number | undefined): readonly PathUse[] {
    const { call, row, memo } = parsed;
    if (row.at === undefined && row.tells === undefined && row.needs === undefined) return [];
    if (
      memo !== null &&
      memo.entry.cwd === entry.cwd &&
      memo.entry.root === entry.root &&
      memo.exe === task.exe &&
      memo.uid === task.uid &&
      memo.ownUmask === task.fs.ownUmask &&
      memo.foreign === task.fs.foreign &&
      memo.generation === this.#facts.generation
    ) {
      for (const sighting of memo.sightings) this.#touch(sighting, time, task);
      return memo.uses;
    }
    const uses = pathUses(row, call, task, entry);
    const sightings: Sighting[] = [];
    for (const access of accesses(row, call, uses, task, entry, pid => this.#uidOf(pid))) {
      const sighting = this.#see(access, line, time, task, call.name);
      if (sighting !== null) sightings.push(sighting);
    }
    if (parsed.repeatable) {
      const { generation } = this.#facts;
      parsed.memo = {
        entry,
        exe: task.exe,
        uid: task.uid,
        ownUmask: task.fs.ownUmask,
        foreign: task.fs.foreign,
        generation,
        uses,
        sightings,
      };
    }
    return uses;
  }

  #uidOf(pid: number): number | null {
    return this.#processes.has(pid) ? this.#processes.task(pid).uid : null;
  }

  #begin(head: string, pid: number | null): void {
    const task = this.#taskOf(pid);
    task.entry = { cwd: task.fs.cwd, root: task.fs.root };
    if (/^(?:clone|fork|vfork)/.test(head)) this.#processes.beginClone(task, cloneFlags(head));
  }

  /** A call that never returned: what it asked for is known, what came of it is not. */
  #unended(head: string, pid: number | null, line: number, time: number | undefined): void {
    const unended = parseUnended(head);
    this.#truncated = true;
    if (unended === null) return;
    const task = this.#taskOf(pid);
    this.#touch(this.#syscall(unended.name, pid, line), time, task);
    const row = ROWS.get(unended.name);
    if (row?.at === undefined) return;
    const result = {
      value: null,
      errno: undefined,
      annotation: undefined,
      deleted: false,
      tail: undefined,
      hostPid: undefined,
      injected: false,
    };
    const call: Call = { ...unended, result };
    const entry: Entry = task.entry ?? { cwd: task.fs.cwd, root: task.fs.root };
    const uses = pathUses(row, call, task, entry);
    for (const access of accesses(row, call, uses, task, entry, () => null))
      this.#see(access, line, time, task, call.name);
  }

  /** A program was started: report it, and ask for the interpreters that strace cannot show. */
  #started(use: PathUse | undefined, task: Task, line: number, time: number | undefined, syscall: string): void {
    this.#lastPid = undefined;
    if (use?.path == null) return;
    const parent = task.parent?.exe ?? undefined;
    const { root, cwd } = task.fs;
    this.#see(
      {
        kind: 'process',
        exe: use.path,
        ...(parent === undefined ? {} : { parent }),
        ...(root === '/' ? {} : { root }),
        ...(cwd === null ? {} : { cwd }),
      },
      line,
      time,
      task,
      syscall,
    );
    const key = `${root}\0${use.path}`;
    if (this.#options.inspect === undefined || this.#inspected.has(key)) return;
    this.#inspected.add(key);
    const inspection = this.#options.inspect(use.path);
    if (inspection === null) {
      this.#see(
        { kind: 'blind', what: `the interpreter of ${use.path} is unknown: the file is not on this machine` },
        line,
        time,
        task,
        syscall,
      );
      return;
    }
    if (inspection.setUid) task.uid = null;
    if (inspection.setId)
      this.#see({ kind: 'feature', name: 'setuid-exec', value: use.path }, line, time, task, syscall);
    for (const { path, asked, mode, why } of inspection.needs) {
      const access: PathAccess = { kind: 'path', mode, path, inferred: why };
      if (asked !== undefined && asked !== path) access.asked = asked;
      this.#see(access, line, time, task, syscall);
    }
  }

  /** A call that neither strace nor the table knows. */
  #unknownCall(call: Call, task: Task, line: number, time: number | undefined): void {
    if (call.result.errno !== undefined) return;
    this.#see(
      { kind: 'blind', what: `${call.name} is unknown: what it did to files is not in the log` },
      line,
      time,
      task,
      call.name,
    );
  }

  #personality(text: string, pid: number | null): void {
    const shown = Number(/PID=(\d+)/.exec(text)?.[1] ?? Number.NaN);
    const target = Number.isNaN(shown) ? pid : shown;
    if (text.includes('32 bit')) this.#abis.set(target, 'i386');
    else if (text.includes('x32')) this.#abis.set(target, 'x32');
    else this.#abis.delete(target);
  }

  #notUnderstood(line: number, text: string, why: string): void {
    this.#unrecognised++;
    if (this.#samples.length < SAMPLES)
      this.#samples.push({ trace: this.#trace, line, text: text.slice(0, SAMPLE_LENGTH), why });
  }

  /** -e trace=…: then the list of syscalls is not complete, and no filter may be concluded from it. */
  #noteFilter(): void {
    const calls = [...this.#syscalls.values()].reduce((sum, { count }) => sum + count, 0);
    if (this.#options.mode !== 'replay' || calls < FILTER_EVIDENCE || UBIQUITOUS.some(name => this.#syscalls.has(name)))
      return;
    const access: Access = { kind: 'blind', what: PARTIAL };
    const sighting = this.#facts.find(access, () => this.#origin(1, null, ''));
    if (sighting !== null) sighting.count = 1;
  }
}

/** The blind spot of a log made with `-e trace=…`. */
export const PARTIAL = 'only some system calls were traced (-e trace=…): the list of system calls is not complete';

/** Do the facts of this call depend only on cwd, root, program and user (not on the descriptor table)? */
function isRepeatable(row: SyscallRow, call: Call): boolean {
  if (row.at === undefined || row.needs !== undefined || row.tells?.some(tell => tell !== 'mode')) return false;
  for (const [word, path, dirfd] of row.at) {
    if (word === 'connect' || word === 'create+bind') return false;
    const name = call.args[path] ?? '';
    if (/^"\/(?:proc|dev)\//.test(name)) return false;
    if (dirfd >= 0 && !name.startsWith('"/') && fdArgument(call.args[dirfd])?.path === undefined) return false;
  }
  return true;
}
