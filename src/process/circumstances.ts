// All that the accesses of a call with a text of its own depend on, beside that text and the descriptor table. Equal ones are the same
// object, so that one comparison tells whether what was found out about a call still holds.

import type { Circumstances, Entry, Task } from './state.ts';

/** Different ones kept at most; beyond, they are made anew, which costs what was remembered, nothing else. */
const LIMIT = 1000;

const hold = (one: Circumstances, task: Task, entry: Entry, generation: number): boolean =>
  one.cwd === entry.cwd &&
  one.exe === task.exe &&
  one.uid === task.uid &&
  one.root === entry.root &&
  one.ownUmask === task.fs.ownUmask &&
  one.foreign === task.fs.foreign &&
  one.generation === generation;

export class CircumstanceTable {
  readonly #all = new Map<string, Circumstances>();

  /** Those of a call of `task` that was entered in `entry`; `generation` is that of the facts. */
  of(task: Task, entry: Entry, generation: number): Circumstances {
    const last = task.circumstances;
    if (last !== null && hold(last, task, entry, generation)) return last;
    const { exe, uid } = task;
    const { ownUmask, foreign } = task.fs;
    const key = JSON.stringify([entry.cwd, entry.root, exe, uid, ownUmask, foreign, generation]);
    let found = this.#all.get(key);
    if (found === undefined) {
      if (this.#all.size >= LIMIT) this.#all.clear();
      found = { cwd: entry.cwd, root: entry.root, exe, uid, ownUmask, foreign, generation };
      this.#all.set(key, found);
    }
    task.circumstances = found;
    return found;
  }
}
