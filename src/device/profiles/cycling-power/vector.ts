/**
 * Cycling Power Vector 2A64: force or torque at several angles of one turn of the crank.
 * Source: Bluetooth SIG, Cycling Power Service 1.1 §3.4 and GATT Specification Supplement (Cycling Power Vector).
 */
import type { Result } from '../../../model/result.ts';
import { payloadAtArrival } from '../at-arrival.ts';
import { decodeError } from '../bytes.ts';
import { FieldReader } from '../field-reader.ts';
import type { Decoded, DecodeError } from '../profile.ts';
import { known } from '../spot.ts';
import { TORQUE_STEP } from './measurement.ts';

/** Bits of the first byte; 6 and 7 are reserved and ignored. */
const VECTOR_FLAG = { crank: 0x01, firstAngle: 0x02, force: 0x04, torque: 0x08 } as const;
const DIRECTION_SHIFT = 4;
const DIRECTIONS = ['unknown', 'tangential', 'radial', 'lateral'] as const;

/**
 * One object a packet: `direction` of what was measured, `first_angle` ° of the first measurement (the crank's, or of the
 * first after the last packet), `crank_revolutions` (cumulative, wraps at 65536) with `crank_time` (s, of the last one,
 * wraps at 64 s), `force` N or `torque` N·m, evenly spread over the turn.
 * @returns `decode-reserved` if the packet claims to hold both arrays: nothing tells where one ends
 */
export function decodeVector(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'cycling power vector');
  const flags = fields.u8();
  const has = (bit: number): boolean => (flags & bit) !== 0;
  if (has(VECTOR_FLAG.force) && has(VECTOR_FLAG.torque))
    return decodeError('decode-reserved', 'cycling power vector: force and torque in one packet');
  const crank = has(VECTOR_FLAG.crank) ? { revolutions: fields.u16(), time: fields.u16() / 1024 } : undefined;
  const firstAngle = has(VECTOR_FLAG.firstAngle) ? fields.u16() : undefined;
  const force = has(VECTOR_FLAG.force) ? readArray(fields) : undefined;
  const torque = has(VECTOR_FLAG.torque) ? readArray(fields).map((steps) => steps * TORQUE_STEP) : undefined;
  const payload = known({
    direction: DIRECTIONS[(flags >> DIRECTION_SHIFT) & 3],
    first_angle: firstAngle,
    crank_revolutions: crank?.revolutions,
    crank_time: crank?.time,
    force,
    torque,
  });
  return fields.finish({ readings: [payloadAtArrival('pedal_vector', payload)], facts: [] });
}

/** At least one number: an array that was announced and is not there was cut off. */
function readArray(fields: FieldReader): number[] {
  const numbers = [fields.i16()];
  while (fields.left > 0) numbers.push(fields.i16());
  return numbers;
}
