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
