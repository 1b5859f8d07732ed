/** What the decode rows read: packets of each family as its devices send them, and the two decoders of each. */
import { encodeHeartRate } from '../../../src/device/demo/encode.ts';
import { encodeEcg, encodeMotion } from '../../../src/device/demo/movesense-packets.ts';
import { encodeEeg } from '../../../src/device/demo/muse-packets.ts';
import { writePacket, type PacketWriter } from '../../../src/device/demo/packet-writer.ts';
import { encodeDeltaFrame, encodeEcgFrame } from '../../../src/device/demo/polar-frames.ts';
import { CYCLING_POWER_MEASUREMENT } from '../../../src/device/profiles/cycling-power/profile.ts';
import { CSC_MEASUREMENT } from '../../../src/device/profiles/cycling-speed-cadence.ts';
import { HEART_RATE_MEASUREMENT } from '../../../src/device/profiles/heart-rate.ts';
import { MOVESENSE_DATA, STREAMS, type Layout, type Stream } from '../../../src/device/profiles/movesense/gsp.ts';
import { MUSE_EEG } from '../../../src/device/profiles/muse/headband.ts';
import { UART_TX } from '../../../src/device/profiles/nordic-uart.ts';
import { PMD_DATA } from '../../../src/device/profiles/polar/pmd.ts';
import { assigned, type Uuid } from '../../../src/device/profiles/profile.ts';
import { decoderFor } from '../../../src/device/profiles/registry.ts';
import { THINGY } from '../../../src/device/profiles/thingy52/uuids.ts';
import { createCytonReader } from '../../../src/device/serial/cyton.ts';
import { readingLength, type Reading } from '../../../src/model/reading.ts';
import { ECG_RATE, noiseSource, syntheticEcg } from '../../support/ecg.ts';
import * as plain from './plain-decoders.ts';

/** The product's decoder of one connection. Throws if it refuses a packet. */
type Ours = (bytes: DataView, arrival: number) => readonly Reading[];

export interface Family {
  readonly what: string;
  readonly packets: readonly DataView[];
  /** Decoders with the memory of a new connection. */
  readonly makeOurs: () => Ours;
  readonly makePlain: () => plain.PlainDecoder;
}

/** Packets of a family, so many that no processor learns them by heart. */
const PACKETS = 400;
const START = 1_800_000_000_000;
/** ns since 2000-01-01. */
const POLAR_START = 700_000_000_000_000_000n;

function ofProfile(
  what: string,
  uuid: Uuid,
  makePlain: Family['makePlain'],
  packet: (index: number) => Uint8Array<ArrayBuffer>,
): Family {
  const makeOurs = (): Ours => {
    const decode = decoderFor(uuid);
    if (!decode) throw new Error(`nobody reads ${uuid}`);
    return (bytes) => {
      const decoded = decode(bytes);
      if (!decoded.ok) throw new Error(`${what}: ${decoded.error.detail}`);
      return decoded.value.readings;
    };
  };
  const packets = Array.from({ length: PACKETS }, (_, i) => new DataView(packet(i).buffer));
  return { what, packets, makeOurs, makePlain };
}

/** Whole numbers that move like a body: `wave` slow, `noise` fast. */
function walk(seed: number, wave: number, noise: number): (index: number, axis: number) => number {
  const random = noiseSource(seed);
  return (index, axis) => Math.round(wave * Math.sin(index / 15 + axis) + random.uniform(noise));
}

const range = <T>(length: number, of: (i: number) => T): T[] => Array.from({ length }, (_, i) => of(i));

function polarEcg(): Family {
  const samples = 73;
  const noise = noiseSource(7);
  const ecg = [...syntheticEcg(PACKETS * samples, () => noise.gauss(8))];
  return ofProfile(
    'Polar ECG',
    PMD_DATA,
    () => plain.polarEcg,
    (i) => {
      const stamp = POLAR_START + BigInt(Math.round(((i + 1) * samples * 1e9) / ECG_RATE));
      return encodeEcgFrame(stamp, ecg.slice(i * samples, (i + 1) * samples));
    },
  );
}

function polarAcceleration(): Family {
  const samples = 60;
  const milliG = walk(11, 300, 25);
  return ofProfile(
    'Polar acceleration, compressed',
    PMD_DATA,
    () => plain.polarAcceleration,
    (i) => {
      const vectors = range(samples, (k) => range(3, (axis) => milliG(i * samples + k, axis)));
      const stamp = POLAR_START + BigInt(Math.round(((i + 1) * samples * 1e9) / 50));
      return encodeDeltaFrame('acceleration', 1, stamp, 2, vectors, 12);
    },
  );
}

