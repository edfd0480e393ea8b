// What each process is at a line of the log: root, cwd, file descriptors, program, user; shared or copied as clone(2) says.
// Inheritance is lazy: a child may print before its parent's clone returns. Unknown is a value (null), never a guess.
// It neither parses nor reports; see effects.ts for what changes it.

/** CLONE_FS shares it. Host paths. */
export class Fs {
  cwd: string | null;
  root: string;
  /** The process has changed its mount namespace: its paths may differ from the host's. */
  foreign = false;
  /** The umask it was started with, once umask(2) has told; and whether one of its own is in force. */
  umask: number | null = null;
  ownUmask = false;

  constructor(cwd: string | null, root = '/') {
    this.cwd = cwd;
    this.root = root;
  }

  copy(): Fs {
    const copy = new Fs(this.cwd, this.root);
    copy.foreign = this.foreign;
    copy.umask = this.umask;
    copy.ownUmask = this.ownUmask;
    return copy;
  }
}

/** What a descriptor leads to: replaced, never changed, since many descriptors may share one. */
export interface OpenFile {
  /** Host path; null for pipes, sockets and fds of unknown origin. */
  readonly path: string | null;
  readonly cloexec: boolean;
  /** The directory in which a file without a name was made (O_TMPFILE). */
  readonly unnamedIn?: string;
  /** `SOCK_STREAM`, `SOCK_DGRAM` … of a socket, with its family and protocol. */
  readonly socket?: { family: string; type: string; protocol: string };
}

/** CLONE_FILES shares it. */
export type Files = Map<number, OpenFile>;

/** Where a split call started: paths are resolved with what held at its entry. */
export interface Entry {
  cwd: string | null;
  root: string;
}

/** What the accesses of a call depend on beside its text (circumstances.ts). */
export interface Circumstances {
  readonly cwd: string | null;
  readonly root: string;
  readonly exe: string | null;
  readonly uid: number | null;
  readonly ownUmask: boolean;
  readonly foreign: boolean;
  /** Of the facts: none of before is the same object. */
  readonly generation: number;
}

export interface Task {
  pid: number | null;
  tgid: number | null;
  fs: Fs;
  files: Files;
  /** Host path of the program; null before the first execve of a log that starts later. */
  exe: string | null;
  /** Effective uid; null: unknown. */
  uid: number | null;
  /** Real and saved uid, which it may take on without a capability; null: the effective one it started with. */
  realUid: number | null;
  savedUid: number | null;
  /** Hard resource limits that it asked for or set. */
  limits: Readonly<Record<string, number>>;
  parent: Task | null;
  entry: Entry | null;
  /** Flags of a clone that has not returned, and the child that was already seen. */
  cloning: { flags: string; child: Task | null } | null;
  /** How far it has gone where only its tracer leads it (tracer.ts). */
  steps: number;
  /** Those of its last call. */
  circumstances: Circumstances | null;
}

const isThread = (flags: string): boolean => flags.includes('CLONE_THREAD');

/** A thread has the parent of its group. */
const parentOf = (task: Task, flags: string): Task | null => (isThread(flags) ? task.parent : task);

/** Gives a child what a clone of `parent` gives, as far as it still has what it was given as a child of `before` (null: of nobody). */
function adopt(child: Task, parent: Task, flags: string, before: Task | null): void {
  if (child.fs.cwd === (before?.fs.cwd ?? null) && child.fs.root === (before?.fs.root ?? '/'))
    child.fs = flags.includes('CLONE_FS') ? parent.fs : parent.fs.copy();
  if (child.exe === (before?.exe ?? null)) {
    child.exe = parent.exe;
    child.files = flags.includes('CLONE_FILES') ? parent.files : new Map(parent.files);
  }
  if (child.uid === (before?.uid ?? null)) {
    child.uid = parent.uid;
    child.realUid = parent.realUid;
    child.savedUid = parent.savedUid;
  }
  if (before === null) child.limits = { ...parent.limits, ...child.limits };
  else if (child.limits === before.limits) child.limits = parent.limits;
  child.parent = parentOf(parent, flags);
}

export class Processes {
  readonly #tasks = new Map<number | null, Task>();
  readonly #cwd: string | null;
  readonly #uid: number | null;
  /** Tasks inside a clone, oldest first. */
  readonly #cloning = new Set<Task>();
  /** Thread group → its threads other than the leader. */
  readonly #threads = new Map<number | null, Set<Task>>();
  #count = 0;
  /** A process that nothing is known of has executed a program: the log shows how that starts. */
  started = false;
  /** The next process without a parent is one that was launched: whose directory and user are known. */
  #launched = true;

  constructor(cwd: string | null, uid: number | null = null) {
    this.#cwd = cwd;
    this.#uid = uid;
  }

  /** Processes and threads seen so far. */
  get count(): number {
    return this.#count;
  }

