/**
 * Thesma "PressureSensor": breath belt and finger oximeter. No specification is published; the layouts are those of the
 * platform's own web client (breath: float32, little-endian, shown as mbar, exhaling positive; oximeter: four bytes).
 */
import { ok, type Result } from '../../model/result.ts';
import type { Reading } from '../../model/reading.ts';
import { finiteReadings, payloadAtArrival, sampleAtArrival } from './at-arrival.ts';
import { decodeError } from './bytes.ts';
import { FieldReader } from './field-reader.ts';
import type { Decoded, DecodeError, Profile } from './profile.ts';

const BREATH_SERVICE = '453b02b0-71a1-11ea-ab12-0800200c9a66';
export const BREATH_PRESSURE = '61d20a90-71a1-11ea-ab12-0800200c9a66';
const OXIMETER_SERVICE = 'a688bc90-09e2-4643-8e9a-ff3076703bc3';
export const OXIMETER = 'd0b02e79-854a-4129-9475-7610e938a4dc';

/** What lies on the oximeter, by its first byte. */
const STATES = ['none', 'object', 'other', 'finger'] as const;

/**
 * Pressure against the surrounding air in mbar. Neither a share of the chest's expansion (the platform's `respiration`)
 * nor the weather's `pressure`, so it has a name of its own.
 */
function decodeBreath(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'breath pressure');
  const readings = [sampleAtArrival('breath_pressure', [fields.f32()])];
  const read = fields.finish(readings);
  return read.ok ? finiteReadings('breath pressure', readings) : read;
}

/** State, heart rate (bpm), SpO₂ (%), confidence (%), one byte each. Without a finger there is nothing to measure. */
function decodeOximeter(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'oximeter');
  const code = fields.u8();
  const rate = fields.u8();
  const saturation = fields.u8();
  const confidence = fields.u8();
  const state = STATES[code];
  const read = fields.finish(state);
  if (!read.ok) return read;
  if (state === undefined) return decodeError('decode-reserved', `oximeter state ${code}`);
  const readings: Reading[] = [payloadAtArrival('oximeter_state', { state })];
  const hasFinger = state === 'finger';
  if (hasFinger && rate > 0) readings.push(sampleAtArrival('heartrate', [rate]));
  if (hasFinger && saturation > 0 && saturation <= 100) readings.push(sampleAtArrival('spo2', [saturation]));
  if (hasFinger && confidence <= 100) readings.push(sampleAtArrival('oximeter_confidence', [confidence]));
  return ok({ readings, facts: [{ kind: 'contact', contact: hasFinger }] });
}

export const breathBeltProfile: Profile = {
  service: BREATH_SERVICE,
  name: 'Breath pressure',
  advertised: false,
  namePrefixes: ['PressureSensor'],
  sensorType: 'breath_belt',
  characteristics: [
    {
      uuid: BREATH_PRESSURE,
      name: 'Breath pressure',
      use: 'notify',
      attributes: [{ attribute: 'breath_pressure', attributeType: 'breath_pressure', samplingRate: 0 }],
      onFull: 'keep',
      makeDecoder: () => decodeBreath,
    },
  ],
};

export const thesmaOximeterProfile: Profile = {
  service: OXIMETER_SERVICE,
  name: 'Finger oximeter',
  advertised: false,
  sensorType: 'pulse_oximeter',
  characteristics: [
    {
      uuid: OXIMETER,
      name: 'Oximeter',
      use: 'notify',
      attributes: ['heartrate', 'spo2', 'oximeter_confidence', 'oximeter_state'].map((attribute) => ({
        attribute,
        attributeType: attribute,
        samplingRate: 0,
      })),
      onFull: 'keep',
      makeDecoder: () => decodeOximeter,
    },
  ],
};
