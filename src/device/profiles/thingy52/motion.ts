/**
 * Thingy:52 motion service EF680400. Source: Thingy:52 firmware documentation, motion service, and the conversions of its
 * published firmware (ble_tms.h, m_motion.c). Numbers are fixed point: "Q30" means that 2³⁰ stands for 1.
 */
import type { Reading } from '../../../model/reading.ts';
import { ok, type Result } from '../../../model/result.ts';
import { finiteReadings, payloadAtArrival, sampleAtArrival, XYZ } from '../at-arrival.ts';
import { decodeError } from '../bytes.ts';
import { FieldReader } from '../field-reader.ts';
import type { CharacteristicSpec, Decoded, Decoder, DecodeError, DeviceIo, Profile, Uuid } from '../profile.ts';
import { RADIANS, STANDARD_GRAVITY } from '../units.ts';
import { THINGY, THINGY_SENSOR_TYPE } from './uuids.ts';

/** Hz of everything the motion processor sends: six streams at once leave room for no more. The firmware takes 1–200. */
const RATE = 25;
/** Least step counter interval the firmware takes is 100 ms; steps do not come that fast. */
const STEP_INTERVAL = 1000;
/** Compensation of temperature and magnetometer, ms; the firmware's own default. */
const COMPENSATION_INTERVAL = 500;

/** Direction 1–6 of a tap. */
const TAP_DIRECTIONS = ['x+', 'x-', 'y+', 'y-', 'z+', 'z-'] as const;

/** Direction of the axis and number of taps. */
function decodeTap(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy tap');
  const code = fields.u8();
  const count = fields.u8();
  const direction = TAP_DIRECTIONS[code - 1];
  const read = fields.finish(direction);
  if (!read.ok) return read;
  if (direction === undefined) return decodeError('decode-reserved', `Thingy tap direction ${code}`);
  return ok({ readings: [payloadAtArrival('tap', { direction, count })], facts: [] });
}

/** 0 portrait, 1 landscape, 2 reverse portrait, 3 reverse landscape. */
function decodeOrientation(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy orientation');
  const value = fields.u8();
  if (value > 3) return decodeError('decode-reserved', `Thingy orientation ${value}`);
  return fields.finish({ readings: [sampleAtArrival('orientation', [value])], facts: [] });
}

/** Unit quaternion w, x, y, z, int32 Q30 each. */
function decodeQuaternion(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy quaternion');
  const values = times(4, () => fields.i32() / 2 ** 30);
  return fields.finish({ readings: [sampleAtArrival('quaternion', values, ['w', 'x', 'y', 'z'])], facts: [] });
}

/** Steps since the start, uint32, and the time walked, uint32 ms; stored in s. */
function decodeSteps(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy steps');
  const steps = fields.u32();
  const walked = fields.u32() / 1000;
  const readings = [sampleAtArrival('steps', [steps]), sampleAtArrival('walking_time', [walked])];
  return fields.finish({ readings, facts: [] });
}

/** Acceleration in g, int16 Q10, to m/s²; rotation in °/s, int16 Q5, to rad/s; magnetic field in µT, int16 Q4. */
function decodeRaw(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy raw motion');
  const acceleration = times(3, () => (fields.i16() / 2 ** 10) * STANDARD_GRAVITY);
  const rotation = times(3, () => (fields.i16() / 2 ** 5) * RADIANS);
  const field = times(3, () => fields.i16() / 2 ** 4);
  const readings: Reading[] = [
    sampleAtArrival('accelerometer', acceleration, XYZ),
    sampleAtArrival('gyroscope', rotation, XYZ),
    sampleAtArrival('magnetometer', field, XYZ),
  ];
  return fields.finish({ readings, facts: [] });
}

/** Roll, pitch, yaw in °, int32 Q16 each. */
function decodeEuler(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy Euler angles');
  const values = times(3, () => fields.i32() / 2 ** 16);
  return fields.finish({ readings: [sampleAtArrival('euler', values, ['roll', 'pitch', 'yaw'])], facts: [] });
}

