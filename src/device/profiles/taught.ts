/** Profiles made of what a person taught: the same decoding as for any device, from a table instead of from code. */
import { NUMBER_BYTES, servicesOf, type Mapping, type TaughtReading } from '../../model/mapping.ts';
import { ok, type Result } from '../../model/result.ts';
import { sampleAtArrival } from './at-arrival.ts';
import { decodeError } from './bytes.ts';
import type { CharacteristicSpec, Decoded, DecodeError, Profile } from './profile.ts';

/** What devices are called on the platform whose kind nobody knows. */
const TAUGHT_TYPE = 'taught';

/** Where a number stands in the bytes and what it means. */
type TaughtNumber = Pick<TaughtReading, 'attribute' | 'offset' | 'type' | 'endian' | 'scale' | 'add'>;

/** One profile per service of the mapping. */
export function taughtProfiles(mapping: Mapping): readonly Profile[] {
  return servicesOf(mapping).map((service) => ({
    service,
    name: mapping.name,
    // Whoever taught it wants it: a link that cannot deliver it has failed.
    advertised: true,
    sensorType: TAUGHT_TYPE,
    characteristics: mapping.characteristics
      .filter((one) => one.service === service)
      .map(({ characteristic, readings }) => taughtCharacteristic(characteristic, readings)),
  }));
}

function taughtCharacteristic(uuid: string, readings: readonly TaughtReading[]): CharacteristicSpec {
  return {
    uuid,
    name: readings.map(({ attribute }) => attribute).join(', '),
    use: 'read-notify',
    attributes: readings.map(({ attribute, attributeType, samplingRate }) => ({
      attribute,
      attributeType,
      samplingRate,
    })),
    onFull: 'keep',
    makeDecoder: () => (bytes) => decodeTaught(bytes, readings),
  };
}

/**
 * The readings of one packet. Bytes that were not taught are nobody's business; a number that lies beyond the end makes
 * the packet `decode-truncated`, one that is none (a float may be anything) `decode-not-finite`.
 */
function decodeTaught(bytes: DataView, readings: readonly TaughtReading[]): Result<Decoded, DecodeError> {
  const samples = [];
  for (const reading of readings) {
    const value = taughtValue(bytes, reading);
    if (!value.ok) return value;
    samples.push(sampleAtArrival(reading.attribute, [value.value]));
  }
  return ok({ readings: samples, facts: [] });
}

/** What one reading is in these bytes, in its unit. Errors: `decode-truncated`, `decode-not-finite`. */
export function taughtValue(bytes: DataView, reading: TaughtNumber): Result<number, DecodeError> {
  if (reading.offset + NUMBER_BYTES[reading.type] > bytes.byteLength) {
    return decodeError('decode-truncated', `${reading.attribute}: ${bytes.byteLength} bytes`);
  }
  const value = Math.fround(rawNumber(bytes, reading) * reading.scale + reading.add);
  return Number.isFinite(value) ? ok(value) : decodeError('decode-not-finite', reading.attribute);
}

/** The number as it stands in the bytes, which must be there. */
function rawNumber(bytes: DataView, { offset, type, endian }: TaughtNumber): number {
  const little = endian === 'little';
  switch (type) {
    case 'uint8':
      return bytes.getUint8(offset);
    case 'int8':
      return bytes.getInt8(offset);
    case 'uint16':
      return bytes.getUint16(offset, little);
    case 'int16':
      return bytes.getInt16(offset, little);
    case 'uint24':
      return unsigned24(bytes, offset, little);
    case 'int24':
      return (unsigned24(bytes, offset, little) << 8) >> 8;
    case 'uint32':
      return bytes.getUint32(offset, little);
    case 'int32':
      return bytes.getInt32(offset, little);
    case 'float32':
      return bytes.getFloat32(offset, little);
    case 'float64':
      return bytes.getFloat64(offset, little);
  }
}

function unsigned24(bytes: DataView, offset: number, little: boolean): number {
  const [first, middle, last] = [bytes.getUint8(offset), bytes.getUint8(offset + 1), bytes.getUint8(offset + 2)];
  return little ? first | (middle << 8) | (last << 16) : (first << 16) | (middle << 8) | last;
}
