/**
 * What the pipeline row measures: notification bytes to text frames, by the product's own parts, and by the simplest
 * client there is (one object and one frame per sample). Both end in `send`. Time is virtual, so a long stream runs at
 * once; decisions that depend on time (windows, barriers, spooling) happen as often as they would.
 */
import { createConnection } from '../../../src/channel/connection.ts';
import { assigned } from '../../../src/device/profiles/profile.ts';
import { decoderFor } from '../../../src/device/profiles/registry.ts';
import { backpressureFor, type AttentionLevel } from '../../../src/model/backpressure.ts';
import { createMemoryOutbox } from '../../../src/outbox/memory-outbox.ts';
import { createServerClock } from '../../../src/stream/server-clock.ts';
import type { NumericBlock } from '../../../src/model/block.ts';
import { encodeText } from '../../../src/protocol/frame.ts';
import { EVENT } from '../../../src/protocol/sensor.ts';
import { encodeUplink } from '../../../src/protocol/uplink.ts';
import { createDelivery } from '../../../src/stream/delivery.ts';
import type { ChannelPort } from '../../../src/stream/ports.ts';
import { createLiveFeed } from '../../../workers/sensor/live-feed.ts';
import { SensorPipeline } from '../../../workers/sensor/pipeline.ts';
import { confirmedOf, instantSocket, START, turns, VirtualClock, type Send } from './virtual.ts';

const HEART_RATE_MEASUREMENT = assigned(0x2a37);
/** ms between notifications: a strap's rhythm. */
const PERIOD = 1000;

/** Bytes of notifications: flags (contact, two RR intervals), bpm, RR in 1/1024 s. */
export function packets(count: number): ArrayBuffer[] {
  return Array.from({ length: count }, (_, i) => {
    const rr = 512 + (i % 40);
    return Uint8Array.of(0x16, 115 + (i % 10), rr & 255, rr >> 8, (rr + 3) & 255, (rr + 3) >> 8).buffer;
  });
}

/** Runs notifications through the product's pipeline. Resolves to the samples the server side confirmed. */
export async function runPipeline(
  stream: readonly ArrayBuffer[],
  attention: AttentionLevel,
  send: Send,
): Promise<number> {
  const clock = new VirtualClock();
  const connection = createConnection({
    makeSocket: (handlers) => instantSocket(send, attention, handlers),
    clock,
    random: () => 0.5,
    onState: () => undefined,
    renewCredential: () => Promise.resolve(false),
  });
  const pipeline = new SensorPipeline({
    sensor: { sensorId: 'bench', name: 'Bench', sensorType: 'heart_rate_strap', demo: true },
    connection,
    outbox: createMemoryOutbox(0),
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
  for (const bytes of stream) {
    pipeline.ingest(HEART_RATE_MEASUREMENT, bytes, clock.now());
    clock.advance(PERIOD);
    await turns();
  }
  const closed = pipeline.settle().then(() => pipeline.leave());
  for (let i = 0; i < 10; i++) {
    await turns();
    clock.advance(PERIOD);
  }
  await closed;
  connection.stop();
  return confirmedOf(pipeline.status(clock.now()).attributes);
}

/** A waveform of 130 Hz as dated blocks of a tenth of a second, as a decoder of such a device hands them over. */
export function waveform(samples: number): NumericBlock[] {
  const perBlock = 13;
  return Array.from({ length: samples / perBlock }, (_, block) => {
    const index = (i: number): number => block * perBlock + i;
    return {
      kind: 'numeric',
      attribute: 'ecg',
      times: Float64Array.from({ length: perBlock }, (_unused, i) => START + (index(i) * 1000) / 130),
      values: Float32Array.from({ length: perBlock }, (_unused, i) => Math.sin(index(i) / 9)),
    };
  });
}

/** Runs blocks through log, budget and JSON edge. Resolves to the samples confirmed. */
export async function runWaveform(
  blocks: readonly NumericBlock[],
  attention: AttentionLevel,
  send: Send,
): Promise<number> {
  const clock = new VirtualClock();
  let ref = 1;
  const channel: ChannelPort = {
    joined: true,
    push(event, payload, onReply) {
      send(encodeText({ joinRef: '1', ref: String(++ref), topic: 'sensocto:sensor:bench', event, payload }, 2));
      if (event === EVENT.ping) queueMicrotask(() => onReply?.({ status: 'ok', reason: undefined }));
      return true;
    },
    restart: (reason) => {
      throw new Error(reason);
    },
  };
  const delivery = createDelivery({
    sensorId: 'bench',
    outbox: createMemoryOutbox(0),
    channel,
    clock,
    encode: (entries) => encodeUplink(entries, false),
    pingEvent: EVENT.ping,
  });
  delivery.joined();
  delivery.configured(backpressureFor(attention, 'normal', false, START));
  for (const block of blocks) {
    delivery.add(block);
    clock.advance(100);
    await turns();
  }
  for (let i = 0; i < 20; i++) {
    clock.advance(PERIOD);
    await turns();
  }
  return delivery.counts().confirmed;
}

/** The simplest client for a waveform: one object and one frame per sample. */
export function runWaveformPerSample(blocks: readonly NumericBlock[], send: Send): Promise<number> {
  let ref = 0;
  for (const { attribute, times, values } of blocks) {
    for (const [i, value] of values.entries()) {
      const payload = { attribute_id: attribute, payload: value, timestamp: Math.round(times[i] ?? 0) };
      const frame = { joinRef: '1', topic: 'sensocto:sensor:bench', event: EVENT.measurement, payload };
      send(encodeText({ ...frame, ref: String(++ref) }, 2));
    }
  }
  return Promise.resolve(ref);
}

/** The simplest client: decode, and one frame per sample. Resolves to the samples sent. */
export async function runFramePerSample(stream: readonly ArrayBuffer[], send: Send): Promise<number> {
  const decode = decoderFor(HEART_RATE_MEASUREMENT);
  if (!decode) throw new Error('no heart rate decoder');
  let ref = 0;
  let samples = 0;
  for (const [i, bytes] of stream.entries()) {
    const decoded = decode(new DataView(bytes));
    if (!decoded.ok) continue;
    for (const reading of decoded.value.readings) {
      for (const value of reading.kind === 'numeric' ? reading.values : reading.payloads) {
        const payload = { attribute_id: reading.attribute, payload: value, timestamp: START + i * PERIOD };
        send(
          encodeText(
            { joinRef: '1', ref: String(++ref), topic: 'sensocto:sensor:bench', event: EVENT.measurement, payload },
            2,
          ),
        );
        samples += 1;
      }
    }
    await Promise.resolve();
  }
  return samples;
}
