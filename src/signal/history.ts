/** The last samples of a stream as two columns that lie in one piece, oldest first: what analyses read. */

export class History {
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  readonly #span: number;
  readonly #capacity: number;
  #from = 0;
  #to = 0;

  /**
   * @param span samples more than this older than the newest are dropped, ms
   * @param capacity at most so many samples are held, the newest
   */
  constructor(span: number, capacity: number) {
    this.#span = span;
    this.#capacity = capacity;
    // Twice the room: moving everything to the front once per `capacity` samples costs one copy per sample.
    this.#times = new Float64Array(2 * capacity);
    this.#values = new Float64Array(2 * capacity);
  }

  get length(): number {
    return this.#to - this.#from;
  }

  /** Unix ms, ascending. A view: valid until the next push. */
  get times(): Float64Array {
    return this.#times.subarray(this.#from, this.#to);
  }

  /** A view: valid until the next push. */
  get values(): Float64Array {
    return this.#values.subarray(this.#from, this.#to);
  }

  /** Time of the newest sample; −Infinity if there is none. */
  get newest(): number {
    return this.length === 0 ? -Infinity : (this.#times[this.#to - 1] ?? -Infinity);
  }

  /** Appends a sample. False, and nothing is done, if it is no number or not later than the newest. */
  push(time: number, value: number): boolean {
    if (!Number.isFinite(value) || !Number.isFinite(time) || time <= this.newest) return false;
    if (this.#to === this.#times.length) this.#toFront();
    this.#times[this.#to] = time;
    this.#values[this.#to] = value;
    this.#to += 1;
    while (this.length > this.#capacity || (this.#times[this.#from] ?? time) < time - this.#span) this.#from += 1;
    return true;
  }

  clear(): void {
    this.#from = 0;
    this.#to = 0;
  }

  #toFront(): void {
    this.#times.copyWithin(0, this.#from, this.#to);
    this.#values.copyWithin(0, this.#from, this.#to);
    this.#to -= this.#from;
    this.#from = 0;
  }
}
