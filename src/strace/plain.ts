// One line at a time, read in full: its prefix, and whether it is a call, half of one, or one of the lines that are no calls.
// Everything that can stand in a log is known here; the fast way (fast.ts) knows only what is frequent.

import { ESCAPE, NEWLINE } from './characters.ts';
import { isFinished } from './finished.ts';
import { Halves, join, Part } from './halves.ts';
import type { Layout } from './layout.ts';
import { LINE_LIMIT } from './lines.ts';
import {
  findMessage,
  type Notice,
  readMessage,
  readNotice,
  readPidChange,
  readResumption,
  sideline,
  withoutColour,
  withoutMark,
} from './notices.ts';
import { newPrefix, readPrefix } from './prefix.ts';
import { NO_PID } from './prefix-numbers.ts';
import type { LineRecord, RecordSink } from './records.ts';
import { ShownPids } from './shown-pids.ts';

const UNFINISHED = ' <unfinished ...>';
const DETACHED = ' <detached ...>';

export class PlainReader<M> {
  /** Lines read so far. */
  count = 0;
  /** First halves of split calls, by process: each is inside one call at most. */
  readonly halves = new Halves<M>();
  /** Of the line before: an unfinished call whose rest may follow without a prefix (-z of strace 5.2–6.1). */
  lastUnfinished: number | null | undefined;
  /** The beginning of a line that a message of strace's cut (stderr logs); the rest is the next line. */
  cut = '';
  readonly #sink: RecordSink;
  readonly #layout: Layout;
  readonly #pid: number | undefined;
  readonly #onLine: ((text: string) => void) | undefined;
  readonly #prefix = newPrefix();
  readonly #shown = new ShownPids();
  #comm: string | undefined;

  constructor(sink: RecordSink, layout: Layout, pid: number | undefined, onLine: ((text: string) => void) | undefined) {
    this.#sink = sink;
    this.#layout = layout;
    this.#pid = pid;
    this.#onLine = onLine;
  }

