/**
 * Polar Measurement Data service (PMD): numbers of the protocol, its control point and the choice of settings.
 * Source: Polar, "Polar Measurement Data Specification" (for third parties, 2.0) and the published constants and test
 * vectors of the Polar BLE SDK. Only the current UUIDs are published; there are no older ones.
 */
import { fail, ok, type Result } from '../../../model/result.ts';
import { decodeError } from '../bytes.ts';
import type { DecodeError, Uuid } from '../profile.ts';

const pmd = (part: string): Uuid => `fb005c${part}-02e7-f387-1cad-8acd2d8df0c8`;

export const PMD_SERVICE = pmd('80');
/** Written to; answers come as indications. A read tells which measurements the device has. */
export const PMD_CONTROL = pmd('81');
export const PMD_DATA = pmd('82');

/** Measurements that are streamed, by their number; their order is the order in which they are started. */
export const MEASUREMENTS = {
  ecg: 0,
  acceleration: 2,
  gyroscope: 5,
  magnetometer: 6,
  ppg: 1,
  ppi: 3,
  skinTemperature: 7,
} as const;
export type Measurement = keyof typeof MEASUREMENTS;
const NAMES = new Map(Object.entries(MEASUREMENTS).map(([name, number]) => [number, name as Measurement] as const));

/** Lower six bits of a type byte; the upper two say whether it streams or records. */
const TYPE_MASK = 0x3f;

/** The measurement of a type byte; undefined for those that are never started here. */
export function measurementOf(type: number): Measurement | undefined {
  return NAMES.get((type & TYPE_MASK) as (typeof MEASUREMENTS)[Measurement]);
}

const OP = { settings: 0x01, start: 0x02, stop: 0x03 } as const;
export type Operation = keyof typeof OP;
const ANSWER = 0xf0;
const FEATURES = 0x0f;
/** Sent by the device on its own: it has ended the measurements that follow. */
const STOPPED = 0x01;

/** Status of an answer, by its number. */
const STATUS: readonly string[] = [
  'success',
  'invalid op code',
  'invalid measurement type',
  'not supported',
  'invalid length',
  'invalid parameter',
  'already in state',
  'invalid resolution',
  'invalid sample rate',
  'invalid range',
  'invalid MTU',
  'invalid number of channels',
  'invalid state',
  'device in charger',
];
export const ALREADY_IN_STATE = 6;

/** What a status number means, in Polar's words. */
export function statusText(status: number): string {
  return STATUS[status] ?? `status ${status}`;
}

/** Setting types and the bytes of one value. Type 5, the factor, is only ever answered; 6 is a key, of no use here. */
const SETTING = { rate: 0, resolution: 1, range: 2, rangeMilli: 3, channels: 4, factor: 5, security: 6 } as const;
const VALUE_BYTES: readonly number[] = [2, 2, 2, 4, 1, 4, 16];

/** Values offered (or chosen) of each setting type. */
export type Settings = ReadonlyMap<number, readonly number[]>;

export type ControlMessage =
  | {
      readonly kind: 'answer';
      readonly operation: Operation;
      readonly type: number;
      readonly status: number;
      readonly parameters: DataView;
    }
  /** The device ended these measurements by itself. */
  | { readonly kind: 'stopped'; readonly types: readonly number[] }
  /** What it reads as: browsers hand over what was read as if it had been notified. */
  | { readonly kind: 'features'; readonly measurements: readonly Measurement[] };

/** Parses a message of the control point. Answers that are split continue in packets of the same shape. */
export function parseControl(bytes: DataView): Result<ControlMessage, DecodeError> {
  const { byteLength } = bytes;
  if (byteLength < 1) return decodeError('decode-truncated', 'PMD control: empty');
  const code = bytes.getUint8(0);
  if (code === STOPPED) {
    const types = Array.from({ length: byteLength - 1 }, (_, i) => bytes.getUint8(i + 1));
    return ok({ kind: 'stopped', types });
  }
  if (code === FEATURES) {
    const features = parseFeatures(bytes);
    return features.ok ? ok({ kind: 'features', measurements: features.value }) : features;
  }
  if (code !== ANSWER) return decodeError('decode-reserved', `PMD control: code 0x${code.toString(16)}`);
  // An error may end with its status; a success goes on with whether more follows.
  if (byteLength < 4) return decodeError('decode-truncated', `PMD control: ${byteLength} bytes`);
  const status = bytes.getUint8(3);
  const operation = operationOf(bytes.getUint8(1));
  if (!operation) return decodeError('decode-reserved', `PMD control: op code ${bytes.getUint8(1)}`);
  if (status === 0 && operation !== 'stop' && byteLength < 5) {
    return decodeError('decode-truncated', `PMD control: ${byteLength} bytes`);
  }
  const from = Math.min(5, byteLength);
  const parameters = new DataView(bytes.buffer, bytes.byteOffset + from, byteLength - from);
  return ok({ kind: 'answer', operation, type: bytes.getUint8(2), status, parameters });
}

function operationOf(code: number): Operation | undefined {
  return (Object.keys(OP) as Operation[]).find((name) => OP[name] === code);
}

/** True if these bytes answer this command. */
export function answers(bytes: DataView, operation: Operation, measurement: Measurement): boolean {
  if (bytes.byteLength < 4 || bytes.getUint8(0) !== ANSWER) return false;
  return bytes.getUint8(1) === OP[operation] && measurementOf(bytes.getUint8(2)) === measurement;
}

