/**
 * PMD data frames: measurement, time stamp, frame type, samples. Frame types and units from the Polar Measurement Data
 * Specification and the parsers and test vectors of the Polar BLE SDK. Types nobody has published are refused.
 */
import { fail, ok, type Result } from '../../../model/result.ts';
import { decodeError } from '../bytes.ts';
import { FieldReader } from '../field-reader.ts';
import type { DecodeError } from '../profile.ts';
import { parseDelta } from './delta.ts';
import { measurementOf, type Measurement } from './pmd.ts';

const HEADER_BYTES = 10;
const COMPRESSED = 0x80;
const NS_PER_MS = 1e6;

/** 1 mg in m/s². */
const MILLI_G = 9.80665e-3;
/** 1 °/s in rad/s. */
const DEGREE = Math.PI / 180;
/** 1 gauss in µT. */
const GAUSS = 100;

export interface PmdFrame {
  readonly measurement: Measurement;
  /** ms since 2000-01-01 as the device sees it, of the last sample. */
  readonly stamp: number;
  readonly isCompressed: boolean;
  readonly frameType: number;
  readonly content: DataView;
}

/** Parses the header of a frame (Polar Measurement Data Specification, "PMD data"). */
export function parseFrame(bytes: DataView): Result<PmdFrame, DecodeError> {
  const reader = new FieldReader(bytes, 'PMD frame');
  const type = reader.u8();
  const stamp = reader.u64() / NS_PER_MS;
  const frameType = reader.u8();
  if (bytes.byteLength <= HEADER_BYTES) return decodeError('decode-truncated', `PMD frame: ${bytes.byteLength} bytes`);
  const measurement = measurementOf(type);
  if (!measurement) return decodeError('decode-reserved', `PMD measurement ${type}`);
  return ok({
    measurement,
    stamp,
    isCompressed: (frameType & COMPRESSED) !== 0,
    frameType: frameType & ~COMPRESSED,
    content: reader.rest(),
  });
}

/** Samples of a frame in columns, in the unit of the attribute. */
export interface PmdSamples {
  readonly values: Float32Array;
  readonly fields?: readonly string[];
}

/** How the samples of one frame type are to be read. */
interface Layout {
  readonly channels: number;
  /** Bytes of a channel, uncompressed. */
  readonly size: number;
  /** Channels are IEEE-754 singles. */
  readonly isFloat?: boolean;
  /** Names of the channels that are samples, from the first on; others are states. Absent: a plain number. */
  readonly fields?: readonly string[];
  readonly scale: number;
  /** The factor of the start's answer belongs to the unit; without it the numbers mean nothing. */
  readonly needsFactor?: boolean;
}

const XYZ = ['x', 'y', 'z'] as const;
const PPG = ['ch0', 'ch1', 'ch2', 'ambient'] as const;

/** Uncompressed frames, by measurement and frame type. Accelerations are in mg, ECG in µV (to mV), temperatures in °C. */
const RAW: ReadonlyMap<string, Layout> = new Map<string, Layout>([
  ['ecg 0', { channels: 1, size: 3, scale: 1e-3 }],
  ['acceleration 0', { channels: 3, size: 1, fields: XYZ, scale: MILLI_G }],
  ['acceleration 1', { channels: 3, size: 2, fields: XYZ, scale: MILLI_G }],
  ['acceleration 2', { channels: 3, size: 3, fields: XYZ, scale: MILLI_G }],
  ['ppg 0', { channels: 4, size: 3, fields: PPG, scale: 1 }],
  ['skinTemperature 0', { channels: 1, size: 4, isFloat: true, scale: 1 }],
]);

/**
 * Compressed frames. Times the factor, type 0 of the accelerometer is in g, that of the magnetometer in gauss, type 1 in
 * mg and milligauss. The last channel of magnetometer type 1 (calibration) and of PPG type 13 is a state.
 */
const DELTA: ReadonlyMap<string, Layout> = new Map<string, Layout>([
  ['acceleration 0', { channels: 3, size: 2, fields: XYZ, scale: 1000 * MILLI_G, needsFactor: true }],
  ['acceleration 1', { channels: 3, size: 2, fields: XYZ, scale: MILLI_G }],
  ['gyroscope 0', { channels: 3, size: 2, fields: XYZ, scale: DEGREE, needsFactor: true }],
  ['gyroscope 1', { channels: 3, size: 4, isFloat: true, fields: XYZ, scale: DEGREE }],
  ['magnetometer 0', { channels: 3, size: 2, fields: XYZ, scale: GAUSS, needsFactor: true }],
  ['magnetometer 1', { channels: 4, size: 2, fields: XYZ, scale: GAUSS / 1000 }],
  ['ppg 0', { channels: 4, size: 3, fields: PPG, scale: 1 }],
  ['ppg 13', { channels: 3, size: 3, fields: ['ch0', 'ch1'], scale: 1 }],
  ['skinTemperature 0', { channels: 1, size: 4, isFloat: true, scale: 1 }],
]);