  readAll(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const stop = bytes.indexOf(NEWLINE, at);
      const to = stop < 0 || stop > end ? end : stop;
      this.read(bytes, at, to);
      at = to + 1;
    }
  }

  /** One line, bytes[start, end). */
  read(bytes: Buffer, start: number, end: number): void {
    this.count++;
    let line = bytes.toString('latin1', start, end);
    this.#onLine?.(line);
    if (bytes[start] === ESCAPE) line = withoutColour(line);
    if (this.cut !== '') {
      line = this.cut + line;
      this.cut = '';
    }
    if (!this.#prefixed(line, /^/)) this.#unprefixed(line);
  }

  tooLong(): void {
    this.count++;
    this.#onLine?.('');
    this.#forgetPrefix();
    this.#sink.record({ ...this.#base(null), kind: 'unrecognised', text: '', why: `longer than ${LINE_LIMIT} bytes` });
  }

  /** The log has ended: what is pending is reported. */
  end(): void {
    this.#forgetPrefix();
    for (const [pid, half] of this.halves.all()) {
      this.#sink.record({ ...this.#base(pid), line: half.line, kind: 'pending', head: half.text });
      half.close();
    }
  }

  /** Whose line it is that shows `printed`, or no pid. */
  pidOf(printed: number | null): number | null {
    return this.#pid ?? (this.#layout.pid === 'column' ? printed : this.#shown.conclude(printed));
  }

  /** Reads a line that begins as the layout says and goes on with `expected`; false when it does not. */
  #prefixed(line: string, expected: RegExp): boolean {
    const bytes = Buffer.from(line, 'latin1');
    const prefix = this.#prefix;
    readPrefix(bytes, 0, bytes.length, this.#layout, prefix);
    const body = prefix.body < 0 ? null : line.slice(prefix.body);
    if (body === null || !expected.test(body)) return false;
    this.#comm = prefix.commEnd === 0 ? undefined : line.slice(prefix.commStart, prefix.commEnd);
    const pid = this.pidOf(this.#printedPid);
    if (/^[a-z_]/.test(body)) this.#call(body, pid);
    else this.#notice(body, pid);
    return true;
  }

  /** The pid that the line shows. */
  get #printedPid(): number | null {
    return this.#prefix.pid === NO_PID ? null : this.#prefix.pid;
  }

  #forgetPrefix(): void {
    this.#prefix.pid = NO_PID;
    this.#prefix.time = Number.NaN;
    this.#comm = undefined;
  }

  #base(pid: number | null): Pick<LineRecord, 'line' | 'pid' | 'printedPid' | 'comm' | 'time'> {
    const { time } = this.#prefix;
    return {
      line: this.count,
      pid,
      printedPid: this.#pid ?? this.#printedPid,
      comm: this.#comm,
      time: Number.isNaN(time) ? undefined : time,
    };
  }

  #call(body: string, pid: number | null): void {
    if (body.endsWith(UNFINISHED)) {
      this.#begin(body.slice(0, -UNFINISHED.length), pid, undefined);
      return;
    }
    if (body.endsWith(DETACHED)) {
      this.#sink.record({ ...this.#base(pid), kind: 'detached', head: body.slice(0, -DETACHED.length) });
      return;
    }
    const change = readPidChange(body);
    if (change !== null) this.#begin(change.head, pid, change.pid);
    else if (!this.#cutByMessage(body, pid)) this.#complete(body, pid, false);
  }

  #begin(head: string, pid: number | null, newPid: number | undefined): void {
    const key = newPid ?? pid;
    this.halves.begin(key, this.count, null, new Part(head));
    this.lastUnfinished = key;
    this.#sink.record({ ...this.#base(pid), kind: 'unfinished', head, newPid });
  }

  #complete(text: string, pid: number | null, resumed: boolean): void {
    this.lastUnfinished = undefined;
    this.#sink.record({ ...this.#base(pid), kind: 'call', text: withoutMark(text), resumed });
  }

  /** Everything that does not start with a letter. */
  #notice(body: string, pid: number | null): void {
    const before = this.lastUnfinished;
    this.lastUnfinished = undefined;
    if (readResumption(body) !== null) {
      if (!this.#cutByMessage(body, pid)) this.#resume(body, pid);
      return;
    }
    const notice = readNotice(body);
    if (notice !== null) {
      this.#follow(notice, pid);
      this.#sink.record({ ...this.#base(pid), ...notice });
      return;
    }
    const kind = body === '' ? null : sideline(body);
    if (kind === 'stack' || kind === 'dump') this.#sink.record({ ...this.#base(pid), kind });
    else if (/^\)? *= /.test(body) && before !== undefined) this.#continueUnmarked(body, before);
    else this.#unprefixed(body);
  }

  #resume(body: string, pid: number | null): void {
    const { name, rest } = readResumption(body) ?? { name: '', rest: '' };
    const owner = this.#ownerOf(pid, name);
    const half = this.halves.of(owner);
    const whole = half === null ? null : join(new Part<M>(half.text), new Part<M>(body));
    if (whole === null) {
      this.#sink.record({ ...this.#base(pid), kind: 'orphan', name, rest });
      return;
    }
    half?.close();
    this.#complete(whole.text, pid, true);
  }

  /** Whose call is resumed: the line's own; a thread's execve ends under the leader's pid; without pids, the only one of that name. */
  #ownerOf(pid: number | null, name: string): number | null {
    if (this.halves.of(pid)?.calls(name)) return pid;
    if (name !== 'execve' && name !== 'execveat' && this.#printedPid !== null) return pid;
    const owners = this.halves.all().filter(([, half]) => half.calls(name));
    return owners.length === 1 && owners[0] !== undefined ? owners[0][0] : pid;
  }

  /** What a notice means for the halves. */
  #follow(notice: Notice, pid: number | null): void {
    if (notice.kind === 'exit' || notice.kind === 'killed') {
      if (pid !== null) this.#shown.gone(pid);
      this.halves.drop(pid);
    } else if (notice.kind === 'superseded') {
      // The pending execve of a thread goes on under the leader's pid.
      this.halves.move(notice.oldPid, pid);
      this.#shown.gone(notice.oldPid);
    }
  }

  /** A line whose prefix does not fit: strace's messages, tables, the rest of a line split by -z, or something foreign. */
  #unprefixed(text: string): void {
    const printed = this.#printedPid;
    const before = this.lastUnfinished;
    this.lastUnfinished = undefined;
    this.#forgetPrefix();
    const base = this.#base(this.#pid ?? null);
    const message = readMessage(text);
    const kind = sideline(text);
    if (before !== undefined && this.halves.of(before) !== null && isFinished(text))
      this.#continueUnmarked(text, before);
    else if (message !== null) {
      if (message.attached !== undefined) this.#shown.attached(message.attached);
      this.#sink.record({ ...base, kind: 'message', attached: message.attached });
    } else if (kind !== null) this.#sink.record({ ...base, kind });
    else if (!this.#resync(text)) {
      const why = printed === null ? 'not a line of strace' : 'nothing strace prints follows the pid';
      this.#sink.record({ ...base, kind: 'unrecognised', text, why });
    }
  }

  #continueUnmarked(rest: string, owner: number | null): void {
    const half = this.halves.of(owner);
    const head = half?.text ?? '';
    half?.close();
    this.#complete(head + rest, owner, true);
  }

  /** stderr logs: the tracee's own output may stand before `[pid N] `. */
  #resync(text: string): boolean {
    const at = this.#layout.pid === 'bracket' && this.#pid === undefined ? text.indexOf('[pid ') : -1;
    return at > 0 && this.#prefixed(text.slice(at), /^(?:[a-z_]|<\.\.\. |\+\+\+ |--- )/);
  }

  /** stderr logs: a message of strace's landed inside the line; the rest of the call is on the next one. */
  #cutByMessage(body: string, pid: number | null): boolean {
    if (this.#layout.pid !== 'bracket') return false;
    const message = findMessage(body);
    if (message === null || isFinished(body)) return false;
    if (message.attached !== undefined) this.#shown.attached(message.attached);
    const printed = this.#printedPid;
    const shown = printed === null ? '' : `[pid ${printed}] `;
    this.cut = shown + body.slice(0, message.at);
    this.#sink.record({ ...this.#base(pid), kind: 'split', attached: message.attached });
    return true;
  }
}
