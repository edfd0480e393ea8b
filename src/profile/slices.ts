// Time slices of one run: at most 32, numbered from its start; when they run out, each becomes twice as wide.
// From how many slices a fact was seen in, coverage.ts concludes how much is still unseen.

/** Slices at most, one bit each. */
const SLICES = 32;

export class SliceClock {
  unit: 'seconds' | 'lines' = 'lines';
  width = 64;
  /** Bit of the current slice, as a signed number. */
  bit = 1;
  #index = 0;
  #start: number | undefined;
  /** Called when two slices become one, so that everything recorded can follow. */
  readonly #onWiden: () => void;

  constructor(onWiden: () => void) {
    this.#onWiden = onWiden;
  }

  /** Slices used so far. */
  get used(): number {
    return this.#index + 1;
  }

  /** Moves to `position`: seconds when the log has time stamps, else the line's number. */
  move(unit: 'seconds' | 'lines', position: number): void {
    if (this.#start === undefined) {
      this.unit = unit;
      this.width = unit === 'seconds' ? 1 : 64;
      this.#start = position;
    }
    const at = position - this.#start;
    // Lines of other CPUs may be a little older than the line before.
    if (unit !== this.unit || at < (this.#index + 1) * this.width) return;
    while (at >= SLICES * this.width) {
      this.width *= 2;
      this.#onWiden();
    }
    this.#index = Math.floor(at / this.width);
    this.bit = 1 << this.#index;
  }
}

/** The bits of slices twice as wide: bit i stands for bits 2i and 2i+1. */
export function widen(bits: number): number {
  let result = 0;
  for (let i = 0; i < SLICES / 2; i++) if (((bits >>> (2 * i)) & 3) !== 0) result |= 1 << i;
  return result;
}
