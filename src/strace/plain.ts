// One line at a time, read in full: its prefix, and whether it is a call, half of one, or one of the lines that are no calls.
// Everything that can stand in a log is known here; the fast way (fast.ts) knows only what is frequent.

import { ESCAPE, NEWLINE } from './characters.ts';
import { isFinished } from './finished.ts';
import { Halves, join, Part } from './halves.ts';
import type { Layout } from './layout.ts';
import { LINE_LIMIT } from './lines.ts';
import {
  findMessage,
  isNameless,
  isPersonality,
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
/** What a call begins with, and what a line does, behind its prefix. */
const CALL = /^[a-z_][a-zA-Z0-9_]*(?:#64)?\(/;
const BEGINS = /^(?:[a-z_][a-zA-Z0-9_]*(?:#64)?\(|<\.\.\. |\+\+\+ |--- |\[ Process )/;
/** Where the text of a line may begin behind the output of a program that ends with no newline. */
const STARTS: Readonly<Record<Layout['time'], RegExp>> = {
  none: /\[pid /g,
  day: /\[pid |(?<!\d)\d\d:\d\d:\d\d/g,
  unix: /\[pid |(?<!\d)\d{10}/g,
};

/** Does the text of a line end as calls, or their first halves, do? */
const isEnded = (text: string): boolean =>
  isFinished(text) || text.endsWith(UNFINISHED) || text.endsWith(DETACHED) || readPidChange(text) !== null;

export class PlainReader<M> {
  /** Lines read so far. */
  count = 0;
  /** First halves of split calls, by process: each is inside one call at most. */
  readonly halves = new Halves<M>();
  /** Of the line before: an unfinished call whose rest may follow without a prefix (-z of strace 5.2–6.1). */
  lastUnfinished: number | null | undefined;
  /** The beginning of a line that was cut (stderr logs) by a message of strace's or the program's own output; the rest is to come. */
  cut = '';
  /** A call was whole. */
  isLog = false;
  /** Whose line that is. */
  #cutPid: number | null = null;
  readonly #sink: RecordSink;
  readonly #layout: Layout;
  readonly #pid: number | undefined;
  readonly #onLine: ((text: string) => void) | undefined;
  readonly #prefix = newPrefix();
  readonly #shown = new ShownPids();
  #comm: string | undefined;
  /** The line whose prefix was read last. */
  #line = '';

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
    if (this.cut === '') this.#whole(line);
    else this.#rest(line);
  }

  #whole(line: string): void {
    if (!this.#prefixed(line, /^/)) this.#unprefixed(line);
  }

  /** A line behind one that was cut: its rest, or what somebody else wrote in between, or the next line, where the rest never came. */
  #rest(line: string): void {
    const { cut } = this;
    const joined = cut + line;
    this.cut = '';
    if (this.#isLine(line)) {
      this.#giveUp(cut);
      this.#whole(line);
    } else if (isEnded(joined) || findMessage(line) !== null) {
      if (!this.#prefixed(joined, /^/, this.#cutPid)) this.#unprefixed(joined);
    } else {
      this.#unprefixed(line);
      this.cut = cut;
    }
  }

  /** Does it begin as lines of this log do? */
  #isLine(line: string): boolean {
    const bytes = Buffer.from(line, 'latin1');
    readPrefix(bytes, 0, bytes.length, this.#layout, this.#prefix);
    const { body } = this.#prefix;
    return (body >= 0 && BEGINS.test(line.slice(body))) || line.includes('[pid ');
  }

  /** The rest of a line did not come: what is certain of it is reported. */
  #giveUp(cut: string): void {
    const bytes = Buffer.from(cut, 'latin1');
    readPrefix(bytes, 0, bytes.length, this.#layout, this.#prefix);
    const head = cut.slice(Math.max(0, this.#prefix.body));
    const pid = this.#cutPid;
    if (readResumption(head) === null)
      this.#sink.record({ ...this.#base(pid), line: this.count - 1, kind: 'torn', head });
  }

  tooLong(): void {
    this.count++;
    this.#onLine?.('');
    this.#forgetPrefix();
    this.#sink.record({ ...this.#base(null), kind: 'unrecognised', text: '', why: `longer than ${LINE_LIMIT} bytes` });
  }

  /** The log has ended: what is pending is reported. */
  end(): void {
    if (this.cut !== '') this.#giveUp(this.cut);
    this.cut = '';
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

  /** Reads a line that begins as the layout says and goes on with `expected`; false when it does not. `owner`: whose line it is, if known. */
  #prefixed(line: string, expected: RegExp, owner?: number | null): boolean {
    const bytes = Buffer.from(line, 'latin1');
    const prefix = this.#prefix;
    readPrefix(bytes, 0, bytes.length, this.#layout, prefix);
    const body = prefix.body < 0 ? null : line.slice(prefix.body);
    if (body === null || !expected.test(body)) return false;
    this.#comm = prefix.commEnd === 0 ? undefined : line.slice(prefix.commStart, prefix.commEnd);
    this.#line = line;
    const pid = owner === undefined ? this.pidOf(this.#printedPid) : owner;
    if (CALL.test(body)) this.#call(body, pid);
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
    else if (!this.#isCut(body, pid)) this.#complete(body, pid, false);
  }

  #begin(head: string, pid: number | null, newPid: number | undefined): void {
    const key = newPid ?? pid;
    this.halves.begin(key, this.count, null, new Part(head));
    this.lastUnfinished = key;
    this.#sink.record({ ...this.#base(pid), kind: 'unfinished', head, newPid });
  }

  #complete(text: string, pid: number | null, resumed: boolean): void {
    this.lastUnfinished = undefined;
    this.isLog ||= isFinished(text);
    this.#sink.record({ ...this.#base(pid), kind: 'call', text: withoutMark(text), resumed });
  }

  /** Everything that is no call. */
  #notice(body: string, pid: number | null): void {
    const before = this.lastUnfinished;
    this.lastUnfinished = undefined;
    if (readResumption(body) !== null) {
      if (!this.#isCut(body, pid)) this.#resume(body, pid);
      return;
    }
    const notice = readNotice(body);
    if (notice !== null) {
      this.#follow(notice, pid);
      this.#sink.record({ ...this.#base(pid), ...notice });
      return;
    }
    if (isNameless(body)) {
      this.#sink.record({ ...this.#base(pid), kind: 'nameless' });
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
    if (this.#resync(text)) return;
    this.#forgetPrefix();
    const base = this.#base(this.#pid ?? null);
    const message = readMessage(text) ?? (this.#layout.pid === 'bracket' ? findMessage(text) : null);
    const kind = sideline(text);
    if (before !== undefined && this.halves.of(before) !== null && isFinished(text))
      this.#continueUnmarked(text, before);
    else if (isPersonality(text)) this.#sink.record({ ...base, kind: 'personality', text });
    else if (message !== null) {
      if (message.attached !== undefined) this.#shown.attached(message.attached);
      this.#sink.record({ ...base, kind: 'message', attached: message.attached });
    } else if (kind !== null) this.#sink.record({ ...base, kind });
    else {
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

  /** stderr logs: the tracee's own output may stand before the line. */
  #resync(text: string): boolean {
    if (this.#layout.pid !== 'bracket' || this.#pid !== undefined) return false;
    for (const { index } of text.matchAll(STARTS[this.#layout.time]))
      if (index > 0 && this.#prefixed(text.slice(index), BEGINS)) return true;
    return false;
  }

  /**
   * stderr logs: a message of strace's landed inside the line, or what the traced program wrote, up to its newline; the rest of the call is on
   * one of the next lines.
   */
  #isCut(body: string, pid: number | null): boolean {
    if (this.#layout.pid !== 'bracket' || this.#pid !== undefined || isEnded(body)) return false;
    const message = findMessage(body);
    // A file that is no log may hold anything that looks like the beginning of a call.
    if (message === null && !this.isLog) return false;
    if (message?.attached !== undefined) this.#shown.attached(message.attached);
    const at = message === null ? this.#line.length : this.#line.length - body.length + message.at;
    this.cut = this.#line.slice(0, at);
    this.#cutPid = pid;
    this.#sink.record({ ...this.#base(pid), kind: 'split', attached: message?.attached });
    return true;
  }
}
