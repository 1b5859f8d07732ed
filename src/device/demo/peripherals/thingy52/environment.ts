/** The environment service of the board. Formats: ble_tes.h of the published firmware. */
import { mulberry32 } from '../../../../lib/random.ts';
import type { AppError } from '../../../../model/errors.ts';
import type { Uuid } from '../../../profiles/profile.ts';
import { THINGY } from '../../../profiles/thingy52/uuids.ts';
import type { ScriptedStream } from '../../model.ts';
import { notTaken, offer, type Part, type Value } from '../../offer.ts';
import { writePacket, type PacketWriter } from '../../packet-writer.ts';
import { createDrift, noise } from '../../signals/drift.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const CONFIG_LENGTH = 12;
/** Where the interval of each stands in the configuration. */
const INTERVAL_AT = { temperature: 0, pressure: 2, humidity: 4, color: 6 } as const;
const GAS_MODE_AT = 8;
/** ms by gas mode. */
const GAS_PERIODS = [1000, 1000, 10_000, 60_000];
/** What the firmware takes, ms. */
const INTERVALS = [100, 5000] as const;

export interface ConfiguredPart extends Part {
  readonly configure: (bytes: Bytes) => AppError | undefined;
}

export function environmentPart(seed: number): ConfiguredPart {
  const random = mulberry32(seed);
  const temperature = createDrift(random, 23, 1.5, 300);
  const humidity = createDrift(random, 42, 6, 240);
  const pressure = createDrift(random, 966, 1.5, 600);
  const eco2 = createDrift(random, 720, 250, 180);
  const light = createDrift(random, 1, 0.5, 60);
  // The firmware's own settings at first: 2 s each, gas every second; the rest is the calibration of the colour sensor.
  let config: Bytes = writePacket().u16(2000, 2000, 2000, 1500).u8(1, 103, 78, 29).bytes();

  const interval = (at: number): number => new DataView(config.buffer).getUint16(at, true);
  const stream = (uuid: Uuid, period: () => number, bytes: (t: number) => PacketWriter): ScriptedStream => ({
    on: uuid,
    period,
    send: ({ at, arrival }, wire) => wire.notify(uuid, bytes(at).bytes(), arrival),
  });
  const parts = (value: number): readonly [whole: number, hundredths: number] => {
    const all = Math.round(100 * value);
    return [Math.floor(all / 100), all % 100];
  };
  const streams = [
    stream(
      THINGY.temperature,
      () => interval(INTERVAL_AT.temperature),
      (t) => {
        const [whole, hundredths] = parts(temperature(t));
        return writePacket().int(1, whole).u8(hundredths);
      },
    ),
    stream(
      THINGY.humidity,
      () => interval(INTERVAL_AT.humidity),
      (t) => writePacket().u8(Math.round(humidity(t))),
    ),
    stream(
      THINGY.pressure,
      () => interval(INTERVAL_AT.pressure),
      (t) => {
        const [whole, hundredths] = parts(pressure(t));
        return writePacket().int(4, whole).u8(hundredths);
      },
    ),
    stream(
      THINGY.gas,
      () => GAS_PERIODS[config[GAS_MODE_AT] ?? 1] ?? 1000,
      (t) => {
        const ppm = Math.max(400, eco2(t) + noise(random, 15));
        return writePacket().u16(Math.round(ppm), Math.round((ppm - 400) / 6.5));
      },
    ),
    stream(
      THINGY.color,
      () => interval(INTERVAL_AT.color),
      (t) => {
        const counts = [410, 330, 190, 990].map((count) => Math.round(count * light(t) + noise(random, 6)));
        return writePacket().u16(...counts.map((count) => Math.max(0, count)));
      },
    ),
  ];
  return {
    offer: [
      ...streams.map(({ on }) => offer(THINGY.environment, on, 'notify')),
      offer(THINGY.environment, THINGY.environmentConfig, 'read', 'write'),
    ],
    values: new Map<Uuid, Value>([[THINGY.environmentConfig, () => config.slice()]]),
    streams,
    configure(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const isTaken =
        bytes.length === CONFIG_LENGTH &&
        Object.values(INTERVAL_AT).every((at) => {
          const ms = view.getUint16(at, true);
          return ms >= INTERVALS[0] && ms <= INTERVALS[1];
        });
      if (!isTaken) return notTaken('environment configuration');
      config = bytes.slice();
      return undefined;
    },
  };
}
