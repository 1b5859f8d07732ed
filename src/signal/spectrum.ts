/**
 * Power of unevenly sampled series by frequency: Lomb, Astrophys. Space Sci. 39, 1976; Scargle, Astrophys. J. 263, 1982;
 * in the form of a least-squares fit of a sine and a cosine at each frequency. Heart beats are such a series.
 */

/** Squares of squares of anything larger are no numbers any more. */
const LARGEST = 1e60;
/** Two hours at 0.4 Hz; times that span more are a mistake, and the work grows with them. */
const MAX_ROWS = 12_000;

export interface Spectrum {
  /** Hz of row k: `from + k × step`. */
  readonly from: number;
  readonly step: number;
  /** Power density in (unit of the values)² per Hz. */
  readonly density: Float64Array;
}

export interface SpectrumRange {
  /** Hz. */
  readonly from: number;
  readonly to: number;
  /** Rows per resolution (1 / length of the series); 4 unless told. */
  readonly oversampling?: number;
  /** Weighs the middle of the series more, so that strong slow waves do not leak into everything (Hann). */
  readonly taper?: boolean;
}

/**
 * Spectrum of a series without its mean and straight trend. A sine of amplitude A has A²/2 under its peak.
 * @param times ms, ascending
 * @returns undefined for fewer than 4 samples, no time between them, values that are no numbers, or a span of hours
 */
export function spectrumOf(times: Float64Array, values: Float64Array, range: SpectrumRange): Spectrum | undefined {
  const n = Math.min(times.length, values.length);
  const start = times[0] ?? NaN;
  const span = ((times[n - 1] ?? NaN) - start) / 1000;
  if (n < 4 || !(span > 0)) return undefined;
  const x = withoutTrend(times, values, n);
  if (!x.every((value) => Math.abs(value) < LARGEST)) return undefined;
  const step = 1 / (span * (range.oversampling ?? 4));
  const rows = Math.max(1, Math.floor((range.to - range.from) / step) + 1);
  if (rows > MAX_ROWS) return undefined;
  const sums = new Sums(rows);
  let weights = 0;
  for (let i = 0; i < n; i++) {
    const t = ((times[i] ?? start) - start) / 1000;
    // sqrt(8/3) keeps the power of a steady wave as it is.
    const weight = range.taper ? Math.sqrt(8 / 3) * Math.sin((Math.PI * t) / span) ** 2 : 1;
    weights += 1;
    sums.add((x[i] ?? 0) * weight, 2 * Math.PI * range.from * t, 2 * Math.PI * step * t);
  }
  return { from: range.from, step, density: sums.power().map((power) => (power / weights) * span) };
}

/** Power between two frequencies (Hz), in (unit of the values)². */
export function bandPower({ from, step, density }: Spectrum, low: number, high: number): number {
  let sum = 0;
  for (let k = 0; k < density.length; k++) {
    const f = from + k * step;
    if (f >= low && f < high) sum += (density[k] ?? 0) * step;
  }
  return sum;
}

/** Sums of the normal equations, one row per frequency. */
class Sums {
  readonly #xc: Float64Array;
  readonly #xs: Float64Array;
  readonly #cc: Float64Array;
  readonly #ss: Float64Array;
  readonly #cs: Float64Array;

  constructor(rows: number) {
    this.#xc = new Float64Array(rows);
    this.#xs = new Float64Array(rows);
    this.#cc = new Float64Array(rows);
    this.#ss = new Float64Array(rows);
    this.#cs = new Float64Array(rows);
  }

  /** One sample: its angle at the first frequency, and how much the angle grows from row to row (a rotation). */
  add(x: number, angle: number, growth: number): void {
    let c = Math.cos(angle);
    let s = Math.sin(angle);
    const turnC = Math.cos(growth);
    const turnS = Math.sin(growth);
    for (let k = 0; k < this.#xc.length; k++) {
      this.#xc[k] = (this.#xc[k] ?? 0) + x * c;
      this.#xs[k] = (this.#xs[k] ?? 0) + x * s;
      this.#cc[k] = (this.#cc[k] ?? 0) + c * c;
      this.#ss[k] = (this.#ss[k] ?? 0) + s * s;
      this.#cs[k] = (this.#cs[k] ?? 0) + c * s;
      const next = c * turnC - s * turnS;
      s = s * turnC + c * turnS;
      c = next;
    }
  }

  /** What the best sine takes off the sum of squares, per row. */
  power(): Float64Array {
    return this.#xc.map((xc, k) => {
      const xs = this.#xs[k] ?? 0;
      const cc = this.#cc[k] ?? 0;
      const ss = this.#ss[k] ?? 0;
      const cs = this.#cs[k] ?? 0;
      const det = cc * ss - cs * cs;
      return det > 1e-9 * cc * ss ? Math.max(0, (xc * xc * ss + xs * xs * cc - 2 * xc * xs * cs) / det) : 0;
    });
  }
}

/** Values less their least-squares line over time. */
function withoutTrend(times: Float64Array, values: Float64Array, n: number): Float64Array {
  const start = times[0] ?? 0;
  let meanT = 0;
  let meanV = 0;
  for (let i = 0; i < n; i++) {
    meanT += ((times[i] ?? 0) - start) / n;
    meanV += (values[i] ?? 0) / n;
  }
  let tt = 0;
  let tv = 0;
  for (let i = 0; i < n; i++) {
    const t = (times[i] ?? 0) - start - meanT;
    tt += t * t;
    tv += t * ((values[i] ?? 0) - meanV);
  }
  const slope = tt > 0 ? tv / tt : 0;
  return Float64Array.from({ length: n }, (_, i) => {
    return (values[i] ?? 0) - meanV - slope * ((times[i] ?? 0) - start - meanT);
  });
}
