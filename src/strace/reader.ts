// Bytes or lines → records: cuts chunks into lines, strips prefixes, joins split calls, tells calls from notices.
// It never looks into arguments. Memory is bounded by the processes inside a call and by the longest line allowed.
// The loop over a chunk is written for speed: a line whose call the sink settles by name is never made a string of its own.

import { detectLayout, type Layout, PLAIN_LAYOUT, type Prefix, readPrefix } from './layout.ts';
import type { LineRecord, RecordSink } from './records.ts';

/** A longer line is counted as unrecognised and skipped: strace's own limits are far below. */
export const LINE_LIMIT: number = 1 << 20;
const SAMPLE_LINES = 50;
const SAMPLE_BYTES = 1 << 18;

export interface ReaderOptions {
  /** Known layout (our own command line, or a sibling file); else it is concluded from the first lines. */
  layout?: Layout;
  /** -ff: the pid that the file's name tells. */
  pid?: number;
  /** Gets the text of each line before what it was is reported; '' for one that is too long. */
  onLine?: (text: string) => void;
}

interface Pending {
  head: string;
  line: number;
  /** The name of a call that is settled by its name. */
  settled: string | null;
  /** `head` is a string of its own, not a slice that keeps a whole chunk alive. */
  owned: boolean;
}

const UNFINISHED = ' <unfinished ...>';
const DETACHED = ' <detached ...>';
const PID_CHANGED = / <pid changed to (\d+) \.\.\.>$/;
const NEVER_RETURNED = / ?<unfinished \.\.\.>(\) += \?(?: <[^>]*>)?)$/;
const RESUMED = /^<\.\.\. ([a-z_][a-zA-Z0-9_]*) resumed> ?/;
const SIGNAL = /^--- (?:stopped by )?(SIG[A-Z0-9+_]+|[0-9]+)(?: \{.*\})? ---$/;
const EXITED = /^\+\+\+ exited with (\d+) \+\+\+$/;
const KILLED = /^\+\+\+ killed by ([A-Z0-9+_]+) (?:\(core dumped\) )?\+\+\+$/;
const SUPERSEDED = /^\+\+\+ superseded by execve in pid (\d+) \+\+\+$/;
const PERSONALITY = /^\[ Process PID=\d+ runs in [^\]]* mode\. \]$/;
const MESSAGE = /^(?:[^ "(]*\/)?strace: /;
const CUT_BY_MESSAGE = /(?:[^ "(]*\/)?strace: Process \d+ (?:attached(?: with \d+ threads)?|detached)$/;
const ATTACHED = /Process (\d+) attached/;
const SUMMARY = /^(?:% time +seconds|------ |System call usage summary|\s*\d+\.\d\d +\d+\.\d{6} )/;
const COLOUR = /\x1b\[[0-9;]*m/g;

/** Reads one log (or one file of a -ff set) and hands its records to a sink. */
export class TraceReader {
  readonly #sink: RecordSink;
  readonly #pid: number | undefined;
  readonly #onLine: ((text: string) => void) | undefined;
  readonly #pending = new Map<number | null, Pending>();
  readonly #prefix: Prefix = { pid: null, comm: undefined, time: undefined, body: -1 };
  #layout: Layout | null;
  #sample: string[] | null = [];
  #sampleBytes = 0;
  #carry = '';
  #skipping = false;
  #line = 0;
  /** Of the line before: an unfinished call whose rest may follow without a prefix (-z of strace 5.2–6.1). */
  #lastUnfinished: number | null | undefined;
  #split = '';
  /** Only for logs without a pid column: who lives, and whether the first process's number is known. */
  readonly #live = new Set<number>();
  readonly #children = new Set<number>();
  #root: number | null = null;

  constructor(sink: RecordSink, options: ReaderOptions = {}) {
    this.#sink = sink;
    this.#pid = options.pid;
    this.#onLine = options.onLine;
    this.#layout = options.layout ?? null;
    if (this.#layout !== null) this.#sample = null;
  }

  /** Lines read so far. */
  get lines(): number {
    return this.#line;
  }

  /** The layout of the lines, once it is known. */
  get layout(): Layout | null {
    return this.#layout;
  }

  /** Takes the next bytes of the log, as latin-1 text, cut anywhere. */
  push(chunk: string): void {
    let text = this.#carry.length === 0 ? chunk : this.#carry + chunk;
    let at = 0;
    if (this.#skipping) {
      const end = text.indexOf('\n');
      if (end < 0) {
        this.#carry = '';
        return;
      }
      this.#skipping = false;
      at = end + 1;
    }
    if (this.#sample !== null) {
      text = this.#gather(text.slice(at), this.#sample);
      at = 0;
      if (this.#sample !== null) return;
    }
    for (let end = text.indexOf('\n', at); end >= 0; end = text.indexOf('\n', at)) {
      this.#read(text, at, end);
      at = end + 1;
    }
    this.#keep(text, at);
  }

  /** Takes one line without its newline. */
  line(text: string): void {
    if (this.#sample === null) this.#read(text, 0, text.length);
    else this.push(`${text}\n`);
  }

  /** The log has ended: what is left is read, what is pending is reported as detached. */
  end(): void {
    if (this.#sample !== null) {
      const rest = this.#carry;
      this.#carry = '';
      this.#settleLayout(this.#sample, rest);
      this.push(rest);
    }
    if (this.#carry !== '' && !this.#skipping) {
      const last = this.#carry;
      this.#carry = '';
      this.#read(last, 0, last.length);
    }
    for (const [pid, { head, line }] of this.#pending) {
      this.#prefix.comm = undefined;
      this.#prefix.time = undefined;
      this.#sink.record({ ...this.#base(pid), line, kind: 'pending', head });
    }
    this.#pending.clear();
  }

  /** Holds lines back until the layout is known; returns what is left to read. */
  #gather(text: string, sample: string[]): string {
    this.#carry = '';
    let at = 0;
    for (let end = text.indexOf('\n', at); end >= 0 && sample.length < SAMPLE_LINES; end = text.indexOf('\n', at)) {
      sample.push(text.slice(at, end));
      at = end + 1;
    }
    this.#sampleBytes += text.length;
    if (sample.length < SAMPLE_LINES && this.#sampleBytes < SAMPLE_BYTES) {
      this.#carry = text.slice(at);
      this.#sampleBytes -= this.#carry.length;
      return '';
    }
    this.#settleLayout(sample, '');
    return text.slice(at);
  }

  #settleLayout(sample: string[], rest: string): void {
    const lines = rest === '' ? sample : [...sample, rest];
    this.#layout = detectLayout(lines.map(line => line.replace(COLOUR, ''))) ?? PLAIN_LAYOUT;
    this.#sample = null;
    for (const line of sample) this.#read(line, 0, line.length);
  }

  #keep(text: string, at: number): void {
    if (text.length - at > LINE_LIMIT) {
      this.#tooLong();
      this.#carry = '';
      this.#skipping = true;
    } else {
      this.#carry = own(text.slice(at));
    }
    for (const pending of this.#pending.values()) {
      if (pending.owned) continue;
      pending.head = own(pending.head);
      pending.owned = true;
    }
  }

  #tooLong(): void {
    this.#line++;
    this.#onLine?.('');
    this.#prefix.comm = undefined;
    this.#prefix.time = undefined;
    const why = `longer than ${LINE_LIMIT} bytes`;
    this.#sink.record({ ...this.#base(null), kind: 'unrecognised', text: '', why });
  }

  #base(pid: number | null): Pick<LineRecord, 'line' | 'pid' | 'printedPid' | 'comm' | 'time'> {
    const { pid: printed, comm, time } = this.#prefix;
    return { line: this.#line, pid, printedPid: this.#pid ?? printed, comm, time };
  }

  /** One line, text[start, end). */
  #read(text: string, start: number, end: number): void {
    if (end - start > LINE_LIMIT) {
      this.#tooLong();
      return;
    }
    this.#line++;
    this.#onLine?.(text.slice(start, end));
    const layout = this.#layout ?? PLAIN_LAYOUT;
    const prefix = this.#prefix;
    if (text.charCodeAt(start) === 27) {
      text = text.slice(start, end).replace(COLOUR, '');
      start = 0;
      end = text.length;
    }
    if (this.#split !== '') {
      text = this.#split + text.slice(start, end);
      this.#split = '';
      start = 0;
      end = text.length;
    }
    readPrefix(text, start, end, layout, prefix);
    if (prefix.body < 0) {
      this.#unprefixed(text.slice(start, end));
      return;
    }
    const pid = this.#pid ?? (layout.pid === 'column' ? prefix.pid : this.#concludePid(prefix.pid));
    const code = text.charCodeAt(prefix.body);
    if (code >= 95 && code <= 122) {
      if (this.#settle(text, prefix.body, end, pid)) return;
      this.#call(text.slice(prefix.body, end), pid);
    } else if (code !== 60 || !this.#settleResumed(text, prefix.body, end, pid)) {
      this.#notice(text.slice(prefix.body, end), pid);
    }
  }

  /** Is it a call that the sink settles by its name, complete or its first half? Then nothing else is done with it. */
  #settle(text: string, from: number, end: number, pid: number | null): boolean {
    const { settles } = this.#sink;
    if (settles === null) return false;
    let open = from + 1;
    while (open < end && text.charCodeAt(open) !== 40) open++;
    const rule = settles.get(text.slice(from, open));
    if (rule === undefined) return false;
    if (!hasResult(text, open, end))
      return rule.unless.length === 0 && this.#settleBegin(text, from, end, pid, rule.name);
    if (rule.unless.length > 0) {
      const rest = text.slice(open, end);
      for (const word of rule.unless) if (rest.includes(word)) return false;
    }
    this.#lastUnfinished = undefined;
    this.#sink.settled(rule.name, pid, this.#line, this.#prefix.time);
    return true;
  }

  #settleBegin(text: string, from: number, end: number, pid: number | null, name: string): boolean {
    const cut = end - UNFINISHED.length;
    if (!text.startsWith(UNFINISHED, cut)) return false;
    this.#pending.set(pid, { head: text.slice(from, cut), line: this.#line, settled: name, owned: false });
    this.#lastUnfinished = pid;
    this.#sink.seen(pid, this.#line, this.#prefix.time);
    return true;
  }

  /** The second half of a call that was settled by its name. */
  #settleResumed(text: string, from: number, end: number, pid: number | null): boolean {
    const name = this.#pending.get(pid)?.settled;
    if (name == null || !text.startsWith(name, from + 5) || !text.startsWith(' resumed>', from + 5 + name.length))
      return false;
    if (!hasResult(text, from + 5 + name.length, end)) return false;
    this.#pending.delete(pid);
    this.#lastUnfinished = undefined;
    this.#sink.settled(name, pid, this.#line, this.#prefix.time);
    return true;
  }

  #call(body: string, pid: number | null): void {
    if (body.endsWith('...>')) {
      if (body.endsWith(UNFINISHED)) {
        this.#begin(body.slice(0, -UNFINISHED.length), pid, undefined);
        return;
      }
      if (body.endsWith(DETACHED)) {
        this.#sink.record({ ...this.#base(pid), kind: 'detached', head: body.slice(0, -DETACHED.length) });
        return;
      }
      const changed = PID_CHANGED.exec(body);
      if (changed !== null) {
        this.#begin(body.slice(0, changed.index), pid, Number(changed[1]));
        return;
      }
    }
    if (this.#cutByMessage(body, pid)) return;
    this.#complete(body, pid, false);
  }

  #begin(head: string, pid: number | null, newPid: number | undefined): void {
    const key = newPid ?? pid;
    this.#pending.set(key, { head, line: this.#line, settled: null, owned: false });
    this.#lastUnfinished = key;
    const { pid: shown, comm, time } = this.#prefix;
    this.#sink.record({
      kind: 'unfinished',
      line: this.#line,
      pid,
      printedPid: this.#pid ?? shown,
      comm,
      time,
      head,
      newPid,
    });
  }

  #complete(text: string, pid: number | null, resumed: boolean): void {
    this.#lastUnfinished = undefined;
    const whole = text.charCodeAt(text.length - 1) === 63 ? text.replace(NEVER_RETURNED, '$1') : text;
    const { pid: shown, comm, time } = this.#prefix;
    // Written out: this is made for most lines, and a spread is many times slower.
    this.#sink.record({
      kind: 'call',
      line: this.#line,
      pid,
      printedPid: this.#pid ?? shown,
      comm,
      time,
      text: whole,
      resumed,
    });
  }

  #resume(body: string, pid: number | null, resumed: RegExpExecArray): void {
    const [mark, name = ''] = resumed;
    const owner = this.#pendingOwner(pid, name);
    const pending = this.#pending.get(owner);
    const rest = body.slice(mark.length);
    if (pending === undefined || !pending.head.startsWith(`${name}(`)) {
      this.#sink.record({ ...this.#base(pid), kind: 'orphan', name, rest });
      return;
    }
    this.#pending.delete(owner);
    this.#complete(pending.head + rest, pid, true);
  }

  /** Whose call is resumed: the line's own; a thread's execve ends under the leader's pid; without pids, the only one of that name. */
  #pendingOwner(pid: number | null, name: string): number | null {
    if (this.#pending.get(pid)?.head.startsWith(`${name}(`)) return pid;
    if (name !== 'execve' && name !== 'execveat' && this.#prefix.pid !== null) return pid;
    const owners = [...this.#pending].filter(([, { head }]) => head.startsWith(`${name}(`));
    return owners.length === 1 && owners[0] !== undefined ? owners[0][0] : pid;
  }

  /** Everything that does not start with a letter. */
  #notice(body: string, pid: number | null): void {
    const base = this.#base(pid);
    const { record } = this.#sink;
    const emit = record.bind(this.#sink);
    const before = this.#lastUnfinished;
    this.#lastUnfinished = undefined;
    const resumed = RESUMED.exec(body);
    if (resumed !== null) {
      if (!this.#cutByMessage(body, pid)) this.#resume(body, pid, resumed);
      return;
    }
    const exited = EXITED.exec(body);
    const killed = KILLED.exec(body);
    if (exited !== null || killed !== null) {
      if (pid !== null) this.#live.delete(pid);
      this.#pending.delete(pid);
      if (exited !== null) emit({ ...base, kind: 'exit', status: Number(exited[1]) });
      else emit({ ...base, kind: 'killed', signal: killed?.[1] ?? '' });
      return;
    }
    const superseded = SUPERSEDED.exec(body);
    if (superseded !== null) {
      this.#supersede(Number(superseded[1]), pid);
      emit({ ...base, kind: 'superseded', oldPid: Number(superseded[1]) });
      return;
    }
    const signal = SIGNAL.exec(body);
    if (signal !== null) emit({ ...base, kind: 'signal', signal: signal[1] ?? '' });
    else if (PERSONALITY.test(body)) emit({ ...base, kind: 'personality', text: body });
    else if (/^ > /.test(body)) emit({ ...base, kind: 'stack' });
    else if (/^ (?:\| | ?\* )/.test(body)) emit({ ...base, kind: 'dump' });
    else if (/^\)? *= /.test(body) && before !== undefined) this.#continueUnmarked(body, before);
    else this.#unprefixed(body);
  }

  /** The pending execve of a thread goes on under the leader's pid. */
  #supersede(thread: number, leader: number | null): void {
    const pending = this.#pending.get(thread);
    if (pending === undefined) this.#pending.delete(leader);
    else {
      this.#pending.delete(thread);
      this.#pending.set(leader, pending);
    }
    this.#live.delete(thread);
  }

  /** A line whose prefix does not fit: strace's messages, tables, the rest of a line split by -z, or something foreign. */
  #unprefixed(text: string): void {
    const { pid: printed } = this.#prefix;
    const before = this.#lastUnfinished;
    this.#lastUnfinished = undefined;
    this.#prefix.pid = null;
    this.#prefix.time = undefined;
    this.#prefix.comm = undefined;
    const base = this.#base(this.#pid ?? null);
    if (before !== undefined && this.#pending.has(before) && hasResult(text, 0, text.length)) {
      this.#continueUnmarked(text, before);
    } else if (MESSAGE.test(text)) {
      const attached = ATTACHED.exec(text);
      if (attached !== null) this.#adopt(Number(attached[1]));
      this.#sink.record({ ...base, kind: 'message', attached: attached === null ? undefined : Number(attached[1]) });
    } else if (text === '' || SUMMARY.test(text)) this.#sink.record({ ...base, kind: 'summary' });
    else if (/^ > /.test(text)) this.#sink.record({ ...base, kind: 'stack' });
    else if (/^ (?:\| | ?\* )/.test(text)) this.#sink.record({ ...base, kind: 'dump' });
    else if (!this.#resync(text)) {
      const why = printed === null ? 'not a line of strace' : 'nothing strace prints follows the pid';
      this.#sink.record({ ...base, kind: 'unrecognised', text, why });
    }
  }

  #continueUnmarked(rest: string, owner: number | null): void {
    const pending = this.#pending.get(owner);
    this.#pending.delete(owner);
    this.#complete((pending?.head ?? '') + rest, owner, true);
  }

  /** stderr logs: the tracee's own output may stand before `[pid N] `. */
  #resync(text: string): boolean {
    const at = this.#layout?.pid === 'bracket' && this.#pid === undefined ? text.indexOf('[pid ') : -1;
    if (at <= 0) return false;
    readPrefix(text, at, text.length, this.#layout ?? PLAIN_LAYOUT, this.#prefix);
    if (this.#prefix.body < 0) return false;
    const pid = this.#concludePid(this.#prefix.pid);
    const body = text.slice(this.#prefix.body);
    if (/^[a-z_]/.test(body)) this.#call(body, pid);
    else if (/^(?:<\.\.\. |\+\+\+ |--- )/.test(body)) this.#notice(body, pid);
    else return false;
    return true;
  }

  /** stderr logs: a message of strace's landed inside the line; the rest of the call is on the next one. */
  #cutByMessage(body: string, pid: number | null): boolean {
    if (this.#layout?.pid !== 'bracket') return false;
    const cut = CUT_BY_MESSAGE.exec(body);
    if (cut === null || hasResult(body, 0, body.length)) return false;
    const attached = ATTACHED.exec(cut[0]);
    if (attached !== null) this.#adopt(Number(attached[1]));
    const shown = this.#prefix.pid === null ? '' : `[pid ${this.#prefix.pid}] `;
    this.#split = shown + body.slice(0, cut.index);
    this.#sink.record({
      ...this.#base(pid),
      kind: 'split',
      attached: attached === null ? undefined : Number(attached[1]),
    });
    return true;
  }

  #adopt(child: number): void {
    this.#children.add(child);
    this.#live.add(child);
  }

  /** Logs without a pid column: a line shows its pid only while several processes live. */
  #concludePid(printed: number | null): number | null {
    if (printed === null) return this.#live.size === 1 ? ([...this.#live][0] ?? null) : this.#root;
    if (this.#root === null && !this.#children.has(printed)) this.#root = printed;
    this.#live.add(printed);
    return printed;
  }
}

/** A copy, through bytes and back: a slice would keep the whole chunk alive that it was cut from. */
const own = (slice: string): string => Buffer.from(slice, 'latin1').toString('latin1');

/** Does text[from, end) end like a finished call: `)` blanks `= ` result? Looks from the end, so that data cannot fool it. */
function hasResult(text: string, from: number, end: number): boolean {
  if (text.charCodeAt(end - 1) === 62 && text.charCodeAt(end - 2) === 46) return false;
  for (let i = end - 3; i > from; i--) {
    if (text.charCodeAt(i + 1) !== 61 || text.charCodeAt(i) !== 32 || text.charCodeAt(i + 2) !== 32) continue;
    let before = i;
    while (before > from && text.charCodeAt(before) === 32) before--;
    return text.charCodeAt(before) === 41;
  }
  return false;
}
