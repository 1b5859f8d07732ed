/**
 * Pulse Oximeter service 0x1822: spot-check measurement 2A5E, continuous measurement 2A5F, features 2A60.
 * Source: Bluetooth SIG, Pulse Oximeter Service 1.0 §3 and GATT Specification Supplement (PLX Spot-Check Measurement, PLX
 * Continuous Measurement, PLX Features). SpO₂ in %, pulse in beats a minute, pulse amplitude (perfusion) in %.
 */
import type { NumericReading, Reading } from '../../model/reading.ts';
import { ok, type Result } from '../../model/result.ts';
import { readLocalTime } from './date-time.ts';
import { FieldReader } from './field-reader.ts';
import { assigned, type Decoded, type DecodeError, type Decoder, type Fact, type Profile } from './profile.ts';
import { bitNames, deviceFact, listText, spotPayload, spotSample } from './spot.ts';

export const PULSE_OXIMETER_SERVICE = assigned(0x1822);
export const PLX_SPOT_CHECK = assigned(0x2a5e);
export const PLX_CONTINUOUS = assigned(0x2a5f);
export const PLX_FEATURES = assigned(0x2a60);

/** Bits of the first byte of 2A5E; 5–7 are reserved and ignored. */
const SPOT_FLAG = { time: 0x01, measurement: 0x02, sensor: 0x04, amplitude: 0x08, clockNotSet: 0x10 } as const;
/** Bits of the first byte of 2A5F; 5–7 are reserved and ignored. */
const CONTINUOUS_FLAG = { fast: 0x01, slow: 0x02, measurement: 0x04, sensor: 0x08, amplitude: 0x10 } as const;

/** Measurement status: bits 0–4 are reserved; these are bits 5–15. */
const MEASUREMENT_STATUS: readonly string[] = [
  'measurement_ongoing',
  'early_estimate',
  'validated',
  'fully_qualified',
  'from_storage',
  'demonstration',
  'testing',
  'calibration_ongoing',
  'unavailable',
  'questionable',
  'invalid',
];
const FIRST_MEASUREMENT_BIT = 5;
/** Demonstration, testing, unavailable, invalid: what comes with these is nobody's blood. */
const NOT_MEASURED = 0x0400 | 0x0800 | 0x2000 | 0x8000;

/** Device and sensor status, bits 0–15; the rest is reserved. */
const SENSOR_STATUS: readonly string[] = [
  'extended_display_update',
  'equipment_malfunction',
  'signal_irregularity',
  'inadequate_signal',
  'poor_signal',
  'low_perfusion',
  'erratic_signal',
  'nonpulsatile_signal',
  'questionable_pulse',
  'signal_analysis_ongoing',
  'sensor_interface_malfunction',
  'sensor_unconnected',
  'unknown_sensor',
  'sensor_displaced',
  'sensor_malfunction',
  'sensor_disconnected',
];
/** Not on the person, displaced, or unplugged. */
const NO_CONTACT = 0x0800 | 0x2000 | 0x8000;

const FEATURES: readonly string[] = [
  'measurement status',
  'device and sensor status',
  'measurement storage',
  'time stamp',
  'fast values',
  'slow values',
  'pulse amplitude',
  'multiple bonds',
];
const FEATURE = { measurement: 0x01, sensor: 0x02 } as const;

/** The two status fields; undefined where not in the packet. */
interface Status {
  readonly measurement: number | undefined;
  readonly sensor: number | undefined;
}

function readStatus(fields: FieldReader, hasMeasurement: boolean, hasSensor: boolean): Status {
  return {
    measurement: hasMeasurement ? fields.u16() : undefined,
    sensor: hasSensor ? fields.u24() : undefined,
  };
}

function isMeasured({ measurement = 0 }: Status): boolean {
  return (measurement & NOT_MEASURED) === 0;
}

function statusNames({ measurement = 0, sensor = 0 }: Status): string[] {
  return [...bitNames(measurement >>> FIRST_MEASUREMENT_BIT, MEASUREMENT_STATUS), ...bitNames(sensor, SENSOR_STATUS)];
}

function contactFacts({ sensor }: Status): Fact[] {
  return sensor === undefined ? [] : [{ kind: 'contact', contact: (sensor & NO_CONTACT) === 0 }];
}

/** A pair of SpO₂ and pulse. NaN where the oximeter has no value. */
function readPair(fields: FieldReader): readonly [spo2: number, pulse: number] {
  return [fields.sfloat(), fields.sfloat()];
}

function decodeSpotCheck(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'PLX spot check');
  const flags = fields.u8();
  const [spo2, pulse] = readPair(fields);
  const stamp = (flags & SPOT_FLAG.time) === 0 ? undefined : readLocalTime(fields);
  const status = readStatus(fields, (flags & SPOT_FLAG.measurement) !== 0, (flags & SPOT_FLAG.sensor) !== 0);
  const amplitude = (flags & SPOT_FLAG.amplitude) === 0 ? undefined : fields.sfloat();
  const whole = fields.finish(undefined);
  if (!whole.ok) return whole;
  const time = (flags & SPOT_FLAG.clockNotSet) === 0 ? stamp : undefined;
  const numbers = [
    ...spotSample('spo2_spot', spo2, time),
    ...spotSample('pulse_rate_spot', pulse, time),
    ...spotSample('pulse_amplitude_spot', amplitude, time),
  ];
  const hasStatus = status.measurement !== undefined || status.sensor !== undefined;
  const statusReading = hasStatus ? [spotPayload('oximeter_status_spot', { status: statusNames(status) }, time)] : [];
  return ok({ readings: [...(isMeasured(status) ? numbers : []), ...statusReading], facts: contactFacts(status) });
}

