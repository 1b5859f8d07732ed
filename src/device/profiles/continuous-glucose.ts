/**
 * Continuous Glucose Monitoring service 0x181F: measurement 2AA7, feature 2AA8, session start time 2AAA.
 * Source: Bluetooth SIG, Continuous Glucose Monitoring Service 1.0.2 §3 and GATT Specification Supplement (CGM Measurement,
 * CGM Feature, CGM Session Start Time). Concentrations in mmol/L, trend in mmol/L a minute; monitors send mg/dL.
 * Only what a running session sends is read: starting, calibrating and stopping one is for the monitor's own app.
 */
import type { Reading } from '../../model/reading.ts';
import { ok, type Result } from '../../model/result.ts';
import { decodeError } from './bytes.ts';
import { localTime, readCalendar, savingOffset, zonedTime, zoneOffset } from './date-time.ts';
import { FieldReader } from './field-reader.ts';
import { fromMilligrams, sampleLocation, sampleType } from './glucose/blood-sample.ts';
import {
  assigned,
  type Decoded,
  type DecodeError,
  type Decoder,
  type Fact,
  type Profile,
  type Uuid,
} from './profile.ts';
import { bitNames, deviceFact, listText, spotPayload, spotSample } from './spot.ts';

export const CONTINUOUS_GLUCOSE_SERVICE = assigned(0x181f);
export const CGM_MEASUREMENT = assigned(0x2aa7);
export const CGM_FEATURE = assigned(0x2aa8);
export const CGM_SESSION_START = assigned(0x2aaa);

/** Bits of a record's flags; 2–4 are reserved and ignored. */
const FLAG = { trend: 0x01, quality: 0x02, warning: 0x20, calibration: 0x40, status: 0x80 } as const;

const MS_PER_MINUTE = 60_000;
/** Size, flags, concentration, time offset. */
const MIN_RECORD = 6;
const CHECKSUM_BYTES = 2;
/** In place of the checksum of 2AA8 where the monitor sends none. */
const NO_CHECKSUM = 0xffff;

/** Bits of the three octets of the annunciation; those without a name are reserved and ignored. */
const STATUS: readonly string[] = [
  'session_stopped',
  'battery_low',
  'sensor_type_incorrect',
  'sensor_malfunction',
  'device_alert',
  'general_fault',
];
const CALIBRATION: readonly string[] = [
  'time_sync_required',
  'calibration_not_allowed',
  'calibration_recommended',
  'calibration_required',
  'temperature_too_high',
  'temperature_too_low',
  'calibration_pending',
];
const WARNING: readonly string[] = [
  'below_low_level',
  'above_high_level',
  'below_hypo_level',
  'above_hyper_level',
  'falling_fast',
  'rising_fast',
  'result_too_low',
  'result_too_high',
];

const FEATURES: readonly string[] = [
  'calibration',
  'low and high alerts',
  'hypo alerts',
  'hyper alerts',
  'rate alerts',
  'device alerts',
  'sensor malfunction detection',
  'temperature detection',
  'result range detection',
  'low battery detection',
  'sensor type detection',
  'general fault detection',
  'end-to-end checksum',
  'multiple bonds',
  'multiple sessions',
  'trend',
  'quality',
];
const FEATURE_CHECKSUM = 0x1000;

/** Everything one record says. NaN where not known, undefined where not in the record. */
interface CgmRecord {
  /** mmol/L. */
  readonly concentration: number;
  /** Minutes since the start of the session. */
  readonly offset: number;
  /** Names of the annunciation's bits. */
  readonly status: readonly string[] | undefined;
  /** mmol/L a minute. */
  readonly trend: number | undefined;
  /** Percent. */
  readonly quality: number | undefined;
}

