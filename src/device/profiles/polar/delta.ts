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
export function parseDelta(content: DataView, channels: number, size: number): Result<number[], DecodeError> {
  if (content.byteLength < channels * size) {
    return decodeError('decode-truncated', `PMD delta frame: ${content.byteLength} bytes`);
  }
  const values = Array.from({ length: channels }, (_, i) =>
    signed(readBits(content, 8 * size * i, 8 * size), 8 * size),
  );
  let last = [...values];
  let at = channels * size;
  while (at < content.byteLength) {
    const bits = content.getUint8(at);
    const count = at + 1 < content.byteLength ? content.getUint8(at + 1) : 0;
    const first = (at + 2) * 8;
    at += 2 + Math.ceil((bits * count * channels) / 8);
    if (bits > MAX_BITS) return decodeError('decode-reserved', `PMD delta frame: ${bits} bits`);
    if (at > content.byteLength) {
      return decodeError('decode-truncated', `PMD delta frame: ${content.byteLength} of ${at} bytes`);
    }
    for (let sample = 0; sample < count; sample++) {
      const from = first + sample * channels * bits;
      last = last.map((value, i) => (value + signed(readBits(content, from + i * bits, bits), bits)) | 0);
      values.push(...last);
    }
  }
  return ok(values);
}

/** `width` bits from bit `from` on, lowest first, as an unsigned number. */
function readBits(bytes: DataView, from: number, width: number): number {
  let value = 0;
  for (let got = 0; got < width;) {
    const at = from + got;
    const shift = at & 7;
    const take = Math.min(8 - shift, width - got);
    // By multiplication, as shifts would end at 32 bits with a sign.
    value += ((bytes.getUint8(at >> 3) >> shift) & ((1 << take) - 1)) * 2 ** got;
    got += take;
  }
  return value;
}

/** Two's complement of `width` bits. */
function signed(value: number, width: number): number {
  return width > 0 && value >= 2 ** (width - 1) ? value - 2 ** width : value;
}
