/**
 * The six demo devices of the long run (tests/soak/runs/devices.mjs), as the sensor worker gets what they measure: two ECG
 * straps of 130 Hz with acceleration, a swimmer's nine axes of 104 Hz, an EEG headband of 4 × 256 Hz with motion, two
 * heart-rate straps. Their bytes and readings are made before anything is measured.
 */
import { createConnection } from '../../../src/channel/connection.ts';
import type { ScriptedModel } from '../../../src/device/demo/model.ts';
import { createMuse } from '../../../src/device/demo/peripherals/muse.ts';
import { createPolarH10 } from '../../../src/device/demo/peripherals/polar-h10.ts';
import type { Plan } from '../../../src/device/demo/sources/plan.ts';
import { createSwimmer } from '../../../src/device/demo/sources/swimmer.ts';
import { createStrap } from '../../../src/device/demo/strap.ts';
import { encodeCommand, MUSE_COMMAND, MUSE_CONTROL } from '../../../src/device/profiles/muse/headband.ts';
import {
  chooseSettings,
  parseControl,
  parseSettings,
  PMD_CONTROL,
  settingsCommand,
  startCommand,
} from '../../../src/device/profiles/polar/pmd.ts';
import { createDecoders } from '../../../src/device/profiles/registry.ts';
import type { AttentionLevel } from '../../../src/model/backpressure.ts';
import type { Reading } from '../../../src/model/reading.ts';
import type { AttributeRegistration } from '../../../src/model/sensor.ts';
import { openDurableOutbox } from '../../../src/outbox/durable-outbox.ts';
import { decodeBlock, encodeBlock } from '../../../src/protocol/block-codec.ts';
import { encodeText } from '../../../src/protocol/frame.ts';
import { EVENT } from '../../../src/protocol/sensor.ts';
import { createServerClock } from '../../../src/stream/server-clock.ts';
import { createLiveFeed } from '../../../workers/sensor/live-feed.ts';
import { SensorPipeline } from '../../../workers/sensor/pipeline.ts';
import { memoryDatabase, payloadsOf, until } from './hour.ts';
import { instantSocket, START, turns, VirtualClock, type Send } from './virtual.ts';

/** Something a device hands over, and when, ms after the start. */
export interface Delivery {
  readonly sensorId: string;
  readonly at: number;
  readonly content:
    | { readonly characteristic: string; readonly bytes: ArrayBuffer }
    | { readonly readings: readonly Reading[]; readonly attributes: readonly AttributeRegistration[] };
}

/** Samples by `sensor attribute`. */
export type Counts = ReadonlyMap<string, number>;

/** Writes to a device; what it answers at once is among the deliveries. */
type Ask = (characteristic: string, command: Uint8Array) => ArrayBuffer | undefined;

/** So many seconds of all six, in the order of arrival. */
export function sixDevices(seconds: number): Delivery[] {
  return [
    ...ofRadio('ecg-1', createPolarH10({ seed: 1, script: {} }), seconds, startPolar),
    ...ofRadio('ecg-2', createPolarH10({ seed: 2, script: {} }), seconds, startPolar),
    ...ofPlans('imu', createSwimmer(3).plans, seconds),
    ...ofRadio('eeg', createMuse({ seed: 4, script: {} }), seconds, startMuse),
    ...ofRadio('hr-1', createStrap({ seed: 5, script: {} }), seconds, () => undefined),
    ...ofRadio('hr-2', createStrap({ seed: 6, script: {} }), seconds, () => undefined),
  ].sort((a, b) => a.at - b.at);
}

/** Asks for the settings and starts both measurements, as the profile does. */
function startPolar(ask: Ask): void {
  for (const measurement of ['ecg', 'acceleration'] as const) {
    const answer = parseControl(new DataView(ask(PMD_CONTROL, settingsCommand(measurement)) ?? new ArrayBuffer(0)));
    if (!answer.ok || answer.value.kind !== 'answer') throw new Error(`no settings of ${measurement}`);
    const { settings } = parseSettings(answer.value.parameters);
    ask(PMD_CONTROL, startCommand(measurement, chooseSettings(measurement, settings)));
  }
}

function startMuse(ask: Ask): void {
  for (const command of [MUSE_COMMAND.halt, MUSE_COMMAND.eeg, MUSE_COMMAND.go])
    ask(MUSE_CONTROL, encodeCommand(command));
}

