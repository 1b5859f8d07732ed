/** A headband like the Muse of 2016: EEG at 4 × 256 Hz, motion, telemetry; silent until it is told to go on. */
import {
  EEG_RATE,
  EEG_SAMPLES,
  MOTION_RATE,
  MOTION_SAMPLES,
  MUSE_ACCELEROMETER,
  MUSE_COMMAND,
  MUSE_CONTROL,
  MUSE_EEG,
  MUSE_GYROSCOPE,
  MUSE_SERVICE,
  MUSE_TELEMETRY,
} from '../../profiles/muse/headband.ts';
import { RADIANS, STANDARD_GRAVITY } from '../../profiles/units.ts';
import type { Uuid } from '../../profiles/profile.ts';
import type { ModelOptions, ScriptedModel, ScriptedStream } from '../model.ts';
import { encodeAnswer, encodeEeg, encodeMotion, encodeTelemetry } from '../muse-packets.ts';
import { assemble, offer, type Part } from '../offer.ts';
import { createBrain, type Electrode } from '../signals/brain.ts';
import { createMotion, STYLE, type MotionSample, type Vector } from '../signals/motion.ts';

/** Counts of a unit: 16384 in a g; 0.0074768 °/s for each. */
const COUNTS_PER_MS2 = 16384 / STANDARD_GRAVITY;
const COUNTS_PER_RADIAN = 1 / (0.0074768 * RADIANS);
const COUNT_MODULUS = 0x10000;
/** ms; the band tells its charge every ten seconds. */
const TELEMETRY_PERIOD = 10_000;
/** Seconds for a percent: faster than life, so that a demonstration shows it. */
const SECONDS_PER_PERCENT = 300;

/** The electrodes of this band: it has no auxiliary input. */
const PLACES: readonly (readonly [Electrode, Uuid])[] = (['tp9', 'af7', 'af8', 'tp10'] as const).flatMap((place) =>
  MUSE_EEG.filter(({ attribute }) => attribute === `eeg_${place}`).map(({ uuid }) => [place, uuid] as const),
);

export function createMuse({ seed }: ModelOptions): ScriptedModel {
  const brain = createBrain(seed);
  const motion = createMotion(seed + 1, STYLE.head);
  const full = 60 + (seed % 40);
  let isGoing = false;
  const level = (at: number): number => Math.max(1, full - Math.floor(at / SECONDS_PER_PERCENT));

  /** A stream whose packets are numbered. */
  const stream = (
    on: Uuid,
    period: number,
    packets: (count: number, at: number) => readonly (readonly [Uuid, Uint8Array<ArrayBuffer>])[],
  ): ScriptedStream => {
    let count = 0;
    return {
      on,
      period: () => period,
      send({ at, arrival }, wire) {
        if (!isGoing) return;
        for (const [uuid, bytes] of packets(count, at)) wire.notify(uuid, bytes, arrival);
        count = (count + 1) % COUNT_MODULUS;
      },
    };
  };
  const times = (at: number, samples: number, rate: number): number[] =>
    Array.from({ length: samples }, (_, i) => at - (samples - 1 - i) / rate);
  const vectors = (at: number, of: (sample: MotionSample) => Vector, scale: number): number[] =>
    times(at, MOTION_SAMPLES, MOTION_RATE).flatMap((t) => of(motion(t)).map((value) => Math.round(value * scale)));

  const eeg = (count: number, at: number): (readonly [Uuid, Uint8Array<ArrayBuffer>])[] =>
    PLACES.map(([place, uuid]) => {
      const own = times(at, EEG_SAMPLES, EEG_RATE).map((t) => brain(place, t));
      return [uuid, encodeEeg(count, own)];
    });
  const motionPeriod = (1000 * MOTION_SAMPLES) / MOTION_RATE;
  const [[, firstElectrode] = ['tp9', MUSE_EEG[0].uuid]] = PLACES;

  const band: Part = {
    offer: [
      offer(MUSE_SERVICE, MUSE_CONTROL, 'write', 'notify'),
      ...PLACES.map(([, uuid]) => offer(MUSE_SERVICE, uuid, 'notify')),
      offer(MUSE_SERVICE, MUSE_ACCELEROMETER, 'notify'),
      offer(MUSE_SERVICE, MUSE_GYROSCOPE, 'notify'),
      offer(MUSE_SERVICE, MUSE_TELEMETRY, 'notify'),
    ],
    streams: [
      stream(firstElectrode, (1000 * EEG_SAMPLES) / EEG_RATE, eeg),
      stream(MUSE_ACCELEROMETER, motionPeriod, (count, at) => [
        [
          MUSE_ACCELEROMETER,
          encodeMotion(
            count,
            vectors(at, ({ acceleration }) => acceleration, COUNTS_PER_MS2),
          ),
        ],
      ]),
      stream(MUSE_GYROSCOPE, motionPeriod, (count, at) => [
        [
          MUSE_GYROSCOPE,
          encodeMotion(
            count,
            vectors(at, ({ rotation }) => rotation, COUNTS_PER_RADIAN),
          ),
        ],
      ]),
      {
        ...stream(MUSE_TELEMETRY, TELEMETRY_PERIOD, (count, at) => [
          [MUSE_TELEMETRY, encodeTelemetry(count, level(at), 3.5 + level(at) / 160, 30)],
        ]),
        first: 2000,
      },
    ],
  };
  return assemble([band], {
    connected: () => (isGoing = false),
    write(_, bytes, wire) {
      const command = new TextDecoder().decode(bytes.subarray(1)).trim();
      if (command === MUSE_COMMAND.go) isGoing = true;
      if (command === MUSE_COMMAND.halt) isGoing = false;
      for (const piece of encodeAnswer(answerTo(command, full))) wire.answer(MUSE_CONTROL, piece);
      return undefined;
    },
  });
}

/** JSON text, ended by a return code: 0 is success. */
function answerTo(command: string, percent: number): string {
  const known: readonly string[] = Object.values(MUSE_COMMAND);
  if (command === MUSE_COMMAND.status) return `{"hn":"Muse-demo","hw":"3.1","fw":"1.2.13","bp":${percent},"rc":0}`;
  // A band without PPG does not have that preset.
  return known.includes(command) && command !== MUSE_COMMAND.eegAndPpg ? '{"rc":0}' : '{"rc":69}';
}
