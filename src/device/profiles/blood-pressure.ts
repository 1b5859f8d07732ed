/**
 * Blood Pressure service 0x1810: measurement 2A35, intermediate cuff pressure 2A36, feature 2A49.
 * Source: Bluetooth SIG, Blood Pressure Service 1.1 §3 and GATT Specification Supplement (Blood Pressure Measurement,
 * Intermediate Cuff Pressure, Blood Pressure Feature). The user's number in a packet is personal and not passed on.
 */
import type { Json } from '../../model/block.ts';
import { ok, type Result } from '../../model/result.ts';
import { readLocalTime } from './date-time.ts';
import { FieldReader } from './field-reader.ts';
import { assigned, type Decoded, type DecodeError, type Decoder, type Profile, type Uuid } from './profile.ts';
import { bitNames, deviceFact, known, listText, spotPayload, spotSample } from './spot.ts';

const BLOOD_PRESSURE_SERVICE = assigned(0x1810);
export const BLOOD_PRESSURE_MEASUREMENT = assigned(0x2a35);
export const INTERMEDIATE_CUFF_PRESSURE = assigned(0x2a36);
export const BLOOD_PRESSURE_FEATURE = assigned(0x2a49);

/** Bits of the first byte of 2A35 and 2A36; the others are reserved and ignored. */
const FLAG = { kilopascal: 0x01, time: 0x02, pulse: 0x04, user: 0x08, status: 0x10 } as const;

/** mmHg in a kPa. */
const MMHG_PER_KPA = 7.500_616_83;

/** Bits 0–8 of the feature, as told to people. */
const FEATURES: readonly string[] = [
  'body movement detection',
  'cuff fit detection',
  'irregular pulse detection',
  'pulse rate range detection',
  'measurement position detection',
  'multiple bonds',
  'end-to-end checksum',
  'user data',
  'user-facing time',
];

/** Names of the two bits of the pulse rate range; 3 is reserved. */
const PULSE_RANGES: readonly (string | undefined)[] = ['normal', 'above', 'below'];

/** Everything one 2A35 or 2A36 packet says, but for whom it was measured. Pressures in mmHg, NaN where not known. */
interface Pressure {
  /** Systolic pressure in 2A35, the cuff's pressure in 2A36. */
  readonly first: number;
  readonly diastolic: number;
  readonly mean: number;
  /** Unix ms, the monitor's calendar read as local time. */
  readonly time: number | undefined;
  /** Beats a minute. */
  readonly pulse: number | undefined;
  /** Measurement status bits. */
  readonly status: number | undefined;
}

/** Parses a 2A35 or 2A36 packet. Errors: `decode-truncated`, `decode-oversized`. */
function parsePressure(bytes: DataView, what: string): Result<Pressure, DecodeError> {
  const fields = new FieldReader(bytes, what);
  const flags = fields.u8();
  const perUnit = (flags & FLAG.kilopascal) === 0 ? 1 : MMHG_PER_KPA;
  const first = fields.sfloat() * perUnit;
  const diastolic = fields.sfloat() * perUnit;
  const mean = fields.sfloat() * perUnit;
  const time = (flags & FLAG.time) === 0 ? undefined : readLocalTime(fields);
  const pulse = (flags & FLAG.pulse) === 0 ? undefined : fields.sfloat();
  if ((flags & FLAG.user) !== 0) fields.skip(1);
  const status = (flags & FLAG.status) === 0 ? undefined : fields.u16();
  return fields.finish({ first, diastolic, mean, time, pulse, status });
}

/**
 * The status of a measurement. Detections that the monitor is known not to make are left out: their 0 means nothing.
 * @param features bits of 2A49; undefined if it was not read
 */
function statusPayload(status: number, features: number | undefined): Json {
  const can = (feature: number): boolean => features === undefined || (features & (1 << feature)) !== 0;
  return known({
    body_movement: can(0) ? (status & 0x01) !== 0 : undefined,
    cuff_too_loose: can(1) ? (status & 0x02) !== 0 : undefined,
    irregular_pulse: can(2) ? (status & 0x04) !== 0 : undefined,
    pulse_range: can(3) ? PULSE_RANGES[(status >> 3) & 0x03] : undefined,
    improper_position: can(4) ? (status & 0x20) !== 0 : undefined,
  });
}

