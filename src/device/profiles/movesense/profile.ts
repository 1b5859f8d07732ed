/**
 * Movesense sensors (HR+, HR2, MD, Flash): ECG, motion, temperature, and the heart rate where there is no standard
 * service for it. Payloads have no counts: the arrays of a packet are as long as the sensor gathers at that rate.
 */
import type { AttributeId } from '../../../model/attribute.ts';
import type { NumericReading, Reading, Timing } from '../../../model/reading.ts';
import { ok, type Result } from '../../../model/result.ts';
import { XYZ } from '../at-arrival.ts';
import { areFinite, decodeError, exactly, NOTHING } from '../bytes.ts';
import { FieldReader } from '../field-reader.ts';
import type { DecodeError, Decoded, Decoder, Fact, Profile } from '../profile.ts';
import {
  ECG_SAMPLES,
  IMU_SAMPLES,
  isRefusal,
  MOVESENSE_COMMAND,
  MOVESENSE_DATA,
  MOVESENSE_SERVICE,
  parsePacket,
  type GspPacket,
  type Stream,
} from './gsp.ts';
import { createPacketClock, type PacketClock } from './packet-clock.ts';
import { startMovesense } from './start.ts';

/** One count of the ECG converter in mV: 1 V / 20 / 2¹⁷ (Movesense, of the HR+ and MD front end). */
const ECG_MV = 1000 / 20 / 2 ** 17;
const DEGREE = Math.PI / 180;
const ZERO_CELSIUS = 273.15;
/** Kelvin that the temperature sensor can measure: −40 … +125 °C. */
const KELVIN = [233, 399] as const;
const CLOCK = 'movesense';
/** Payload of the shortest notification (20 bytes at the least MTU): the first part of a packet in two is never shorter. */
const LEAST_PART = 18;
const VECTOR_BYTES = 12;

/** Payload bytes of a stream's packets; undefined where they vary. */
function payloadBytes({ layout }: Stream): number | undefined {
  switch (layout) {
    case 'ecg':
      return 4 + ECG_SAMPLES * 4;
    case 'imu9':
      return 4 + 3 * IMU_SAMPLES * VECTOR_BYTES;
    case 'imu6':
      return 4 + 2 * IMU_SAMPLES * VECTOR_BYTES;
    case 'temperature':
      return 8;
    case 'heartRate':
      return undefined;
  }
}

interface Memory {
  readonly clock: PacketClock;
  /** First part of a packet that came in two, by reference. */
  readonly parts: Map<number, DataView>;
  /** Whether temperatures come stamp first; learnt from the first that can only be read one way. */
  stampFirst: boolean | undefined;
}

function makeDecoder(): Decoder {
  const memory: Memory = { clock: createPacketClock(), parts: new Map(), stampFirst: undefined };
  return (bytes) => {
    const packet = parsePacket(bytes);
    if (!packet.ok) return packet;
    if (packet.value.kind === 'answer') return ok({ readings: [], facts: refusal(packet.value) });
    const whole = join(memory, packet.value);
    if (!whole.ok) return whole;
    return whole.value ? decodePayload(memory, packet.value.stream, whole.value) : ok(NOTHING);
  };
}

function refusal({ stream, status }: GspPacket): Fact[] {
  return isRefusal(status) ? [{ kind: 'device', label: stream.path, text: `status ${status}` }] : [];
}

