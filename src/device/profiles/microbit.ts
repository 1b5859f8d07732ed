/**
 * BBC micro:bit. Source: micro:bit Bluetooth profile 1.9 (accelerometer, magnetometer, button and temperature service) and,
 * for the unit of the magnetometer, the published runtime (compass.getX: nanotesla). Its UART service is in nordic-uart.ts.
 */
import { appError } from '../../model/errors.ts';
import { fail, ok, type Result } from '../../model/result.ts';
import { sampleAtArrival, XYZ } from './at-arrival.ts';
import { decodeError } from './bytes.ts';
import { FieldReader } from './field-reader.ts';
import type { CharacteristicSpec, Decoded, Decoder, DecodeError, DeviceIo, Profile, Uuid } from './profile.ts';
import { STANDARD_GRAVITY } from './units.ts';

function microbit(number: number): Uuid {
  return `e95d${number.toString(16).padStart(4, '0')}-251d-470a-a062-fa1922dfa9a8`;
}

export const MICROBIT = {
  accelerometerService: microbit(0x0753),
  accelerometerData: microbit(0xca4b),
  accelerometerPeriod: microbit(0xfb24),
  magnetometerService: microbit(0xf2d8),
  magnetometerData: microbit(0xfb11),
  magnetometerBearing: microbit(0x9715),
  magnetometerPeriod: microbit(0x386c),
  buttonService: microbit(0x9882),
  buttonA: microbit(0xda90),
  buttonB: microbit(0xda91),
  temperatureService: microbit(0x6100),
  temperature: microbit(0x9250),
} as const;

/** ms; the profile allows 1, 2, 5, 10, 20, 80, 160, 640. Less than 20 is more than its radio can send. */
const PERIOD = 20;
const SENSOR_TYPE = 'microbit';
/** As the board advertises itself: `BBC micro:bit [vopez]`. It advertises none of these services. */
const NAME_PREFIXES = ['BBC micro:bit'];

/** int16 x, y, z in thousandths of g, to m/s². */
function decodeAcceleration(bytes: DataView): Result<Decoded, DecodeError> {
  return decodeVector(bytes, 'accelerometer', STANDARD_GRAVITY / 1000);
}

/**
 * int16 x, y, z in nanotesla, to µT. The runtime cuts its number to 16 bits, so that a component beyond ±32.767 µT comes
 * out 65.536 µT wrong; nothing in the packet tells.
 */
function decodeMagneticField(bytes: DataView): Result<Decoded, DecodeError> {
  return decodeVector(bytes, 'magnetometer', 1 / 1000);
}

function decodeVector(bytes: DataView, attribute: string, factor: number): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, `micro:bit ${attribute}`);
  const values = [fields.i16(), fields.i16(), fields.i16()].map((value) => value * factor);
  return fields.finish({ readings: [sampleAtArrival(attribute, values, XYZ)], facts: [] });
}

/** uint16, degrees from north. */
function decodeBearing(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'micro:bit bearing');
  const degrees = fields.u16();
  if (degrees > 360) return decodeError('decode-reserved', `micro:bit bearing ${degrees}`);
  return fields.finish({ readings: [sampleAtArrival('heading', [degrees % 360])], facts: [] });
}

/** 0 up, 1 pressed, 2 held long. */
function decodeButton(attribute: string): Decoder {
  return (bytes) => {
    const fields = new FieldReader(bytes, `micro:bit ${attribute}`);
    const value = fields.u8();
    if (value > 2) return decodeError('decode-reserved', `micro:bit ${attribute} ${value}`);
    return fields.finish({ readings: [sampleAtArrival(attribute, [value])], facts: [] });
  };
}

/** int8, °C: of the processor, so some degrees above the room's. */
function decodeTemperature(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'micro:bit temperature');
  return fields.finish({ readings: [sampleAtArrival('temperature', [fields.i8()])], facts: [] });
}

/** Asks for a sample every 20 ms, where the period can be set. */
function startWith(period: Uuid): (device: DeviceIo) => Promise<Result<void>> {
  return async (device) => {
    if (!device.has(period)) return ok(undefined);
    const written = await device.write(period, Uint8Array.of(PERIOD, 0));
    return written.ok ? written : fail(appError(written.error.code, `micro:bit period: ${written.error.detail ?? ''}`));
  };
}

function stream(
  uuid: Uuid,
  name: string,
  [attribute, attributeType]: readonly [string, string],
  samplingRate: number,
  decode: Decoder,
): CharacteristicSpec {
  const attributes = [{ attribute, attributeType, samplingRate }];
  return { uuid, name, use: 'notify', attributes, onFull: 'keep', makeDecoder: () => decode };
}

function setting(uuid: Uuid, name: string): CharacteristicSpec {
  const makeDecoder: CharacteristicSpec['makeDecoder'] = () => () => decodeError('decode-reserved', name);
  return { uuid, name, use: 'write', attributes: [], onFull: 'keep', makeDecoder };
}

function profile(service: Uuid, name: string, characteristics: readonly CharacteristicSpec[]): Profile {
  return { service, name, advertised: false, sensorType: SENSOR_TYPE, characteristics };
}

const RATE = 1000 / PERIOD;

const accelerometer: Profile = {
  ...profile(MICROBIT.accelerometerService, 'micro:bit accelerometer', [
    stream(MICROBIT.accelerometerData, 'Acceleration', ['accelerometer', 'accelerometer'], RATE, decodeAcceleration),
    setting(MICROBIT.accelerometerPeriod, 'Accelerometer period'),
  ]),
  namePrefixes: NAME_PREFIXES,
  start: startWith(MICROBIT.accelerometerPeriod),
};

const magnetometer: Profile = {
  ...profile(MICROBIT.magnetometerService, 'micro:bit magnetometer', [
    stream(MICROBIT.magnetometerData, 'Magnetic field', ['magnetometer', 'magnetometer'], RATE, decodeMagneticField),
    // Only a calibrated compass has a bearing.
    stream(MICROBIT.magnetometerBearing, 'Bearing', ['heading', 'heading'], 0, decodeBearing),
    setting(MICROBIT.magnetometerPeriod, 'Magnetometer period'),
  ]),
  start: startWith(MICROBIT.magnetometerPeriod),
};

const buttons = profile(MICROBIT.buttonService, 'micro:bit buttons', [
  stream(MICROBIT.buttonA, 'Button A', ['button_a', 'button'], 0, decodeButton('button_a')),
  stream(MICROBIT.buttonB, 'Button B', ['button_b', 'button'], 0, decodeButton('button_b')),
]);

const temperature = profile(MICROBIT.temperatureService, 'micro:bit temperature', [
  stream(MICROBIT.temperature, 'Temperature', ['temperature', 'temperature'], 1, decodeTemperature),
]);

export const microbitProfiles: readonly Profile[] = [accelerometer, magnetometer, buttons, temperature];
