/**
 * R peaks of an ECG, one sample at a time: Pan and Tompkins, A real-time QRS detection algorithm, IEEE Trans. Biomed.
 * Eng. 32, 1985, 230–236. Their integer filters are for 200 Hz; here the pass band (5–15 Hz) is made for the rate at hand.
 * Then as there: slope, square, mean over 150 ms, two adaptive thresholds, 200 ms refractory time, the slope test against
 * T waves up to 360 ms, and a search back with half the threshold after 1.66 mean intervals without a beat.
 */
import { Biquad, Recent } from './filters.ts';
import { RPeakFinder, type RPeak } from './r-peak.ts';

/** Samples per second for which the windows below make sense. */
export const MIN_ECG_RATE = 100;
export const MAX_ECG_RATE = 512;
const LOW = 5;
const HIGH = 15;
// Times in seconds.
const SLOPE_SPAN = 0.02;
const INTEGRATION = 0.15;
const REFRACTORY = 0.2;
const T_WAVE = 0.36;
const LEARNING = 2;
/** Nothing found for so long: the signal became much smaller, learn anew. */
const LOST = 3;
const SEARCH_BACK = 1.66;
const STAND_OUT = 1.75;
const RECENT_INTERVALS = 8;
/** Time constant of what is between complexes: a few beats. */
const BETWEEN_SPAN = 3;
/** By then a sample's complex is known. */
const BETWEEN_DELAY = 0.4;
/** Not between complexes but in one. */
const COMPLEX = 0.1;
/** Larger values overflow when squared twice; no electrode gives them. */
const LARGEST = 1e30;

interface Candidate {
  readonly at: number;
  /** Height in the integrated and in the filtered signal, and steepest slope. */
  readonly height: number;
  readonly filtered: number;
  readonly slope: number;
}

/** Signal and noise level of one signal. */
class Levels {
  signal = 0;
  noise = 0;

  get threshold(): number {
    return this.noise + 0.25 * (this.signal - this.noise);
  }

  isSignal(height: number, weight: number): void {
    this.signal += weight * (height - this.signal);
  }

  isNoise(height: number): void {
    this.noise += 0.125 * (height - this.noise);
  }
}

export class QrsDetector {
  readonly rate: number;
  readonly #high: Biquad;
  readonly #low: Biquad;
  readonly #raw: Recent;
  readonly #finder: RPeakFinder;
  readonly #filtered: Recent;
  readonly #squares: Recent;
  readonly #window: number;
  readonly #step: number;
  readonly #memory: number;
  readonly #integrated = new Levels();
  readonly #band = new Levels();
  readonly #intervals: number[] = [];
  #index = -1;
  #started = 0;
  #base = NaN;
  #sum = 0;
  #previous = 0;
  #top = 0;
  #topAt = -1;
  #learnt = false;
  #waiting: Candidate[] = [];
  #second: Candidate | undefined;
  #last: Candidate | undefined;
  #found: RPeak[] = [];
  /** Mean square between complexes, of the last seconds. */
  #between = 0;
  #beforeLast = -Infinity;

  /** @param rate samples per second, `MIN_ECG_RATE` to `MAX_ECG_RATE` */
  constructor(rate: number) {
    this.rate = rate;
    this.#high = new Biquad('high', LOW, rate);
    this.#low = new Biquad('low', HIGH, rate);
    this.#window = Math.round(INTEGRATION * rate);
    this.#step = Math.max(1, Math.round(SLOPE_SPAN * rate));
    this.#memory = 1 / (BETWEEN_SPAN * rate);
    const kept = rate * (LEARNING + 1);
    this.#raw = new Recent(kept);
    this.#finder = new RPeakFinder(this.#raw, rate);
    this.#filtered = new Recent(kept);
    this.#squares = new Recent(kept);
  }

  /** Samples taken so far, with what was skipped; the next one has this index. */
  get count(): number {
    return this.#index + 1;
  }

  /**
   * How high QRS complexes stand over the root mean square of what is between them, in the pass band: noise gives 3 (its
   * largest peaks are taken for beats), clean ECG 8 and more. 0 while learning.
   */
  get contrast(): number {
    return this.#learnt && this.#between > 0 ? this.#band.signal / Math.sqrt(this.#between) : 0;
  }

  /** Samples are missing: filters start anew, what was learnt stays. */
  skip(samples: number): void {
    this.#index += Math.max(0, Math.round(samples));
    this.#base = NaN;
    this.#last = undefined;
    this.#second = undefined;
    this.#waiting = [];
    this.#top = 0;
    this.#topAt = -1;
  }

