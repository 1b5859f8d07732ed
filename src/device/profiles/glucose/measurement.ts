/** Glucose measurement 2A18. Source: Glucose Service 1.0.1 §3.1 and GATT Specification Supplement, Glucose Measurement. */
import type { Reading } from '../../../model/reading.ts';
import type { Result } from '../../../model/result.ts';
import { readLocalTime } from '../date-time.ts';
import { FieldReader } from '../field-reader.ts';
import { assigned, type DecodeError } from '../profile.ts';
import { bitNames, known, spotPayload, spotSample } from '../spot.ts';
import { CONTROL_SOLUTION, fromKilograms, sampleLocation, sampleType } from './blood-sample.ts';

export const GLUCOSE_MEASUREMENT = assigned(0x2a18);

/** Bits of the first byte of 2A18. 4 announces a context, which comes as a packet of its own; 5–7 are reserved. */
const FLAG = { offset: 0x01, concentration: 0x02, molar: 0x04, status: 0x08 } as const;

const MS_PER_MINUTE = 60_000;
/** The time offset when the clock was turned further than the field can say. */
const OFFSET_OVERRUN = 0x7fff;
const OFFSET_UNDERRUN = -0x8000;

/** Sensor status annunciation, bits 0–11; the rest is reserved. */
const STATUS: readonly string[] = [
  'battery_low',
  'sensor_malfunction',
  'sample_insufficient',
  'strip_insertion_error',
  'strip_type_incorrect',
  'result_too_high',
  'result_too_low',
  'temperature_too_high',
  'temperature_too_low',
  'strip_pulled_early',
  'general_fault',
  'time_fault',
];

/** Everything one 2A18 packet says. */
export interface GlucoseRecord {
  /** Counts the meter's records, 0–65535. */
  readonly sequence: number;
  /** Unix ms, the meter's calendar read as local time; undefined where it does not know. */
  readonly time: number | undefined;
  /** mmol/L; undefined where not in this packet, NaN where not known. */
  readonly concentration: number | undefined;
  /** Type in the low half, location in the high half; undefined where not in this packet. */
  readonly typeAndLocation: number | undefined;
  /** Status bits; undefined where not in this packet. */
  readonly status: number | undefined;
}

/** Parses a 2A18 packet. Errors: `decode-truncated`, `decode-oversized`. */
export function parseGlucose(bytes: DataView): Result<GlucoseRecord, DecodeError> {
  const fields = new FieldReader(bytes, 'glucose measurement');
  const flags = fields.u8();
  const sequence = fields.u16();
  const base = readLocalTime(fields);
  const offset = (flags & FLAG.offset) === 0 ? 0 : fields.i16();
  const hasConcentration = (flags & FLAG.concentration) !== 0;
  const concentration = hasConcentration ? fields.sfloat() : undefined;
  const typeAndLocation = hasConcentration ? fields.u8() : undefined;
  const status = (flags & FLAG.status) === 0 ? undefined : fields.u16();
  return fields.finish({
    sequence,
    time: base === undefined ? undefined : base + minutes(offset),
    concentration: concentration === undefined ? undefined : millimolar(concentration, (flags & FLAG.molar) !== 0),
    typeAndLocation,
    status,
  });
}

/** ms of a time offset; 0 where it is out of what the field can say: the base time is then the best there is. */
function minutes(offset: number): number {
  return offset === OFFSET_OVERRUN || offset === OFFSET_UNDERRUN ? 0 : offset * MS_PER_MINUTE;
}

function millimolar(concentration: number, molar: boolean): number {
  return molar ? concentration * 1000 : fromKilograms(concentration);
}

/** The samples of a record. What was measured on a control solution is told, but not as anybody's blood. */
export function glucoseReadings(record: GlucoseRecord): Reading[] {
  const { sequence, time, concentration, typeAndLocation, status } = record;
  const isControl = typeAndLocation !== undefined && (typeAndLocation & 0x0f) === CONTROL_SOLUTION;
  const details = known({
    sequence,
    type: typeAndLocation === undefined ? undefined : sampleType(typeAndLocation),
    location: typeAndLocation === undefined ? undefined : sampleLocation(typeAndLocation),
    control: isControl ? concentration : undefined,
    status: status === undefined ? undefined : bitNames(status, STATUS),
  });
  return [
    ...(isControl ? [] : spotSample('glucose', concentration, time)),
    spotPayload('glucose_details', details, time),
  ];
}
