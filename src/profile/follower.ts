// Follows the processes of one run through its log and records what each call was. The rooms on its left say what a line is (strace)
// and what a call does and asks for (process); here the two meet the sightings.

import { accesses } from '../process/accesses.ts';
import { CircumstanceTable } from '../process/circumstances.ts';
import { applyEffect, applyFdEffect, shownCwd } from '../process/effects.ts';
import { type PathUse, pathUses } from '../process/paths.ts';
import type { Entry, Processes, Task } from '../process/state.ts';
import { ROWS, type SyscallRow } from '../process/syscalls.ts';
import { type Call, parseCall, parseUnended } from '../strace/parse.ts';
import type { CallText, LineRecord, PhraseSink } from '../strace/records.ts';
import { newResult } from '../strace/result.ts';
import { ownCopy } from '../strace/text.ts';
import { type Begun, type Kept, type Memo, recall, remember } from './memo.ts';
import type { Unrecognised } from './profile.ts';
import type { Programs } from './programs.ts';
import { isSettled, readBegun, SETTLES, settledBy } from './settles.ts';
import { NO_FACT, type Sightings } from './sightings.ts';
import type { UnseenSends } from './unseen-sends.ts';

const SAMPLES = 10;
const SAMPLE_LENGTH = 200;
/** Current directories whose string is kept. */
const CWDS = 1000;

const NO_USES: readonly PathUse[] = [];
/** The row of a call that only counts. */
const NOTHING: SyscallRow = {};
export class Follower implements PhraseSink<Kept> {
  readonly settles = SETTLES;
  readonly inodes: boolean;
  readonly processes: Processes;
  /** Lines understood as strace's. */
  recognised = 0;
  readonly unrecognised: Unrecognised = { count: 0, samples: [] };
  /** A call was never finished in the log. */
  truncated = false;
  readonly #sightings: Sightings;
  readonly #programs: Programs;
  readonly #sends: UnseenSends | null;
  readonly #circumstances = new CircumstanceTable();
  readonly #cwds = new Map<string, string>();
  /** The calls that rules settle, by rule, while no process has another personality. */
  readonly #counted: number[] = SETTLES.map(() => NO_FACT);
  /** Personalities other than the native one. */
  readonly #abis = new Map<number | null, 'i386' | 'x32'>();
  #lastPid: number | null | undefined;
  #lastTask: Task | undefined;

