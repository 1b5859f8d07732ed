/**
 * CGM measurement 2AA7: one packet holds one record or more. Source: Continuous Glucose Monitoring Service 1.0.2 §3.1 and
 * GATT Specification Supplement, CGM Measurement.
 */
import { ok, type Result } from '../../../model/result.ts';
import { decodeError } from '../bytes.ts';
import { FieldReader } from '../field-reader.ts';
import { fromMilligrams } from '../glucose/blood-sample.ts';
import type { DecodeError } from '../profile.ts';
import { bitNames } from '../spot.ts';
import { skipChecksum } from './checksum.ts';

/** Bits of a record's flags; 2–4 are reserved and ignored. */
const FLAG = { trend: 0x01, quality: 0x02, warning: 0x20, calibration: 0x40, status: 0x80 } as const;

/** Size, flags, concentration, time offset. */
const MIN_RECORD = 6;

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

/** Everything one record says. NaN where not known, undefined where not in the record. */
export interface CgmRecord {
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

/** Parses a 2AA7 packet. Errors: `decode-truncated`, `decode-oversized`, `decode-reserved` (length), `decode-checksum`. */
export function parseRecords(bytes: DataView): Result<readonly CgmRecord[], DecodeError> {
  const parts = splitRecords(bytes);
  if (!parts.ok) return parts;
  const records: CgmRecord[] = [];
  for (const part of parts.value) {
    const record = parseRecord(part);
    if (!record.ok) return record;
    records.push(record.value);
  }
  return ok(records);
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
