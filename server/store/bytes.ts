/** Bytes written and read front to back: varints, doubles, UTF-8, runs of bytes. All little-endian. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Longest varint written here: 53 bits in groups of 7. */
export const VARINT_MAX = 8;

export class ByteWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  reset(): void {
    this.#length = 0;
  }

  /** A copy of what was written since the last reset. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  byte(value: number): void {
    this.reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Makes room for `count` bytes, so that a loop may use `varintReserved`. */
  reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  /** A non-negative integer up to 2^53, 7 bits a byte, lowest first. */
  varint(value: number): void {
    this.reserve(VARINT_MAX);
    this.varintReserved(value);
  }

  /** `varint` without the room check. Arithmetic instead of shifts, as shifts cut at 32 bits. */
  varintReserved(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  double(value: number): void {
    this.reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** UTF-8 with its length in bytes in front. */
  text(value: string): void {
    this.reserve(VARINT_MAX + value.length * 3);
    const utf8 = encoder.encode(value);
    this.varintReserved(utf8.length);
    this.#bytes.set(utf8, this.#length);
    this.#length += utf8.length;
  }

  /** Bytes with their number in front. */
  bytes(value: Uint8Array): void {
    this.reserve(VARINT_MAX + value.length);
    this.varintReserved(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }
}

/** Reads what a ByteWriter wrote. Throws RangeError past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  double(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  text(): string {
    return decoder.decode(this.bytes());
  }

  /** A window, not a copy. */
  bytes(): Uint8Array {
    const length = this.varint();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('reaches past the end');
    const value = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return value;
  }
}
