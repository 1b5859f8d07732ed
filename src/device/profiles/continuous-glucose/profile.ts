/**
 * Continuous Glucose Monitoring service 0x181F: measurement 2AA7, feature 2AA8, session start time 2AAA.
 * Source: Bluetooth SIG, Continuous Glucose Monitoring Service 1.0.2 §3 and GATT Specification Supplement (CGM Measurement,
 * CGM Feature, CGM Session Start Time). Concentrations in mmol/L, trend in mmol/L a minute; monitors send mg/dL.
 * Only what a running session sends is read: starting, calibrating and stopping one is for the monitor's own app.
 */
import type { Reading } from '../../../model/reading.ts';
import { ok, type Result } from '../../../model/result.ts';
import { decodeError } from '../bytes.ts';
import { localTime, readCalendar, savingOffset, zonedTime, zoneOffset } from '../date-time.ts';
import { FieldReader } from '../field-reader.ts';
import { sampleLocation, sampleType } from '../glucose/blood-sample.ts';
import {
  assigned,
  type Decoded,
  type DecodeError,
  type Decoder,
  type Fact,
  type Profile,
  type Uuid,
} from '../profile.ts';
import { bitNames, deviceFact, listText, spotPayload, spotSample } from '../spot.ts';
import { checksum, CHECKSUM_BYTES, skipChecksum } from './checksum.ts';
import { parseRecords, type CgmRecord } from './record.ts';

const CONTINUOUS_GLUCOSE_SERVICE = assigned(0x181f);
export const CGM_MEASUREMENT = assigned(0x2aa7);
export const CGM_FEATURE = assigned(0x2aa8);
export const CGM_SESSION_START = assigned(0x2aaa);

const MS_PER_MINUTE = 60_000;
/** In place of the checksum of 2AA8 where the monitor sends none. */
const NO_CHECKSUM = 0xffff;

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

/** Decoders that share the start of the session, from which records count their minutes. */
function connectionDecoders(): { readonly measurement: Decoder; readonly start: Decoder } {
  /** Unix ms; undefined while not known. */
  let sessionStart: number | undefined;
  let lastOffset = 0;

  function decodeMeasurement(bytes: DataView): Result<Decoded, DecodeError> {
    const records = parseRecords(bytes);
    if (!records.ok) return records;
    return ok({ readings: records.value.flatMap((record) => readingsOf(record, timeOf(record))), facts: [] });
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
    return decodeError('decode-checksum', `CGM feature checksum ${sent}`);
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
