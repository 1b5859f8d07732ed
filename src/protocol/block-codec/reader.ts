/** Reads what `writer.ts` writes. Beyond the end everything reads as 0 and `overrun` is set, so loops need no checks. */

const TWO_7 = 128;
const SEVEN_BITS = 0x7f;

export class ByteReader {
  /** True once something was read that is not there, or that no writer writes. */
  overrun = false;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly end: number;
  private at: number;
  private pending = 0;
  private pendingWidth = 0;

  /** Reads `bytes[from, to)`. */
  constructor(bytes: Uint8Array, from = 0, to = bytes.length) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = from;
    this.end = to;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    const start = this.take(1);
    return start < 0 ? 0 : this.view.getUint8(start);
  }

  u32(): number {
    const start = this.take(4);
    return start < 0 ? 0 : this.view.getUint32(start, true);
  }

  f64(): number {
    const start = this.take(8);
    return start < 0 ? 0 : this.view.getFloat64(start, true);
  }

  /** Unsigned LEB128; one that is longer than a safe integer counts as an overrun. */
  varint(): number {
    let value = 0;
    for (let factor = 1; factor < Number.MAX_SAFE_INTEGER; factor *= TWO_7) {
      const byte = this.u8();
      value += (byte & SEVEN_BITS) * factor;
      if (byte < TWO_7) return this.checked(value);
    }
    this.overrun = true;
    return 0;
  }

  /** A window of the next `size` bytes, not a copy; empty if they are not there. */
  raw(size: number): Uint8Array {
    const start = this.take(size);
    return start < 0 ? new Uint8Array(0) : this.bytes.subarray(start, start + size);
  }

  /** An unsigned number of `width` bits (0–32). */
  bits(width: number): number {
    if (width > 16) return (this.bits(16) | (this.bits(width - 16) << 16)) >>> 0;
    while (this.pendingWidth < width) {
      this.pending |= this.u8() << this.pendingWidth;
      this.pendingWidth += 8;
    }
    const value = this.pending & ((1 << width) - 1);
    this.pending >>>= width;
    this.pendingWidth -= width;
    return value;
  }

  /** Number of 1 bits before the next 0, which is read too; stops at `limit` without looking for the 0. */
  ones(limit: number): number {
    let count = 0;
    for (;;) {
      if (this.pendingWidth === 0) {
        this.pending = this.u8();
        this.pendingWidth = 8;
      }
      const zeros = ~this.pending;
      const run = Math.min(31 - Math.clz32(zeros & -zeros), this.pendingWidth, limit - count);
      count += run;
      // The 0 is read too, unless the byte or the limit ended the run.
      const read = run < this.pendingWidth && count < limit ? run + 1 : run;
      this.pending >>>= read;
      this.pendingWidth -= read;
      if (read > run || count === limit) return count;
    }
  }

  /** Skips to the next whole byte. */
  align(): void {
    this.pending = 0;
    this.pendingWidth = 0;
  }

  private checked(value: number): number {
    if (Number.isSafeInteger(value)) return value;
    this.overrun = true;
    return 0;
  }

  /** Start of the next `size` bytes, −1 if they are not all there. */
  private take(size: number): number {
    if (size > this.end - this.at) {
      this.overrun = true;
      return -1;
    }
    this.at += size;
    return this.at - size;
  }
}
