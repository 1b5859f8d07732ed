/**
 * How far a stream can be believed, 0 … 1, second by second, and what is wrong with it if anything. The checks are those
 * that signal quality indices have in common (Orphanidou et al., IEEE J. Biomed. Health Inform. 19, 2015; Clifford et al.,
 * Physiol. Meas. 33, 2012): flat line, clipping, values no body makes, missing samples, noise. They are factors: one bad
 * thing is enough.
 */

export type QualityCause = 'good' | 'flat' | 'clipped' | 'range' | 'loss' | 'noise' | 'motion' | 'contact';

export interface Quality {
  /** 0 (nothing in it can be used) … 1. */
  readonly score: number;
  /** What lowers the score most. */
  readonly cause: QualityCause;
}

/** Good enough to derive anything from. */
export const GOOD_QUALITY = 0.5;

export interface QualityOptions {
  /** Values outside are no measurements. */
  readonly range?: readonly [number, number];
  /**
   * Bodies do not stand still longer than this while the sensor works, s (whole, at least 1). Absent: may stand still, as
   * a heading, or a phone on a table.
   */
  readonly stillAtMost?: number;
  /** Has ends at which it is cut off, as amplifiers and converters have. */
  readonly clips?: boolean;
  /** The wave is slow against the sampling (breathing, pulse wave): what changes from sample to sample is noise. */
  readonly smooth?: boolean;
}

/** Share of a second that may stand still before the line counts as flat, and from where on it is. */
const FLAT = [0.5, 0.95] as const;
/** Shares of samples at the end of the range. */
const CLIPPED = [0.02, 0.2] as const;
const OUTSIDE = [0.02, 0.5] as const;
const MISSING = [0.08, 0.6] as const;
/** Second differences against the whole (white noise: 1). */
const NOISE = [0.1, 0.6] as const;
/** With fewer levels between lowest and highest than this, equal neighbours are the resolution and no clipping. */
const MIN_LEVELS = 16;
/** Of white noise the second differences have six times the variance. */
const WHITE = 6;

/** One stream of numbers; one of its fields, if it has several. */
export class SignalQuality {
  readonly #low: number;
  readonly #high: number;
  readonly #stillAtMost: number;
  readonly #clips: boolean;
  readonly #smooth: boolean;
  #count = 0;
  #outside = 0;
  #run = 0;
  #longestRun = 0;
  #stillSeconds = 0;
  #max = -Infinity;
  #min = Infinity;
  #atMax = 0;
  #atMin = 0;
  #finest = Infinity;
  #mean = 0;
  #squares = 0;
  #bends = 0;
  #last = NaN;
  #beforeLast = NaN;

  constructor({ range, stillAtMost = Infinity, clips = false, smooth = false }: QualityOptions = {}) {
    this.#stillAtMost = stillAtMost;
    this.#clips = clips;
    this.#low = range?.[0] ?? -1e30;
    this.#high = range?.[1] ?? 1e30;
    this.#smooth = smooth;
  }

  add(value: number): void {
    this.#count += 1;
    if (!(value >= this.#low && value <= this.#high)) {
      this.#outside += 1;
      return;
    }
    const step = Math.abs(value - this.#last);
    this.#run = step === 0 ? this.#run + 1 : 0;
    this.#longestRun = Math.max(this.#longestRun, this.#run);
    if (step > 0 && step < this.#finest) this.#finest = step;
    this.#extremes(value);
    const bend = value - 2 * this.#last + this.#beforeLast;
    if (Number.isFinite(bend)) this.#bends += bend * bend;
    const inside = this.#count - this.#outside;
    const off = value - this.#mean;
    this.#mean += off / inside;
    this.#squares += off * (value - this.#mean);
    this.#beforeLast = this.#last;
    this.#last = value;
  }

  /**
   * Quality of what was added since the last call, and starts anew.
   * @param expected samples there should be
   */
  take(expected: number): Quality {
    const n = this.#count;
    const still = n > 1 ? this.#longestRun / (n - 1) : 0;
    const levels = (this.#max - this.#min) / this.#finest;
    const clipped = this.#clips && levels >= MIN_LEVELS ? (this.#atMax + this.#atMin) / n : 0;
    const white = this.#smooth && this.#squares > 0 ? this.#bends / (WHITE * this.#squares) : 0;
    const quality = worstOf([
      ['loss', fade(expected > 0 ? 1 - n / expected : 0, MISSING)],
      ['range', n > 0 ? fade(this.#outside / n, OUTSIDE) : 1],
      ['flat', this.#flatness(still)],
      ['clipped', fade(clipped, CLIPPED)],
      ['noise', fade(white, NOISE)],
    ]);
    this.#restart();
    return quality;
  }

  /** 1 … 0 by the share of this second that stood still; where more is allowed, 0 after so many whole seconds. */
  #flatness(still: number): number {
    this.#stillSeconds = still >= FLAT[1] ? this.#stillSeconds + 1 : 0;
    if (this.#stillAtMost <= 1) return fade(still, FLAT);
    return this.#stillSeconds > this.#stillAtMost ? 0 : 1;
  }

  #extremes(value: number): void {
    const repeated = value === this.#last;
    if (value > this.#max) {
      this.#max = value;
      this.#atMax = 0;
    } else if (repeated && value === this.#max) this.#atMax += 1;
    if (value < this.#min) {
      this.#min = value;
      this.#atMin = 0;
    } else if (repeated && value === this.#min) this.#atMin += 1;
  }

  #restart(): void {
    this.#count = 0;
    this.#outside = 0;
    this.#run = 0;
    this.#longestRun = 0;
    this.#max = -Infinity;
    this.#min = Infinity;
    this.#atMax = 0;
    this.#atMin = 0;
    this.#finest = Infinity;
    this.#mean = 0;
    this.#squares = 0;
    this.#bends = 0;
  }
}

/** The factors multiplied; the lowest gives the name. */
export function worstOf(factors: readonly (readonly [QualityCause, number])[]): Quality {
  let score = 1;
  let lowest = 1;
  let cause: QualityCause = 'good';
  for (const [name, factor] of factors) {
    score *= factor;
    if (factor < lowest) {
      lowest = factor;
      cause = name;
    }
  }
  return { score, cause };
}

/** 1 up to the first limit, 0 from the second on, a straight line between; the other way round if the first is larger. */
export function fade(value: number, [good, bad]: readonly [number, number]): number {
  const share = (bad - value) / (bad - good);
  return share >= 1 ? 1 : share > 0 ? share : 0;
}
