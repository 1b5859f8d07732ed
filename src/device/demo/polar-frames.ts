/** PMD frames and answers as a Polar device sends them: for scripted devices and tests. Formats: profiles/polar/. */
import { MEASUREMENTS, type Measurement } from '../profiles/polar/pmd.ts';
import { writePacket, type PacketWriter } from './packet-writer.ts';

/** Most samples a group of differences counts. */
const MAX_GROUP = 255;

function header(measurement: Measurement, stamp: bigint, frameType: number): PacketWriter {
  return writePacket().u8(MEASUREMENTS[measurement]).u64(stamp).u8(frameType);
}

/** ECG, frame type 0. `stamp`: ns since 2000-01-01, of the last sample; samples in µV, 24 bits. */
export function encodeEcgFrame(stamp: bigint, microvolts: readonly number[]): Uint8Array<ArrayBuffer> {
  return header('ecg', stamp, 0)
    .int(3, ...microvolts)
    .bytes();
}

/** An uncompressed frame of whole numbers: channels of a sample next to each other, `size` bytes each. */
export function encodeRawFrame(
  measurement: Measurement,
  frameType: number,
  stamp: bigint,
  size: number,
  samples: readonly (readonly number[])[],
): Uint8Array<ArrayBuffer> {
  return header(measurement, stamp, frameType)
    .int(size, ...samples.flat())
    .bytes();
}

/** A pulse as a PPI frame has it. */
export interface EncodedPulse {
  readonly rate: number;
  /** ms. */
  readonly interval: number;
  /** ms. */
  readonly error: number;
  /** Bit 0 moved, bit 1 skin contact, bit 2 skin contact supported. */
  readonly flags: number;
}

/** Pulse-to-pulse intervals, frame type 0; `stamp` 0 as older firmware sends it. */
export function encodePulseFrame(stamp: bigint, pulses: readonly EncodedPulse[]): Uint8Array<ArrayBuffer> {
  const frame = header('ppi', stamp, 0);
  for (const { rate, interval, error, flags } of pulses) frame.u8(rate).u16(interval, error).u8(flags);
  return frame.bytes();
}

/**
 * A compressed frame: the first sample whole, then groups of differences with as few bits as the group needs.
 * @param size bytes of one channel of the first sample
 * @param samples channels as signed integers; differences within 32 bits
 * @param group samples in a group
 */
export function encodeDeltaFrame(
  measurement: Measurement,
  frameType: number,
  stamp: bigint,
  size: number,
  samples: readonly (readonly number[])[],
  group = MAX_GROUP,
): Uint8Array<ArrayBuffer> {
  const [first = [], ...rest] = samples;
  const frame = header(measurement, stamp, 0x80 | frameType).int(size, ...first);
  for (let at = 0; at < rest.length; at += group) {
    // `samples` is one ahead of `rest`: the sample before.
    const differences = rest
      .slice(at, at + group)
      .flatMap((sample, i) => sample.map((value, channel) => value - (samples[at + i]?.[channel] ?? 0)));
    const bits = Math.max(...differences.map(bitsFor));
    frame.u8(bits, differences.length / first.length).u8(...packBits(differences, bits));
  }
  return frame.bytes();
}

/** Bits of the shortest two's complement of a number. */
function bitsFor(value: number): number {
  let bits = 1;
  while (value < -(2 ** (bits - 1)) || value >= 2 ** (bits - 1)) bits += 1;
  return bits;
}

/** Numbers of `bits` bits behind each other, lowest bit first, filled up to whole bytes. */
function packBits(values: readonly number[], bits: number): number[] {
  const packed: number[] = Array.from({ length: Math.ceil((values.length * bits) / 8) }, () => 0);
  values.forEach((value, i) => {
    for (let bit = 0; bit < bits; bit++) {
      const at = i * bits + bit;
      const isSet = Math.floor(value / 2 ** bit) & 1;
      packed[at >> 3] = (packed[at >> 3] ?? 0) | (isSet << (at & 7));
    }
  });
  return packed;
}

/** What the control point reads as: which measurements the device has. */
export function encodeFeatures(measurements: readonly Measurement[]): Uint8Array<ArrayBuffer> {
  const bits = measurements.reduce((sum, measurement) => sum | (1 << MEASUREMENTS[measurement]), 0);
  return writePacket()
    .u8(0x0f, bits, ...Array.from({ length: 15 }, () => 0))
    .bytes();
}

/** Settings a measurement has: Hz, bits, g (or °/s, gauss), channels; each may be missing. */
export interface EncodedSettings {
  readonly rates?: readonly number[];
  readonly resolutions?: readonly number[];
  readonly ranges?: readonly number[];
  readonly channels?: number;
}

/** The answer to a question for settings. */
export function encodeSettings(
  measurement: Measurement,
  { rates, resolutions, ranges, channels }: EncodedSettings,
): Uint8Array<ArrayBuffer> {
  const answer = writePacket().u8(0xf0, 0x01, MEASUREMENTS[measurement], 0, 0);
  for (const [type, values] of [rates, resolutions, ranges].entries()) {
    if (values) answer.u8(type, values.length).u16(...values);
  }
  if (channels !== undefined) answer.u8(4, 1, channels);
  return answer.bytes();
}

/** The answer to a start (or a stop, without factor): status 0 is success. */
export function encodeAnswer(
  operation: 'start' | 'stop',
  measurement: Measurement,
  status: number,
  factor?: number,
): Uint8Array<ArrayBuffer> {
  const answer = writePacket().u8(0xf0, operation === 'start' ? 2 : 3, MEASUREMENTS[measurement], status, 0);
  if (factor !== undefined) answer.u8(5, 1).f32(factor);
  return answer.bytes();
}