/** The whole payload; undefined while its second part is to come. */
function join(memory: Memory, { kind, stream, payload }: GspPacket): Result<DataView | undefined, DecodeError> {
  const first = memory.parts.get(stream.reference);
  memory.parts.delete(stream.reference);
  const length = payloadBytes(stream);
  if (kind === 'rest') {
    if (!first) return decodeError('decode-truncated', `${stream.path}: second part without the first`);
    const joined = new Uint8Array(first.byteLength + payload.byteLength);
    joined.set(new Uint8Array(first.buffer, first.byteOffset, first.byteLength));
    joined.set(new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength), first.byteLength);
    return ok(new DataView(joined.buffer));
  }
  if (length !== undefined && payload.byteLength < length && payload.byteLength >= LEAST_PART) {
    // A copy: the notification's memory is not ours to keep.
    const { buffer, byteOffset, byteLength } = payload;
    memory.parts.set(stream.reference, new DataView(buffer.slice(byteOffset, byteOffset + byteLength)));
    // One first part after the other: the seconds are lost, or this firmware has shorter packets than are published.
    return first ? decodeError('decode-truncated', `${stream.path}: ${first.byteLength} bytes`) : ok(undefined);
  }
  return ok(payload);
}

function decodePayload(memory: Memory, stream: Stream, payload: DataView): Result<Decoded, DecodeError> {
  const length = payloadBytes(stream);
  const sized = length === undefined ? ok(undefined) : exactly(payload, length, stream.path);
  if (!sized.ok) return sized;
  switch (stream.layout) {
    case 'ecg':
      return decodeEcg(memory, stream, payload);
    case 'imu9':
      return decodeMotion(memory, stream, payload, ['accelerometer', 'gyroscope', 'magnetometer']);
    case 'imu6':
      return decodeMotion(memory, stream, payload, ['accelerometer', 'gyroscope']);
    case 'temperature':
      return decodeTemperature(memory, stream, payload);
    case 'heartRate':
      return decodeHeartRate(stream, payload);
  }
}

/** Stamp, then counts of the converter as 32-bit integers. */
function decodeEcg(memory: Memory, stream: Stream, payload: DataView): Result<Decoded, DecodeError> {
  const reader = new FieldReader(payload, stream.path);
  const { times, lost } = memory.clock.packet(stream.reference, reader.u32(), ECG_SAMPLES, stream.rate);
  const values = new Float32Array(ECG_SAMPLES);
  for (let i = 0; i < ECG_SAMPLES; i++) values[i] = reader.i32() * ECG_MV;
  const timing: Timing = { kind: 'device', clock: CLOCK, times };
  const readings: Reading[] = [{ kind: 'numeric', attribute: 'ecg', values, timing }];
  return reader.finish({ readings, facts: lostFacts(['ecg'], lost) });
}

/** To the units of the attributes: acceleration comes in m/s², rotation in °/s, magnetic field in µT. */
const VECTOR_SCALE: Readonly<Record<AttributeId, number>> = { gyroscope: DEGREE };

/** Stamp, then all vectors of one sensor, then all of the next. */
function decodeMotion(
  memory: Memory,
  stream: Stream,
  payload: DataView,
  attributes: readonly AttributeId[],
): Result<Decoded, DecodeError> {
  const reader = new FieldReader(payload, stream.path);
  const stamp = reader.u32();
  const columns = attributes.map((attribute) => {
    const scale = VECTOR_SCALE[attribute] ?? 1;
    const values = new Float32Array(3 * IMU_SAMPLES);
    for (let i = 0; i < values.length; i++) values[i] = reader.f32() * scale;
    return values;
  });
  if (!columns.every(areFinite)) return decodeError('decode-not-finite', stream.path);
  const { times, lost } = memory.clock.packet(stream.reference, stamp, IMU_SAMPLES, stream.rate);
  const timing: Timing = { kind: 'device', clock: CLOCK, times };
  const readings = columns.map((values, i): NumericReading => {
    return { kind: 'numeric', attribute: attributes[i] ?? '', values, fields: XYZ, timing };
  });
  return reader.finish({ readings, facts: lostFacts(attributes, lost) });
}

/**
 * Kelvin and stamp. The API lists the stamp first; sensors have been seen to send it last. Whichever order gives a
 * temperature that the sensor can measure is the right one; a value that fits neither is refused.
 */
