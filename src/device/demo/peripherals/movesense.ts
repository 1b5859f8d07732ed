/** A sensor like the Movesense HR2: ECG, motion, temperature and heart rate through GSP, once they were subscribed to. */
import {
  ECG_SAMPLES,
  IMU_SAMPLES,
  MOVESENSE_COMMAND,
  MOVESENSE_DATA,
  MOVESENSE_SERVICE,
  STREAMS,
  type Layout,
  type Stream,
} from '../../profiles/movesense/gsp.ts';
import { RADIANS } from '../../profiles/units.ts';
import { mulberry32 } from '../../../lib/random.ts';
import type { Beat } from '../metronome.ts';
import type { ModelOptions, ScriptedModel, ScriptedStream } from '../model.ts';
import { encodeAnswer, encodeEcg, encodeHeartRate, encodeMotion, encodeTemperature } from '../movesense-packets.ts';
import { assemble, battery, deviceInformation, offer, type Part } from '../offer.ts';
import { createDrift } from '../signals/drift.ts';
import { createMotion, STYLE } from '../signals/motion.ts';
import { createPulse } from '../signals/pulse.ts';

const SUBSCRIBE = 1;
const UNSUBSCRIBE = 2;
/** Statuses of HTTP. */
const OK = 200;
const NOT_FOUND = 404;
const BAD_REQUEST = 400;

/** mV of a count of the ECG converter. */
const ECG_MV = 1000 / 20 / 2 ** 17;
const ZERO_CELSIUS = 273.15;
/** ms; told on change, which is every few seconds on a warm chest. */
const TEMPERATURE_PERIOD = 5000;
const HEART_PERIOD = 1000;

type Packet = Uint8Array<ArrayBuffer> | undefined;

export function createMovesense({ seed }: ModelOptions): ScriptedModel {
  const pulse = createPulse(seed);
  const motion = createMotion(seed + 1, STYLE.chest);
  const skin = createDrift(mulberry32(seed + 2), 32, 0.8, 200);
  /** What was subscribed to. */
  const running = new Map<Layout, Stream>();

  const times = (at: number, samples: number, rate: number): number[] =>
    Array.from({ length: samples }, (_, i) => at - (samples - 1 - i) / rate);
  const stampOf = (seconds: number): number => Math.max(0, Math.round(1000 * seconds));

  function ecg(stream: Stream, at: number): Packet {
    const own = times(at, ECG_SAMPLES, stream.rate);
    return encodeEcg(
      stream,
      stampOf(own[0] ?? at),
      own.map((t) => Math.round(pulse.ecg(t) / ECG_MV)),
    );
  }
  function imu(stream: Stream, at: number): Packet {
    const own = times(at, IMU_SAMPLES, stream.rate).map((t) => motion(t));
    const sensors = [
      own.flatMap(({ acceleration }) => acceleration),
      own.flatMap(({ rotation }) => rotation.map((value) => value / RADIANS)),
      own.flatMap(({ field }) => field),
    ];
    const first = at - (IMU_SAMPLES - 1) / stream.rate;
    return encodeMotion(stream, stampOf(first), stream.layout === 'imu9' ? sensors : sensors.slice(0, 2));
  }
  function heartRate(stream: Stream, at: number): Packet {
    const beats = pulse.between(at - HEART_PERIOD / 1000, at);
    if (beats.length === 0) return undefined;
    return encodeHeartRate(
      stream,
      pulse.rate(at),
      beats.map(({ interval }) => Math.round(1000 * interval)),
    );
  }
  const temperature = (stream: Stream, at: number): Packet =>
    encodeTemperature(stream, stampOf(at), skin(at) + ZERO_CELSIUS);

  const stream = (
    layouts: readonly Layout[],
    period: (running: Stream) => number,
    packet: (running: Stream, at: number) => Packet,
  ): ScriptedStream => {
    const found = (): Stream | undefined => layouts.map((layout) => running.get(layout)).find((one) => one);
    const usual = STREAMS.flat().find(({ layout }) => layout === layouts[0]);
    return {
      on: MOVESENSE_DATA,
      period: () => period(found() ?? usual ?? { reference: 0, path: '', layout: 'ecg', rate: 1 }),
      send({ at, arrival }: Beat, wire) {
        const wanted = found();
        const bytes = wanted && packet(wanted, at);
        if (bytes) wire.notify(MOVESENSE_DATA, bytes, arrival);
      },
    };
  };

  const gsp: Part = {
    offer: [offer(MOVESENSE_SERVICE, MOVESENSE_COMMAND, 'write'), offer(MOVESENSE_SERVICE, MOVESENSE_DATA, 'notify')],
    streams: [
      stream(['ecg'], ({ rate }) => (1000 * ECG_SAMPLES) / rate, ecg),
      stream(['imu9', 'imu6'], ({ rate }) => (1000 * IMU_SAMPLES) / rate, imu),
      stream(['temperature'], () => TEMPERATURE_PERIOD, temperature),
      stream(['heartRate'], () => HEART_PERIOD, heartRate),
    ],
  };
  return assemble([gsp, battery(seed), deviceInformation('Demo ECG and motion sensor')], {
    connected: () => running.clear(),
    write(_, bytes, wire) {
      const { about, status } = takeCommand(bytes, running);
      wire.answer(MOVESENSE_DATA, encodeAnswer(about, status));
      return undefined;
    },
  });
}

/** Carries out a command: code, reference, path. */
function takeCommand(
  bytes: Uint8Array<ArrayBuffer>,
  running: Map<Layout, Stream>,
): { readonly about: Stream; readonly status: number } {
  const [code, reference = 0] = bytes;
  const path = new TextDecoder().decode(bytes.subarray(2)).replaceAll('\0', '');
  const stream = STREAMS.flat().find((one) => one.reference === reference);
  const about: Stream = stream ?? { reference, path, layout: 'ecg', rate: 0 };
  if (code === UNSUBSCRIBE && stream) return { about, status: running.delete(stream.layout) ? OK : NOT_FOUND };
  if (code !== SUBSCRIBE) return { about, status: BAD_REQUEST };
  if (stream?.path !== path) return { about, status: NOT_FOUND };
  running.set(stream.layout, stream);
  return { about, status: OK };
}