/** Splits a packet: each record begins with its own length. */
function splitRecords(bytes: DataView): Result<readonly DataView[], DecodeError> {
  const records: DataView[] = [];
  let at = 0;
  do {
    const size = at < bytes.byteLength ? bytes.getUint8(at) : MIN_RECORD;
    if (size < MIN_RECORD) return decodeError('decode-reserved', `CGM record of ${size} bytes`);
    if (at + size > bytes.byteLength)
      return decodeError('decode-truncated', `CGM record: ${bytes.byteLength - at} of ${size} bytes`);
    records.push(new DataView(bytes.buffer, bytes.byteOffset + at, size));
    at += size;
  } while (at < bytes.byteLength);
  return ok(records);
}

/**
 * Parses one record. The octets of the annunciation stand in the order of the specification: status, calibration,
 * warning.
 */
function parseRecord(bytes: DataView): Result<CgmRecord, DecodeError> {
  const fields = new FieldReader(bytes, 'CGM record');
  fields.skip(1);
  const flags = fields.u8();
  const concentration = fromMilligrams(fields.sfloat());
  const offset = fields.u16();
  const octets = flags & (FLAG.status | FLAG.calibration | FLAG.warning);
  const status = octets === 0 ? undefined : readAnnunciation(fields, octets);
  const trend = (flags & FLAG.trend) === 0 ? undefined : fromMilligrams(fields.sfloat());
  const quality = (flags & FLAG.quality) === 0 ? undefined : fields.sfloat();
  const checked = skipChecksum(fields, bytes);
  return checked.ok ? fields.finish({ concentration, offset, status, trend, quality }) : checked;
}

function readAnnunciation(fields: FieldReader, flags: number): string[] {
  return [
    ...((flags & FLAG.status) === 0 ? [] : bitNames(fields.u8(), STATUS)),
    ...((flags & FLAG.calibration) === 0 ? [] : bitNames(fields.u8(), CALIBRATION)),
    ...((flags & FLAG.warning) === 0 ? [] : bitNames(fields.u8(), WARNING)),
  ];
}

/** Checks the checksum at the end, if one is left there. */
function skipChecksum(fields: FieldReader, bytes: DataView): Result<void, DecodeError> {
  if (fields.left !== CHECKSUM_BYTES) return ok(undefined);
  const sent = fields.u16();
  const computed = checksum(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength - CHECKSUM_BYTES));
  return sent === computed ? ok(undefined) : decodeError('decode-reserved', `CGM checksum ${sent}, not ${computed}`);
}

/** E2E-CRC: CRC-CCITT, polynomial 0x1021, seed 0xFFFF, least significant bit first (CGM Service §3.11). */
export function checksum(bytes: DataView): number {
  let crc = 0xffff;
  for (let i = 0; i < bytes.byteLength; i++) {
    crc ^= bytes.getUint8(i);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
  }
  return crc;
}

/** Decoders that share the start of the session, from which records count their minutes. */
function connectionDecoders(): { readonly measurement: Decoder; readonly start: Decoder } {
  /** Unix ms; undefined while not known. */
  let sessionStart: number | undefined;
  let lastOffset = 0;

  function decodeMeasurement(bytes: DataView): Result<Decoded, DecodeError> {
    const parts = splitRecords(bytes);
    if (!parts.ok) return parts;
    const records: CgmRecord[] = [];
    for (const part of parts.value) {
      const record = parseRecord(part);
      if (!record.ok) return record;
      records.push(record.value);
    }
    return ok({ readings: records.flatMap((record) => readingsOf(record, timeOf(record))), facts: [] });
  }

  /** Unix ms of a record. Minutes that start again belong to a new session, whose start was not read. */
  function timeOf({ offset }: CgmRecord): number | undefined {
    if (offset < lastOffset) sessionStart = undefined;
    lastOffset = offset;
    return sessionStart === undefined ? undefined : sessionStart + offset * MS_PER_MINUTE;
  }

  function decodeStart(bytes: DataView): Result<Decoded, DecodeError> {
    const parsed = parseStart(bytes);
    if (!parsed.ok) return parsed;
    sessionStart = parsed.value;
    lastOffset = 0;
    const text = sessionStart === undefined ? 'not known' : new Date(sessionStart).toISOString();
    return ok({ readings: [], facts: [deviceFact('glucose session since', text)] });
  }

  return { measurement: decodeMeasurement, start: decodeStart };
}

