/** Readings of devices that say nothing about time: one sample, dated by its arrival. */
import type { AttributeId } from '../../model/attribute.ts';
import type { Json } from '../../model/block.ts';
import type { NumericReading, Reading, StructuredReading } from '../../model/reading.ts';
import { ok, type Result } from '../../model/result.ts';
import { decodeError } from './bytes.ts';
import type { Decoded, DecodeError } from './profile.ts';

/** One sample: a plain number, or several with the names of their fields. */
export function sampleAtArrival(
  attribute: AttributeId,
  values: readonly number[],
  fields?: readonly string[],
): NumericReading {
  const timing = { kind: 'arrival' } as const;
  const numbers = new Float32Array(values.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = values[i] ?? NaN;
  return fields
    ? { kind: 'numeric', attribute, values: numbers, fields, timing }
    : { kind: 'numeric', attribute, values: numbers, timing };
}

/** One structured sample. */
export function payloadAtArrival(attribute: AttributeId, payload: Json): StructuredReading {
  return { kind: 'structured', attribute, payloads: [payload], timing: { kind: 'arrival' } };
}

/** Readings without facts. `decode-not-finite` if a number is none: floating-point fields can hold anything. */
export function finiteReadings(what: string, readings: readonly Reading[]): Result<Decoded, DecodeError> {
  for (const reading of readings) {
    if (reading.kind === 'numeric' && !reading.values.every(Number.isFinite))
      return decodeError('decode-not-finite', `${what}: ${reading.attribute}`);
  }
  return ok({ readings, facts: [] });
}

/** Names of the numbers of a vector. */
export const XYZ = ['x', 'y', 'z'] as const;
