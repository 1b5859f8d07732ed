/**
 * Where a device's clock stands against this machine's, from nothing but (device time, arrival time) pairs.
 *
 * An arrival is never early: arrival = offset + rate × device time + delay, delay ≥ 0. So the truth lies along the lower
 * edge of the arrivals. The earliest arrival of each second is kept for three minutes, and the line is the edge of their
 * lower convex hull under their middle: of all lines under all points the one with the least mean distance, and the most
 * likely one when delays are exponential (Moon, Skelly, Towsley: Estimation and removal of clock skew from network delay
 * measurements, INFOCOM 1999). Plain least squares would float above the edge by the mean delay and follow every burst.
 *
 * What no one-way measurement can see is the delay that all packets share (half a connection interval or so): times are
 * late by that, and the stated uncertainty does not contain it.
 */

const BUCKET = 1000;
const BUCKETS = 180;
/** Without arrivals for this long, what is known of the offset is old: a new anchor (the rate is kept). ms */
const WINDOW = BUCKET * BUCKETS;
/** The device's clock went back by more than packets get mixed up: it was restarted. ms */
const RESTART = 1000;
/** An arrival so far before its time: the device's clock jumped ahead. ms */
const AHEAD = 500;
/** Arrivals all later than this … ms */
const LATE = 200;
/** … for so long: the device's clock stood still or lost count. A backlog after a link pause is over sooner. ms */
const LATE_SPAN = 8000;
const LATE_SPAN_AFTER_PAUSE = 2500;
const PAUSE = 3000;
/** With fewer buckets a rate is a guess, and the nominal one is better. */
const MIN_BUCKETS = 5;
/** How far nominal rates are off without surprise. Crystals are much better than this, some sample counters worse: */
const RATE_PRIOR = 0.001;
/** a rate that stands out of the jitter by this factor is believed at once. */
const SIGNIFICANT = 6;
const MAX_RATE_ERROR = 0.1;
/** A drift over less than this is not worth telling, ms. */
const DRIFT_SPAN = 10_000;
/** Uncertainty at the first arrival, and at best, ms. */
const FIRST_UNCERTAINTY = 150;
const BEST_UNCERTAINTY = 1;

export class ClockFit {
  // Device time and delay relative to the anchor; one row per bucket, oldest first, in a ring.
  readonly #x = new Float64Array(BUCKETS);
  readonly #y = new Float64Array(BUCKETS);
  readonly #hull = new Int32Array(BUCKETS);
  #first = 0;
  #count = 0;
  #bucket = 0;
  #device0 = 0;
  #arrival0 = 0;
  #lastX = 0;
  #lastArrival = -Infinity;
  /** Delay of the line at x = 0, and its growth per ms of device time. */
  #delay = 0;
  #slope = 0;
  #spread = 0;
  #late: { since: number; span: number; packets: number; x: number; y: number } | undefined;

  /** False until the first arrival. */
  get anchored(): boolean {
    return this.#count > 0;
  }