const MATRIX = ['m11', 'm12', 'm13', 'm21', 'm22', 'm23', 'm31', 'm32', 'm33'] as const;

/** Rotation matrix, row by row, int16 Q14 each. */
function decodeRotationMatrix(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy rotation matrix');
  const values = times(9, () => fields.i16() / 2 ** 14);
  return fields.finish({ readings: [sampleAtArrival('rotation_matrix', values, MATRIX)], facts: [] });
}

/** Compass heading in °, int32 Q16; brought into 0–360. */
function decodeHeading(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy heading');
  const degrees = (((fields.i32() / 2 ** 16) % 360) + 360) % 360;
  return fields.finish({ readings: [sampleAtArrival('heading', [degrees])], facts: [] });
}

/** Direction of gravity in m/s², float32 each. */
function decodeGravity(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'Thingy gravity');
  const readings = [
    sampleAtArrival(
      'gravity',
      times(3, () => fields.f32()),
      XYZ,
    ),
  ];
  const read = fields.finish(readings);
  return read.ok ? finiteReadings('Thingy gravity', readings) : read;
}

function times(count: number, read: () => number): number[] {
  const numbers: number[] = [];
  for (let i = 0; i < count; i++) numbers.push(read());
  return numbers;
}

/** Step counter interval, two compensation intervals (ms), rate (Hz), uint16 each; wake on motion, one byte. */
function motionConfig(): Uint8Array {
  const bytes = new Uint8Array(9);
  const view = new DataView(bytes.buffer);
  [STEP_INTERVAL, COMPENSATION_INTERVAL, COMPENSATION_INTERVAL, RATE].forEach((value, i) =>
    view.setUint16(2 * i, value, true),
  );
  view.setUint8(8, 1);
  return bytes;
}

function start(device: DeviceIo): Promise<Result<void>> {
  return device.write(THINGY.motionConfig, motionConfig());
}

function stream(
  uuid: Uuid,
  name: string,
  attributes: readonly string[],
  samplingRate: number,
  decode: Decoder,
): CharacteristicSpec {
  return {
    uuid,
    name,
    use: 'notify',
    attributes: attributes.map((attribute) => ({ attribute, attributeType: attribute, samplingRate })),
    onFull: 'keep',
    makeDecoder: () => decode,
  };
}

export const thingyMotionProfile: Profile = {
  service: THINGY.motion,
  name: 'Thingy:52 motion',
  advertised: false,
  sensorType: THINGY_SENSOR_TYPE,
  // In order of use: some phones allow only 15 notifications, and the last ones can be worked out of the first.
  characteristics: [
    stream(THINGY.rawMotion, 'Raw motion', ['accelerometer', 'gyroscope', 'magnetometer'], RATE, decodeRaw),
    stream(THINGY.quaternion, 'Quaternion', ['quaternion'], RATE, decodeQuaternion),
    stream(THINGY.tap, 'Tap', ['tap'], 0, decodeTap),
    stream(THINGY.steps, 'Steps', ['steps', 'walking_time'], 0, decodeSteps),
    stream(THINGY.orientation, 'Orientation', ['orientation'], 0, decodeOrientation),
    stream(THINGY.heading, 'Heading', ['heading'], RATE, decodeHeading),
    stream(THINGY.euler, 'Euler angles', ['euler'], RATE, decodeEuler),
    stream(THINGY.gravity, 'Gravity', ['gravity'], RATE, decodeGravity),
    stream(THINGY.rotationMatrix, 'Rotation matrix', ['rotation_matrix'], RATE, decodeRotationMatrix),
    {
      uuid: THINGY.motionConfig,
      name: 'Motion configuration',
      use: 'write',
      attributes: [],
      onFull: 'keep',
      makeDecoder: () => () => decodeError('decode-reserved', 'Thingy motion configuration'),
    },
  ],
  start,
};
