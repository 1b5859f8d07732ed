/**
 * Arduino Nano 33 BLE Sense with the sketch of Arduino's own BLE Sense dashboard, service 6FBE1DA7-0000-…. Source: the
 * published sketch and dashboard (arduino/ArduinoAI, BLESense-test-dashboard), which name type and unit of each
 * characteristic. Its sound spectrum (5001) is left alone: it is no level, and nobody asked for a microphone.
 * Pressure, temperature and humidity can only be read, so they are measured once for each connection.
 */
import type { NumericReading } from '../../../model/reading.ts';
import { ok, type Result } from '../../../model/result.ts';
import { finiteReadings, payloadAtArrival, sampleAtArrival, XYZ } from '../at-arrival.ts';
import { decodeError, NOTHING } from '../bytes.ts';
import { FieldReader } from '../field-reader.ts';
import type { CharacteristicSpec, Decoded, Decoder, DecodeError, Profile, Uuid } from '../profile.ts';
import { RADIANS, STANDARD_GRAVITY } from '../units.ts';

function nano(number: number): Uuid {
  return `6fbe1da7-${number.toString(16).padStart(4, '0')}-44de-92c4-bb6e04fb0212`;
}

export const NANO = {
  service: nano(0x0000),
  light: nano(0x2001),
  color: nano(0x2002),
  proximity: nano(0x2003),
  gesture: nano(0x2004),
  acceleration: nano(0x3001),
  rotation: nano(0x3002),
  magneticField: nano(0x3003),
  pressure: nano(0x4001),
  temperature: nano(0x4002),
  humidity: nano(0x4003),
} as const;

const GESTURES = ['up', 'down', 'left', 'right'] as const;

/** Three float32 times a factor. */
function vectorDecoder(attribute: string, factor: number): Decoder {
  return (bytes) => {
    const fields = new FieldReader(bytes, attribute);
    return finish(
      fields,
      sampleAtArrival(
        attribute,
        [fields.f32(), fields.f32(), fields.f32()].map((n) => n * factor),
        XYZ,
      ),
    );
  };
}

/** One float32 times a factor. */
function numberDecoder(attribute: string, factor: number): Decoder {
  return (bytes) => {
    const fields = new FieldReader(bytes, attribute);
    return finish(fields, sampleAtArrival(attribute, [fields.f32() * factor]));
  };
}

function finish(fields: FieldReader, reading: NumericReading): Result<Decoded, DecodeError> {
  const read = fields.finish([reading]);
  return read.ok ? finiteReadings(reading.attribute, read.value) : read;
}

/** Counts of the light sensor, uint16; not lux. */
function decodeLight(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'ambient light');
  return finish(fields, sampleAtArrival('light_raw', [fields.u16()]));
}

/** Counts of red, green and blue, uint16 each, scaled so that the strongest of them is 255. */
function decodeColor(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'colour');
  const counts = [fields.u16(), fields.u16(), fields.u16()];
  const strongest = Math.max(1, ...counts);
  return finish(
    fields,
    sampleAtArrival(
      'color',
      counts.map((count) => (255 * count) / strongest),
      ['r', 'g', 'b'],
    ),
  );
}

/** 0 near … 255 far, one byte; no length. */
function decodeProximity(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'proximity');
  return finish(fields, sampleAtArrival('proximity_raw', [fields.u8()]));
}

/** −1 none, 0 up, 1 down, 2 left, 3 right. */
function decodeGesture(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'gesture');
  const code = fields.i8();
  const read = fields.finish(code);
  if (!read.ok) return read;
  if (code === -1) return ok(NOTHING);
  const direction = GESTURES[code];
  if (direction === undefined) return decodeError('decode-reserved', `gesture ${code}`);
  return ok({ readings: [payloadAtArrival('gesture', { direction })], facts: [] });
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

export const nanoProfile: Profile = {
  service: NANO.service,
  name: 'Arduino Nano 33 BLE Sense',
  advertised: true,
  // Boards with sketches of their own are called so; what they send has to be taught, or comes over the UART service.
  namePrefixes: ['BLESense', 'Arduino', 'EdgeImpulse'],
  sensorType: 'arduino_nano_33_ble_sense',
  characteristics: [
    characteristic(NANO.acceleration, 'accelerometer', vectorDecoder('accelerometer', STANDARD_GRAVITY)),
    characteristic(NANO.rotation, 'gyroscope', vectorDecoder('gyroscope', RADIANS)),
    characteristic(NANO.magneticField, 'magnetometer', vectorDecoder('magnetometer', 1)),
    characteristic(NANO.light, 'light_raw', decodeLight),
    characteristic(NANO.color, 'color', decodeColor),
    characteristic(NANO.proximity, 'proximity_raw', decodeProximity),
    characteristic(NANO.gesture, 'gesture', decodeGesture),
    // kPa to hPa
    characteristic(NANO.pressure, 'pressure', numberDecoder('pressure', 10), 'read-notify'),
    characteristic(NANO.temperature, 'temperature', numberDecoder('temperature', 1), 'read-notify'),
    characteristic(NANO.humidity, 'humidity', numberDecoder('humidity', 1), 'read-notify'),
  ],
};
