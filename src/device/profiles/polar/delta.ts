/**
 * Compressed PMD frames: a first sample whole, then groups of differences. A group says how many bits a difference has
 * and how many samples follow; its bits run from the lowest of the first byte upwards, and the next group begins with a
 * byte of its own. Source: Polar Measurement Data Specification, "Delta frame".
 */
import { ok, type Result } from '../../../model/result.ts';
import { decodeError } from '../bytes.ts';
import type { DecodeError } from '../profile.ts';

/** Differences are added up in 32 bits, wrapping: floats are compressed as the integers their bits make. */
const MAX_BITS = 32;

/**
 * All samples of a compressed frame's content, channels of a sample next to each other, as signed integers.
 * @param size bytes of one channel of the first sample: 1–4
 * @returns `decode-truncated` if a group is cut, `decode-reserved` for differences of more than 32 bits
 */
export function parseDelta(content: DataView, channels: number, size: number): Result<Int32Array, DecodeError> {
  const counted = countSamples(content, channels, size);
  if (!counted.ok) return counted;
  const values = new Int32Array(counted.value * channels);
  for (let i = 0; i < channels; i++) values[i] = signedBits(content, 8 * size * i, 8 * size);
  let next = channels;
  for (let at = channels * size; at < content.byteLength;) {
    const bits = content.getUint8(at);
    const length = content.getUint8(at + 1) * channels;
    let from = (at + 2) * 8;
    for (let i = 0; i < length; i++, from += bits, next++) {
      // Adds up in 32 bits, as the array wraps.
      values[next] = (values[next - channels] ?? 0) + signedBits(content, from, bits);
    }
    at += groupBytes(bits, length);
  }
  return ok(values);
}

/** Bytes of a group: how many bits a difference has, how many samples follow, their differences. */
function groupBytes(bits: number, differences: number): number {
  return 2 + Math.ceil((bits * differences) / 8);
}

/** Samples by what the groups say of themselves, which has to fit the content. */
function countSamples(content: DataView, channels: number, size: number): Result<number, DecodeError> {
  const { byteLength } = content;
  if (byteLength < channels * size) return decodeError('decode-truncated', `PMD delta frame: ${byteLength} bytes`);
  let samples = 1;
  for (let at = channels * size; at < byteLength;) {
    const bits = content.getUint8(at);
    const count = at + 1 < byteLength ? content.getUint8(at + 1) : 0;
    at += groupBytes(bits, count * channels);
    if (bits > MAX_BITS) return decodeError('decode-reserved', `PMD delta frame: ${bits} bits`);
    if (at > byteLength) return decodeError('decode-truncated', `PMD delta frame: ${byteLength} of ${at} bytes`);
    samples += count;
  }
  return ok(samples);
}

/** `width` (0–32) bits from bit `from` on, lowest first, in two's complement. */
function signedBits(bytes: DataView, from: number, width: number): number {
  if (width === 0) return 0;
  const at = from >> 3;
  const shift = from & 7;
  // Within four bytes: up, to drop what is above them, and down again with the sign.
  if (shift + width <= 32 && at + 4 <= bytes.byteLength) {
    return (bytes.getInt32(at, true) << (32 - shift - width)) >> (32 - width);
  }
  return signedBitByBit(bytes, from, width);
}

/** The same where four bytes are too few, or too many for what is left. */
function signedBitByBit(bytes: DataView, from: number, width: number): number {
  let value = 0;
  for (let bit = 0; bit < width; bit++) {
    const at = from + bit;
    value |= ((bytes.getUint8(at >> 3) >> (at & 7)) & 1) << bit;
  }
  return (value << (32 - width)) >> (32 - width);
}