function readingsOf({ concentration, status, trend, quality }: CgmRecord, time: number | undefined): Reading[] {
  return [
    ...spotSample('cgm_glucose', concentration, time),
    ...spotSample('cgm_trend', trend, time),
    ...spotSample('cgm_quality', quality, time),
    ...(status === undefined ? [] : [spotPayload('cgm_status', { status }, time)]),
  ];
}

/** Start of the session, Unix ms: exact where the monitor knows its time zone, else read as local time. */
function parseStart(bytes: DataView): Result<number | undefined, DecodeError> {
  const fields = new FieldReader(bytes, 'CGM session start');
  const calendar = readCalendar(fields);
  const zone = zoneOffset(fields.i8());
  const saving = savingOffset(fields.u8());
  const checked = skipChecksum(fields, bytes);
  if (!checked.ok) return checked;
  if (calendar === undefined) return fields.finish(undefined);
  const isZoned = zone !== undefined && saving !== undefined;
  return fields.finish(isZoned ? zonedTime(calendar, zone + saving) : localTime(calendar));
}

function decodeFeature(bytes: DataView): Result<Decoded, DecodeError> {
  const fields = new FieldReader(bytes, 'CGM feature');
  const bits = fields.u24();
  const typeAndLocation = fields.u8();
  const sent = fields.u16();
  const whole = fields.finish(undefined);
  if (!whole.ok) return whole;
  const computed = checksum(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength - CHECKSUM_BYTES));
  if (sent !== ((bits & FEATURE_CHECKSUM) === 0 ? NO_CHECKSUM : computed))
    return decodeError('decode-reserved', `CGM feature checksum ${sent}`);
  const source = [sampleType(typeAndLocation), sampleLocation(typeAndLocation)].filter((part) => part !== undefined);
  const facts: Fact[] = [deviceFact('glucose monitor features', listText(bitNames(bits, FEATURES)))];
  if (source.length > 0) facts.push(deviceFact('glucose measured in', listText(source)));
  return ok({ readings: [], facts });
}

function makeDecoders(): ReadonlyMap<Uuid, Decoder> {
  const { measurement, start } = connectionDecoders();
  return new Map([
    [CGM_MEASUREMENT, measurement],
    [CGM_SESSION_START, start],
  ]);
}

export const continuousGlucoseProfile: Profile = {
  service: CONTINUOUS_GLUCOSE_SERVICE,
  name: 'Continuous glucose',
  advertised: true,
  sensorType: 'continuous_glucose_monitor',
  makeDecoders,
  characteristics: [
    {
      uuid: CGM_FEATURE,
      name: 'CGM feature',
      use: 'read-notify',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => decodeFeature,
    },
    {
      uuid: CGM_SESSION_START,
      name: 'CGM session start time',
      use: 'read',
      attributes: [],
      onFull: 'coalesce',
      makeDecoder: () => connectionDecoders().start,
    },
    {
      uuid: CGM_MEASUREMENT,
      name: 'CGM measurement',
      use: 'notify',
      attributes: [
        { attribute: 'cgm_glucose', attributeType: 'glucose', samplingRate: 0 },
        { attribute: 'cgm_trend', attributeType: 'glucose_trend', samplingRate: 0 },
        { attribute: 'cgm_quality', attributeType: 'cgm_quality', samplingRate: 0 },
        { attribute: 'cgm_status', attributeType: 'cgm_status', samplingRate: 0 },
      ],
      onFull: 'keep',
      makeDecoder: () => connectionDecoders().measurement,
    },
  ],
};
