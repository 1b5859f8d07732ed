/**
 * Muse headbands: EEG, motion, PPG, telemetry. Every data packet begins with a 16-bit number (big-endian, as all their
 * numbers are) that grows by one per packet: the clock. Sources and scope: headband.ts.
 */
import type { AttributeId } from '../../../model/attribute.ts';
import type { Timing } from '../../../model/reading.ts';
import { ok, type Result } from '../../../model/result.ts';
import { decodeError, exactly, readNumbers } from '../bytes.ts';
import type { CharacteristicSpec, DecodeError, Decoded, Decoder, Profile, Uuid } from '../profile.ts';
import { makeControlDecoder, startMuse } from './control.ts';
import {
  EEG_RATE,
  EEG_SAMPLES,
  MOTION_RATE,
  MOTION_SAMPLES,
  MUSE_ACCELEROMETER,
  MUSE_CONTROL,
  MUSE_EEG,
  MUSE_GYROSCOPE,
  MUSE_PPG,
  MUSE_SERVICE,
  MUSE_TELEMETRY,
  PPG_RATE,
  PPG_SAMPLES,
} from './headband.ts';
import { createPacketCount, type PacketCount } from './packet-count.ts';

const PACKET_BYTES = 20;

/** µV of a step of the 12-bit converter, and its middle. */
const EEG_SCALE = 0.48828125;
const EEG_MIDDLE = 0x800;
/** m/s² of a count: 1/16384 g. */
const ACCELERATION_SCALE = 9.80665 / 16384;
/** rad/s of a count: 0.0074768 °/s. */
const ROTATION_SCALE = (0.0074768 * Math.PI) / 180;
/** Telemetry: percent in 512ths, and mV of a step of the fuel gauge. */
const BATTERY_SCALE = 1 / 512;
const VOLTAGE_SCALE = 2.2e-3;

/** A kind of data packet: its number, then samples. */
interface Kind {
  readonly attribute: AttributeId;
  /** Clock of the streams that are numbered together. */
  readonly clock: string;
  readonly rate: number;
  readonly samples: number;
  readonly fields?: readonly string[];
  /** All numbers of the samples, in the attribute's unit. */
  readonly read: (bytes: DataView) => Float32Array;
}

function decodePacket(count: PacketCount, kind: Kind, bytes: DataView): Result<Decoded, DecodeError> {
  const { attribute, clock, rate, samples, fields, read } = kind;
  const sized = exactly(bytes, PACKET_BYTES, attribute);
  if (!sized.ok) return sized;
  const { number, missing } = count.packet(attribute, bytes.getUint16(0));
  const times = new Float64Array(samples);
  for (let i = 0; i < samples; i++) times[i] = ((number * samples + i) * 1000) / rate;
  const timing: Timing = { kind: 'device', clock, times };
  const values = read(bytes);
  return ok({
    readings: [
      fields ? { kind: 'numeric', attribute, values, fields, timing } : { kind: 'numeric', attribute, values, timing },
    ],
    facts: missing > 0 ? [{ kind: 'lost', attribute, samples: missing * samples }] : [],
  });
}

/** Twelve numbers of 12 bits, each pair in three bytes, highest bits first. */
function readEeg(bytes: DataView): Float32Array {
  const values = new Float32Array(EEG_SAMPLES);
  for (let i = 0, at = 2; i < EEG_SAMPLES; i += 2, at += 3) {
    const pair = (bytes.getUint16(at) << 8) | bytes.getUint8(at + 2);
    values[i] = ((pair >> 12) - EEG_MIDDLE) * EEG_SCALE;
    values[i + 1] = ((pair & 0xfff) - EEG_MIDDLE) * EEG_SCALE;
  }
  return values;
}

/** Three vectors of signed 16-bit numbers. */
function readMotion(bytes: DataView, scale: number): Float32Array {
  return readNumbers(3 * MOTION_SAMPLES, (i) => bytes.getInt16(2 + 2 * i) * scale);
}

/** Six unsigned 24-bit numbers. */
function readPpg(bytes: DataView): Float32Array {
  return readNumbers(PPG_SAMPLES, (i) => (bytes.getUint16(2 + 3 * i) << 8) | bytes.getUint8(4 + 3 * i));
}

