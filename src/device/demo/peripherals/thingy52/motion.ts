/** The motion service of the board, in the pocket of somebody who walks. Formats: ble_tms.h of the published firmware. */
import { mulberry32 } from '../../../../lib/random.ts';
import type { Uuid } from '../../../profiles/profile.ts';
import { THINGY } from '../../../profiles/thingy52/uuids.ts';
import { RADIANS, STANDARD_GRAVITY } from '../../../profiles/units.ts';
import type { ScriptedStream } from '../../model.ts';
import { notTaken, offer } from '../../offer.ts';
import { writePacket, type PacketWriter } from '../../packet-writer.ts';
import { wrap } from '../../signals/drift.ts';
import { createMotion, STYLE, type MotionSample } from '../../signals/motion.ts';
import type { ConfiguredPart } from './environment.ts';

const CONFIG_LENGTH = 9;
const STEP_INTERVAL_AT = 0;
const RATE_AT = 6;
/** Hz that the firmware takes. */
const RATES = [1, 200] as const;
/** Two steps a swing. */
const STEPS_PER_SECOND = 2 * STYLE.walk.frequency;
/** Portrait, and now and then landscape. */
const ORIENTATIONS = [0, 0, 1];

export function motionPart(seed: number): ConfiguredPart {
  const random = mulberry32(seed);
  const sample = createMotion(seed, STYLE.walk);
  // The firmware's own settings at first: steps every 5 s, compensation twice 500 ms, 10 Hz, wake on motion.
  let config: Uint8Array<ArrayBuffer> = writePacket().u16(5000, 500, 500, 10).u8(1).bytes();

  const number = (at: number): number => new DataView(config.buffer).getUint16(at, true);
  const stream = (uuid: Uuid, bytes: (motion: MotionSample) => PacketWriter): ScriptedStream => ({
    on: uuid,
    period: () => 1000 / number(RATE_AT),
    send: ({ at, arrival }, wire) => wire.notify(uuid, bytes(sample(at)).bytes(), arrival),
  });
  const now = (uuid: Uuid, period: () => number, bytes: (t: number) => PacketWriter): ScriptedStream => ({
    on: uuid,
    period,
    send: ({ at, arrival }, wire) => wire.notify(uuid, bytes(at).bytes(), arrival),
  });
  const streams = [
    stream(THINGY.rawMotion, encodeRaw),
    stream(THINGY.quaternion, ({ quaternion }) => writePacket().int(4, ...fixed(quaternion, 30))),
    {
      first: 3000,
      ...now(
        THINGY.tap,
        () => 6000 + 8000 * random(),
        () => writePacket().u8(1 + Math.floor(6 * random()), 1),
      ),
    },
    now(
      THINGY.steps,
      () => number(STEP_INTERVAL_AT),
      (t) => writePacket().int(4, Math.floor(STEPS_PER_SECOND * t), Math.round(1000 * t)),
    ),
    {
      first: 4000,
      ...now(
        THINGY.orientation,
        () => 9000 + 9000 * random(),
        () => writePacket().u8(ORIENTATIONS[Math.floor(ORIENTATIONS.length * random())] ?? 0),
      ),
    },
    stream(THINGY.heading, ({ yaw }) => writePacket().int(4, ...fixed([wrap(-yaw / RADIANS, 360)], 16))),
    stream(THINGY.euler, ({ roll, pitch, yaw }) => {
      const turned = wrap(yaw / RADIANS + 180, 360) - 180;
      return writePacket().int(4, ...fixed([roll / RADIANS, pitch / RADIANS, turned], 16));
    }),
    stream(THINGY.gravity, ({ gravity }) => writePacket().f32(...gravity)),
    stream(THINGY.rotationMatrix, ({ matrix }) => writePacket().int(2, ...fixed(matrix, 14))),
  ];
  return {
    offer: [
      ...streams.map(({ on }) => offer(THINGY.motion, on, 'notify')),
      offer(THINGY.motion, THINGY.motionConfig, 'read', 'write'),
    ],
    values: new Map([[THINGY.motionConfig, () => config.slice()]]),
    streams,
    configure(bytes) {
      const rate =
        bytes.length === CONFIG_LENGTH ? new DataView(bytes.buffer, bytes.byteOffset).getUint16(RATE_AT, true) : 0;
      if (rate < RATES[0] || rate > RATES[1]) return notTaken('motion configuration');
      config = bytes.slice();
      return undefined;
    },
  };
}

/** Fixed point with so many bits behind the point. */
function fixed(values: readonly number[], bits: number): number[] {
  return values.map((value) => Math.round(value * 2 ** bits));
}

/** Acceleration in g, Q10; rotation in °/s, Q5; magnetic field in µT, Q4. */
function encodeRaw({ acceleration, rotation, field }: MotionSample): PacketWriter {
  return writePacket().int(
    2,
    ...fixed(
      acceleration.map((value) => value / STANDARD_GRAVITY),
      10,
    ),
    ...fixed(
      rotation.map((value) => value / RADIANS),
      5,
    ),
    ...fixed(field, 4),
  );
}
