/**
 * Arduino Nicla Sense ME with the sketch of Arduino's own dashboard, service 19B10000-0000-…. Source: the published sketch
 * and dashboard (arduino/ArduinoAI, NiclaSenseME-dashboard). The sketch sends acceleration and rotation as the sensor
 * counts, without a unit, so they are stored as counts. What can only be read is measured once for each connection.
 */
import type { NumericReading } from '../../../model/reading.ts';
import { ok, type Result } from '../../../model/result.ts';
import { finiteReadings, sampleAtArrival, XYZ } from '../at-arrival.ts';
import { decodeError, NOTHING } from '../bytes.ts';
import { FieldReader } from '../field-reader.ts';
import type { CharacteristicSpec, Decoded, Decoder, DecodeError, Profile, Uuid } from '../profile.ts';

function nicla(number: number): Uuid {
  return `19b10000-${number.toString(16).padStart(4, '0')}-537e-4f6c-d104768a1214`;
}

export const NICLA = {
  service: nicla(0x0000),
  temperature: nicla(0x2001),
  humidity: nicla(0x3001),
  pressure: nicla(0x4001),
  acceleration: nicla(0x5001),
  rotation: nicla(0x6001),
  quaternion: nicla(0x7001),
  airQualityIndex: nicla(0x9001),
  co2: nicla(0x9002),
  gasResistance: nicla(0x9003),
} as const;

type Read = (fields: FieldReader) => number;

const f32: Read = (fields) => fields.f32();
const u32: Read = (fields) => fields.u32();
const i32: Read = (fields) => fields.i32();

/** Numbers of one kind, a plain one or the fields of one sample, in the order they are sent. */
function decoder(attribute: string, read: Read, names: readonly string[] = []): Decoder {
  return (bytes) => {
    const fields = new FieldReader(bytes, attribute);
    const values = Array.from({ length: Math.max(1, names.length) }, () => read(fields));
    const sample = sampleAtArrival(attribute, values, names.length > 0 ? names : undefined);
    return finish(fields, sample);
  };
}

function finish(fields: FieldReader, sample: NumericReading): Result<Decoded, DecodeError> {
  const read = fields.finish([sample]);
  return read.ok ? finiteReadings(sample.attribute, read.value) : read;
}

/** uint32, 0–100 %. */
function decodeHumidity(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'humidity');
  const percent = fields.u32();
  if (percent > 100) return decodeError('decode-reserved', `humidity ${percent}`);
  return finish(fields, sampleAtArrival('humidity', [percent]));
}

/** A gas value of 0 means that the sensor is still warming up. */
function unlessZero(decode: Decoder): Decoder {
  return (bytes) => {
    const decoded = decode(bytes);
    if (!decoded.ok) return decoded;
    const [reading] = decoded.value.readings;
    return reading?.kind === 'numeric' && reading.values[0] === 0 ? ok(NOTHING) : decoded;
  };
}

/** The quaternion comes as x, y, z, w and is stored with its names, w first. */
function decodeQuaternion(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'quaternion');
  const [x, y, z, w] = [fields.f32(), fields.f32(), fields.f32(), fields.f32()];
  return finish(fields, sampleAtArrival('quaternion', [w, x, y, z], ['w', 'x', 'y', 'z']));
}

function characteristic(
  uuid: Uuid,
  attribute: string,
  decode: Decoder,
  use: 'notify' | 'read-notify' = 'notify',
): CharacteristicSpec {
  const attributes = [{ attribute, attributeType: attribute, samplingRate: 0 }];
  return { uuid, name: attribute, use, attributes, onFull: 'keep', makeDecoder: () => decode };
}

export const niclaProfile: Profile = {
  service: NICLA.service,
  name: 'Arduino Nicla Sense ME',
  advertised: true,
  namePrefixes: ['Nicla'],
  sensorType: 'arduino_nicla_sense_me',
  characteristics: [
    characteristic(NICLA.quaternion, 'quaternion', decodeQuaternion),
    characteristic(NICLA.acceleration, 'accelerometer_raw', decoder('accelerometer_raw', f32, XYZ)),
    characteristic(NICLA.rotation, 'gyroscope_raw', decoder('gyroscope_raw', f32, XYZ)),
    characteristic(NICLA.temperature, 'temperature', decoder('temperature', f32), 'read-notify'),
    characteristic(NICLA.humidity, 'humidity', decodeHumidity, 'read-notify'),
    characteristic(NICLA.pressure, 'pressure', decoder('pressure', f32), 'read-notify'),
    characteristic(NICLA.airQualityIndex, 'iaq', decoder('iaq', f32), 'read-notify'),
    characteristic(NICLA.co2, 'eco2', unlessZero(decoder('eco2', i32)), 'read-notify'),
    characteristic(NICLA.gasResistance, 'gas_resistance', unlessZero(decoder('gas_resistance', u32)), 'read-notify'),
  ],
};
