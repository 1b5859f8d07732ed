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
    const at = this.#claim(1);
    return at < 0 ? 0 : this.#bytes.getUint8(at);
  }

  i8(): number {
    const at = this.#claim(1);
    return at < 0 ? 0 : this.#bytes.getInt8(at);
  }

  u16(): number {
    const at = this.#claim(2);
    return at < 0 ? 0 : this.#bytes.getUint16(at, true);
  }

  i16(): number {
    const at = this.#claim(2);
    return at < 0 ? 0 : this.#bytes.getInt16(at, true);
  }

  u24(): number {
    const at = this.#claim(3);
    return at < 0 ? 0 : this.#bytes.getUint16(at, true) | (this.#bytes.getUint8(at + 2) << 16);
  }

  i24(): number {
    const at = this.#claim(3);
    return at < 0 ? 0 : this.#bytes.getUint16(at, true) | (this.#bytes.getInt8(at + 2) << 16);
  }

  u32(): number {
    const at = this.#claim(4);
    return at < 0 ? 0 : this.#bytes.getUint32(at, true);
  }

  i32(): number {
    const at = this.#claim(4);
    return at < 0 ? 0 : this.#bytes.getInt32(at, true);
  }

  /** Unsigned, 40 bits. */
  u40(): number {
    const at = this.#claim(5);
    return at < 0 ? 0 : this.#bytes.getUint32(at, true) + this.#bytes.getUint8(at + 4) * 2 ** 32;
  }

  /** Unsigned, 48 bits. */
  u48(): number {
    const at = this.#claim(6);
    return at < 0 ? 0 : this.#bytes.getUint32(at, true) + this.#bytes.getUint16(at + 4, true) * 2 ** 32;
  }

  /** Unsigned, 64 bits; above 2⁵³ the lowest bits are lost. */
  u64(): number {
    const at = this.#claim(8);
    return at < 0 ? 0 : Number(this.#bytes.getBigUint64(at, true));
  }

  /** IEEE-754 single; may be NaN or infinite. */
  f32(): number {
    const at = this.#claim(4);
    return at < 0 ? 0 : this.#bytes.getFloat32(at, true);
  }

  /**
   * medfloat16 (IEEE 11073-20601 SFLOAT): 4-bit exponent, 12-bit mantissa, both signed.
   * @returns NaN for the special values: not a number, not at this resolution, ±infinity, reserved
   */
  sfloat(): number {
    const raw = this.u16();
    const mantissa = ((raw & 0x0fff) << 20) >> 20;
    if (mantissa >= 0x07fe || mantissa <= -0x07fe) return NaN;
    return scaled(mantissa, (raw << 16) >> 28);
  }

  /** medfloat32 (IEEE 11073-20601 FLOAT): 8-bit exponent, 24-bit mantissa, both signed. NaN for the special values. */
  float(): number {
    const raw = this.i32();
    const mantissa = (raw << 8) >> 8;
    if (mantissa >= 0x7ffffe || mantissa <= -0x7ffffe) return NaN;
    return scaled(mantissa, raw >> 24);
  }

  /** The next `length` bytes, sharing memory; empty if they are not all there. */
  bytes(length: number): DataView {
    const at = this.#claim(length);
    if (at < 0) return new DataView(new ArrayBuffer(0));
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, length);
  }

  /** Everything that is left. */
  rest(): DataView {
    return this.bytes(this.left);
  }

  /** Passes over `length` bytes. */
  skip(length: number): void {
    this.#claim(length);
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

  /** Where the next `length` bytes begin; −1 if they are not all there. */
  #claim(length: number): number {
    const at = this.#at;
    const { byteLength } = this.#bytes;
    if (this.#missing > 0 || at + length > byteLength) {
      this.#missing += this.#missing > 0 ? length : at + length - byteLength;
      this.#at = byteLength;
      return -1;
    }
    this.#at = at + length;
    return at;
  }
}

/** Decimal exponents by division where they are negative: 0.1 is no binary number, 10 is. */
function scaled(mantissa: number, exponent: number): number {
  return exponent < 0 ? mantissa / 10 ** -exponent : mantissa * 10 ** exponent;
}