function ofRadio(sensorId: string, model: ScriptedModel, seconds: number, start: (ask: Ask) => void): Delivery[] {
  const deliveries: Delivery[] = [];
  const take = (characteristic: string, { buffer }: Uint8Array<ArrayBuffer>, arrival: number): void => {
    deliveries.push({ sensorId, at: arrival - START, content: { characteristic, bytes: buffer } });
  };
  let answer: ArrayBuffer | undefined;
  const wire = {
    notify: take,
    answer: (characteristic: string, bytes: Uint8Array<ArrayBuffer>) => {
      answer = bytes.buffer;
      take(characteristic, bytes, START);
    },
    later: () => undefined,
    hangUp: () => undefined,
  };
  model.connected?.(1);
  start((characteristic, command) => {
    answer = undefined;
    const error = model.write?.(characteristic, Uint8Array.from(command), wire);
    if (error) throw new Error(`${characteristic}: ${error.code}`);
    return answer;
  });
  for (const stream of model.streams) {
    for (let at = stream.first ?? stream.period(); at <= seconds * 1000; at += stream.period()) {
      stream.send({ at: at / 1000, arrival: START + at }, wire);
    }
  }
  return deliveries;
}

function ofPlans(sensorId: string, plans: readonly Plan[], seconds: number): Delivery[] {
  return plans.flatMap(({ attributes, period, first = period, make }) => {
    const deliveries: Delivery[] = [];
    for (let at = first; at <= seconds * 1000; at += period) {
      const readings = make(at / 1000, START + at);
      if (readings.length > 0) deliveries.push({ sensorId, at, content: { readings, attributes } });
    }
    return deliveries;
  });
}

/** Runs everything through the product: one pipeline a device, one log and one connection. Gives what was confirmed. */
export async function runSensors(
  deliveries: readonly Delivery[],
  attention: AttentionLevel,
  joined: object,
  send: Send,
): Promise<Counts> {
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
  const outbox = await openDurableOutbox({ db: memoryDatabase(), codec, clock, budgetBytes: 2 ** 30 });
  const common = {
    connection,
    outbox,
    clock,
    live: createLiveFeed(clock, () => undefined),
    connector: () => ({ connectorId: 'bench', connectorName: 'Bench' }),
    bearer: () => Promise.resolve('missing'),
    serverClock: createServerClock(),
    onCommand: () => undefined,
    onChange: () => undefined,
  };
  const ids = [...new Set(deliveries.map(({ sensorId }) => sensorId))];
  const pipelines = new Map(
    ids.map((sensorId) => {
      const sensor = { sensorId, name: sensorId, sensorType: 'bench', demo: true };
      return [sensorId, new SensorPipeline({ ...common, sensor })];
    }),
  );
  connection.connect();
  await turns();
  for (const { sensorId, at, content } of deliveries) {
    await until(clock, START + at);
    const pipeline = pipelines.get(sensorId);
    if ('bytes' in content) pipeline?.ingest(content.characteristic, content.bytes, clock.now());
    else pipeline?.ingestReadings(content.readings, content.attributes, clock.now());
    await turns();
  }
  const closed = Promise.all([...pipelines.values()].map((one) => one.settle().then(() => one.leave())));
  for (let i = 0; i < 20; i++) await until(clock, clock.now() + 1000);
  await closed;
  connection.stop();
  return confirmed(pipelines, clock.now());
}

function confirmed(pipelines: ReadonlyMap<string, SensorPipeline>, now: number): Counts {
  const counts = new Map<string, number>();
  for (const [sensorId, pipeline] of pipelines) {
    const { badNotifications, attributes } = pipeline.status(now);
    const bad = Object.entries(badNotifications);
    if (bad.length > 0) throw new Error(`${sensorId}: not understood: ${bad.join(' ')}`);
    for (const { attribute, confirmed: samples } of attributes) counts.set(`${sensorId} ${attribute}`, samples);
  }
  return counts;
}

/** The simplest client: decodes, and sends one frame per sample. Gives what it sent. */
export async function runFrames(deliveries: readonly Delivery[], send: Send): Promise<Counts> {
  const decoders = new Map<string, ReturnType<typeof createDecoders>>();
  const counts = new Map<string, number>();
  let ref = 0;
  for (const { sensorId, at, content } of deliveries) {
    const decodersOf = decoders.get(sensorId) ?? createDecoders();
    decoders.set(sensorId, decodersOf);
    for (const reading of readingsOf(content, decodersOf)) {
      const payloads = payloadsOf(reading);
      for (const payload of payloads) {
        const sample = { attribute_id: reading.attribute, payload, timestamp: Math.round(START + at) };
        ref += 1;
        const frame = {
          joinRef: '1',
          ref: String(ref),
          topic: `sensocto:sensor:${sensorId}`,
          event: EVENT.measurement,
        };
        send(encodeText({ ...frame, payload: sample }, 2));
      }
      const key = `${sensorId} ${reading.attribute}`;
      counts.set(key, (counts.get(key) ?? 0) + payloads.length);
    }
    await Promise.resolve();
  }
  return counts;
}

function readingsOf(content: Delivery['content'], decoders: ReturnType<typeof createDecoders>): readonly Reading[] {
  if ('readings' in content) return content.readings;
  const decoded = decoders(content.characteristic)?.(new DataView(content.bytes));
  if (!decoded?.ok) throw new Error(`${content.characteristic} was not understood`);
  return decoded.value.readings;
}