/** Number, charge, fuel gauge voltage, a voltage without a published meaning, temperature in °C; the rest is padding. */
function decodeTelemetry(bytes: DataView): Result<Decoded, DecodeError> {
  const sized = exactly(bytes, PACKET_BYTES, 'Muse telemetry');
  if (!sized.ok) return sized;
  const percent = bytes.getUint16(2) * BATTERY_SCALE;
  if (percent > 100) return decodeError('decode-reserved', `Muse battery ${percent}`);
  const timing: Timing = { kind: 'arrival' };
  const voltage = Float32Array.of(bytes.getUint16(4) * VOLTAGE_SCALE);
  const temperature = Float32Array.of(bytes.getInt16(8));
  return ok({
    readings: [
      { kind: 'structured', attribute: 'battery', payloads: [{ level: percent }], timing },
      { kind: 'numeric', attribute: 'battery_voltage', values: voltage, timing },
      { kind: 'numeric', attribute: 'device_temperature', values: temperature, timing },
    ],
    facts: [{ kind: 'battery', percent }],
  });
}

const XYZ = ['x', 'y', 'z'] as const;

const KINDS: ReadonlyMap<Uuid, Kind> = new Map<Uuid, Kind>([
  ...MUSE_EEG.map(({ uuid, attribute }): [Uuid, Kind] => [
    uuid,
    { attribute, clock: 'muse-eeg', rate: EEG_RATE, samples: EEG_SAMPLES, read: readEeg },
  ]),
  ...MUSE_PPG.map(({ uuid, attribute }): [Uuid, Kind] => [
    uuid,
    { attribute, clock: 'muse-ppg', rate: PPG_RATE, samples: PPG_SAMPLES, read: readPpg },
  ]),
  [MUSE_ACCELEROMETER, motion('accelerometer', ACCELERATION_SCALE)],
  [MUSE_GYROSCOPE, motion('gyroscope', ROTATION_SCALE)],
]);

/** Accelerometer and gyroscope number their packets each for itself. */
function motion(attribute: AttributeId, scale: number): Kind {
  const read = (bytes: DataView): Float32Array => readMotion(bytes, scale);
  return { attribute, clock: `muse-${attribute}`, rate: MOTION_RATE, samples: MOTION_SAMPLES, fields: XYZ, read };
}

/** Decoders of one connection: packets that are numbered together are counted together. */
function makeDecoders(): ReadonlyMap<Uuid, Decoder> {
  const counts = new Map<string, PacketCount>();
  const decoders = [...KINDS].map(([uuid, kind]): [Uuid, Decoder] => {
    const count = counts.get(kind.clock) ?? createPacketCount();
    counts.set(kind.clock, count);
    return [uuid, (bytes) => decodePacket(count, kind, bytes)];
  });
  return new Map(decoders);
}

function dataCharacteristic(uuid: Uuid, name: string, attributeType: string): CharacteristicSpec {
  const kind = KINDS.get(uuid);
  return {
    uuid,
    name,
    use: 'notify',
    attributes: kind ? [{ attribute: kind.attribute, attributeType, samplingRate: kind.rate }] : [],
    onFull: 'keep',
    makeDecoder: () => makeDecoders().get(uuid) ?? (() => decodeError('decode-reserved', name)),
  };
}

export const museProfile: Profile = {
  service: MUSE_SERVICE,
  name: 'Muse headband',
  advertised: true,
  sensorType: 'eeg_headband',
  characteristics: [
    ...MUSE_EEG.map(({ uuid, name }) => dataCharacteristic(uuid, name, 'eeg')),
    ...MUSE_PPG.map(({ uuid, name }) => dataCharacteristic(uuid, name, 'ppg')),
    dataCharacteristic(MUSE_ACCELEROMETER, 'Muse accelerometer', 'accelerometer'),
    dataCharacteristic(MUSE_GYROSCOPE, 'Muse gyroscope', 'gyroscope'),
    {
      uuid: MUSE_TELEMETRY,
      name: 'Muse telemetry',
      use: 'notify',
      attributes: [
        { attribute: 'battery', attributeType: 'battery', samplingRate: 0 },
        { attribute: 'battery_voltage', attributeType: 'battery_voltage', samplingRate: 0 },
        { attribute: 'device_temperature', attributeType: 'device_temperature', samplingRate: 0 },
      ],
      onFull: 'coalesce',
      makeDecoder: () => decodeTelemetry,
    },
    {
      uuid: MUSE_CONTROL,
      name: 'Muse control',
      use: 'control',
      attributes: [],
      onFull: 'keep',
      makeDecoder: makeControlDecoder,
    },
  ],
  makeDecoders,
  start: startMuse,
};