  constructor(processes: Processes, sightings: Sightings, programs: Programs, sends: UnseenSends | null) {
    this.processes = processes;
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
    const task = this.#taskOf(pid);
    const counted = this.#abis.size === 0 ? (this.#counted[rule] ?? NO_FACT) : NO_FACT;
    if (counted !== NO_FACT) {
      this.#sightings.touch(counted, task);
      return;
    }
    const fact = this.#sightings.call(SETTLES[rule]?.name ?? '', this.#abiOf(pid), task);
    if (this.#abis.size === 0) this.#counted[rule] = fact;
  }

  seen(pid: number | null): void {
    this.recognised++;
    this.#taskOf(pid);
  }

  unfinished(head: CallText, kept: Kept | null, repeats: boolean, pid: number | null): Kept | null {
    this.recognised++;
    const begun = kept?.kind === 'begun' ? kept : readBegun(head.text);
    this.#begin(begun, pid);
    return repeats ? begun : null;
  }

  call(source: CallText, kept: Kept | null, repeats: boolean, pid: number | null): Kept | null {
    const memo = kept?.kind === 'call' ? kept : this.#parse(source.text, pid);
    if (memo === null) return null;
    this.recognised++;
    const task = this.#taskOf(pid);
    if (memo.cwd !== undefined) task.fs.cwd = memo.cwd;
    this.#sightings.call(memo.name, this.#abiOf(pid), task);
    if (!this.#repeat(memo, task)) this.#look(memo, source, repeats, task);
    task.entry = null;
    return repeats ? memo : null;
  }

  /** Does what the same call was before, when it was made in the same circumstances. */
  #repeat(memo: Memo, task: Task): boolean {
    if (memo.seen === null) return false;
    const circumstances = this.#circumstances.of(task, task.entry ?? task.fs);
    const seen = recall(memo, circumstances, this.#sightings.facts.generation);
    if (seen === null) return false;
    const { facts, effect } = seen;
    for (let i = 0; i < facts.length; i++) this.#sightings.touch(facts[i] ?? NO_FACT, task);
    if (effect !== null) applyFdEffect(effect, task);
    return true;
  }

  /** Records what the call accessed and what it did. */
  #look(memo: Memo, source: CallText, repeats: boolean, task: Task): void {
    const { row } = memo;
    const call = memo.call ?? callOf(source.text);
    if (call === null) return;
    const { generation } = this.#sightings.facts;
    const entry: Entry = task.entry ?? task.fs;
    const isKnown = ROWS.has(call.name);
    const circumstances = repeats && isKnown ? this.#circumstances.of(task, entry) : null;
    let uses = NO_USES;
    const facts: number[] = [];
    if (row.at !== undefined || row.tells !== undefined || row.needs !== undefined) {
      uses = pathUses(row, call, task, entry);
      for (const access of accesses(row, call, uses, task, entry, pid => this.#uidOf(pid))) {
        const fact = this.#sightings.see(access, task, call.name);
        if (fact !== NO_FACT) facts.push(fact);
      }
    }
    if (circumstances !== null) remember(memo, call, uses, facts, circumstances, generation);
    task.entry = null;
    if (row.does !== undefined || row.fd !== undefined) applyEffect(row, call, uses, task, this.processes);
    this.#sends?.watch(call, task.exe, () => this.#sightings.origin(task.pid, call.name));
    if (row.does === 'exec' && call.result.errno === undefined) this.#started(uses[0], task, call.name);
    if (!isKnown) this.#unknownCall(call, task);
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
    switch (record.kind) {
      case 'unfinished':
        this.#begin(readBegun(record.head), pid);
        break;
      case 'detached':
      case 'pending':
        this.#unended(record.head, pid);
        break;
      case 'orphan':
        this.#sightings.call(record.name, this.#abiOf(pid), this.#taskOf(pid));
        break;
      case 'exit':
      case 'killed':
        this.processes.exit(pid);
        this.#abis.delete(pid);
        this.#lastPid = undefined;
        break;
      case 'superseded':
        this.processes.supersede(record.oldPid, pid);
        this.#lastPid = undefined;
        break;
      case 'personality':
        this.#personality(record.text, pid);
        break;
    }
  }

  #taskOf(pid: number | null): Task {
    if (pid === this.#lastPid && this.#lastTask !== undefined) return this.#lastTask;
    this.#lastTask = this.processes.task(pid);
    this.#lastPid = pid;
    return this.#lastTask;
  }

  #abiOf(pid: number | null): 'i386' | 'x32' | undefined {
    return this.#abis.size === 0 ? undefined : this.#abis.get(pid);
  }

  /** The parts of a call; null when it is none, or one of which nothing more is wanted than that it was made. */
  #parse(text: string, pid: number | null): Memo | null {
    const call = parseCall(text);
    if ('why' in call) {
      const rule = settledBy(text);
      if (rule === null) this.#notUnderstood(this.#sightings.line, text, call.why);
      else this.settled(SETTLES.indexOf(rule), pid);
      return null;
    }
    const row = isSettled(call.name, text) ? NOTHING : (ROWS.get(call.name) ?? NOTHING);
    return { kind: 'call', name: call.name, row, cwd: this.#own(shownCwd(row, call)), call, seen: null };
  }

  /** One string for each cwd: what strace shows is a piece of its line, and would keep all of it. */
  #own(cwd: string | undefined): string | undefined {
    const known = cwd === undefined ? undefined : this.#cwds.get(cwd);
    if (cwd === undefined || known !== undefined) return known;
    if (this.#cwds.size >= CWDS) this.#cwds.clear();
    const own = ownCopy(cwd);
    this.#cwds.set(own, own);
    return own;
  }

  #uidOf(pid: number): number | null {
    return this.processes.has(pid) ? this.processes.task(pid).uid : null;
  }

  /** A call has been entered. */
  #begin({ keepsEntry, cloneFlags }: Begun, pid: number | null): void {
    const task = this.#taskOf(pid);
    if (keepsEntry) task.entry = this.#circumstances.of(task, task.fs);
    if (cloneFlags !== null) this.processes.beginClone(task, cloneFlags);
  }

  /** A call that never returned: what it asked for is known, what came of it is not. */
  #unended(head: string, pid: number | null): void {
    const unended = parseUnended(head);
    this.truncated = true;
    if (unended === null) return;
    const task = this.#taskOf(pid);
    this.#sightings.call(unended.name, this.#abiOf(pid), task);
    const row = ROWS.get(unended.name);
    if (row?.at === undefined) return;
    const call: Call = { ...unended, result: newResult(null) };
    const entry: Entry = task.entry ?? task.fs;
    const uses = pathUses(row, call, task, entry);
    for (const access of accesses(row, call, uses, task, entry, () => null))
      this.#sightings.see(access, task, call.name);
  }

  #started(use: PathUse | undefined, task: Task, syscall: string): void {
    this.#lastPid = undefined;
    this.#programs.started(use, task, syscall);
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
    if (samples.length < SAMPLES)
      samples.push({ trace: this.#sightings.trace, line, text: text.slice(0, SAMPLE_LENGTH), why });
  }
}

/** A call that could be parsed before. */
function callOf(text: string): Call | null {
  const call = parseCall(text);
  return 'why' in call ? null : call;
}
