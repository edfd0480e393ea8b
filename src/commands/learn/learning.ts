// Learning from a live log: observing, saving every few seconds, and knowing when enough has been seen. Where the log comes from
// does not matter here (run-traced.ts, or a service). Nothing that was learned is given up because it could not be saved.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assured, type Coverage, coverage } from '../../profile/coverage.ts';
import { writeProfile } from '../../profile/file.ts';
import type { Observer } from '../../profile/observer.ts';
import { fold } from '../../profile/patterns.ts';
import type { Profile } from '../../profile/profile.ts';
import type { SharedProfile } from '../../profile/shared-profile.ts';
import { shortCoverage } from '../../render/coverage.ts';
import { grouped } from '../../render/number.ts';
import { LONGEST_MS } from '../cli/values.ts';

export interface LearningOptions {
  observer: Observer;
  /** Id of the run, for the name of a file of last resort. */
  id: string;
  /** Where to save; null: keep in memory. */
  shared: SharedProfile | null;
  /** New facts are saved after at most so long. */
  saveSeconds: number;
  /** Whether `status` is asked for: it tells the coverage, which takes time and memory to estimate. */
  shown: boolean;
  /** Called once, when the assured coverage has reached `untilCoverage`. */
  untilCoverage?: number | undefined;
  onEnough?: (reached: Coverage) => void;
  /** Tells the user something that happens meanwhile. */
  tell: (message: string) => void;
}

/** What was learned, and whether it lies where it should. */
export interface Learned {
  profile: Profile;
  saved: boolean;
}

/** When only counts and times are new, they are saved this often. */
const COUNTS_MS = 60_000;
/** Saving and estimating may take this share of the time at most. */
const SHARE = 0.05;

export class Learning {
  readonly #options: LearningOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #pace = new Pace(Date.now());
  #busy: Promise<void> = Promise.resolve();
  #idle = true;
  #notBefore = 0;
  #saved = { facts: 0, at: Date.now() };
  #problem: string | null = null;
  #coverage: Coverage | null = null;
  #enough = false;

  constructor(options: LearningOptions) {
    this.#options = options;
    this.#timer = setInterval(
      () => {
        if (this.#idle && Date.now() >= this.#notBefore) this.#busy = this.#look();
      },
      Math.min(options.saveSeconds * 1000, LONGEST_MS),
    );
  }

  /** Tells at once when the profile cannot be saved. A UsageError when it never can. */
  async check(): Promise<void> {
    const obstacle = (await this.#options.shared?.obstacle()) ?? null;
    if (obstacle !== null) this.#failed(obstacle);
  }

  /** The state of things in one line; ask about once a second. */
  status(): string {
    const { lines, facts } = this.#options.observer.stats;
    this.#pace.mark(Date.now(), lines, facts);
    return [
      `${grouped(Math.round(this.#pace.rate))} calls/s`,
      `${grouped(facts)} facts`,
      `${grouped(this.#pace.fresh)} new in the last minute`,
      shortCoverage(this.#coverage),
      ...(this.#problem === null ? [] : ['NOT SAVED']),
    ].join(' · ');
  }

  /** No more saving on the way. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** The log has ended: saves for the last time. */
  async finish(): Promise<Learned> {
    this.stop();
    await this.#busy;
    const { observer, shared } = this.#options;
    observer.end();
    const own = observer.snapshot();
    if (shared === null) return { profile: own, saved: true };
    await this.#save(shared, own);
    const saved = this.#problem === null;
    if (!saved) await this.#rescue(shared);
    return { profile: shared.known, saved };
  }

  /** Estimates the coverage, and saves when there is a reason to. */
  async #look(): Promise<void> {
    this.#idle = false;
    const began = Date.now();
    const { observer, shared, shown, untilCoverage } = this.#options;
    const { facts } = observer.stats;
    const own = observer.snapshot();
    shared?.take(own);
    if (shown || untilCoverage !== undefined) this.#estimate(shared?.known ?? own);
    const due = facts !== this.#saved.facts || this.#problem !== null || began - this.#saved.at >= COUNTS_MS;
    if (shared !== null && due) {
      await this.#save(shared, own);
      if (this.#problem === null) this.#saved = { facts, at: began };
    }
    const now = Date.now();
    this.#notBefore = now + (now - began) * (1 / SHARE - 1);
    this.#idle = true;
  }

  #estimate(profile: Profile): void {
    const { untilCoverage, onEnough } = this.#options;
    this.#coverage = coverage(fold(profile, {}).profile);
    if (this.#coverage === null || this.#enough || untilCoverage === undefined) return;
    if (assured(this.#coverage) < untilCoverage) return;
    this.#enough = true;
    onEnough?.(this.#coverage);
  }

  async #save(shared: SharedProfile, own: Profile): Promise<void> {
    const { tell } = this.#options;
    try {
      await shared.add(own);
      if (this.#problem !== null) tell(`${shared.path} is saved again; nothing is lost`);
      this.#problem = null;
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
    }
  }

  #failed(problem: string): void {
    if (problem !== this.#problem)
      this.#options.tell(`NOT SAVED: ${problem}; learning goes on in memory, and saving is tried again`);
    this.#problem = problem;
  }

  /** Saves what could not be saved in its place. */
  async #rescue(shared: SharedProfile): Promise<void> {
    const { id, tell } = this.#options;
    const rescue = join(tmpdir(), `allowtrace-${id}.json`);
    try {
      await writeProfile(rescue, shared.known);
      tell(`${shared.path} is NOT saved; all that was learned is in ${rescue}: merge it into the profile`);
    } catch (error) {
      tell(`${shared.path} is NOT saved, and neither is a copy: ${error instanceof Error ? error.message : ''}`);
    }
  }
}

const MINUTE_MS = 60_000;
/** The rate is that of the last few seconds. */
const RATE_MS = 3_000;

interface Mark {
  at: number;
  lines: number;
  facts: number;
}

/** How fast a run is being watched, and how much of it is still new. */
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