  /**
   * Takes one sample. The peaks found come about 0.2 s after they happened (all of the first 2 s at once).
   * @param value any unit; what is no number is taken as the sample before
   */
  push(value: number): readonly RPeak[] {
    const previous = Number.isNaN(this.#base) ? 0 : this.#raw.at(this.#index);
    this.#index += 1;
    const x = Math.abs(value) <= LARGEST ? value : previous;
    if (Number.isNaN(this.#base)) this.#start(x);
    this.#raw.set(this.#index, x);
    const height = this.#integrate(x - this.#base);
    const candidate = this.#peakOf(height);
    // One list for the many samples without a peak.
    if (this.#found.length > 0) this.#found = [];
    if (!this.#learnt) this.#learn(candidate);
    else {
      if (candidate) this.#decide(candidate);
      this.#searchBack();
    }
    return this.#found;
  }

  #start(x: number): void {
    this.#base = x;
    this.#started = this.#index;
    this.#high.reset();
    this.#low.reset();
    this.#sum = 0;
    for (let k = 0; k <= this.#window + this.#step; k++) {
      this.#filtered.set(this.#index - k, 0);
      this.#squares.set(this.#index - k, 0);
      this.#raw.set(this.#index - k, x);
    }
  }

  /** Band pass, slope, square, mean of the last 150 ms. */
  #integrate(x: number): number {
    const n = this.#index;
    const filtered = this.#low.next(this.#high.next(x));
    this.#filtered.set(n, filtered);
    this.#listenBetween(n - Math.round(BETWEEN_DELAY * this.rate));
    const slope = this.#filtered.at(n) - this.#filtered.at(n - this.#step);
    this.#sum += slope * slope - this.#squares.at(n - this.#window);
    this.#squares.set(n, slope * slope);
    return Math.max(0, this.#sum) / this.#window;
  }

  /** The sample at `n`, some time ago, belongs to a complex or not. */
  #listenBetween(n: number): void {
    if (!this.#learnt || n < this.#started) return;
    const near = COMPLEX * this.rate;
    if (Math.abs(n - this.#beforeLast) < near || Math.abs(n - (this.#last?.at ?? -Infinity)) < near) return;
    this.#between += (this.#filtered.at(n) ** 2 - this.#between) * this.#memory;
  }

  /** A peak of the integrated signal is over when it fell to half. */
  #peakOf(height: number): Candidate | undefined {
    const rising = height > this.#previous;
    this.#previous = height;
    if (rising && height > this.#top) {
      this.#top = height;
      this.#topAt = this.#index;
    }
    if (this.#topAt < 0 || height > this.#top / 2) return undefined;
    const candidate = this.#measure(this.#topAt, this.#top);
    this.#top = 0;
    this.#topAt = -1;
    return candidate;
  }

  /** Where the filtered signal is largest in the window that made the peak. */
  #measure(topAt: number, height: number): Candidate {
    let at = topAt;
    let square = 0;
    const first = Math.max(this.#started, topAt - this.#window - this.#step);
    for (let n = first; n <= topAt; n++) {
      if (Math.abs(this.#filtered.at(n)) > Math.abs(this.#filtered.at(at))) at = n;
      square = Math.max(square, this.#squares.at(n));
    }
    return { at, height, filtered: Math.abs(this.#filtered.at(at)), slope: Math.sqrt(square) };
  }

  /** The first two seconds give the levels; then their peaks are judged like any others. */
  #learn(candidate: Candidate | undefined): void {
    if (candidate) this.#waiting.push(candidate);
    if (this.#index - this.#started < LEARNING * this.rate || this.#waiting.length === 0) return;
    const heights = this.#waiting.map(({ height }) => height).sort((a, b) => a - b);
    const heightsF = this.#waiting.map(({ filtered }) => filtered).sort((a, b) => a - b);
    // The second largest, if it is of the same kind as the largest: one artefact must not set the level.
    this.#integrated.signal = Math.min(heights.at(-1) ?? 0, 2 * (heights.at(-2) ?? Infinity)) * 0.75;
    this.#band.signal = Math.min(heightsF.at(-1) ?? 0, 1.5 * (heightsF.at(-2) ?? Infinity)) * 0.75;
    this.#integrated.noise = Math.min(heights[0] ?? 0, this.#integrated.signal / 8);
    this.#band.noise = Math.min(heightsF[0] ?? 0, this.#band.signal / 8);
    if (!(this.#integrated.signal > 0)) {
      this.#waiting = [];
      this.#started = this.#index;
      return;
    }
    this.#learnt = true;
    for (const one of this.#waiting.splice(0)) this.#decide(one);
  }

  #decide(candidate: Candidate): void {
    const since = this.#last ? (candidate.at - this.#last.at) / this.rate : Infinity;
    if (since < REFRACTORY) return;
    const isTWave = since < T_WAVE && this.#last !== undefined && candidate.slope < this.#last.slope / 2;
    const { height, filtered } = candidate;
    if (!isTWave && height > this.#integrated.threshold && filtered > this.#band.threshold) {
      return this.#accept(candidate, 0.125);
    }
    this.#integrated.isNoise(height);
    this.#band.isNoise(filtered);
    if (!isTWave && height > (this.#second?.height ?? 0)) this.#second = candidate;
  }

  #accept(candidate: Candidate, weight: number): void {
    this.#integrated.isSignal(candidate.height, weight);
    this.#band.isSignal(candidate.filtered, weight);
    if (this.#last) {
      const interval = candidate.at - this.#last.at;
      if (interval < 2 * this.rate) this.#intervals.push(interval);
      if (this.#intervals.length > RECENT_INTERVALS) this.#intervals.shift();
    }
    this.#beforeLast = this.#last?.at ?? -Infinity;
    this.#last = candidate;
    this.#second = undefined;
    this.#found.push(this.#finder.find(candidate.at, this.#started, this.#index - 1));
  }

  #searchBack(): void {
    const since = this.#index - (this.#last?.at ?? this.#started);
    if (since > LOST * this.rate) return this.#relearn();
    const { length } = this.#intervals;
    if (!this.#second || length === 0) return;
    const mean = this.#intervals.reduce((sum, interval) => sum + interval, 0) / length;
    if (since < SEARCH_BACK * mean) return;
    const second = this.#second;
    this.#second = undefined;
    const { height, filtered } = second;
    // Half the threshold, but clear of the noise: else every long pause finds a beat.
    const { noise } = this.#band;
    if (height > this.#integrated.threshold / 2 && filtered > Math.max(this.#band.threshold / 2, STAND_OUT * noise)) {
      this.#accept(second, 0.25);
    }
  }

  #relearn(): void {
    this.#learnt = false;
    this.#started = this.#index;
    this.#last = undefined;
    this.#second = undefined;
    this.#waiting = [];
    this.#intervals.length = 0;
  }
}
