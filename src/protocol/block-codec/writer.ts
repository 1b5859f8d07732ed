/** Bytes and bits into a buffer that grows. Little-endian; bits fill each byte from its lowest one. */

const TWO_7 = 128;

export class ByteWriter {
  private bytes: Uint8Array<ArrayBuffer>;
  private view: DataView;
  private at = 0;
  /** Bits not yet written as a byte; always fewer than 8 between calls. */
  private pending = 0;
  private pendingWidth = 0;

  /** @param capacity bytes that are expected; more are possible */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.at;
  }

  u8(value: number): void {
    const start = this.reserve(1);
    this.view.setUint8(start, value);
  }

  u32(value: number): void {
    const start = this.reserve(4);
    this.view.setUint32(start, value, true);
  }

  f64(value: number): void {
    const start = this.reserve(8);
    this.view.setFloat64(start, value, true);
  }

  /** Unsigned LEB128 of a safe integer ≥ 0: seven bits a byte, lowest first, high bit set on all but the last. */
  varint(value: number): void {
    let rest = value;
    while (rest >= TWO_7) {
      this.u8((rest % TWO_7) | TWO_7);
      rest = Math.floor(rest / TWO_7);
    }
    this.u8(rest);
  }

  raw(bytes: Uint8Array): void {
    const start = this.reserve(bytes.length);
    this.bytes.set(bytes, start);
  }

  /** The lowest `width` bits (0–32) of `value`. */
  bits(value: number, width: number): void {
    if (width > 16) {
      this.bits(value & 0xffff, 16);
      this.bits(value >>> 16, width - 16);
      return;
    }
    this.pending |= (value & ((1 << width) - 1)) << this.pendingWidth;
    this.pendingWidth += width;
    while (this.pendingWidth >= 8) {
      this.u8(this.pending & 0xff);
      this.pending >>>= 8;
      this.pendingWidth -= 8;
    }
  }

  /** Ends a run of bits: the rest of the last byte is 0. */
  align(): void {
    if (this.pendingWidth > 0) this.u8(this.pending);
    this.pending = 0;
    this.pendingWidth = 0;
  }

  /** What was written, in a buffer of exactly that size. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.at);
  }

  /** What was written so far, without a copy; valid until the next write. */
  peek(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.at);
  }

  /** Overwrites bytes that were written before. */
  patch(at: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, at);
  }

  /** Makes room and returns where it starts. It may replace the view, so call it before touching that. */
  private reserve(size: number): number {
    const start = this.at;
    this.at += size;
    if (this.at > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.at, 2 * this.bytes.length));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return start;
  }
}
