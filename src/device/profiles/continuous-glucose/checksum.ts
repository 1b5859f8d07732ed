/** The checksum of continuous glucose monitors. Source: Continuous Glucose Monitoring Service 1.0.2 §3.11, E2E-CRC. */
import { ok, type Result } from '../../../model/result.ts';
import { decodeError } from '../bytes.ts';
import type { FieldReader } from '../field-reader.ts';
import type { DecodeError } from '../profile.ts';

export const CHECKSUM_BYTES = 2;

/** Checks the checksum at the end, if one is left there. */
export function skipChecksum(fields: FieldReader, bytes: DataView): Result<void, DecodeError> {
  if (fields.left !== CHECKSUM_BYTES) return ok(undefined);
  const sent = fields.u16();
  const computed = checksum(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength - CHECKSUM_BYTES));
  return sent === computed ? ok(undefined) : decodeError('decode-checksum', `CGM checksum ${sent}, not ${computed}`);
}

/** E2E-CRC: CRC-CCITT, polynomial 0x1021, seed 0xFFFF, least significant bit first. */
export function checksum(bytes: DataView): number {
  let crc = 0xffff;
  for (let i = 0; i < bytes.byteLength; i++) {
    crc ^= bytes.getUint8(i);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
  }
  return crc;
}
