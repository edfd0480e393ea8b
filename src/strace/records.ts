// What one line of a log is, before anything is made of its arguments, and who receives it. Types only.

/** Common to all: `line` counts from 1; `pid` is null when neither the line nor the lines before tell it. */
interface Base {
  line: number;
  pid: number | null;
  /** The pid the line itself shows (`pid` may have been concluded). */
  printedPid: number | null;
  /** -Y: the command name beside the pid. */
  comm: string | undefined;
  /** Seconds, when the log has time stamps: Unix time, or since midnight. */
  time: number | undefined;
}

export type LineRecord =
  /** A complete call, joined if it was split: `text` is name(args) = result. `resumed`: this line ends a split call. */
  | (Base & { kind: 'call'; text: string; resumed: boolean })
  /**
   * A call whose end was never printed; `head` ends inside the arguments. `detached`: this line says that the tracer went away;
   * `pending`: the log ended first (reported at its end, with the line the call began on); `torn`: the line was cut, and its rest never came.
   */
  | (Base & { kind: 'detached' | 'pending' | 'torn'; head: string })
  /** The first half of a call. `newPid`: a thread's execve whose result comes under the leader's pid. */
  | (Base & { kind: 'unfinished'; head: string; newPid: number | undefined })
  /** The end of a call whose beginning is not in the log (strace -p). */
  | (Base & { kind: 'orphan'; name: string; rest: string })
  | (Base & { kind: 'signal'; signal: string })
  | (Base & { kind: 'exit'; status: number })
  | (Base & { kind: 'killed'; signal: string })
  | (Base & { kind: 'superseded'; oldPid: number })
  | (Base & { kind: 'personality'; text: string })
  /** `???(`, or its end: a call that a killed process was about to make. */
  | (Base & { kind: 'nameless' })
  /** -k stack frames, -e read= dumps, the table of -c. */
  | (Base & { kind: 'stack' | 'dump' | 'summary' })
  /**
   * strace's own messages, alone on a line or (`split`) in the middle of one; `attached`: the new process it names. `split` also where the
   * output of the traced program is in the middle of the line.
   */
  | (Base & { kind: 'message' | 'split'; attached: number | undefined })
  | (Base & { kind: 'unrecognised'; text: string; why: string });

/** Receives what a log holds, in its order. */
export interface RecordSink {
  record(record: LineRecord): void;
}

/**
 * When a call is settled by its name: always (`unless` is empty), or unless its text holds one of these words; and only if it holds the word
 * in `shows` outside of annotations, which says that constants are in words.
 */
export interface Settle {
  name: string;
  unless: readonly string[];
  shows: string | undefined;
}

/** The text of a call, made when it is asked for. */
export interface CallText {
  readonly text: string;
}

/** A sink that is spared the lines it has seen before, and those that tell nothing but their name. */
export interface PhraseSink<M> extends RecordSink {
  /** Calls that need no look at their arguments. */
  readonly settles: readonly Settle[];
  /** Whether the inodes of sockets and pipes tell something; else calls that differ in nothing else are the same phrase. */
  readonly inodes: boolean;
  /** The lines from here on: `time` in seconds, or NaN. Comes before each of the others. */
  at(line: number, time: number): void;
  /** A complete call that is settled: by which of the rules. */
  settled(rule: number, pid: number | null): void;
  /** The first half of such a call: nothing to report, but its process lives. */
  seen(pid: number | null): void;
  /**
   * A complete call, joined if it was split. `kept`: what was returned for the same text before. `repeats`: it may come again, so that it
   * is worth returning what is to be kept of it.
   */
  call(call: CallText, kept: M | null, repeats: boolean, pid: number | null): M | null;
  /** The first half of a call; as `call`. */
  unfinished(head: CallText, kept: M | null, repeats: boolean, pid: number | null): M | null;
}
