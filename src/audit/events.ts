// What audit records, the kernel's log and systemd's journal tell of a service. Types only.

/** Where a line comes from. */
export type Source = 'audit log' | 'kernel log' | 'journal' | 'strace -c';

/** A system call that a seccomp filter did not just allow: a record of type SECCOMP (1326). */
export interface SeccompEvent {
  kind: 'seccomp';
  source: Source;
  /** The name of the call; null: no table holds its number. */
  name: string | null;
  /** As the record has it, for those that have no name. */
  number: string;
  /** As SyscallAccess.abi. */
  abi?: 'i386' | 'x32';
  /** `logged`: it was made all the same (SystemCallLog=) · `killed` · `failed`: with an errno, or left to a tracer. */
  outcome: 'logged' | 'killed' | 'failed';
  /** The executable, where the record names it. */
  exe: string | null;
  /** What the process calls itself: whatever it likes. */
  comm: string;
  pid: number;
  /** Unix time, where it can be told. */
  time?: number;
  /** Tells a record that two sources hold. */
  id: string;
}

/** A denial of another security module: no matter of the unit's sandbox. */
export interface OtherDenial {
  kind: 'other-denial';
  module: 'AppArmor' | 'SELinux';
}

/** systemd could not set up what a unit asks for: `Failed at step NAMESPACE spawning …`. */
export interface StepEvent {
  kind: 'step';
  unit: string;
  step: string;
  program: string;
  /** `No such file or directory`. */
  why: string;
  time?: number;
}

/** What systemd said just before: `Failed to set up mount namespacing: /srv/nothing: No such file or directory`. */
export interface CauseEvent {
  kind: 'cause';
  unit: string;
  text: string;
  time?: number;
}

/** `Main process exited, code=killed, status=31/SYS`. */
export interface ExitEvent {
  kind: 'exit';
  unit: string;
  code: string;
  /** `31/SYS`, `226/NAMESPACE`, `1/FAILURE`. */
  status: string;
  time?: number;
}

/** A row of the table of strace -c. */
export interface CountEvent {
  kind: 'count';
  name: string;
  calls: number;
}

/** Records that the kernel left out of its log. */
export interface LostEvent {
  kind: 'lost';
  count: number;
}

export type AuditEvent = SeccompEvent | OtherDenial | StepEvent | CauseEvent | ExitEvent | CountEvent | LostEvent;