  /**
   * A packet arrived.
   * @param device ms on the device's clock, of its newest sample
   * @param arrival Unix ms
   */
  observe(device: number, arrival: number): void {
    const pause = arrival - this.#lastArrival;
    const restarted = device - this.#device0 < this.#lastX - RESTART;
    if (!this.anchored || restarted || pause > WINDOW || pause < -WINDOW) return this.#anchor(device, arrival);
    const x = device - this.#device0;
    const y = arrival - this.#arrival0 - x;
    const early = this.#line(x) - y;
    if (early > AHEAD) return this.#anchor(device, arrival);
    this.#lastArrival = arrival;
    this.#lastX = Math.max(this.#lastX, x);
    if (this.#lostCount(x, y, -early, arrival, pause)) return;
    if (early > 0) this.#delay -= early;
    this.#keep(x, y, arrival);
  }

  /** Unix ms of a moment on the device's clock; arrivals before the first one say nothing: NaN. */
  hostTime(device: number): number {
    if (!this.anchored) return NaN;
    const x = device - this.#device0;
    return this.#arrival0 + x + this.#line(x);
  }

  /** ms: how far `hostTime` may be off, apart from the delay that all packets share. */
  get uncertainty(): number | undefined {
    const n = this.#count;
    if (n === 0) return undefined;
    return BEST_UNCERTAINTY + this.#spread * (5 / n + 60 / (n * n)) + (2 * FIRST_UNCERTAINTY) / (n * (n + 1));
  }

  /** Parts per million by which the device's clock is fast (negative: slow); undefined while too little is known. */
  get driftPpm(): number | undefined {
    if (this.#count < MIN_BUCKETS || this.#lastX - (this.#x[this.#first] ?? 0) < DRIFT_SPAN) return undefined;
    return (1 / (1 + this.#slope) - 1) * 1e6;
  }

  #line(x: number): number {
    return this.#delay + this.#slope * x;
  }

  /** Forgets offset and arrivals, not the rate: that is the device's crystal, and the crystal is the same. */
  #anchor(device: number, arrival: number): void {
    this.#device0 = device;
    this.#arrival0 = arrival;
    this.#lastX = 0;
    this.#lastArrival = arrival;
    this.#restartAt(0, 0, arrival);
  }

  #restartAt(x: number, y: number, arrival: number): void {
    this.#late = undefined;
    this.#first = 0;
    this.#count = 1;
    this.#x[0] = x;
    this.#y[0] = y;
    this.#bucket = this.#bucketOf(arrival);
    this.#spread = 0;
    this.#delay = y - this.#slope * x;
  }

  #bucketOf(arrival: number): number {
    return Math.floor((arrival - this.#arrival0) / BUCKET);
  }

  /** Watches for arrivals that are all late. True if that went on for so long that it is no delay: anchored anew. */
  #lostCount(x: number, y: number, delay: number, arrival: number, pause: number): boolean {
    if (delay <= LATE + 4 * this.#spread) {
      this.#late = undefined;
      return false;
    }
    const late = (this.#late ??= { since: arrival, span: LATE_SPAN, packets: 0, x, y });
    if (pause > PAUSE) late.span = LATE_SPAN_AFTER_PAUSE;
    late.packets += 1;
    if (y - this.#slope * x < late.y - this.#slope * late.x) Object.assign(late, { x, y });
    if (arrival - late.since < late.span || late.packets < 4) return false;
    this.#restartAt(late.x, late.y, arrival);
    return true;
  }

  /** The earliest arrival of each second stays. */
  #keep(x: number, y: number, arrival: number): void {
    const bucket = this.#bucketOf(arrival);
    const last = (this.#first + this.#count - 1) % BUCKETS;
    if (bucket === this.#bucket) {
      if (y - this.#slope * x >= (this.#y[last] ?? 0) - this.#slope * (this.#x[last] ?? 0)) return;
      this.#x[last] = x;
      this.#y[last] = y;
      return;
    }
    this.#bucket = bucket;
    this.#refit();
    this.#dropBefore(x - WINDOW);
    const next = (this.#first + this.#count) % BUCKETS;
    this.#x[next] = x;
    this.#y[next] = y;
    if (this.#count < BUCKETS) this.#count += 1;
    else this.#first = (this.#first + 1) % BUCKETS;
  }

  #dropBefore(oldest: number): void {
    while (this.#count > 1 && (this.#x[this.#first] ?? 0) < oldest) {
      this.#first = (this.#first + 1) % BUCKETS;
      this.#count -= 1;
    }
  }

  /** Once a second over at most 180 points. */
  #refit(): void {
    const n = this.#count;
    let mean = 0;
    for (let k = 0; k < n; k++) mean += this.#xAt(k) / n;
    let sxx = 0;
    for (let k = 0; k < n; k++) sxx += (this.#xAt(k) - mean) ** 2;
    if (n >= MIN_BUCKETS && sxx > 0) {
      const slope = this.#hullSlope(mean);
      const spread = this.#meanAbove(slope, this.#lowest(slope));
      const noise = spread ** 2 / sxx;
      const weight = slope ** 2 > SIGNIFICANT ** 2 * noise ? 1 : RATE_PRIOR ** 2 / (RATE_PRIOR ** 2 + noise);
      this.#slope = Math.max(-MAX_RATE_ERROR, Math.min(MAX_RATE_ERROR, weight * slope));
    }
    this.#delay = this.#lowest(this.#slope);
    this.#spread = this.#meanAbove(this.#slope, this.#delay);
  }

  #xAt(k: number): number {
    return this.#x[(this.#first + k) % BUCKETS] ?? 0;
  }

  #yAt(k: number): number {
    return this.#y[(this.#first + k) % BUCKETS] ?? 0;
  }

  #lowest(slope: number): number {
    let lowest = Infinity;
    for (let k = 0; k < this.#count; k++) lowest = Math.min(lowest, this.#yAt(k) - slope * this.#xAt(k));
    return lowest;
  }

  #meanAbove(slope: number, delay: number): number {
    let sum = 0;
    for (let k = 0; k < this.#count; k++) sum += this.#yAt(k) - slope * this.#xAt(k) - delay;
    return Math.max(0, sum / this.#count);
  }

  /** Slope of the lower hull's edge under `x` (Andrew's monotone chain; the points are in order already). */
  #hullSlope(x: number): number {
    const hull = this.#hull;
    let size = 0;
    for (let k = 0; k < this.#count; k++) {
      if (size > 0 && this.#xAt(k) <= this.#xAt(hull[size - 1] ?? 0)) continue;
      while (
        size > 1 &&
        this.#slopeOf(hull[size - 2] ?? 0, hull[size - 1] ?? 0) >= this.#slopeOf(hull[size - 1] ?? 0, k)
      )
        size -= 1;
      hull[size++] = k;
    }
    let edge = 1;
    while (edge < size - 1 && this.#xAt(hull[edge] ?? 0) < x) edge += 1;
    return size < 2 ? this.#slope : this.#slopeOf(hull[edge - 1] ?? 0, hull[edge] ?? 0);
  }

  #slopeOf(a: number, b: number): number {
    return (this.#yAt(b) - this.#yAt(a)) / (this.#xAt(b) - this.#xAt(a));
  }
}
