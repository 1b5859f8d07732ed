/** From dated ECG samples to dated beats: measures the rate, finds R peaks, sees gaps. */
import { Recent } from './filters.ts';
import { MAX_ECG_RATE, MIN_ECG_RATE, QrsDetector } from './qrs.ts';
import type { RPeak } from './r-peak.ts';

export interface Beat {
  /** Unix ms. */
  readonly time: number;
  /** ms since the beat before; undefined if samples are missing in between, or there was none. */
  readonly interval: number | undefined;
  /** Height of the QRS complex, in the unit of the signal. */
  readonly amplitude: number;
}

/** The rate is measured over so long before anything is looked for, ms. */
const MEASURE = 2000;
/** … and checked this often, ms. */
const CHECK = 10_000;
/** A rate this much off is another rate: the device was set anew. */
const OTHER_RATE = 0.05;
/** Less than this may be the clock being corrected, ms. */
const MIN_GAP = 50;
const MAX_EARLY = 4096;
/** A little beyond what the detector takes: 99.6 Hz is 100 Hz. */
const TOLERANCE = 0.03;

export class EcgBeats {
  #early: { readonly times: number[]; readonly values: number[] } = { times: [], values: [] };
  #detector: QrsDetector | undefined;
  #times = new Recent(2);
  #lastTime = -Infinity;
  #lastPeak: number | undefined;
  /** Time and index where the present stretch without gaps began. */
  #from = { time: 0, index: 0 };
  #period = 0;

  /** Samples per second as measured; undefined before 2 s, or where no R peaks can be found at that rate. */
  get rate(): number | undefined {
    return this.#detector?.rate;
  }

  /** How far beats stand out (`QrsDetector.contrast`). */
  get contrast(): number {
    return this.#detector?.contrast ?? 0;
  }

  /**
   * One sample, in order of time; earlier ones are left out.
   * @param time Unix ms
   * @returns beats that became certain with it
   */
  add(time: number, value: number): readonly Beat[] {
    if (!Number.isFinite(time) || time < this.#lastTime) return [];
    const since = time - this.#lastTime;
    this.#lastTime = time;
    if (!this.#detector) return this.#measure(time, value, since);
    const found: Beat[] = [];
    this.#take(this.#detector, time, value, since, found);
    return found;
  }

  #take(detector: QrsDetector, time: number, value: number, since: number, found: Beat[]): void {
    if (since > this.#period + MIN_GAP) this.#gap(detector, time, since);
    this.#times.set(detector.count, time);
    for (const peak of detector.push(value)) found.push(this.#beat(peak));
    if (time - this.#from.time >= CHECK) this.#check(detector, time);
  }

  #gap(detector: QrsDetector, time: number, since: number): void {
    detector.skip(Math.min(since / this.#period - 1, 1e9));
    this.#lastPeak = undefined;
    this.#from = { time, index: detector.count };
  }

  #beat({ index, amplitude }: RPeak): Beat {
    const whole = Math.floor(index);
    const time = this.#times.at(whole) + (index - whole) * this.#period;
    const interval = this.#lastPeak === undefined ? undefined : (index - this.#lastPeak) * this.#period;
    this.#lastPeak = index;
    return { time, interval, amplitude };
  }

  /** The length of a sample, better known with every stretch. */
  #check(detector: QrsDetector, time: number): void {
    const samples = detector.count - 1 - this.#from.index;
    const period = (time - this.#from.time) / samples;
    this.#from = { time, index: detector.count - 1 };
    if (!(samples > 0)) return;
    if (Math.abs(period * detector.rate - 1000) > 1000 * OTHER_RATE) {
      this.#detector = undefined;
      this.#early = { times: [], values: [] };
    } else this.#period += (period - this.#period) / 2;
  }

  /** Holds the first two seconds, then looks at them. */
  #measure(time: number, value: number, since: number): readonly Beat[] {
    if (since > MEASURE || this.#early.times.length >= MAX_EARLY) this.#early = { times: [], values: [] };
    const { times, values } = this.#early;
    times.push(time);
    values.push(value);
    const first = times[0] ?? time;
    if (time - first < MEASURE) return [];
    const steps = times.slice(1).map((one, i) => one - (times[i] ?? 0));
    const period = steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
    this.#early = { times: [], values: [] };
    const rate = 1000 / period;
    if (!(rate >= MIN_ECG_RATE * (1 - TOLERANCE) && rate <= MAX_ECG_RATE * (1 + TOLERANCE))) return [];
    this.#period = period;
    this.#detector = new QrsDetector(rate);
    this.#times = new Recent(4 * rate);
    this.#from = { time: first, index: 0 };
    this.#lastPeak = undefined;
    const found: Beat[] = [];
    for (let i = 0; i < times.length; i++) {
      const at = times[i] ?? first;
      this.#take(this.#detector, at, values[i] ?? NaN, i === 0 ? 0 : at - (times[i - 1] ?? at), found);
    }
    return found;
  }
}