/** Settings as they stand in an answer, and what is wrong with the rest of it if it cannot be read to the end. */
export interface ParsedSettings {
  readonly settings: Settings;
  readonly error?: DecodeError;
}

/** Reads settings: type, number of values, values, over and over. What stands before an error counts. */
export function parseSettings(bytes: DataView): ParsedSettings {
  const settings = new Map<number, readonly number[]>();
  let at = 0;
  while (at < bytes.byteLength) {
    const type = bytes.getUint8(at);
    const size = VALUE_BYTES[type];
    if (size === undefined) return { settings, error: { code: 'decode-reserved', detail: `PMD setting ${type}` } };
    const count = at + 1 < bytes.byteLength ? bytes.getUint8(at + 1) : 0;
    const end = at + 2 + count * size;
    if (end > bytes.byteLength) {
      return { settings, error: { code: 'decode-truncated', detail: `PMD setting ${type}: ${count} values` } };
    }
    const first = at + 2;
    settings.set(
      type,
      Array.from({ length: count }, (_, i) => readValue(bytes, first + i * size, type)),
    );
    at = end;
  }
  return { settings };
}

function readValue(bytes: DataView, at: number, type: number): number {
  if (type === SETTING.factor) return bytes.getFloat32(at, true);
  const size = VALUE_BYTES[type] ?? 0;
  if (size === 1) return bytes.getUint8(at);
  return size === 2 ? bytes.getUint16(at, true) : bytes.getUint32(at, true);
}

/** What raw values are multiplied with, from the answer to a start; undefined if it names none or an impossible one. */
export function factorOf(settings: Settings): number | undefined {
  const factor = settings.get(SETTING.factor)?.[0];
  return factor !== undefined && Number.isFinite(factor) && factor > 0 ? factor : undefined;
}

/**
 * Highest rate worth asking for, Hz. ECG: 130, the only one an H10 has. Motion: 52, which is what Verity Sense, OH1 and
 * 360 offer at all without their SDK mode; an H10 has 100 and 200 too, but bodies move below 20 Hz, and twice the frames
 * beside an ECG only make it likelier that some are lost. Pulse waves are below 10 Hz. Skin changes slowly.
 */
const RATE_LIMIT: Readonly<Record<Measurement, number>> = {
  ecg: 130,
  acceleration: 52,
  gyroscope: 52,
  magnetometer: 50,
  ppg: 55,
  ppi: 0,
  skinTemperature: 1,
};

/** Range for acceleration, g: steps and jumps reach 5 g at the chest and more at the arm. */
const ACCELERATION_RANGE = 8;

/**
 * One value for each setting offered. A pure function of the device's answer, so that the decoders know what `start`
 * asked for without being told.
 */
export function chooseSettings(measurement: Measurement, offered: Settings): Settings {
  const chosen = new Map<number, readonly number[]>();
  for (const [type, values] of [...offered].sort(([a], [b]) => a - b)) {
    const most = Math.max(...values);
    if (values.length === 0 || type === SETTING.factor || type === SETTING.security) continue;
    if (type === SETTING.rate) chosen.set(type, [chooseRate(values, RATE_LIMIT[measurement])]);
    else if (type === SETTING.range && measurement === 'acceleration' && values.includes(ACCELERATION_RANGE)) {
      chosen.set(type, [ACCELERATION_RANGE]);
    } else chosen.set(type, [most]);
  }
  return chosen;
}

/** The highest rate within the limit; the lowest there is if all are above. */
function chooseRate(rates: readonly number[], limit: number): number {
  const within = rates.filter((rate) => rate <= limit);
  return within.length > 0 ? Math.max(...within) : Math.min(...rates);
}

/** Sample rate among settings, Hz; undefined if there is none. */
export function rateOf(settings: Settings): number | undefined {
  const rate = settings.get(SETTING.rate)?.[0];
  return rate !== undefined && rate > 0 ? rate : undefined;
}

/** Bytes that ask which settings a measurement has. */
export function settingsCommand(measurement: Measurement): Uint8Array {
  return Uint8Array.of(OP.settings, MEASUREMENTS[measurement]);
}

/** Bytes that start a measurement with chosen settings. */
export function startCommand(measurement: Measurement, chosen: Settings): Uint8Array {
  const bytes: number[] = [OP.start, MEASUREMENTS[measurement]];
  for (const [type, [value = 0]] of chosen) {
    bytes.push(type, 1);
    for (let i = 0; i < (VALUE_BYTES[type] ?? 0); i++) bytes.push((value >>> (8 * i)) & 0xff);
  }
  return Uint8Array.from(bytes);
}

/** Bytes that end a measurement. */
export function stopCommand(measurement: Measurement): Uint8Array {
  return Uint8Array.of(OP.stop, MEASUREMENTS[measurement]);
}

/** Measurements a device has, from what its control point reads as: 0x0F, then a bit for each type. */
export function parseFeatures(bytes: DataView): Result<readonly Measurement[], DecodeError> {
  if (bytes.byteLength < 2) return decodeError('decode-truncated', `PMD features: ${bytes.byteLength} bytes`);
  if (bytes.getUint8(0) !== FEATURES) {
    return fail({ code: 'decode-reserved', detail: `PMD features: 0x${bytes.getUint8(0).toString(16)}` });
  }
  const bits = bytes.getUint8(1);
  const all = Object.keys(MEASUREMENTS) as Measurement[];
  return ok(all.filter((name) => ((bits >> MEASUREMENTS[name]) & 1) === 1));
}