  /** Pids of the tasks that live. */
  get pids(): number[] {
    return [...this.#tasks.keys()].filter(pid => pid !== null);
  }

  /** Another log begins: with a process that was launched like the first one, or in the middle of what is not known. */
  begin(launched: boolean): void {
    this.#launched = launched;
  }

  /** The task of a pid; made, and given what it inherits, when it is new. */
  task(pid: number | null): Task {
    return this.#tasks.get(pid) ?? this.#appear(pid);
  }

  has(pid: number | null): boolean {
    return this.#tasks.has(pid);
  }

  /** The effective uid of a process, where it is known. */
  readonly uidOf = (pid: number): number | null => this.#tasks.get(pid)?.uid ?? null;

  #appear(pid: number | null): Task {
    const unnamed = this.#tasks.get(null);
    if (
      pid !== null &&
      unnamed !== undefined &&
      unnamed.pid === null &&
      (this.#cloning.size === 0 || unnamed.cloning?.child)
    ) {
      // stderr logs do not show the first process's number until there is a second one.
      unnamed.pid = pid;
      unnamed.tgid = pid;
      this.#tasks.set(pid, unnamed);
      return unnamed;
    }
    for (const parent of this.#cloning) {
      if (parent.cloning === null || parent.cloning.child !== null) continue;
      const child = this.#inherit(parent, pid, parent.cloning.flags);
      parent.cloning.child = child;
      return child;
    }
    const launched = this.#launched;
    this.#launched = false;
    return this.#add({
      pid,
      tgid: pid,
      fs: new Fs(launched ? this.#cwd : null),
      files: new Map(),
      exe: null,
      uid: launched ? this.#uid : null,
      realUid: null,
      savedUid: null,
      limits: {},
      parent: null,
      entry: null,
      cloning: null,
      steps: 0,
      circumstances: null,
    });
  }

  #add(task: Task): Task {
    this.#tasks.set(task.pid, task);
    this.#count++;
    return task;
  }

  /** What a clone gives its child. To which thread group a child belongs is certain only when its clone has returned: see `#confirm`. */
  #inherit(parent: Task, pid: number | null, flags: string): Task {
    return this.#add({
      pid,
      tgid: isThread(flags) ? parent.tgid : pid,
      fs: flags.includes('CLONE_FS') ? parent.fs : parent.fs.copy(),
      files: flags.includes('CLONE_FILES') ? parent.files : new Map(parent.files),
      exe: parent.exe,
      uid: parent.uid,
      realUid: parent.realUid,
      savedUid: parent.savedUid,
      limits: parent.limits,
      parent: parentOf(parent, flags),
      entry: null,
      cloning: null,
      steps: 0,
      circumstances: null,
    });
  }

  /** The clone of `task` with these flags has made this child. */
  #confirm(child: Task, task: Task, flags: string): Task {
    child.parent = parentOf(task, flags);
    child.tgid = isThread(flags) ? task.tgid : child.pid;
    if (isThread(flags)) {
      const group = this.#threads.get(child.tgid) ?? new Set();
      this.#threads.set(child.tgid, group.add(child));
    }
    return child;
  }

  /** A clone has been entered; the child may show up before it returns. */
  beginClone(task: Task, flags: string): void {
    task.cloning = { flags, child: null };
    this.#cloning.add(task);
  }

  /** A clone has returned `pid` (null: it failed, or its result was never printed). */
  endClone(task: Task, pid: number | null, flags: string): Task | null {
    const early = task.cloning?.child ?? null;
    task.cloning = null;
    this.#cloning.delete(task);
    if (pid === null || pid <= 0) return null;
    const known = this.#tasks.get(pid);
    if (known === undefined) return this.#confirm(this.#inherit(task, pid, flags), task, flags);
    if (known !== early) this.#correct(known, early, task, flags);
    return this.#confirm(known, task, flags);
  }

  /** `task` has made `known`, which was taken for the child of another one, or of nobody; `early` was taken for it. */
  #correct(known: Task, early: Task | null, task: Task, flags: string): void {
    const other = [...this.#cloning].find(({ cloning }) => cloning?.child === known) ?? null;
    adopt(known, task, flags, other);
    if (other?.cloning == null) return;
    // The place is free for whom it belongs to: perhaps the one that stood in this place.
    other.cloning.child = early;
    if (early !== null) adopt(early, other, other.cloning.flags, task);
  }

  /** A thread's execve: it takes over the leader's pid. */
  supersede(thread: number, leader: number | null): void {
    const task = this.#tasks.get(thread);
    if (task === undefined || thread === leader) return;
    this.#tasks.delete(thread);
    task.pid = leader;
    task.tgid = leader;
    this.#tasks.set(leader, task);
  }

  /** execve: the other threads of its group are gone. A child whose clone has not returned may be in another group. */
  leaveThreads(task: Task): void {
    const group = this.#threads.get(task.tgid);
    if (group === undefined || (task.pid !== task.tgid && !group.has(task))) return;
    for (const other of group) if (other !== task) this.#tasks.delete(other.pid);
    this.#threads.delete(task.tgid);
  }

  exit(pid: number | null): void {
    const task = this.#tasks.get(pid);
    if (task === undefined) return;
    this.#cloning.delete(task);
    this.#threads.get(task.tgid)?.delete(task);
    if (task.pid === task.tgid) this.#threads.delete(task.tgid);
    this.#tasks.delete(pid);
  }

  /** pivot_root(2): every task at the old root moves to the new one. */
  pivotRoot(oldRoot: string, newRoot: string): void {
    for (const { fs } of this.#tasks.values()) {
      if (fs.cwd === oldRoot) fs.cwd = newRoot;
      if (fs.root === oldRoot) fs.root = newRoot;
    }
  }

  /** A directory was renamed: cwd, root and open directories below it move along. */
  rename(from: string, to: string): void {
    const moved = (path: string | null): string | null =>
      path !== null && (path === from || path.startsWith(`${from}/`)) ? to + path.slice(from.length) : path;
    for (const task of this.#tasks.values()) {
      task.fs.cwd = moved(task.fs.cwd);
      for (const [fd, file] of task.files) {
        const path = moved(file.path);
        if (path !== file.path) task.files.set(fd, { ...file, path });
      }
    }
  }
}
