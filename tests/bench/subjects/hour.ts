/**
 * What an hour of streaming costs the sensor worker: notification bytes to frames by the product's own parts, log included,
 * against the simplest client (decode, one object and one frame per sample). The log is the durable one; its database keeps
 * structured clones in memory, which is what a worker does of IndexedDB itself.
 */
import { createConnection } from '../../../src/channel/connection.ts';
import { PMD_DATA } from '../../../src/device/profiles/polar/pmd.ts';
import { assigned } from '../../../src/device/profiles/profile.ts';
import { createDecoders } from '../../../src/device/profiles/registry.ts';
import type { AttentionLevel } from '../../../src/model/backpressure.ts';
import { readingLength, type Reading } from '../../../src/model/reading.ts';
import { openDurableOutbox } from '../../../src/outbox/durable-outbox.ts';
import type { LogDatabase } from '../../../src/outbox/ports.ts';
import { decodeBlock, encodeBlock } from '../../../src/protocol/block-codec.ts';
import { encodeText } from '../../../src/protocol/frame.ts';
import { EVENT } from '../../../src/protocol/sensor.ts';
import { createServerClock } from '../../../src/stream/server-clock.ts';
import { createLiveFeed } from '../../../workers/sensor/live-feed.ts';
import { SensorPipeline } from '../../../workers/sensor/pipeline.ts';
import { ECG_RATE, noiseSource, syntheticEcg } from '../../support/ecg.ts';
import { confirmedOf, instantSocket, START, turns, VirtualClock, type Send } from './virtual.ts';

const HEART_RATE_MEASUREMENT = assigned(0x2a37);
const MOTION_RATE = 50;
/** Samples of a frame, as such straps fill theirs. */
const ECG_FRAME = 73;
const MOTION_FRAME = 36;
/** ns of the device's clock when it begins. */
const DEVICE_START = 700_000_000_000_000_000n;

/** Bytes of a notification and when they arrive, ms after the start. */
export interface Notification {
  readonly characteristic: string;
  readonly at: number;
  readonly bytes: ArrayBuffer;
}

/** A heart rate with one RR interval a second. */
export function heartRate(seconds: number): Notification[] {
  return Array.from({ length: seconds }, (_, i) => {
    const rr = 980 + ((i * 37) % 90);
    const bytes = Uint8Array.of(0x16, 58 + (i % 7), rr & 255, rr >> 8).buffer;
    return { characteristic: HEART_RATE_MEASUREMENT, at: (i + 1) * 1000, bytes };
  });
}

/** ECG of 130 Hz (whole µV, 24 bits) and acceleration of 50 Hz (mg, 16 bits), as frames of Polar's PMD. */
export function ecgAndMotion(seconds: number): Notification[] {
  const noise = noiseSource(7);
  const ecg = syntheticEcg(seconds * ECG_RATE, () => noise.gauss(8));
  const frames: Notification[] = [];
  for (let at = 0; at + ECG_FRAME <= ecg.length; at += ECG_FRAME) {
    const values = ecg.subarray(at, at + ECG_FRAME);
    frames.push(frame(0, 0, ((at + ECG_FRAME) * 1000) / ECG_RATE, values, 3));
  }
  const motion = seconds * MOTION_RATE;
  for (let at = 0; at + MOTION_FRAME <= motion; at += MOTION_FRAME) {
    const values = Float32Array.from({ length: 3 * MOTION_FRAME }, (_, i) =>
      Math.round((i % 3 === 2 ? 1000 : 0) + 200 * Math.sin((at + i / 3) / 30) + noise.uniform(12)),
    );
    frames.push(frame(2, 1, ((at + MOTION_FRAME) * 1000) / MOTION_RATE, values, 2));
  }
  return frames.sort((a, b) => a.at - b.at);
}

function frame(measurement: number, type: number, at: number, values: Float32Array, size: 2 | 3): Notification {
  const view = new DataView(new ArrayBuffer(10 + size * values.length));
  view.setUint8(0, measurement);
  view.setBigUint64(1, DEVICE_START + BigInt(Math.round(at * 1e6)), true);
  view.setUint8(9, type);
  for (const [i, value] of values.entries()) {
    view.setInt16(10 + size * i, value, true);
    if (size === 3) view.setInt8(12 + size * i, value < 0 ? -1 : 0);
  }
  return { characteristic: PMD_DATA, at, bytes: view.buffer };
}

