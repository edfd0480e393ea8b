// How fast a run is being watched, and how much of it is still new: lines a second, and facts of the last minute.

const MINUTE_MS = 60_000;
/** The rate is that of the last few seconds. */
const RATE_MS = 3_000;

interface Mark {
  at: number;
  lines: number;
  facts: number;
}

export class Pace {
  /** Marks of the last minute, oldest first; the first is the start of it. */
  readonly #marks: Mark[];

  /** `now` is in milliseconds here and below. */
  constructor(now: number) {
    this.#marks = [{ at: now, lines: 0, facts: 0 }];
  }

  /** Call it about once a second. */
  mark(now: number, lines: number, facts: number): void {
    this.#marks.push({ at: now, lines, facts });
    while ((this.#marks[1]?.at ?? now) <= now - MINUTE_MS) this.#marks.shift();
  }

  /** Lines a second. */
  get rate(): number {
    const last = this.#marks.at(-1);
    if (last === undefined) return 0;
    const before = this.#marks.findLast(({ at }) => at <= last.at - RATE_MS) ?? this.#marks[0] ?? last;
    return before.at === last.at ? 0 : ((last.lines - before.lines) * 1000) / (last.at - before.at);
  }

  /** Facts of the last minute. */
  get fresh(): number {
    return Math.max(0, (this.#marks.at(-1)?.facts ?? 0) - (this.#marks[0]?.facts ?? 0));
  }
}
