/**
 * Cycling Power service 0x1818: measurement 2A63, vector 2A64, feature 2A65, sensor location 2A5D.
 * Source: Bluetooth SIG, Cycling Power Service 1.1 §3. The control point 2A66 only calibrates and sets lengths and is not
 * used.
 */
import type { Result } from '../../../model/result.ts';
import { FieldReader } from '../field-reader.ts';
import { assigned, type Decoded, type DecodeError, type Profile } from '../profile.ts';
import { sensorLocation } from '../sensor-location.ts';
import { bitNames, deviceFact, listText } from '../spot.ts';
import { createPowerDecoder, MEASUREMENT_ATTRIBUTES } from './measurement.ts';
import { decodeVector } from './vector.ts';

const CYCLING_POWER_SERVICE = assigned(0x1818);
export const CYCLING_POWER_MEASUREMENT = assigned(0x2a63);
export const CYCLING_POWER_VECTOR = assigned(0x2a64);
export const CYCLING_POWER_FEATURE = assigned(0x2a65);

/** Bits 0–15 of 2A65, the abilities; above them are details of the force sensor. */
const FEATURES: readonly string[] = [
  'pedal balance',
  'accumulated torque',
  'wheel revolutions',
  'crank revolutions',
  'extreme magnitudes',
  'extreme angles',
  'dead spot angles',
  'accumulated energy',
  'offset compensation indicator',
  'offset compensation',
  'masking of contents',
  'several sensor locations',
  'crank length setting',
  'chain length setting',
  'chain weight setting',
  'span length setting',
];

function decodeFeature(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'cycling power features');
  const bits = fields.u32();
  return fields.finish({
    readings: [],
    facts: [deviceFact('cycling power features', listText(bitNames(bits, FEATURES)))],
  });
}

export const cyclingPowerProfile: Profile = {
  service: CYCLING_POWER_SERVICE,
  name: 'Cycling power',
  advertised: true,
  sensorType: 'power_meter',
  characteristics: [
    {
      uuid: CYCLING_POWER_MEASUREMENT,
      name: 'Cycling power measurement',
      use: 'notify',
      attributes: MEASUREMENT_ATTRIBUTES,
      onFull: 'keep',
      makeDecoder: createPowerDecoder,
    },
    {
      uuid: CYCLING_POWER_VECTOR,
      name: 'Cycling power vector',
      use: 'notify',
      attributes: [{ attribute: 'pedal_vector', attributeType: 'pedal_vector', samplingRate: 0 }],
      onFull: 'keep',
      makeDecoder: () => decodeVector,
    },
    {
      uuid: CYCLING_POWER_FEATURE,
      name: 'Cycling power features',
      use: 'read',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => decodeFeature,
    },
    sensorLocation,
  ],
};
