// Follows the processes of one run through its log and records what each call was. The rooms on its left say what a line is (strace)
// and what a call does and asks for (process); here the two meet the sightings.

import type { Access } from '../process/access.ts';
import { applyChange } from '../process/changes.ts';
import { CircumstanceTable } from '../process/circumstances.ts';
import { shownCwd } from '../process/effects.ts';
import { readCall, readHead } from '../process/read-call.ts';
import type { Circumstances, Entry, Task } from '../process/state.ts';
import { NOTHING, ROWS } from '../process/syscalls.ts';
import type { Walker } from '../process/walker.ts';
import { isFinished } from '../strace/finished.ts';
import type { Call } from '../strace/parse.ts';
import type { CallText, LineRecord, PhraseSink } from '../strace/records.ts';
import { UNKNOWN } from '../strace/result.ts';
import { word } from '../strace/words.ts';
import { isCut, mayBeCall } from './gaps.ts';
import { type Begun, isRepeatable, type Kept, Memo, recall, remember, type Syscall } from './memo.ts';
import type { Unrecognised } from './profile.ts';
import type { Programs } from './programs.ts';
import { isSettled, readBegun, SETTLES, settledBy } from './settles.ts';
import { NO_FACT, type Sightings } from './sightings.ts';
import type { UnseenSends } from './unseen-sends.ts';

const SAMPLES = 10;
const SAMPLE_LENGTH = 200;
/** System calls that are kept by name: more than there are. A log that is made up may name any. */
const SYSCALLS = 4096;

const NO_FACTS: readonly number[] = [];

