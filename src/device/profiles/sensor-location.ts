/**
 * Sensor Location 2A5D, part of three services (running, cycling, cycling power).
 * Source: Bluetooth SIG, GATT Specification Supplement (Sensor Location).
 */
import { ok, type Result } from '../../model/result.ts';
import { decodeError, exactly } from './bytes.ts';
import { assigned, type CharacteristicSpec, type Decoded, type DecodeError } from './profile.ts';
import { deviceFact } from './spot.ts';

export const SENSOR_LOCATION = assigned(0x2a5d);

/** Names of the values 0–16; everything above is reserved. */
const LOCATIONS: readonly string[] = [
  'other',
  'top of shoe',
  'in shoe',
  'hip',
  'front wheel',
  'left crank',
  'right crank',
  'left pedal',
  'right pedal',
  'front hub',
  'rear dropout',
  'chainstay',
  'rear wheel',
  'rear hub',
  'chest',
  'spider',
  'chain ring',
];

/** One byte; a fact, as it never changes while the sensor measures. `decode-reserved` for values without a name. */
function decodeLocation(bytes: DataView): Result<Decoded, DecodeError> {
  const sized = exactly(bytes, 1, 'sensor location');
  if (!sized.ok) return sized;
  const text = LOCATIONS[bytes.getUint8(0)];
  if (text === undefined) return decodeError('decode-reserved', `sensor location ${bytes.getUint8(0)}`);
  return ok({ readings: [], facts: [deviceFact('sensor location', text)] });
}

/** The one description of 2A5D that all three services use. */
export const sensorLocation: CharacteristicSpec = {
  uuid: SENSOR_LOCATION,
  name: 'Sensor location',
  use: 'read',
  attributes: [],
  onFull: 'coalesce',
  makeDecoder: () => decodeLocation,
};
