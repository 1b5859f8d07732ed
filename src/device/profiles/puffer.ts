/**
 * Puffer: a worn board that names what its wearer does. No specification is published; the layouts are those of the
 * platform's own web client: the class as text, and six float32, little-endian: acceleration and rotation, x, y, z each.
 * Their units are not published, so the numbers are stored as they come and are not called m/s² or rad/s.
 */
import { ok, type Result } from '../../model/result.ts';
import { finiteReadings, payloadAtArrival, sampleAtArrival, XYZ } from './at-arrival.ts';
import { decodeError, MAX_ATTRIBUTE_LENGTH } from './bytes.ts';
import { FieldReader } from './field-reader.ts';
import type { Decoded, DecodeError, Profile } from './profile.ts';

const SERVICE = 'f75966a4-2f01-404b-be19-84af8df52728';
export const PUFFER_CLASS = '63692f11-9daf-4c7d-ab89-45fbe50af19d';
export const PUFFER_MOTION = '56e03b21-09a3-45ae-b7bb-c3d0817f430c';

// eslint-disable-next-line no-control-regex -- control characters are what is removed here
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** Name of the class, UTF-8, perhaps padded with zero bytes. */
function decodeClass(bytes: DataView): Result<Decoded, DecodeError> {
  if (bytes.byteLength > MAX_ATTRIBUTE_LENGTH)
    return decodeError('decode-oversized', `class: ${bytes.byteLength} bytes`);
  const text = new TextDecoder().decode(bytes).replace(CONTROL, '').trim();
  if (text === '') return decodeError('decode-truncated', 'class: no text');
  return ok({ readings: [payloadAtArrival('classification', text)], facts: [] });
}

function decodeMotion(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Puffer motion');
  const vector = (): number[] => [fields.f32(), fields.f32(), fields.f32()];
  const readings = [
    sampleAtArrival('accelerometer_raw', vector(), XYZ),
    sampleAtArrival('gyroscope_raw', vector(), XYZ),
  ];
  const read = fields.finish(readings);
  return read.ok ? finiteReadings('Puffer motion', readings) : read;
}

export const pufferProfile: Profile = {
  service: SERVICE,
  name: 'Puffer',
  advertised: false,
  namePrefixes: ['Puff'],
  sensorType: 'puffer',
  characteristics: [
    {
      uuid: PUFFER_CLASS,
      name: 'Class',
      use: 'notify',
      attributes: [{ attribute: 'classification', attributeType: 'classification', samplingRate: 0 }],
      onFull: 'keep',
      makeDecoder: () => decodeClass,
    },
    {
      uuid: PUFFER_MOTION,
      name: 'Motion',
      use: 'notify',
      attributes: ['accelerometer_raw', 'gyroscope_raw'].map((attribute) => ({
        attribute,
        attributeType: attribute,
        samplingRate: 0,
      })),
      onFull: 'keep',
      makeDecoder: () => decodeMotion,
    },
  ],
};
