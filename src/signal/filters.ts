/** Filters for one sample at a time. Coefficients: bilinear transform of the analogue Butterworth prototype of order 2. */

/** Direct form II transposed. */
export class Biquad {
  readonly #b0: number;
  readonly #b1: number;
  readonly #b2: number;
  readonly #a1: number;
  readonly #a2: number;
  #z1 = 0;
  #z2 = 0;

  /**
   * @param kind which side passes
   * @param cutoff Hz at −3 dB, below half of `rate`
   * @param rate samples per second
   */
  constructor(kind: 'low' | 'high', cutoff: number, rate: number) {
    const w = Math.tan((Math.PI * cutoff) / rate);
    const norm = 1 + Math.SQRT2 * w + w * w;
    const gain = (kind === 'low' ? w * w : 1) / norm;
    this.#b0 = gain;
    this.#b1 = kind === 'low' ? 2 * gain : -2 * gain;
    this.#b2 = gain;
    this.#a1 = (2 * (w * w - 1)) / norm;
    this.#a2 = (1 - Math.SQRT2 * w + w * w) / norm;
  }

  next(x: number): number {
    const y = this.#b0 * x + this.#z1;
    this.#z1 = this.#b1 * x - this.#a1 * y + this.#z2;
    this.#z2 = this.#b2 * x - this.#a2 * y;
    return y;
  }

  reset(): void {
    this.#z1 = 0;
    this.#z2 = 0;
  }
}

/** The last numbers of a stream, by their absolute index. */
export class Recent {
  readonly #data: Float64Array;
  readonly #mask: number;

  /** @param atLeast how many are kept; rounded up to a power of two */
  constructor(atLeast: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, atLeast)));
    this.#data = new Float64Array(size);
    this.#mask = size - 1;
  }

  set(index: number, value: number): void {
    this.#data[index & this.#mask] = value;
  }

  /** The number set last at this index, or whatever came there after it. */
  at(index: number): number {
    return this.#data[index & this.#mask] ?? 0;
  }
}