function gspStream(layout: Layout): Stream {
  const stream = STREAMS.flat().find((one) => one.layout === layout);
  if (!stream) throw new Error(layout);
  return stream;
}

function movesenseEcg(): Family {
  const stream = gspStream('ecg');
  const counts = walk(13, 2000, 30);
  return ofProfile(
    'Movesense ECG',
    MOVESENSE_DATA,
    () => plain.movesenseEcg,
    (i) =>
      encodeEcg(
        stream,
        1000 + i * 125,
        range(16, (k) => counts(i * 16 + k, 0)),
      ),
  );
}

function movesenseMotion(): Family {
  const stream = gspStream('imu9');
  const value = walk(17, 300, 20);
  return ofProfile(
    'Movesense IMU9',
    MOVESENSE_DATA,
    () => plain.movesenseMotion,
    (i) => {
      const sensors = range(3, (sensor) => range(12, (k) => value(i * 4 + Math.floor(k / 3), sensor + (k % 3)) / 32));
      return encodeMotion(stream, Math.round(1000 + (i * 4000) / 52), sensors);
    },
  );
}

function museEeg(): Family {
  const microvolts = walk(19, 60, 20);
  return ofProfile(
    'Muse EEG',
    MUSE_EEG[0].uuid,
    () => plain.museEeg,
    (i) =>
      encodeEeg(
        i,
        range(12, (k) => microvolts(i * 12 + k, 0)),
      ),
  );
}

function thingyMotion(): Family {
  const raw = walk(23, 900, 60);
  return ofProfile(
    'Thingy:52 motion',
    THINGY.rawMotion,
    () => plain.thingyMotion,
    (i) =>
      writePacket()
        .int(2, ...range(9, (axis) => raw(i, axis)))
        .bytes(),
  );
}

function heartRate(): Family {
  return ofProfile(
    'heart rate and RR',
    HEART_RATE_MEASUREMENT,
    () => plain.heartRate,
    (i) => {
      const ticks = range(1 + (i % 2), (k) => 500 + ((i * 37 + k) % 90));
      return new Uint8Array(encodeHeartRate({ rate: 110 + (i % 9), contact: true, ticks }));
    },
  );
}

/** A revolution or more in each packet. */
function wheelAndCrank(packet: PacketWriter, i: number): PacketWriter {
  return packet.int(4, 5 * (i + 1)).u16(((i + 1) * 1010) & 0xffff, (2 * (i + 1)) & 0xffff, ((i + 1) * 1020) & 0xffff);
}

function cyclingSpeed(): Family {
  return ofProfile('cycling speed and cadence', CSC_MEASUREMENT, plain.makeCyclingSpeed, (i) =>
    wheelAndCrank(writePacket().u8(3), i).bytes(),
  );
}

function cyclingPower(): Family {
  const watts = walk(29, 60, 20);
  return ofProfile('cycling power', CYCLING_POWER_MEASUREMENT, plain.makeCyclingPower, (i) =>
    writePacket()
      .u16(0x002d)
      .int(2, 220 + watts(i, 0))
      .u8(96 + (i % 9))
      // Torque that adds up, below where it begins anew.
      .u16(150 * i, 2 * (i + 1), ((i + 1) * 1020) & 0xffff)
      .bytes(),
  );
}

function temperature(): Family {
  return ofProfile(
    'environment, temperature',
    assigned(0x2a6e),
    () => plain.temperature,
    (i) =>
      writePacket()
        .int(2, 2150 + (i % 40))
        .bytes(),
  );
}

/** Lines of 40 and some characters in notifications of 20 bytes, as with the least MTU. */
function lines(): Family {
  const value = walk(31, 900, 50);
  const text = range(PACKETS, (i) => `temp:${value(i, 0) / 100},x:${value(i, 1)},y:${value(i, 2)},z:${value(i, 3)}\n`);
  const all = text.join('');
  return ofProfile('UART lines', UART_TX, plain.makeLines, (i) =>
    writePacket()
      .text(all.slice(20 * i, 20 * (i + 1)))
      .bytes(),
  );
}

