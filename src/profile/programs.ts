// Programs that were started, and the files the kernel itself opens for that: interpreters, which strace cannot show.
// It does no I/O: executed files are looked at by the function it is given.

import type { PathAccess } from '../process/access.ts';
import type { PathUse } from '../process/paths.ts';
import type { Task } from '../process/state.ts';
import type { Sightings } from './sightings.ts';

/** One file the kernel itself opens to start a program. Host paths; `asked` when a symlink lies between. */
export interface Needed {
  path: string;
  asked?: string;
  mode: 'exec';
  why: string;
}

/** File capabilities: those that the file permits, and whether the program has them without asking. capabilities(7). */
export interface FileCapabilities {
  names: string[];
  effective: boolean;
}

/**
 * What strace cannot show of an executed file: its ELF interpreter or `#!` interpreters, whether it is set-uid or set-gid, and whether the
 * former, and the capabilities that it gives.
 */
export interface Inspection {
  needs: Needed[];
  setId: boolean;
  setUid: boolean;
  capabilities: FileCapabilities | null;
}

/** Looks at an executed file; null when it cannot be read on this machine. */
export type Inspector = (path: string) => Inspection | null;

export class Programs {
  readonly #sightings: Sightings;
  readonly #inspect: Inspector | undefined;
  /** What was found in each program; null: it could not be read. */
  readonly #inspected = new Map<string, Inspection | null>();
  #started = false;

  constructor(sightings: Sightings, inspect: Inspector | undefined) {
    this.#sightings = sightings;
    this.#inspect = inspect;
  }

  /** An execve(2) of `use` has succeeded; `task` is already the new program. */
  started(use: PathUse | undefined, task: Task, syscall: string): void {
    // Where strace started the service, that is the first call of the log.
    const isFirst = !this.#started && this.#sightings.syscalls.size === 1;
    this.#started = true;
    if (use?.path == null) return;
    const parent = task.parent?.exe ?? undefined;
    const { root, cwd } = task.fs;
    this.#sightings.see(
      {
        kind: 'process',
        exe: use.path,
        ...(parent === undefined ? {} : { parent }),
        ...(root === '/' ? {} : { root }),
        ...(cwd === null ? {} : { cwd }),
      },
      task,
      syscall,
    );
    if (this.#inspect === undefined) return;
    const key = `${root}\0${use.path}`;
    let inspection = this.#inspected.get(key);
    if (inspection === undefined) {
      inspection = this.#inspect(use.path);
      this.#inspected.set(key, inspection);
      if (inspection === null) this.#unread(use.path, isFirst, task, syscall);
      else this.#report(use.path, inspection, task, syscall);
    }
    if (inspection !== null) this.#become(use.path, inspection, task, syscall);
  }

  /** The program that a service starts with runs as the service's user, whatever bits it has; one that it starts itself may become another. */
  #unread(exe: string, isFirst: boolean, task: Task, syscall: string): void {
    const unknown = isFirst ? '' : ', and whether it is set-uid or set-gid';
    const what = `${exe} cannot be read on this machine: its interpreter is unknown${unknown}`;
    this.#sightings.see({ kind: 'blind', what }, task, syscall);
    if (!isFirst)
      this.#sightings.see({ kind: 'feature', name: 'setuid-exec', value: exe, certain: false }, task, syscall);
  }

  /** What starting it makes of the process: that depends on who starts it, each time. */
  #become(exe: string, { setUid, capabilities }: Inspection, task: Task, syscall: string): void {
    const gains = capabilities !== null && task.uid !== 0;
    // Whether it needed what it gained, the calls that follow would show of root only.
    if (gains)
      this.#sightings.see({ kind: 'feature', name: 'file-capabilities', value: exe, certain: false }, task, syscall);
    if (gains || setUid) task.uid = null;
  }

  #report(exe: string, inspection: Inspection, task: Task, syscall: string): void {
    // Without them in the bounding set the program does not even start (EPERM), if it has them without asking.
    const { names = [], effective: certain = false } = inspection.capabilities ?? {};
    for (const name of names) {
      const detail = `a file capability of ${exe}`;
      this.#sightings.see({ kind: 'capability', name, syscall, certain, from: 'file', detail }, task, syscall);
    }
    if (inspection.setId) this.#sightings.see({ kind: 'feature', name: 'setuid-exec', value: exe }, task, syscall);
    for (const { path, asked, mode, why } of inspection.needs) {
      const access: PathAccess = { kind: 'path', mode, path, inferred: why };
      if (asked !== undefined && asked !== path) access.asked = asked;
      this.#sightings.see(access, task, syscall);
    }
  }
}