function decodeTemperature(memory: Memory, stream: Stream, payload: DataView): Result<Decoded, DecodeError> {
  const isPossible = (kelvin: number): boolean => kelvin >= KELVIN[0] && kelvin <= KELVIN[1];
  const fitsLast = isPossible(payload.getFloat32(4, true));
  const fitsFirst = isPossible(payload.getFloat32(0, true));
  if (!fitsLast && !fitsFirst) return decodeError('decode-reserved', `${stream.path}: no temperature`);
  if (fitsLast !== fitsFirst) memory.stampFirst = fitsLast;
  const stampFirst = memory.stampFirst ?? true;
  if (!(stampFirst ? fitsLast : fitsFirst)) return decodeError('decode-reserved', `${stream.path}: no temperature`);
  const kelvin = payload.getFloat32(stampFirst ? 4 : 0, true);
  const stamp = payload.getUint32(stampFirst ? 0 : 4, true);
  const times = Float64Array.of(memory.clock.at(stamp));
  const timing: Timing = { kind: 'device', clock: CLOCK, times };
  const values = Float32Array.of(kelvin - ZERO_CELSIUS);
  return ok({ readings: [{ kind: 'numeric', attribute: 'device_temperature', values, timing }], facts: [] });
}

/** Mean rate as a single, then RR intervals in ms; the only stream without a stamp. */
function decodeHeartRate({ path }: Stream, payload: DataView): Result<Decoded, DecodeError> {
  const reader = new FieldReader(payload, path);
  const rate = reader.f32();
  const all = Array.from({ length: Math.ceil(reader.left / 2) }, () => reader.u16());
  if (!Number.isFinite(rate)) return decodeError('decode-not-finite', path);
  const intervals = Float64Array.from(all.filter((interval) => interval > 0));
  const readings: Reading[] = [];
  // 0 is what it sends without a signal.
  if (rate > 0) {
    const values = Float32Array.of(rate);
    readings.push({ kind: 'numeric', attribute: 'heartrate', values, timing: { kind: 'arrival' } });
  }
  if (intervals.length > 0) {
    const values = Float32Array.from(intervals);
    readings.push({ kind: 'numeric', attribute: 'rr_interval', values, timing: { kind: 'intervals', intervals } });
  }
  return reader.finish({ readings, facts: [] });
}

function lostFacts(attributes: readonly AttributeId[], samples: number): Fact[] {
  return samples > 0 ? attributes.map((attribute) => ({ kind: 'lost', attribute, samples })) : [];
}

export const movesenseProfile: Profile = {
  service: MOVESENSE_SERVICE,
  name: 'Movesense sensor data',
  // A 128-bit UUID and the name do not fit into one advertisement; it carries the name.
  advertised: false,
  namePrefixes: ['Movesense'],
  sensorType: 'movesense',
  characteristics: [
    {
      uuid: MOVESENSE_COMMAND,
      name: 'GSP command',
      use: 'write',
      attributes: [],
      onFull: 'keep',
      makeDecoder: () => () => decodeError('decode-reserved', 'GSP command: sends nothing'),
    },
    {
      uuid: MOVESENSE_DATA,
      name: 'GSP data',
      use: 'notify',
      attributes: [
        { attribute: 'ecg', attributeType: 'ecg', samplingRate: 128 },
        { attribute: 'accelerometer', attributeType: 'accelerometer', samplingRate: 52 },
        { attribute: 'gyroscope', attributeType: 'gyroscope', samplingRate: 52 },
        { attribute: 'magnetometer', attributeType: 'magnetometer', samplingRate: 52 },
        { attribute: 'device_temperature', attributeType: 'device_temperature', samplingRate: 0 },
        { attribute: 'heartrate', attributeType: 'heartrate', samplingRate: 0 },
        { attribute: 'rr_interval', attributeType: 'rr_interval', samplingRate: 0 },
      ],
      onFull: 'keep',
      makeDecoder,
    },
  ],
  start: startMovesense,
};
