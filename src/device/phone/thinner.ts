/** Fewer samples from a sensor whose rate cannot be chosen. Pure. */

export interface Sample {
  /** Unix ms. */
  readonly time: number;
  readonly values: readonly number[];
}

/** Weight of a new interval in the estimate. */
const LEARNING = 0.05;
/** Part of a rate by which jitter may make it look too low. */
const TOLERANCE = 0.05;
/** Times of silence, in intervals, after which a new group begins. */
const BREAK = 4;
/** Longer is no interval of a fast sensor, ms. */
const MAX_INTERVAL = 1000;

/**
 * Makes one sample of every k that come, k being as large as the wanted rate allows: what comes out is as regular as what
 * went in, and at least as fast as wanted where the sensor is. Numbers are averaged over the group, which keeps what is
 * faster than the new rate from showing up as something slow; what has no average (a rotation) passes its last.
 */
export class Thinner {
  readonly #averages: boolean;
  #wanted: number;
  #interval: number | undefined;
  #last = NaN;
  #group: Sample[] = [];

  /** @param wanted samples a second */
  constructor(wanted: number, averages: boolean) {
    this.#wanted = wanted;
    this.#averages = averages;
  }

  setRate(wanted: number): void {
    this.#wanted = wanted;
  }

  /** Takes a sample; returns those that are complete with it, oldest first. */
  push(sample: Sample): readonly Sample[] {
    const step = sample.time - this.#last;
    this.#last = sample.time;
    const done: Sample[] = [];
    const broken = step > BREAK * (this.#interval ?? Infinity);
    if (broken && this.#group.length > 0) done.push(this.#finish());
    if (!broken) this.#learn(step);
    this.#group.push(sample);
    if (this.#group.length >= this.#size()) done.push(this.#finish());
    return done;
  }

  #learn(step: number): void {
    if (!(step > 0 && step <= MAX_INTERVAL)) return;
    this.#interval = this.#interval === undefined ? step : this.#interval + LEARNING * (step - this.#interval);
  }

  #size(): number {
    if (this.#interval === undefined) return 1;
    return Math.max(1, Math.floor(1000 / this.#interval / this.#wanted + TOLERANCE));
  }

  #finish(): Sample {
    const group = this.#group;
    this.#group = [];
    const last = group[group.length - 1] ?? { time: NaN, values: [] };
    if (!this.#averages || group.length === 1) return last;
    const mean = (of: (sample: Sample) => number): number =>
      group.reduce((sum, sample) => sum + of(sample), 0) / group.length;
    return {
      time: mean(({ time }) => time),
      values: last.values.map((_, i) => mean(({ values }) => values[i] ?? NaN)),
    };
  }
}
