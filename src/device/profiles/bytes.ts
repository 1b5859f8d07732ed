/** Small helpers shared by the decoders. */
import { fail, ok, type Result } from '../../model/result.ts';
import type { Decoded, DecodeError } from './profile.ts';

/** An attribute value is at most 512 bytes long (Bluetooth Core, Vol 3 Part F §3.2.9). */
export const MAX_ATTRIBUTE_LENGTH = 512;

/** A decode error with its text. */
export function decodeError(
  code: DecodeError['code'],
  detail: string,
): { readonly ok: false; readonly error: DecodeError } {
  return fail({ code, detail });
}

/** Refuses anything but exactly `length` bytes. */
export function exactly(bytes: DataView, length: number, what: string): Result<void, DecodeError> {
  if (bytes.byteLength < length)
    return decodeError('decode-truncated', `${what}: ${bytes.byteLength} of ${length} bytes`);
  if (bytes.byteLength > length)
    return decodeError('decode-oversized', `${what}: ${bytes.byteLength}, not ${length} bytes`);
  return ok(undefined);
}

/** Nothing to report, and nothing wrong. */
export const NOTHING: Decoded = { readings: [], facts: [] };

/**
 * `length` numbers, read one after the other. A loop: `Float32Array.from` with a callback takes ten times as long, and
 * waveforms come this way.
 */
export function readNumbers(length: number, read: (index: number) => number): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(length);
  for (let i = 0; i < length; i++) numbers[i] = read(i);
  return numbers;
}

/** Times of samples `period` ms apart, the first at `first`. */
export function evenTimes(first: number, length: number, period: number): Float64Array<ArrayBuffer> {
  const times = new Float64Array(length);
  for (let i = 0; i < length; i++) times[i] = first + i * period;
  return times;
}

/** A single number as the values of a reading. */
export function oneNumber(value: number): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(1);
  numbers[0] = value;
  return numbers;
}

/** True if every number is one; an empty list is fine. */
export function areFinite(numbers: Float32Array): boolean {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return false;
  return true;
}
