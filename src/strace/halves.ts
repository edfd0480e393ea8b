// Calls that were split because another process's line came in between: their first halves, until the second ones come.
// A process is inside one call at most.

import { readResumption } from './notices.ts';
import type { Phrase, Settle } from './records.ts';

/** A phrase that remembers what it was joined to: pairs of halves repeat as whole calls do. */
export class SharedPhrase<M> implements Phrase<M> {
  readonly text: string;
  /** Will be met again, so that it is worth remembering what it was joined to. */
  readonly shared: boolean;
  memo: M | null = null;
  /** Second half → the whole, or null when the two do not belong together. */
  joined: Map<SharedPhrase<M>, SharedPhrase<M> | null> | null = null;

  constructor(text: string, shared = false) {
    this.text = text;
    this.shared = shared;
  }
}

/** Wholes remembered of one first half. */
const WHOLES = 64;

/** The first half of a call. */
export class Half<M> {
  readonly line: number;
  /** Set when the call is settled by its name. */
  readonly rule: Settle | null;
  #phrase: SharedPhrase<M> | null;
  #lender: Buffer | null = null;
  #start = 0;
  #end = 0;

  constructor(line: number, rule: Settle | null, phrase: SharedPhrase<M> | null = null) {
    this.line = line;
    this.rule = rule;
    this.#phrase = phrase;
  }

  get phrase(): SharedPhrase<M> {
    this.#phrase ??= new SharedPhrase(this.#lender?.toString('latin1', this.#start, this.#end) ?? '');
    return this.#phrase;
  }

  /** Its text is bytes[start, end), lent until `own`: most such halves are whole before anybody asks for it. */
  lend(bytes: Buffer, start: number, end: number): void {
    this.#lender = bytes;
    this.#start = start;
    this.#end = end;
  }

  /** The bytes are about to be taken back: the text is made now, unless `done` has been called. */
  own(): void {
    if (this.#lender !== null) this.#phrase = this.phrase;
    this.#lender = null;
  }

  /** It is whole: its text will not be asked for. */
  done(): void {
    this.#lender = null;
  }

  /** Is it a call of this name? */
  calls(name: string): boolean {
    return this.phrase.text.startsWith(`${name}(`);
  }
}

/** What `second` makes of `first`, by the text behind the mark; null when they do not belong together. */
export function join<M>(first: SharedPhrase<M>, second: SharedPhrase<M>): SharedPhrase<M> | null {
  const known = first.joined?.get(second);
  if (known !== undefined) return known;
  const shared = first.shared && second.shared;
  const resumption = readResumption(second.text);
  const fits = resumption !== null && first.text.startsWith(`${resumption.name}(`);
  const whole = fits ? new SharedPhrase<M>(first.text + resumption.rest, shared) : null;
  if (!shared) return whole;
  if (first.joined === null || first.joined.size >= WHOLES) first.joined = new Map();
  first.joined.set(second, whole);
  return whole;
}
