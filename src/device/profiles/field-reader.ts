/**
 * Reads the fields of a packet one after the other. A field that is not all there makes the whole packet
 * `decode-truncated`, bytes that nobody asked for make it `decode-oversized`; both are found at the end, by `finish`, so
 * that a decoder reads like the specification's table of fields. All numbers are little-endian.
 */
import { ok, type Result } from '../../model/result.ts';
import { decodeError } from './bytes.ts';
import type { DecodeError } from './profile.ts';

export class FieldReader {
  readonly #bytes: DataView;
  readonly #what: string;
  #at = 0;
  /** Bytes that fields asked for and the packet does not have. */
  #missing = 0;

  /** @param what the packet's name, for the error's text */
  constructor(bytes: DataView, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.byteLength - this.#at;
  }

  u8(): number {
    return this.#take(1, (at) => this.#bytes.getUint8(at));
  }

  i8(): number {
    return this.#take(1, (at) => this.#bytes.getInt8(at));
  }

  u16(): number {
    return this.#take(2, (at) => this.#bytes.getUint16(at, true));
  }

  i16(): number {
    return this.#take(2, (at) => this.#bytes.getInt16(at, true));
  }

  u24(): number {
    return this.#take(3, (at) => this.#bytes.getUint16(at, true) | (this.#bytes.getUint8(at + 2) << 16));
  }

  i24(): number {
    return this.#take(3, (at) => this.#bytes.getUint16(at, true) | (this.#bytes.getInt8(at + 2) << 16));
  }

  u32(): number {
    return this.#take(4, (at) => this.#bytes.getUint32(at, true));
  }

  i32(): number {
    return this.#take(4, (at) => this.#bytes.getInt32(at, true));
  }

  /** Unsigned, 40 bits. */
  u40(): number {
    return this.#take(5, (at) => this.#bytes.getUint32(at, true) + this.#bytes.getUint8(at + 4) * 2 ** 32);
  }

  /** Unsigned, 48 bits. */
  u48(): number {
    return this.#take(6, (at) => this.#bytes.getUint32(at, true) + this.#bytes.getUint16(at + 4, true) * 2 ** 32);
  }

  /** Unsigned, 64 bits; above 2⁵³ the lowest bits are lost. */
  u64(): number {
    return this.#take(8, (at) => Number(this.#bytes.getBigUint64(at, true)));
  }

  /** IEEE-754 single; may be NaN or infinite. */
  f32(): number {
    return this.#take(4, (at) => this.#bytes.getFloat32(at, true));
  }

  /**
   * medfloat16 (IEEE 11073-20601 SFLOAT): 4-bit exponent, 12-bit mantissa, both signed.
   * @returns NaN for the special values: not a number, not at this resolution, ±infinity, reserved
   */
  sfloat(): number {
    return this.#take(2, (at) => {
      const raw = this.#bytes.getUint16(at, true);
      const mantissa = ((raw & 0x0fff) << 20) >> 20;
      if (mantissa >= 0x07fe || mantissa <= -0x07fe) return NaN;
      return scaled(mantissa, (raw << 16) >> 28);
    });
  }

  /** medfloat32 (IEEE 11073-20601 FLOAT): 8-bit exponent, 24-bit mantissa, both signed. NaN for the special values. */
  float(): number {
    return this.#take(4, (at) => {
      const raw = this.#bytes.getInt32(at, true);
      const mantissa = (raw << 8) >> 8;
      if (mantissa >= 0x7ffffe || mantissa <= -0x7ffffe) return NaN;
      return scaled(mantissa, raw >> 24);
    });
  }

  /** The next `length` bytes, sharing memory; empty if they are not all there. */
  bytes(length: number): DataView {
    let found: DataView = new DataView(new ArrayBuffer(0));
    this.#take(length, (at) => {
      found = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, length);
      return 0;
    });
    return found;
  }

  /** Everything that is left. */
  rest(): DataView {
    return this.bytes(this.left);
  }

  /** Passes over `length` bytes. */
  skip(length: number): void {
    this.#take(length, () => 0);
  }

  /** True once a field was not all there. */
  get isShort(): boolean {
    return this.#missing > 0;
  }

  /** The value if every field was there and nothing is left over. */
  finish<T>(value: T): Result<T, DecodeError> {
    const { byteLength } = this.#bytes;
    if (this.#missing > 0) {
      return decodeError('decode-truncated', `${this.#what}: ${byteLength} bytes, ${this.#missing} missing`);
    }
    if (this.left > 0)
      return decodeError('decode-oversized', `${this.#what}: ${this.left} of ${byteLength} bytes left`);
    return ok(value);
  }

  #take(length: number, read: (at: number) => number): number {
    if (this.#missing > 0 || this.#at + length > this.#bytes.byteLength) {
      this.#missing += this.#missing > 0 ? length : this.#at + length - this.#bytes.byteLength;
      this.#at = this.#bytes.byteLength;
      return 0;
    }
    const value = read(this.#at);
    this.#at += length;
    return value;
  }
}

/** Decimal exponents by division where they are negative: 0.1 is no binary number, 10 is. */
function scaled(mantissa: number, exponent: number): number {
  return exponent < 0 ? mantissa / 10 ** -exponent : mantissa * 10 ** exponent;
}