/** Decoders that share what the monitor can detect. */
function connectionDecoders(): { readonly measurement: Decoder; readonly cuff: Decoder; readonly feature: Decoder } {
  let features: number | undefined;

  function decodeMeasurement(bytes: DataView): Result<Decoded, DecodeError> {
    const parsed = parsePressure(bytes, 'blood pressure');
    if (!parsed.ok) return parsed;
    const { first, diastolic, mean, time, pulse, status } = parsed.value;
    const readings = [
      ...spotSample('blood_pressure_sys', first, time),
      ...spotSample('blood_pressure_dia', diastolic, time),
      ...spotSample('blood_pressure_mean', mean, time),
      ...spotSample('blood_pressure_pulse', pulse, time),
      ...(status === undefined ? [] : [spotPayload('blood_pressure_status', statusPayload(status, features), time)]),
    ];
    return ok({ readings, facts: [] });
  }

  /** While the cuff is pumped up: its pressure stands in the first field, the other two are unused. */
  function decodeCuff(bytes: DataView): Result<Decoded, DecodeError> {
    const parsed = parsePressure(bytes, 'intermediate cuff pressure');
    if (!parsed.ok) return parsed;
    const { first, time, pulse, status } = parsed.value;
    const readings = [
      ...spotSample('cuff_pressure', first, time),
      ...spotSample('cuff_pulse', pulse, time),
      ...(status === undefined ? [] : [spotPayload('cuff_status', statusPayload(status, features), time)]),
    ];
    return ok({ readings, facts: [] });
  }

  function decodeFeature(bytes: DataView): Result<Decoded, DecodeError> {
    const fields = new FieldReader(bytes, 'blood pressure feature');
    const bits = fields.u16();
    const decoded = fields.finish({
      readings: [],
      facts: [deviceFact('blood pressure features', listText(bitNames(bits, FEATURES)))],
    });
    if (decoded.ok) features = bits;
    return decoded;
  }

  return { measurement: decodeMeasurement, cuff: decodeCuff, feature: decodeFeature };
}

function makeDecoders(): ReadonlyMap<Uuid, Decoder> {
  const { measurement, cuff, feature } = connectionDecoders();
  return new Map([
    [BLOOD_PRESSURE_MEASUREMENT, measurement],
    [INTERMEDIATE_CUFF_PRESSURE, cuff],
    [BLOOD_PRESSURE_FEATURE, feature],
  ]);
}

export const bloodPressureProfile: Profile = {
  service: BLOOD_PRESSURE_SERVICE,
  name: 'Blood pressure',
  advertised: true,
  sensorType: 'blood_pressure_monitor',
  makeDecoders,
  characteristics: [
    {
      uuid: BLOOD_PRESSURE_FEATURE,
      name: 'Blood pressure feature',
      use: 'read-notify',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => connectionDecoders().feature,
    },
    {
      uuid: BLOOD_PRESSURE_MEASUREMENT,
      name: 'Blood pressure measurement',
      use: 'notify',
      attributes: [
        { attribute: 'blood_pressure_sys', attributeType: 'blood_pressure_sys', samplingRate: 0 },
        { attribute: 'blood_pressure_dia', attributeType: 'blood_pressure_dia', samplingRate: 0 },
        { attribute: 'blood_pressure_mean', attributeType: 'blood_pressure_mean', samplingRate: 0 },
        { attribute: 'blood_pressure_pulse', attributeType: 'pulse_rate', samplingRate: 0 },
        { attribute: 'blood_pressure_status', attributeType: 'blood_pressure_status', samplingRate: 0 },
      ],
      onFull: 'keep',
      makeDecoder: () => connectionDecoders().measurement,
    },
    {
      uuid: INTERMEDIATE_CUFF_PRESSURE,
      name: 'Intermediate cuff pressure',
      use: 'notify',
      attributes: [
        { attribute: 'cuff_pressure', attributeType: 'cuff_pressure', samplingRate: 0 },
        { attribute: 'cuff_pulse', attributeType: 'pulse_rate', samplingRate: 0 },
        { attribute: 'cuff_status', attributeType: 'blood_pressure_status', samplingRate: 0 },
      ],
      onFull: 'keep',
      makeDecoder: () => connectionDecoders().cuff,
    },
  ],
};