/** Reads of the port that bring ten packets, 40 ms. */
function cyton(): Family {
  const raw = walk(37, 9000, 900);
  const perRead = 10;
  const packet = (out: PacketWriter, i: number): void => {
    out.u8(0xa0, i & 0xff).big(3, ...range(8, (channel) => raw(i, channel)));
    out.big(2, ...(i % perRead === 0 ? [100 + raw(i, 0) / 100, 200, 8000] : [0, 0, 0])).u8(0xc0);
  };
  const packets = range(PACKETS / 4, (read) => {
    const out = writePacket();
    for (let i = 0; i < perRead; i++) packet(out, read * perRead + i);
    return new DataView(out.bytes().buffer);
  });
  const makeOurs = (): Ours => {
    const reader = createCytonReader();
    return (bytes, arrival) => {
      const { buffer, byteOffset, byteLength } = bytes;
      const { readings, problems } = reader.take(new Uint8Array(buffer, byteOffset, byteLength), arrival);
      if (problems.length > 0) throw new Error(`Cyton: ${problems[0]?.detail}`);
      return readings;
    };
  };
  return { what: 'OpenBCI Cyton', packets, makeOurs, makePlain: () => plain.cyton };
}

export function families(): readonly Family[] {
  return [
    heartRate(),
    polarEcg(),
    polarAcceleration(),
    movesenseEcg(),
    movesenseMotion(),
    museEeg(),
    thingyMotion(),
    cyclingSpeed(),
    cyclingPower(),
    temperature(),
    lines(),
    cyton(),
  ];
}

/** ms between two packets: any will do that keeps counters in step. */
const arrivalOf = (i: number): number => START + i * 40;

/** What a pass over all packets of one connection leaves: everything decoded, as a batch that waits to be sent. */
export interface Decoded {
  readonly samples: number;
  readonly kept: readonly unknown[];
}

/** Decodes all packets of one connection. */
export function decodeOurs({ makeOurs, packets }: Family): Decoded {
  const decode = makeOurs();
  const kept: (readonly Reading[])[] = [];
  let samples = 0;
  for (const [i, bytes] of packets.entries()) {
    const readings = decode(bytes, arrivalOf(i));
    for (const reading of readings) samples += readingLength(reading);
    kept.push(readings);
  }
  return { samples, kept };
}

/** The same with the plain decoder. */
export function decodePlain({ makePlain, packets }: Family): Decoded {
  const decode = makePlain();
  const kept: plain.PlainSample[] = [];
  for (const [i, bytes] of packets.entries()) for (const sample of decode(bytes, arrivalOf(i))) kept.push(sample);
  return { samples: kept.length, kept };
}

/** Throws unless both decoders say the same of every packet: attributes, values, order. @returns samples compared */
export function compare({ what, makeOurs, makePlain, packets }: Family): number {
  const ours = makeOurs();
  const theirs = makePlain();
  let samples = 0;
  for (const [i, bytes] of packets.entries()) {
    const mine = ours(bytes, arrivalOf(i)).flatMap(samplesOf).sort(byAttribute);
    const plainly = theirs(bytes, arrivalOf(i))
      .map(({ attribute, value }) => ({
        attribute,
        numbers: typeof value === 'number' ? [value] : Object.values(value),
      }))
      .sort(byAttribute);
    const isSame =
      mine.length === plainly.length &&
      mine.every((sample, k) => near(sample, plainly[k] ?? { attribute: '', numbers: [] }));
    if (!isSame) throw new Error(`${what}, packet ${i}: ${JSON.stringify(mine)} is not ${JSON.stringify(plainly)}`);
    samples += mine.length;
  }
  return samples;
}

interface Numbers {
  readonly attribute: string;
  readonly numbers: readonly number[];
}

/** Stable: samples of an attribute keep their order. */
const byAttribute = (a: Numbers, b: Numbers): number => a.attribute.localeCompare(b.attribute);

function samplesOf(reading: Reading): Numbers[] {
  if (reading.kind !== 'numeric') throw new Error(`${reading.attribute} is no number`);
  const width = reading.fields?.length ?? 1;
  return range(readingLength(reading), (i) => ({
    attribute: reading.attribute,
    numbers: [...reading.values.subarray(i * width, (i + 1) * width)],
  }));
}

/** Within single precision. */
function near(a: Numbers, b: Numbers): boolean {
  return (
    a.attribute === b.attribute &&
    a.numbers.length === b.numbers.length &&
    a.numbers.every((value, i) => Math.abs(value - (b.numbers[i] ?? NaN)) <= 1e-6 * Math.max(1, Math.abs(value)))
  );
}
