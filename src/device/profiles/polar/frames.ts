/**
 * PMD data frames: measurement, time stamp, frame type, samples. Frame types and units from the Polar Measurement Data
 * Specification and the parsers and test vectors of the Polar BLE SDK. Types nobody has published are refused.
 */
import { ok, type Result } from '../../../model/result.ts';
import { areFinite, decodeError } from '../bytes.ts';
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
  readonly size: 1 | 2 | 3 | 4;
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

/** Layouts by measurement and frame type. */
type Layouts = Readonly<Partial<Record<Measurement, Readonly<Record<number, Layout>>>>>;

/** Uncompressed frames. Accelerations are in mg, ECG in µV (to mV), temperatures in °C. */
const RAW: Layouts = {
  ecg: { 0: { channels: 1, size: 3, scale: 1e-3 } },
  acceleration: {
    0: { channels: 3, size: 1, fields: XYZ, scale: MILLI_G },
    1: { channels: 3, size: 2, fields: XYZ, scale: MILLI_G },
    2: { channels: 3, size: 3, fields: XYZ, scale: MILLI_G },
  },
  ppg: { 0: { channels: 4, size: 3, fields: PPG, scale: 1 } },
  skinTemperature: { 0: { channels: 1, size: 4, isFloat: true, scale: 1 } },
};

/**
 * Compressed frames. Times the factor, type 0 of the accelerometer is in g, that of the magnetometer in gauss, type 1 in
 * mg and milligauss. The last channel of magnetometer type 1 (calibration) and of PPG type 13 is a state.
 */
const DELTA: Layouts = {
  acceleration: {
    0: { channels: 3, size: 2, fields: XYZ, scale: 1000 * MILLI_G, needsFactor: true },
    1: { channels: 3, size: 2, fields: XYZ, scale: MILLI_G },
  },
  gyroscope: {
    0: { channels: 3, size: 2, fields: XYZ, scale: DEGREE, needsFactor: true },
    1: { channels: 3, size: 4, isFloat: true, fields: XYZ, scale: DEGREE },
  },
  magnetometer: {
    0: { channels: 3, size: 2, fields: XYZ, scale: GAUSS, needsFactor: true },
    1: { channels: 4, size: 2, fields: XYZ, scale: GAUSS / 1000 },
  },
  ppg: {
    0: { channels: 4, size: 3, fields: PPG, scale: 1 },
    13: { channels: 3, size: 3, fields: ['ch0', 'ch1'], scale: 1 },
  },
  skinTemperature: { 0: { channels: 1, size: 4, isFloat: true, scale: 1 } },
};

/**
 * Reads the samples of a frame: ECG mV, acceleration m/s², rotation rad/s, magnetic field µT, PPG in the device's own
 * numbers, skin temperature °C.
 * @param factor from the answer to the start; undefined if none came
 */
export function parseSamples(frame: PmdFrame, factor: number | undefined): Result<PmdSamples, DecodeError> {
  const layout = (frame.isCompressed ? DELTA : RAW)[frame.measurement]?.[frame.frameType];
  if (!layout) return decodeError('decode-reserved', nameOf(frame));
  if (layout.needsFactor && factor === undefined) return decodeError('decode-reserved', `${nameOf(frame)}, no factor`);
  // Uncompressed values are whole units already; the factor belongs to the compressed ones.
  const parsed = frame.isCompressed
    ? parseCompressed(frame.content, layout, layout.scale * (factor ?? 1))
    : parseRaw(frame.content, layout);
  if (!parsed.ok) return parsed;
  const values = parsed.value;
  // Whole units as they are cannot be anything else.
  const isSafe = !frame.isCompressed && !layout.isFloat;
  if (!isSafe && !areFinite(values)) return decodeError('decode-not-finite', nameOf(frame));
  return ok(layout.fields ? { values, fields: layout.fields } : { values });
}

function nameOf({ measurement, frameType, isCompressed }: PmdFrame): string {
  return `PMD frame: ${measurement} ${frameType}${isCompressed ? ' compressed' : ''}`;
}

/** Channels that are samples, of an uncompressed frame. */
function parseRaw(content: DataView, layout: Layout): Result<Float32Array, DecodeError> {
  const { channels, size, isFloat = false, scale } = layout;
  const samples = content.byteLength / (channels * size);
  if (!Number.isInteger(samples)) {
    return decodeError('decode-truncated', `PMD frame: ${content.byteLength} bytes of samples`);
  }
  const width = layout.fields?.length ?? 1;
  const values = new Float32Array(samples * width);
  for (let sample = 0, i = 0; sample < samples; sample++) {
    for (let channel = 0; channel < width; channel++, i++) {
      const at = (sample * channels + channel) * size;
      values[i] = (isFloat ? content.getFloat32(at, true) : signedAt(content, at, size)) * scale;
    }
  }
  return ok(values);
}

/** The same of a compressed one. Floats are compressed as the integers their bits make. */
function parseCompressed(content: DataView, layout: Layout, scale: number): Result<Float32Array, DecodeError> {
  const { channels, size, isFloat = false } = layout;
  const parsed = parseDelta(content, channels, size);
  if (!parsed.ok) return parsed;
  const numbers = isFloat ? new Float32Array(parsed.value.buffer) : parsed.value;
  const width = layout.fields?.length ?? 1;
  const samples = numbers.length / channels;
  const values = new Float32Array(samples * width);
  for (let sample = 0, i = 0; sample < samples; sample++) {
    for (let channel = 0; channel < width; channel++, i++) {
      values[i] = (numbers[sample * channels + channel] ?? NaN) * scale;
    }
  }
  return ok(values);
}

/** A little-endian integer of 1–4 bytes. */
function signedAt(bytes: DataView, at: number, size: number): number {
  switch (size) {
    case 1:
      return bytes.getInt8(at);
    case 2:
      return bytes.getInt16(at, true);
    case 3:
      return bytes.getUint16(at, true) | (bytes.getInt8(at + 2) << 16);
    default:
      return bytes.getInt32(at, true);
  }
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
