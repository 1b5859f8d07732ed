/** The last N timed values of a stream, in two typed arrays. For drawing: samples never become runes. */

export class RingBuffer {
  readonly capacity: number;
  readonly #times: Float64Array;
  readonly #values: Float32Array;
  #written = 0;

  /** @param capacity number of samples kept; older ones are overwritten */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#times = new Float64Array(capacity);
    this.#values = new Float32Array(capacity);
  }

  /** Samples held now. */
  get length(): number {
    return Math.min(this.#written, this.capacity);
  }

  /** Samples ever written; a drawer compares it with what it has drawn. */
  get written(): number {
    return this.#written;
  }

  push(time: number, value: number): void {
    const at = this.#written % this.capacity;
    this.#times[at] = time;
    this.#values[at] = value;
    this.#written += 1;
  }

  /** Appends columns of equal length. */
  append(times: Float64Array, values: Float32Array): void {
    for (let i = 0; i < times.length; i++) this.push(times[i] ?? 0, values[i] ?? 0);
  }

  /** Time of the i-th held sample, 0 = oldest; NaN when there is none. */
  timeAt(i: number): number {
    return this.#times[this.#index(i)] ?? NaN;
  }

  /** Value of the i-th held sample, 0 = oldest; NaN when there is none. */
  valueAt(i: number): number {
    return this.#values[this.#index(i)] ?? NaN;
  }

  /** Newest value and its time, or undefined when empty. */
  latest(): { readonly time: number; readonly value: number } | undefined {
    const last = this.length - 1;
    return last < 0 ? undefined : { time: this.timeAt(last), value: this.valueAt(last) };
  }

  clear(): void {
    this.#written = 0;
  }

  #index(i: number): number {
    if (i < 0 || i >= this.length) return -1;
    return this.#written <= this.capacity ? i : (this.#written + i) % this.capacity;
  }
}
