/**
 * Heart Rate service 0x180D: measurement 2A37, body sensor location 2A38, control point 2A39.
 * Source: Bluetooth SIG, Heart Rate Service 1.0 and GATT Specification Supplement (Heart Rate Measurement, Body Sensor
 * Location, Heart Rate Control Point).
 */
import type { NumericReading } from '../../model/reading.ts';
import { ok, type Result } from '../../model/result.ts';
import { decodeError, exactly, MAX_ATTRIBUTE_LENGTH, oneNumber } from './bytes.ts';
import { assigned, type Decoded, type DecodeError, type Fact, type Profile } from './profile.ts';

export const HEART_RATE_SERVICE = assigned(0x180d);
export const HEART_RATE_MEASUREMENT = assigned(0x2a37);
export const BODY_SENSOR_LOCATION = assigned(0x2a38);
/** Write only; present where energy is supported. */
export const HEART_RATE_CONTROL_POINT = assigned(0x2a39);
/** Value for the control point: sets energy expended back to 0. */
export const RESET_ENERGY_EXPENDED = 0x01;

/** Bits of the first byte of 2A37. Bits 5–7 are reserved and ignored, so that newer straps still work. */
export const HEART_RATE_FLAG = {
  wideRate: 0x01,
  contactDetected: 0x02,
  contactSupported: 0x04,
  energy: 0x08,
  rr: 0x10,
} as const;

/** RR intervals and beats are in units of 1/1024 s. */
const MS_PER_TICK = 1000 / 1024;

/** Everything one 2A37 packet says, as the specification names it. */
export interface HeartRateMeasurement {
  /** Beats a minute; 0 is what many straps send while they have no signal. */
  readonly rate: number;
  /** Skin contact; undefined where the strap does not support the bit. */
  readonly contact: boolean | undefined;
  /** Kilojoules since the last reset; undefined where not in this packet. */
  readonly energy: number | undefined;
  /** RR intervals in ms, oldest first. */
  readonly intervals: Float64Array;
}

/**
 * Parses a 2A37 packet.
 * @returns `decode-truncated` if a field announced by the flags is missing or cut, `decode-oversized` if bytes follow
 * the announced fields: whatever those mean, our reading of the flags is then not to be trusted, so nothing is used.
 */
export function parseHeartRate(bytes: DataView): Result<HeartRateMeasurement, DecodeError> {
  if (bytes.byteLength < 1) return decodeError('decode-truncated', 'heart rate: empty');
  if (bytes.byteLength > MAX_ATTRIBUTE_LENGTH)
    return decodeError('decode-oversized', `heart rate: ${bytes.byteLength} bytes`);
  const flags = bytes.getUint8(0);
  const wide = (flags & HEART_RATE_FLAG.wideRate) !== 0;
  const hasEnergy = (flags & HEART_RATE_FLAG.energy) !== 0;
  const hasRr = (flags & HEART_RATE_FLAG.rr) !== 0;
  const energyAt = wide ? 3 : 2;
  const rrAt = energyAt + (hasEnergy ? 2 : 0);
  const rrBytes = bytes.byteLength - rrAt;
  if (rrBytes < 0 || (hasRr && (rrBytes === 0 || rrBytes % 2 !== 0))) {
    return decodeError('decode-truncated', `heart rate: ${bytes.byteLength} bytes, flags 0x${flags.toString(16)}`);
  }
  if (!hasRr && rrBytes > 0) {
    return decodeError(
      'decode-oversized',
      `heart rate: ${rrBytes} bytes after the last field, flags 0x${flags.toString(16)}`,
    );
  }
  return ok({
    rate: wide ? bytes.getUint16(1, true) : bytes.getUint8(1),
    contact:
      (flags & HEART_RATE_FLAG.contactSupported) === 0 ? undefined : (flags & HEART_RATE_FLAG.contactDetected) !== 0,
    energy: hasEnergy ? bytes.getUint16(energyAt, true) : undefined,
    intervals: readIntervals(bytes, rrAt),
  });
}

/** All RR intervals from `offset` to the end, in ms; an interval of 0 says nothing and is left out. */
function readIntervals(bytes: DataView, offset: number): Float64Array {
  const intervals = new Float64Array((bytes.byteLength - offset) >> 1);
  let count = 0;
  for (let at = offset; at + 1 < bytes.byteLength; at += 2) {
    const ticks = bytes.getUint16(at, true);
    if (ticks > 0) intervals[count++] = ticks * MS_PER_TICK;
  }
  return count === intervals.length ? intervals : intervals.slice(0, count);
}

function decodeMeasurement(bytes: DataView): Result<Decoded, DecodeError> {
  const parsed = parseHeartRate(bytes);
  if (!parsed.ok) return parsed;
  const { rate, contact, energy, intervals } = parsed.value;
  const readings: NumericReading[] = [];
  // A rate of 0 means "no signal": no sample at all, so that 0 never stands for missing data.
  if (rate > 0) readings.push(atArrival('heartrate', rate));
  if (energy !== undefined) readings.push(atArrival('energy_expended', energy));
  if (intervals.length > 0) {
    readings.push({
      kind: 'numeric',
      attribute: 'rr_interval',
      values: new Float32Array(intervals),
      timing: { kind: 'intervals', intervals },
    });
  }
  return ok({ readings, facts: [{ kind: 'contact', contact }] });
}

function atArrival(attribute: string, value: number): NumericReading {
  return { kind: 'numeric', attribute, values: oneNumber(value), timing: { kind: 'arrival' } };
}

/** Names of the assigned values 0–6 of 2A38; everything above is reserved. */
const LOCATIONS: readonly string[] = ['other', 'chest', 'wrist', 'finger', 'hand', 'ear lobe', 'foot'];

function decodeLocation(bytes: DataView): Result<Decoded, DecodeError> {
  const sized = exactly(bytes, 1, 'body sensor location');
  if (!sized.ok) return sized;
  const value = bytes.getUint8(0);
  const text = LOCATIONS[value];
  if (text === undefined) return decodeError('decode-reserved', `body sensor location ${value}`);
  const fact: Fact = { kind: 'bodyLocation', text };
  return ok({
    readings: [
      { kind: 'structured', attribute: 'body_location', payloads: [{ value, text }], timing: { kind: 'arrival' } },
    ],
    facts: [fact],
  });
}

export const heartRateProfile: Profile = {
  service: HEART_RATE_SERVICE,
  name: 'Heart rate',
  advertised: true,
  sensorType: 'heart_rate_strap',
  characteristics: [
    {
      uuid: HEART_RATE_MEASUREMENT,
      name: 'Heart rate measurement',
      use: 'notify',
      attributes: [
        { attribute: 'heartrate', attributeType: 'heartrate', samplingRate: 1 },
        { attribute: 'rr_interval', attributeType: 'rr_interval', samplingRate: 0 },
        { attribute: 'energy_expended', attributeType: 'energy_expended', samplingRate: 0 },
      ],
      onFull: 'keep',
      makeDecoder: () => decodeMeasurement,
    },
    {
      uuid: BODY_SENSOR_LOCATION,
      name: 'Body sensor location',
      use: 'read',
      attributes: [{ attribute: 'body_location', attributeType: 'body_location', samplingRate: 0 }],
      onFull: 'coalesce',
      makeDecoder: () => decodeLocation,
    },
  ],
};