/** What the log needs of a database, in memory. */
export function memoryDatabase(): LogDatabase {
  const records = new Map<string, Map<number, unknown>>();
  return {
    claim: () => Promise.resolve([]),
    records(sensorId, { from, to }, count) {
      const ids = [...(records.get(sensorId)?.keys() ?? [])].filter((id) => id >= from && id <= to);
      ids.sort((a, b) => a - b);
      const found = ids.slice(0, count).map((id) => ({ id, value: structuredClone(records.get(sensorId)?.get(id)) }));
      return Promise.resolve(found);
    },
    asides: () => Promise.resolve([]),
    gaps: () => Promise.resolve([]),
    commit(changes) {
      for (const { row, deletes, puts } of changes) {
        structuredClone(row);
        const mine = records.get(row.sensorId) ?? new Map<number, unknown>();
        records.set(row.sensorId, mine);
        for (const range of deletes) deleteRange(mine, range);
        for (const { id, record } of puts) mine.set(id, structuredClone(record));
      }
      return Promise.resolve();
    },
    reopen: () => Promise.resolve(),
    onClosed: () => undefined,
    close: () => undefined,
  };
}

/** A database has an index: no walk over all that it holds. */
function deleteRange(
  records: Map<number, unknown>,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  if (to - from < records.size) for (let id = from; id <= to; id++) records.delete(id);
  else for (const id of records.keys()) if (id >= from && id <= to) records.delete(id);
}

/** Runs notifications through the product. Resolves to the samples that the server side confirmed. */
export async function runSensor(
  stream: readonly Notification[],
  attention: AttentionLevel,
  joined: object,
  send: Send,
): Promise<number> {
  const clock = new VirtualClock();
  const connection = createConnection({
    makeSocket: (handlers) => instantSocket(send, attention, handlers, joined),
    clock,
    random: () => 0.5,
    onState: () => undefined,
    renewCredential: () => Promise.resolve(false),
  });
  const codec = {
    encode: (block: Parameters<typeof encodeBlock>[0], firstSeq: number) => encodeBlock(block, { firstSeq }),
    decode: decodeBlock,
  };
  const pipeline = new SensorPipeline({
    sensor: { sensorId: 'bench', name: 'Bench', sensorType: 'heart_rate_strap', demo: true },
    connection,
    outbox: await openDurableOutbox({ db: memoryDatabase(), codec, clock, budgetBytes: 2 ** 30 }),
    clock,
    live: createLiveFeed(clock, () => undefined),
    connector: () => ({ connectorId: 'bench', connectorName: 'Bench' }),
    bearer: () => Promise.resolve('missing'),
    serverClock: createServerClock(),
    onCommand: () => undefined,
    onChange: () => undefined,
  });
  connection.connect();
  await turns();
  for (const { characteristic, at, bytes } of stream) {
    await until(clock, START + at);
    pipeline.ingest(characteristic, bytes, clock.now());
    await turns();
  }
  const closed = pipeline.settle().then(() => pipeline.leave());
  for (let i = 0; i < 20; i++) await until(clock, clock.now() + 1000);
  await closed;
  connection.stop();
  const bad = Object.entries(pipeline.status(clock.now()).badNotifications);
  if (bad.length > 0) throw new Error(`not understood: ${bad.join(' ')}`);
  return confirmedOf(pipeline.status(clock.now()).attributes);
}

/** Moves the clock in steps of the spool, so that writes and answers come about when they would. */
export async function until(clock: VirtualClock, end: number): Promise<void> {
  while (clock.now() < end) {
    clock.advance(Math.min(250, end - clock.now()));
    await turns();
  }
}

/** The simplest client. Resolves to the samples sent. */
export async function runFrames(stream: readonly Notification[], send: Send): Promise<number> {
  const decoders = createDecoders();
  let ref = 0;
  for (const { characteristic, at, bytes } of stream) {
    const decoded = decoders(characteristic)?.(new DataView(bytes));
    if (!decoded?.ok) throw new Error(`${characteristic} was not understood`);
    for (const reading of decoded.value.readings) {
      for (const payload of payloadsOf(reading)) {
        const sample = { attribute_id: reading.attribute, payload, timestamp: Math.round(START + at) };
        ref += 1;
        const frame = { joinRef: '1', ref: String(ref), topic: 'sensocto:sensor:bench', event: EVENT.measurement };
        send(encodeText({ ...frame, payload: sample }, 2));
      }
    }
    await Promise.resolve();
  }
  return ref;
}

/** The samples of a reading as they are sent. */
export function payloadsOf(reading: Reading): unknown[] {
  if (reading.kind === 'structured') return [...reading.payloads];
  const { fields, values } = reading;
  if (!fields) return [...values];
  return Array.from({ length: readingLength(reading) }, (_, i) =>
    Object.fromEntries(fields.map((field, k) => [field, values[i * fields.length + k]])),
  );
}
