/**
 * Sequence numbers as sorted, disjoint ranges. A stream in order is one range; each gap that is open makes one more. Adding
 * the next number and asking for a newer one take no search.
 */
import { ByteReader, type ByteWriter } from './bytes.ts';

/** Beyond so many ranges the lowest is forgotten: what is held is then told as lost or taken again, never the reverse. */
const RANGES_MAX = 4096;

export class SeqRanges {
  readonly #max: number;
  readonly #firsts: number[] = [];
  readonly #lasts: number[] = [];
  #count = 0;

  /** @param max ranges kept */
  constructor(max = RANGES_MAX) {
    this.#max = max;
  }

  /** Reads what `encode` wrote. Throws RangeError when the bytes are damaged. */
  static decode(bytes: Uint8Array): SeqRanges {
    const ranges = new SeqRanges();
    const input = new ByteReader(bytes);
    let at = 0;
    for (let left = input.varint(); left > 0; left--) {
      const first = at + input.varint();
      const last = first + input.varint();
      if (!Number.isSafeInteger(last)) throw new RangeError('a sequence number past 2^53');
      ranges.addRange(first, last);
      at = last + 1;
    }
    return ranges;
  }

  /** Numbers in all ranges. */
  get count(): number {
    return this.#count;
  }

  /** Number of ranges. */
  get size(): number {
    return this.#firsts.length;
  }

  /** The highest number; −1 while there is none. */
  get newest(): number {
    return this.#lasts[this.#lasts.length - 1] ?? -1;
  }

  has(seq: number): boolean {
    if (seq > this.newest) return false;
    const at = this.#firstEndingFrom(seq);
    return seq >= (this.#firsts[at] ?? Infinity);
  }

  add(seq: number): void {
    const top = this.#lasts.length - 1;
    if (top >= 0 && seq === this.newest + 1) {
      this.#lasts[top] = seq;
      this.#count += 1;
    } else {
      this.addRange(seq, seq);
    }
  }

  /** Adds `first` to `last`, both included, joined with the ranges they touch. */
  addRange(first: number, last: number): void {
    // The first range that touches, and the first behind it that does not.
    const from = this.#firstEndingFrom(first - 1);
    let to = from;
    let [low, high] = [first, last];
    for (; to < this.#firsts.length && (this.#firsts[to] ?? 0) <= last + 1; to++) {
      low = Math.min(low, this.#firsts[to] ?? low);
      high = Math.max(high, this.#lasts[to] ?? high);
      this.#count -= this.#sizeOf(to);
    }
    this.#firsts.splice(from, to - from, low);
    this.#lasts.splice(from, to - from, high);
    this.#count += high - low + 1;
    if (this.#firsts.length > this.#max) this.#forgetLowest();
  }

  /** The newest ranges, ascending, at most `limit`. */
  toArray(limit = Infinity): (readonly [first: number, last: number])[] {
    const from = Math.max(0, this.size - limit);
    return this.#firsts.slice(from).map((first, i) => [first, this.#lasts[from + i] ?? first]);
  }

  /** Number of ranges, then the gap before each and its length less one, as varints. `out` is reset. */
  encode(out: ByteWriter): Uint8Array {
    out.reset();
    out.varint(this.size);
    let at = 0;
    for (const [first, last] of this.toArray()) {
      out.varint(first - at);
      out.varint(last - first);
      at = last + 1;
    }
    return out.finish();
  }

  #sizeOf(at: number): number {
    return (this.#lasts[at] ?? 0) - (this.#firsts[at] ?? 0) + 1;
  }

  #forgetLowest(): void {
    this.#count -= this.#sizeOf(0);
    this.#firsts.shift();
    this.#lasts.shift();
  }

  /** Index of the first range that ends at `seq` or later; the number of ranges if none does. */
  #firstEndingFrom(seq: number): number {
    let [low, high] = [0, this.#lasts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lasts[middle] ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