/**
 * Reads the samples of a frame: ECG mV, acceleration m/s², rotation rad/s, magnetic field µT, PPG in the device's own
 * numbers, skin temperature °C.
 * @param factor from the answer to the start; undefined if none came
 */
export function parseSamples(frame: PmdFrame, factor: number | undefined): Result<PmdSamples, DecodeError> {
  const name = `${frame.measurement} ${frame.frameType}`;
  const layout = (frame.isCompressed ? DELTA : RAW).get(name);
  if (!layout) return decodeError('decode-reserved', `PMD frame: ${name}${frame.isCompressed ? ' compressed' : ''}`);
  if (layout.needsFactor && factor === undefined)
    return decodeError('decode-reserved', `PMD frame: ${name}, no factor`);
  const parsed = frame.isCompressed
    ? parseDelta(frame.content, layout.channels, layout.size)
    : parseRaw(frame.content, layout);
  if (!parsed.ok) return parsed;
  const numbers = layout.isFloat ? toFloats(parsed.value) : parsed.value;
  // Uncompressed values are whole units already; the factor belongs to the compressed ones.
  const scale = layout.scale * (frame.isCompressed ? (factor ?? 1) : 1);
  const width = layout.fields?.length ?? 1;
  const kept = numbers.filter((_, i) => i % layout.channels < width);
  const values = Float32Array.from(kept, (value) => value * scale);
  if (!values.every(Number.isFinite)) return decodeError('decode-not-finite', `PMD frame: ${name}`);
  return ok({ values, ...(layout.fields && { fields: layout.fields }) });
}

/** Channels of an uncompressed frame as signed integers. */
function parseRaw(content: DataView, { channels, size }: Layout): Result<number[], DecodeError> {
  if (content.byteLength % (channels * size) !== 0) {
    return decodeError('decode-truncated', `PMD frame: ${content.byteLength} bytes of samples`);
  }
  const reader = new FieldReader(content, 'PMD samples');
  const read = [() => reader.i8(), () => reader.i16(), () => reader.i24(), () => reader.i32()][size - 1];
  if (!read) return fail({ code: 'decode-reserved', detail: `PMD samples of ${size} bytes` });
  return reader.finish(Array.from({ length: content.byteLength / size }, read));
}

/** IEEE-754 singles from the integers their bits make. */
function toFloats(bits: readonly number[]): number[] {
  return [...new Float32Array(Int32Array.from(bits).buffer)];
}

/** One pulse-to-pulse interval. */
export interface Pulse {
  /** ms. */
  readonly interval: number;
  /** Estimated error of the interval, ms. */
  readonly error: number;
  /** False while the sensor moved, had no skin contact (where it can tell), or found no pulse: to be left out, says Polar. */
  readonly isValid: boolean;
}

const PULSE_BYTES = 6;
const PULSE_FLAG = { blocked: 0x01, contact: 0x02, contactSupported: 0x04 } as const;

/** Reads a PPI frame (type 0): heart rate, interval, error estimate, flags of each pulse. */
export function parsePulses({ content, frameType, isCompressed }: PmdFrame): Result<readonly Pulse[], DecodeError> {
  if (isCompressed || frameType !== 0) return decodeError('decode-reserved', `PMD frame: ppi ${frameType}`);
  if (content.byteLength % PULSE_BYTES !== 0) {
    return decodeError('decode-truncated', `PMD frame: ${content.byteLength} bytes of pulses`);
  }
  const reader = new FieldReader(content, 'PMD pulses');
  const pulses = Array.from({ length: content.byteLength / PULSE_BYTES }, () => {
    // The rate follows from the intervals, and the Heart Rate service tells it as well.
    reader.skip(1);
    const interval = reader.u16();
    const error = reader.u16();
    const flags = reader.u8();
    const hasNoContact = (flags & PULSE_FLAG.contactSupported) !== 0 && (flags & PULSE_FLAG.contact) === 0;
    return { interval, error, isValid: interval > 0 && (flags & PULSE_FLAG.blocked) === 0 && !hasNoContact };
  });
  return reader.finish(pulses);
}
