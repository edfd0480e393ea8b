// The fast way through a log: scan/ tells from the bytes what each line is; here that becomes records, in their order.
// For lines that repeat earlier ones, the sink is given what it kept of them; split calls whose halves repeat become the same whole.
// What the scanner leaves open goes the plain way.

import { NEWLINE } from './characters.ts';
import { type Half, join } from './halves.ts';
import { readResumption, withoutMark } from './notices.ts';
import type { PhraseTable } from './phrase-table.ts';
import type { PlainReader } from './plain.ts';
import { NO_PID } from './prefix-numbers.ts';
import type { CallText, PhraseSink, Settle } from './records.ts';
import { type Batch, UNNUMBERED } from './scan/batch.ts';
import * as KIND from './scan/kinds.ts';

/** The text of one line of a batch, made when it is asked for. */
class LentText implements CallText {
  #text: string | null = null;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  at(bytes: Buffer, { starts, ends }: Batch, i: number): this {
    this.#text = null;
    this.#bytes = bytes;
    this.#start = starts[i] ?? 0;
    this.#end = ends[i] ?? 0;
    return this;
  }

  get text(): string {
    this.#text ??= withoutMark(this.#bytes.toString('latin1', this.#start, this.#end));
    return this.#text;
  }
}

/** The text of a call whose second half is one line of a batch, made when it is asked for. */
class JoinedText<M> implements CallText {
  readonly #second = new LentText();
  #first: Half<M> | null = null;

  at(first: Half<M>, bytes: Buffer, batch: Batch, i: number): this {
    this.#first = first;
    this.#second.at(bytes, batch, i);
    return this;
  }

  get text(): string {
    return withoutMark((this.#first?.text ?? '') + (readResumption(this.#second.text)?.rest ?? ''));
  }
}

export class FastReader<M> {
  readonly #plain: PlainReader<M>;
  readonly #sink: PhraseSink<M>;
  readonly #phrases: PhraseTable<M>;
  readonly #text = new LentText();
  readonly #joined = new JoinedText<M>();
  /** Halves whose text is lent. */
  readonly #lent = new Set<Half<M>>();

  constructor(plain: PlainReader<M>, sink: PhraseSink<M>, phrases: PhraseTable<M>) {
    this.#plain = plain;
    this.#phrases = phrases;
    this.#sink = sink;
  }

  get rules(): readonly Settle[] {
    return this.#sink.settles;
  }

  get inodes(): boolean {
    return this.#sink.inodes;
  }

  /** Lines that were scanned by these rules. Their bytes are lent for this call. */
  take(bytes: Buffer, batch: Batch): void {
    const { count, kinds } = batch;
    this.#phrases.turnTo(batch.generation);
    for (let i = 0; i < count; i++) {
      // A line that a message cut has its beginning with the plain way.
      if (this.#plain.cut !== '' || !this.#line(kinds[i] ?? KIND.OTHER, bytes, batch, i))
        this.#readPlain(bytes, batch, i);
    }
    for (const half of this.#lent) half.own();
    this.#lent.clear();
  }

  /** Takes line `i` of the batch; false when it has to go the plain way. */
  #line(kind: number, bytes: Buffer, batch: Batch, i: number): boolean {
    if (kind === KIND.OTHER || kind === KIND.TOO_LONG) return false;
    const plain = this.#plain;
    const sink = this.#sink;
    const { calls } = this.#phrases;
    const id = batch.ids[i] ?? 0;
    const printed = batch.pids[i] ?? NO_PID;
    const pid = plain.pidOf(printed === NO_PID ? null : printed);
    const line = plain.count + 1;
    const time = batch.times[i] ?? Number.NaN;
    let unfinished: number | null | undefined;
    sink.at(line, time);
    switch (kind) {
      case KIND.SETTLED:
        sink.settled(id, pid);
        break;
      case KIND.SETTLED_HEAD: {
        const half = plain.halves.begin(pid, line, id, null);
        this.#lend(half, bytes, batch, i);
        unfinished = pid;
        sink.seen(pid);
        break;
      }
      case KIND.SETTLED_TAIL: {
        const half = plain.halves.of(pid);
        if (half?.rule !== id) return false;
        half.close();
        sink.settled(id, pid);
        break;
      }
      case KIND.CALL: {
        const text = this.#text.at(bytes, batch, i);
        if (id === UNNUMBERED) sink.call(text, null, false, pid);
        else {
          const before = calls.get(id);
          const kept = sink.call(text, before, true, pid);
          if (kept !== before) calls.set(id, kept);
        }
        break;
      }
      case KIND.HEAD: {
        const head = this.#phrases.half(bytes, batch, i);
        this.#lend(plain.halves.begin(pid, line, null, head), bytes, batch, i);
        unfinished = pid;
        head.kept = sink.unfinished(head, head.kept, head.repeats, pid);
        break;
      }
      case KIND.TAIL: {
        const half = plain.halves.of(pid);
        const whole = half === null ? null : join(half.part, this.#phrases.half(bytes, batch, i));
        if (half === null || whole === null) return false;
        whole.kept = sink.call(this.#joined.at(half, bytes, batch, i), whole.kept, whole.repeats, pid);
        half.close();
        break;
      }
      default:
        return false;
    }
    plain.count = line;
    plain.lastUnfinished = unfinished;
    plain.isLog ||= kind !== KIND.SETTLED_HEAD && kind !== KIND.HEAD;
    return true;
  }

  #lend(half: Half<M>, bytes: Buffer, { starts, ends }: Batch, i: number): void {
    half.lend(bytes, starts[i] ?? 0, ends[i] ?? 0);
    this.#lent.add(half);
  }

  #readPlain(bytes: Buffer, batch: Batch, i: number): void {
    if (batch.kinds[i] === KIND.TOO_LONG) {
      this.#plain.tooLong();
      return;
    }
    const start = batch.starts[i] ?? 0;
    const stop = bytes.indexOf(NEWLINE, start);
    const before = start === 0 ? -1 : bytes.lastIndexOf(NEWLINE, start - 1);
    this.#plain.read(bytes, before + 1, stop < 0 ? bytes.length : stop);
  }
}
