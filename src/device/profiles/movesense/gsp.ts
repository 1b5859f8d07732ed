/**
 * Movesense GATT SensorData Protocol (GSP): numbers, commands, and the streams asked for.
 * Source: Movesense, "GATT SensorData Protocol specification" (GD-77, protocol version 1) for the envelope; the
 * Movesense API definitions (meas/*.yaml) and the client published with the gatt_sensordata_app sample for what stands
 * in the data packets. Firmware from 2.3 on has it by default, older firmware as that sample.
 */
import { ok, type Result } from '../../../model/result.ts';
import { decodeError } from '../bytes.ts';
import type { DecodeError, Uuid } from '../profile.ts';

const gsp = (part: string): Uuid => `3480${part}-7185-4d5d-b431-630e7050e8f0`;

export const MOVESENSE_SERVICE = gsp('2252');
export const MOVESENSE_COMMAND = gsp('0001');
/** Answers and data. */
export const MOVESENSE_DATA = gsp('0002');

const SUBSCRIBE = 1;
/** By their number. */
const PACKET = [undefined, 'answer', 'data', 'rest'] as const;

/** Answers are HTTP statuses; from here on they are errors. */
const FIRST_ERROR = 400;

/** What a stream's data packets hold after their time stamp. */
export type Layout = 'ecg' | 'imu9' | 'imu6' | 'temperature' | 'heartRate';

export interface Stream {
  /** Reference under which its packets come: chosen by the client, not 0. */
  readonly reference: number;
  readonly path: string;
  readonly layout: Layout;
  /** Hz; 0 for what comes when it comes. */
  readonly rate: number;
}

/** Samples that a packet holds: what the sensor gathers at these rates. */
export const ECG_SAMPLES = 16;
export const IMU_SAMPLES = 4;

/**
 * One stream of each kind, with alternatives for sensors without the first: an older ECG front end has 125 Hz, and some
 * firmware no magnetometer. Light ones first, as the answer to a subscription has to find room among the data. ECG at
 * 125–128 Hz and motion at 52 Hz are what the sensor's radio carries side by side without loss.
 */
export const STREAMS: readonly (readonly Stream[])[] = [
  [{ reference: 1, path: '/Meas/Temp', layout: 'temperature', rate: 0 }],
  [{ reference: 2, path: '/Meas/HR', layout: 'heartRate', rate: 0 }],
  [
    { reference: 3, path: '/Meas/IMU9/52', layout: 'imu9', rate: 52 },
    { reference: 4, path: '/Meas/IMU6/52', layout: 'imu6', rate: 52 },
  ],
  [
    { reference: 5, path: '/Meas/ECG/128', layout: 'ecg', rate: 128 },
    { reference: 6, path: '/Meas/ECG/125', layout: 'ecg', rate: 125 },
  ],
];

const BY_REFERENCE = new Map(STREAMS.flat().map((stream) => [stream.reference, stream] as const));

/** Command that subscribes to a stream: code, reference, path, zero. */
export function subscribeCommand({ reference, path }: Stream): Uint8Array {
  return Uint8Array.of(SUBSCRIBE, reference, ...new TextEncoder().encode(path), 0);
}

export interface GspPacket {
  readonly kind: 'answer' | 'data' | 'rest';
  readonly stream: Stream;
  /** HTTP status of an answer. */
  readonly status?: number;
  readonly payload: DataView;
}

/** Parses the envelope: packet type, reference, then a status or data. */
export function parsePacket(bytes: DataView): Result<GspPacket, DecodeError> {
  const { byteLength } = bytes;
  if (byteLength < 2) return decodeError('decode-truncated', `GSP packet: ${byteLength} bytes`);
  const type = bytes.getUint8(0);
  const kind = PACKET[type];
  const stream = BY_REFERENCE.get(bytes.getUint8(1));
  if (!kind) return decodeError('decode-reserved', `GSP packet type ${type}`);
  if (!stream) return decodeError('decode-reserved', `GSP reference ${bytes.getUint8(1)}`);
  if (kind !== 'answer') return ok({ kind, stream, payload: from(bytes, 2) });
  if (byteLength < 4) return decodeError('decode-truncated', `GSP answer: ${byteLength} bytes`);
  return ok({ kind, stream, status: bytes.getUint16(2, true), payload: from(bytes, 4) });
}

function from(bytes: DataView, at: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + at, bytes.byteLength - at);
}

/** True if the status of an answer is a refusal. */
export function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= FIRST_ERROR;
}
