// Calls that were split because another process's line came in between: their first halves, until the second ones come.
// A process is inside one call at most.

import { readResumption, withoutMark } from './notices.ts';
import type { CallText } from './records.ts';

/** A half, or a whole made of two; it remembers what it was joined to: pairs of halves repeat as whole calls do. */
export class Part<M> implements CallText {
  readonly text: string;
  /** Will be met again, so that it is worth remembering what it was joined to. */
  readonly repeats: boolean;
  /** What the sink keeps of it. */
  kept: M | null = null;
  /** Second half → the whole, or null when the two do not belong together. */
  joined: Map<Part<M>, Part<M> | null> | null = null;

  constructor(text: string, repeats = false) {
    this.text = text;
    this.repeats = repeats;
  }
}

/** Wholes remembered of one first half. */
const WHOLES = 64;

/** The first half of a call: made once for each process, and used again for its next call. */
export class Half<M> {
  line = 0;
  /** The rule that settles the call by its name. */
  rule: number | null = null;
  /** The second half has not come yet. */
  isOpen = false;
  #part: Part<M> | null = null;
  #text: string | null = null;
  #lender: Buffer | null = null;
  #start = 0;
  #end = 0;

  /** As it stands on its line. */
  get text(): string {
    this.#text ??= this.#lender?.toString('latin1', this.#start, this.#end) ?? this.#part?.text ?? '';
    return this.#text;
  }

  /** What repeats of it: its text may be that of an earlier one, which differs in what does not count. */
  get part(): Part<M> {
    this.#part ??= new Part(this.text);
    return this.#part;
  }

  begin(line: number, rule: number | null, part: Part<M> | null): void {
    this.line = line;
    this.rule = rule;
    this.isOpen = true;
    this.#part = part;
    this.#text = null;
    this.#lender = null;
  }

  /** Its text is bytes[start, end), lent until `own`: most such halves are whole before anybody asks for it. */
  lend(bytes: Buffer, start: number, end: number): void {
    this.#lender = bytes;
    this.#start = start;
    this.#end = end;
  }

  /** The bytes are about to be taken back: the text is made now, if it may still be asked for. */
  own(): void {
    if (this.#lender !== null) this.#text = this.text;
    this.#lender = null;
  }

  /** It is whole, or will never be. */
  close(): void {
    this.isOpen = false;
    this.#part = null;
    this.#text = null;
    this.#lender = null;
  }

  /** Is it a call of this name? */
  calls(name: string): boolean {
    return this.text.startsWith(`${name}(`);
  }
}

/** The split calls at one point of a log. */
export class Halves<M> {
  readonly #seats = new Map<number | null, Half<M>>();

  /** A process has begun a call. */
  begin(pid: number | null, line: number, rule: number | null, part: Part<M> | null): Half<M> {
    let half = this.#seats.get(pid);
    if (half === undefined) {
      half = new Half();
      this.#seats.set(pid, half);
    }
    half.begin(line, rule, part);
    return half;
  }

  /** The call that the process is inside of. */
  of(pid: number | null): Half<M> | null {
    const half = this.#seats.get(pid);
    return half?.isOpen === true ? half : null;
  }

  /** The process is gone. */
  drop(pid: number | null): void {
    this.#seats.get(pid)?.close();
    this.#seats.delete(pid);
  }

  /** The call of a thread goes on under another number. */
  move(from: number | null, to: number | null): void {
    const half = this.of(from);
    this.#seats.delete(from);
    if (half === null) return;
    this.drop(to);
    this.#seats.set(to, half);
  }

  /** All that are open, in the order in which they began. */
  all(): [pid: number | null, half: Half<M>][] {
    return [...this.#seats].filter(([, { isOpen }]) => isOpen).sort(([, a], [, b]) => a.line - b.line);
  }
}

/** What `second` makes of `first`, by the text behind the mark; null when they do not belong together. */
export function join<M>(first: Part<M>, second: Part<M>): Part<M> | null {
  const known = first.joined?.get(second);
  if (known !== undefined) return known;
  const repeats = first.repeats && second.repeats;
  const resumption = readResumption(second.text);
  const fits = resumption !== null && first.text.startsWith(`${resumption.name}(`);
  const whole = fits ? new Part<M>(withoutMark(first.text + resumption.rest), repeats) : null;
  if (!repeats) return whole;
  if (first.joined === null || first.joined.size >= WHOLES) first.joined = new Map();
  first.joined.set(second, whole);
  return whole;
}