/** Everything one 2A5F packet says. */
interface Continuous {
  readonly numbers: readonly NumericReading[];
  readonly status: Status;
}

/** Parses a 2A5F packet. Errors: `decode-truncated`, `decode-oversized`. */
function parseContinuous(bytes: DataView): Result<Continuous, DecodeError> {
  const fields = new FieldReader(bytes, 'PLX continuous');
  const flags = fields.u8();
  const normal = readPair(fields);
  const fast = (flags & CONTINUOUS_FLAG.fast) === 0 ? undefined : readPair(fields);
  const slow = (flags & CONTINUOUS_FLAG.slow) === 0 ? undefined : readPair(fields);
  const hasMeasurement = (flags & CONTINUOUS_FLAG.measurement) !== 0;
  const status = readStatus(fields, hasMeasurement, (flags & CONTINUOUS_FLAG.sensor) !== 0);
  const amplitude = (flags & CONTINUOUS_FLAG.amplitude) === 0 ? undefined : fields.sfloat();
  return fields.finish({
    numbers: [
      ...spotSample('spo2', normal[0]),
      ...spotSample('pulse_rate', normal[1]),
      ...spotSample('spo2_fast', fast?.[0]),
      ...spotSample('pulse_rate_fast', fast?.[1]),
      ...spotSample('spo2_slow', slow?.[0]),
      ...spotSample('pulse_rate_slow', slow?.[1]),
      ...spotSample('pulse_amplitude', amplitude),
    ],
    status,
  });
}

/** The status comes with each packet, once a second; it is passed on when it changes. */
function makeContinuousDecoder(): Decoder {
  let told: string | undefined;
  return (bytes) => {
    const parsed = parseContinuous(bytes);
    if (!parsed.ok) return parsed;
    const { numbers, status } = parsed.value;
    const readings: Reading[] = isMeasured(status) ? [...numbers] : [];
    if (status.measurement !== undefined || status.sensor !== undefined) {
      const names = statusNames(status);
      if (names.join() !== told) readings.push(spotPayload('oximeter_status', { status: names }));
      told = names.join();
    }
    return ok({ readings, facts: contactFacts(status) });
  };
}

/** Features, then which bits of the two status fields the oximeter uses, where it has those fields. */
function decodeFeatures(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'PLX features');
  const bits = fields.u16();
  if ((bits & FEATURE.measurement) !== 0) fields.skip(2);
  if ((bits & FEATURE.sensor) !== 0) fields.skip(3);
  return fields.finish({
    readings: [],
    facts: [deviceFact('oximeter features', listText(bitNames(bits, FEATURES)))],
  });
}

const CONTINUOUS_ATTRIBUTES: readonly (readonly [attribute: string, type: string, rate: number])[] = [
  ['spo2', 'spo2', 1],
  ['pulse_rate', 'pulse_rate', 1],
  ['spo2_fast', 'spo2', 1],
  ['pulse_rate_fast', 'pulse_rate', 1],
  ['spo2_slow', 'spo2', 1],
  ['pulse_rate_slow', 'pulse_rate', 1],
  ['pulse_amplitude', 'pulse_amplitude', 1],
  ['oximeter_status', 'oximeter_status', 0],
];

export const pulseOximeterProfile: Profile = {
  service: PULSE_OXIMETER_SERVICE,
  name: 'Pulse oximeter',
  advertised: true,
  sensorType: 'pulse_oximeter',
  characteristics: [
    {
      uuid: PLX_FEATURES,
      name: 'PLX features',
      use: 'read-notify',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => decodeFeatures,
    },
    {
      uuid: PLX_SPOT_CHECK,
      name: 'PLX spot-check measurement',
      use: 'notify',
      attributes: [
        { attribute: 'spo2_spot', attributeType: 'spo2', samplingRate: 0 },
        { attribute: 'pulse_rate_spot', attributeType: 'pulse_rate', samplingRate: 0 },
        { attribute: 'pulse_amplitude_spot', attributeType: 'pulse_amplitude', samplingRate: 0 },
        { attribute: 'oximeter_status_spot', attributeType: 'oximeter_status', samplingRate: 0 },
      ],
      onFull: 'keep',
      makeDecoder: () => decodeSpotCheck,
    },
    {
      uuid: PLX_CONTINUOUS,
      name: 'PLX continuous measurement',
      use: 'notify',
      attributes: CONTINUOUS_ATTRIBUTES.map(([attribute, attributeType, samplingRate]) => ({
        attribute,
        attributeType,
        samplingRate,
      })),
      onFull: 'keep',
      makeDecoder: makeContinuousDecoder,
    },
  ],
};
