// The one place where calls meet the processes that made them. A finished call is looked at first, while its process is as it was before
// (`look`); then its process becomes what the call made of it (`apply`). `allowtrace events` and the profile both come from here.

import type { Call } from '../strace/parse.ts';
import type { LineRecord } from '../strace/records.ts';
import type { Access } from './access.ts';
import { accesses } from './accesses.ts';
import { type Change, changeOf } from './changes.ts';
import { applyEffect, shownCwd } from './effects.ts';
import { type PathUse, pathUses } from './paths.ts';
import { type Entry, Processes, type Task } from './state.ts';
import type { Row } from './syscalls.ts';

const NO_USES: readonly PathUse[] = [];

const NO_ACCESSES: readonly Access[] = [];

/** Do the arguments of such a call have to be looked at? */
const tellsAnything = ({ at, tells, needs }: Row): boolean =>
  at !== undefined || tells !== undefined || needs !== undefined;

/** A finished call in its process. */
export interface Step {
  readonly row: Row;
  readonly call: Call;
  readonly task: Task;
  /** Where the process was when it entered the call. */
  readonly entry: Entry;
  /** The paths that the call names. */
  readonly uses: readonly PathUse[];
  /** What its text tells of the process afterwards: null: nothing changes; undefined: that depends on more. */
  readonly change: Change | null | undefined;
}

export class Walker {
  readonly processes: Processes;
  /** Of the line before: most lines are of the same process as the one before. */
  #pid: number | null | undefined;
  #task: Task | undefined;

  /** `cwd`, `uid`: where and as whom the first process started, where that is known. */
  constructor(cwd: string | null, uid: number | null = null) {
    this.processes = new Processes(cwd, uid);
  }

  task(pid: number | null): Task {
    if (pid === this.#pid && this.#task !== undefined) return this.#task;
    this.#task = this.processes.task(pid);
    this.#pid = pid;
    return this.#task;
  }

  /** A call has been entered: from where, if that counts when it ends, and with which flags if it is a clone. */
  begin(task: Task, entry: Entry | null, cloneFlags: string | null): void {
    if (entry !== null) task.entry = entry;
    if (cloneFlags !== null) this.processes.beginClone(task, cloneFlags);
  }

  /** What a finished call names, and what it will change. */
  look(row: Row, call: Call, task: Task): Step {
    const cwd = shownCwd(row, call);
    if (cwd !== undefined) task.fs.cwd = cwd;
    const entry = task.entry ?? task.fs;
    const uses = tellsAnything(row) ? pathUses(row, call, task, entry) : NO_USES;
    return { row, call, task, entry, uses, change: changeOf(row, call, uses[0]) };
  }

  /** What the call asked of the kernel. Comes before `apply`. */
  accesses({ row, call, uses, task, entry }: Step): readonly Access[] {
    return tellsAnything(row) ? accesses(row, call, uses, task, entry, this.processes) : NO_ACCESSES;
  }

  /** The call has ended: its process becomes what it made of it. */
  apply({ row, call, task, uses, change }: Step): void {
    task.entry = null;
    if (row.does === undefined && row.fd === undefined) return;
    applyEffect(row, call, uses, change, task, this.processes);
    if (row.does === 'exec' && call.result.errno === undefined) this.#pid = undefined;
  }

  /** What a line that is no finished call tells of processes: one ended, or took the number of another. */
  line(record: LineRecord): void {
    switch (record.kind) {
      case 'unfinished':
        // strace says so only when the program is being executed already.
        if (record.newPid !== undefined && record.pid !== null) this.processes.supersede(record.pid, record.newPid);
        break;
      case 'exit':
      case 'killed':
        this.processes.exit(record.pid);
        break;
      case 'superseded':
        this.processes.supersede(record.oldPid, record.pid);
        break;
      default:
        return;
    }
    this.#pid = undefined;
  }
}