/** Calls whose arguments are what the service reads and writes. */
const TRANSFERS =
  /\b(?:p?readv?2?|preadv2|pread64|p?writev?2?|pwrite64|recv(?:from|msg|mmsg)?|send(?:to|msg|mmsg)?|process_vm_\w+)(?:\(| resumed>)/;

/** A line without the contents of buffers, which may be secrets. */
const withoutBuffers = (text: string): string =>
  TRANSFERS.test(text) ? text.replace(/"(?:[^"\\]|\\.)*(?:"|$)/g, '"…"') : text;

export class Follower implements PhraseSink<Kept> {
  readonly settles = SETTLES;
  readonly inodes: boolean;
  readonly walker: Walker;
  /** Lines understood as strace's. */
  recognised = 0;
  readonly unrecognised: Unrecognised = { count: 0, samples: [] };
  /** Lines that were not understood and may be calls, and ends of calls that began outside of the log. */
  unread = 0;
  /** A line says that others were cut out of the log. */
  excerpt = false;
  /** strace says that it was attached to a process that ran already (strace -p). */
  attached = false;
  /** A call was never finished in the log. */
  truncated = false;
  /** A process ended by itself. */
  exited = false;
  readonly #sightings: Sightings;
  readonly #programs: Programs;
  readonly #sends: UnseenSends | null;
  readonly #circumstances = new CircumstanceTable();
  readonly #syscalls = new Map<string, Syscall>();
  /** Those that rules settle, by rule. */
  readonly #settled: readonly Syscall[] = SETTLES.map(({ name }) => this.#syscall(name));
  /** Personalities other than the native one. */
  readonly #abis = new Map<number | null, 'i386' | 'x32'>();

  constructor(walker: Walker, sightings: Sightings, programs: Programs, sends: UnseenSends | null) {
    this.walker = walker;
    this.#sightings = sightings;
    this.#programs = programs;
    this.#sends = sends;
    this.inodes = sends !== null;
  }

  at(line: number, time: number): void {
    this.#sightings.at(line, time);
  }

  settled(rule: number, pid: number | null): void {
    this.recognised++;
    const syscall = this.#settled[rule];
    if (syscall !== undefined) this.#count(syscall, pid, this.walker.task(pid));
  }

  seen(pid: number | null): void {
    this.recognised++;
    this.walker.task(pid);
  }

  unfinished(head: CallText, kept: Kept | null, repeats: boolean, pid: number | null): Kept | null {
    this.recognised++;
    const begun = kept === null || kept instanceof Memo ? readBegun(head.text) : kept;
    this.#begin(begun, pid);
    return repeats ? begun : null;
  }

  call(source: CallText, kept: Kept | null, repeats: boolean, pid: number | null): Kept | null {
    if (kept instanceof Memo) return this.#again(source, kept, pid);
    const { text } = source;
    const call = readCall(text);
    if ('why' in call) {
      this.#unreadable(text, call.why, pid);
      return null;
    }
    const syscall = this.#syscall(call.name);
    const cwd = shownCwd(syscall.row, call);
    const memo = new Memo(syscall, cwd === undefined ? undefined : word(cwd));
    const task = this.#enter(memo, pid);
    return this.#look(memo, text, call, repeats, task);
  }

  /** A call whose text was met before: what it was is known, if it was made in the same circumstances. */
  #again(source: CallText, memo: Memo, pid: number | null): Memo | null {
    const task = this.#enter(memo, pid);
    const known = recall(memo, this.#circumstancesOf(task, task.entry ?? task.fs));
    if (known === null) {
      const { text } = source;
      const call = readCall(text);
      if (!('why' in call)) return this.#look(memo, text, call, true, task);
      task.entry = null;
      return memo;
    }
    const { first, second, others, change } = known;
    this.#sightings.touch(first, task);
    this.#sightings.touch(second, task);
    for (let i = 0; i < others.length; i++) this.#sightings.touch(others[i] ?? NO_FACT, task);
    if (change !== null) applyChange(change, task);
    task.entry = null;
    return memo;
  }

  /** A complete call of a process: counts it. */
  #enter({ syscall, cwd }: Memo, pid: number | null): Task {
    this.recognised++;
    const task = this.walker.task(pid);
    if (cwd !== undefined) task.fs.cwd = cwd;
    this.#count(syscall, pid, task);
    return task;
  }

  /** Records what a call accessed and does what it did; returns what is to be kept of it, if it `repeats`. */
  #look(memo: Memo, text: string, call: Call, repeats: boolean, task: Task): Memo | null {
    const { name, isKnown } = memo.syscall;
    const row = isSettled(name, text) ? NOTHING : memo.syscall.row;
    const circumstances = repeats && isKnown ? this.#circumstancesOf(task, task.entry ?? task.fs) : null;
    const step = this.walker.look(row, call, task);
    const { uses, change } = step;
    const facts = this.#see(this.walker.accesses(step), task, name);
    if (circumstances !== null && change !== undefined && isRepeatable(row, call, uses))
      memo = remember(memo, circumstances, facts, change);
    this.walker.apply(step);
    this.#sends?.watch(call, task.exe, () => this.#sightings.origin(task.pid, name));
    if (row.does === 'exec' && call.result.errno === undefined) this.#programs.started(uses[0], task, name);
    if (!isKnown) this.#unknownCall(call, task);
    return repeats ? memo : null;
  }

  /** Records accesses; returns the numbers of the facts they are. */
  #see(found: readonly Access[], task: Task, name: string): readonly number[] {
    const [only] = found;
    if (only === undefined) return NO_FACTS;
    if (found.length === 1) return [this.#sightings.see(only, task, name)];
    return found.map(access => this.#sightings.see(access, task, name));
  }

  record(record: LineRecord): void {
    const { pid, line, time } = record;
    if (record.kind === 'unrecognised') {
      this.#notUnderstood(line, record.text, record.why);
      return;
    }
    this.#sightings.at(line, time ?? Number.NaN);
    if (record.kind === 'call') {
      this.call(record, null, false, pid);
      return;
    }
    this.recognised++;
    if (record.kind === 'unfinished') this.#begin(readBegun(record.head), pid);
    if (record.kind === 'killed') this.#stopped(this.walker.task(pid), record.signal);
    this.walker.line(record);
    switch (record.kind) {
      case 'detached':
      case 'pending':
        this.#unended(record.head, pid);
        break;
      case 'torn':
        // Whatever is no call was written by the program.
        if (ROWS.has(readHead(record.head)?.name ?? '')) this.#unended(record.head, pid);
        else {
          this.recognised--;
          this.#notUnderstood(line, record.head, 'its rest is not in the log');
        }
        break;
      case 'orphan':
        this.unread++;
        this.#sightings.call(record.name, this.#abiOf(pid), this.walker.task(pid));
        break;
      case 'exit':
      case 'killed':
        if (record.kind === 'exit') this.exited = true;
        this.#abis.delete(pid);
        break;
      case 'personality':
        this.#personality(record.text, pid);
        break;
      case 'message':
      case 'split':
        // Of a process that a traced one makes, strace says so later.
        if (record.attached !== undefined && this.walker.processes.count === 0) this.attached = true;
        break;
    }
  }

  /** A main process that a signal has ended which it does not handle. */
  #stopped(task: Task, signal: string): void {
    if (task.parent === null && task.exe !== null && task.pid === task.tgid && signal !== 'SIGKILL')
      this.#sightings.see({ kind: 'feature', name: 'stopped-by', value: signal }, task, 'killed');
  }

  #abiOf(pid: number | null): 'i386' | 'x32' | undefined {
    return this.#abis.size === 0 ? undefined : this.#abis.get(pid);
  }

  #circumstancesOf(task: Task, entry: Entry): Circumstances {
    return this.#circumstances.of(task, entry, this.#sightings.facts.generation);
  }

  #syscall(name: string): Syscall {
    const known = this.#syscalls.get(name);
    if (known !== undefined) return known;
    const row = ROWS.get(name);
    const syscall: Syscall = { name, row: row ?? NOTHING, isKnown: row !== undefined, fact: NO_FACT };
    if (this.#syscalls.size < SYSCALLS) this.#syscalls.set(name, syscall);
    return syscall;
  }

  /** One more call, by its name. */
  #count(syscall: Syscall, pid: number | null, task: Task): void {
    if (syscall.fact !== NO_FACT && this.#abis.size === 0) {
      this.#sightings.touch(syscall.fact, task);
      return;
    }
    const fact = this.#sightings.call(syscall.name, this.#abiOf(pid), task);
    if (this.#abis.size === 0) syscall.fact = fact;
  }

  /** A call that cannot be parsed was made nevertheless; it is understood if nothing more is wanted of it. */
  #unreadable(text: string, why: string, pid: number | null): void {
    const rule = settledBy(text);
    if (rule !== null) {
      this.settled(SETTLES.indexOf(rule), pid);
      return;
    }
    this.#notUnderstood(this.#sightings.line, text, why);
    const syscall = this.#syscall(text.slice(0, Math.max(0, text.indexOf('('))));
    if (syscall.isKnown && isFinished(text)) this.#count(syscall, pid, this.walker.task(pid));
  }

  /** A call has been entered. */
  #begin({ keepsEntry, cloneFlags }: Begun, pid: number | null): void {
    const task = this.walker.task(pid);
    this.walker.begin(task, keepsEntry ? this.#circumstancesOf(task, task.fs) : null, cloneFlags);
  }

  /** A call that never returned: what it asked for is known, what came of it is not. */
  #unended(head: string, pid: number | null): void {
    const unended = readHead(head);
    this.truncated = true;
    if (unended === null) return;
    const task = this.walker.task(pid);
    this.#sightings.call(unended.name, this.#abiOf(pid), task);
    const row = ROWS.get(unended.name);
    if (row?.at === undefined) return;
    const step = this.walker.look(row, { ...unended, result: UNKNOWN }, task);
    for (const access of this.walker.accesses(step)) this.#sightings.see(access, task, unended.name);
  }

  /** A call that neither strace nor the table knows. */
  #unknownCall(call: Call, task: Task): void {
    if (call.result.errno !== undefined) return;
    const what = `${call.name} is unknown: what it did to files is not in the log`;
    this.#sightings.see({ kind: 'blind', what }, task, call.name);
  }

  #personality(text: string, pid: number | null): void {
    const shown = Number(/PID=(\d+)/.exec(text)?.[1] ?? Number.NaN);
    const target = Number.isNaN(shown) ? pid : shown;
    if (text.includes('32 bit')) this.#abis.set(target, 'i386');
    else if (text.includes('x32')) this.#abis.set(target, 'x32');
    else this.#abis.delete(target);
  }

  #notUnderstood(line: number, text: string, why: string): void {
    const { samples } = this.unrecognised;
    this.unrecognised.count++;
    if (mayBeCall(text)) this.unread++;
    if (isCut(text)) this.excerpt = true;
    if (samples.length < SAMPLES)
      samples.push({ trace: this.#sightings.trace, line, text: withoutBuffers(text).slice(0, SAMPLE_LENGTH), why });
  }
}
