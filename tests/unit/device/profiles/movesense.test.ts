import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeAnswer,
  encodeEcg,
  encodeHeartRate,
  encodeMotion,
  encodeTemperature,
  splitPacket,
} from '../../../../src/device/demo/movesense-packets.ts';
import { HEART_RATE_MEASUREMENT } from '../../../../src/device/profiles/heart-rate.ts';
import {
  ECG_SAMPLES,
  MOVESENSE_COMMAND,
  MOVESENSE_DATA,
  STREAMS,
  type Layout,
  type Stream,
} from '../../../../src/device/profiles/movesense/gsp.ts';
import { movesenseProfile } from '../../../../src/device/profiles/movesense/profile.ts';
import type { Decoded, Decoder } from '../../../../src/device/profiles/profile.ts';
import { createDecoders } from '../../../../src/device/profiles/registry.ts';
import type { NumericReading } from '../../../../src/model/reading.ts';
import { bytesOf } from '../../../fixtures/golden.ts';
import { talkingDevice, viewOf, type TalkingDevice } from '../support/talking-device.ts';

function streamOf(layout: Layout): Stream {
  const found = STREAMS.flat().find((one) => one.layout === layout);
  if (!found) throw new Error(layout);
  return found;
}

const ECG = streamOf('ecg');
const IMU9 = streamOf('imu9');
const TEMPERATURE = streamOf('temperature');
const HEART_RATE = streamOf('heartRate');

function connection(): Decoder {
  const decoder = createDecoders()(MOVESENSE_DATA);
  if (!decoder) throw new Error('no decoder');
  return decoder;
}

function decoded(decode: Decoder, bytes: Uint8Array): Decoded {
  const result = decode(viewOf(bytes));
  if (!result.ok) throw new Error(result.error.detail);
  return result.value;
}

function numeric({ readings }: Decoded, attribute: string): NumericReading | undefined {
  return readings.find((one): one is NumericReading => one.kind === 'numeric' && one.attribute === attribute);
}

function timesOf(value: Decoded, attribute: string): number[] {
  const timing = numeric(value, attribute)?.timing;
  return timing?.kind === 'device' ? [...timing.times] : [];
}

const zeros = Array.from({ length: ECG_SAMPLES }, () => 0);

describe('start', () => {
  /** A sensor whose answer to a path is a status; undefined: it says nothing, as the sample firmware. */
  function sensor(
    status: (path: string) => number | undefined,
    characteristics = [MOVESENSE_COMMAND, MOVESENSE_DATA],
  ): TalkingDevice {
    return talkingDevice({
      characteristics,
      answer(bytes) {
        const stream = STREAMS.flat().find(({ reference }) => reference === bytes[1]);
        const code = stream && status(stream.path);
        return stream && code !== undefined ? [encodeAnswer(stream, code)] : [];
      },
    });
  }
  const paths = (device: TalkingDevice): string[] =>
    device.written.map(({ bytes }) => new TextDecoder().decode(Uint8Array.from(bytes.slice(2))));

  it('subscribes to one path of each kind, light ones first, paths ended by a zero', async () => {
    const device = sensor(() => 200);
    expect(await movesenseProfile.start?.(device)).toEqual({ ok: true, value: undefined });
    expect(paths(device)).toEqual(['/Meas/Temp\0', '/Meas/HR\0', '/Meas/IMU9/52\0', '/Meas/ECG/128\0']);
    expect(device.written[3]).toEqual({
      to: MOVESENSE_COMMAND,
      bytes: [1, 5, ...new TextEncoder().encode('/Meas/ECG/128'), 0],
    });
  });

  it('takes the alternative where the first is refused, and leaves the heart rate to its own service', async () => {
    const device = sensor(
      (path) => (path.includes('IMU9') || path.includes('128') ? 404 : 200),
      [MOVESENSE_COMMAND, MOVESENSE_DATA, HEART_RATE_MEASUREMENT],
    );
    expect(await movesenseProfile.start?.(device)).toMatchObject({ ok: true });
    expect(paths(device)).toEqual([
      '/Meas/Temp\0',
      '/Meas/IMU9/52\0',
      '/Meas/IMU6/52\0',
      '/Meas/ECG/128\0',
      '/Meas/ECG/125\0',
    ]);
  });

  it('goes on without an answer, and takes data for one', async () => {
    expect(await movesenseProfile.start?.(sensor(() => undefined))).toMatchObject({ ok: true });
    const device = talkingDevice({
      characteristics: [],
      answer: (bytes) => [Uint8Array.of(2, bytes[1] ?? 0, 0, 0, 0, 0)],
    });
    expect(await movesenseProfile.start?.(device)).toMatchObject({ ok: true });
    expect(paths(device)).toHaveLength(4);
  });

  it('fails where everything is refused, saying why', async () => {
    const result = await movesenseProfile.start?.(sensor(() => 507));
    expect(result).toMatchObject({ ok: false, error: { code: 'bluetooth-gatt' } });
    expect(result?.ok === false && result.error.detail).toContain('/Meas/ECG/125: status 507');
    const broken = talkingDevice({ characteristics: [], answer: () => new Error('gone') });
    expect(await movesenseProfile.start?.(broken)).toMatchObject({ ok: false });
    const ended = sensor(() => 200);
    ended.hangUp();
    expect(await movesenseProfile.start?.(ended)).toMatchObject({ error: { code: 'bluetooth-cancelled' } });
  });
});

describe('round trips', () => {
  const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -3000, max: 3000 });
  const vectors = fc.array(float, { minLength: 12, maxLength: 12 });

  it('ECG: any counts, any stamp, in one notification or two', () => {
    const counts = fc.array(i32, { minLength: ECG_SAMPLES, maxLength: ECG_SAMPLES });
    fc.assert(
      fc.property(u32, counts, fc.integer({ min: 20, max: 100 }), (stamp, samples, room) => {
        const decode = connection();
        const parts = splitPacket(encodeEcg(ECG, stamp, samples), room);
        const all = parts.map((part) => decoded(decode, part));
        const last = all.at(-1) ?? { readings: [], facts: [] };
        expect(all.slice(0, -1).every(({ readings }) => readings.length === 0)).toBe(true);
        expect(numeric(last, 'ecg')?.values).toEqual(Float32Array.from(samples, (count) => count * (50 / 2 ** 17)));
        expect(timesOf(last, 'ecg')[0]).toBe(stamp);
      }),
    );
  });

  it('motion: any numbers, in one notification or two', () => {
    fc.assert(
      fc.property(vectors, vectors, vectors, fc.integer({ min: 76, max: 200 }), (acc, gyro, magn, room) => {
        const decode = connection();
        const parts = splitPacket(encodeMotion(IMU9, 1000, [acc, gyro, magn]), room);
        const last = parts.map((part) => decoded(decode, part)).at(-1) ?? { readings: [], facts: [] };
        expect(numeric(last, 'accelerometer')?.values).toEqual(Float32Array.from(acc));
        expect(numeric(last, 'gyroscope')?.values).toEqual(
          Float32Array.from(gyro, (degrees) => Math.fround(degrees) * (Math.PI / 180)),
        );
        expect(numeric(last, 'magnetometer')?.values).toEqual(Float32Array.from(magn));
      }),
    );
  });

  it('heart rate and its intervals', () => {
    const intervals = fc.array(fc.integer({ min: 1, max: 65535 }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.float({ min: 1, max: 300, noNaN: true }), intervals, (rate, rr) => {
        const value = decoded(connection(), encodeHeartRate(HEART_RATE, rate, rr));
        expect(numeric(value, 'heartrate')?.values).toEqual(Float32Array.of(rate));
        expect([...(numeric(value, 'rr_interval')?.values ?? [])]).toEqual(rr);
      }),
    );
  });

  it('temperature in either order: the sensor’s is learnt', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.float({ min: 234, max: 398, noNaN: true }),
        fc.constantFrom('stamp first' as const, 'stamp last' as const),
        (stamp, kelvin, order) => {
          const value = decoded(connection(), encodeTemperature(TEMPERATURE, stamp, kelvin, order));
          expect(numeric(value, 'device_temperature')?.values[0]).toBeCloseTo(kelvin - 273.15, 3);
          expect(timesOf(value, 'device_temperature')).toEqual([stamp]);
        },
      ),
    );
  });

  it('a stamp that could be a temperature too is read in the order learnt before', () => {
    // 300 K as bits is 1 133 903 872 ms, 13 days of running.
    const stamp = 0x43960000;
    const decode = connection();
    decoded(decode, encodeTemperature(TEMPERATURE, 1000, 310, 'stamp last'));
    const value = decoded(decode, encodeTemperature(TEMPERATURE, stamp, 311, 'stamp last'));
    expect(numeric(value, 'device_temperature')?.values[0]).toBeCloseTo(37.85, 3);
    const other = decoded(connection(), encodeTemperature(TEMPERATURE, stamp, 311));
    expect(numeric(other, 'device_temperature')?.values[0]).toBeCloseTo(37.85, 3);
  });
});

describe('bad packets', () => {
  it.each([
    ['', 'decode-truncated'],
    ['02', 'decode-truncated'],
    ['02 63 00 00 00 00', 'decode-reserved'],
    ['07 05 00 00 00 00', 'decode-reserved'],
    ['01 05 c8', 'decode-truncated'],
    ['03 05 00 00 00 00', 'decode-truncated'],
    ['02 02 00 00 c0 7f', 'decode-not-finite'],
    ['02 02 00 00 91 42 34', 'decode-truncated'],
    ['02 01 00 00 00 00 00 00 00 00', 'decode-reserved'],
    [`02 05 ${'00'.repeat(69)}`, 'decode-oversized'],
    [`02 03 00 00 00 00 ${'0000c07f'.repeat(36)}`, 'decode-not-finite'],
  ])('"%s": %s', (hex, code) => {
    expect(connection()(bytesOf(hex))).toMatchObject({ ok: false, error: { code } });
  });

  it('a second part that does not fill the packet is an error, and the next packet is whole again', () => {
    const decode = connection();
    const [first, second] = splitPacket(encodeEcg(ECG, 0, zeros), 40);
    if (!first || !second) throw new Error('not split');
    decoded(decode, first);
    expect(decode(viewOf(second.slice(0, -4)))).toMatchObject({ error: { code: 'decode-truncated' } });
    expect(decode(viewOf(second))).toMatchObject({ error: { code: 'decode-truncated' } });
    expect(numeric(decoded(decode, encodeEcg(ECG, 125, zeros)), 'ecg')?.values.length).toBe(16);
  });

  it('packets shorter than published are not passed over: 16 samples of 16 bits, as some path has them', () => {
    const decode = connection();
    const short = viewOf(encodeEcg(ECG, 0, zeros).slice(0, 38));
    expect(decode(short)).toMatchObject({ ok: true, value: { readings: [] } });
    for (let i = 0; i < 3; i++) expect(decode(short)).toMatchObject({ error: { code: 'decode-truncated' } });
  });

  it('a part belongs to its own stream, and is kept as a copy', () => {
    const decode = connection();
    const [first, second] = splitPacket(encodeEcg(ECG, 8, zeros), 40);
    if (!first || !second) throw new Error('not split');
    decoded(decode, first);
    first.fill(0xff);
    decoded(decode, encodeHeartRate(HEART_RATE, 60, []));
    expect(timesOf(decoded(decode, second), 'ecg')[0]).toBe(8);
  });

  it('any bytes: a value or a typed error, finite numbers only', () => {
    const packet = fc.tuple(
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 0, max: 7 }),
      fc.uint8Array({ maxLength: 160 }),
    );
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 6 }), (packets) => {
        const decode = connection();
        for (const [type, reference, body] of packets) {
          const result = decode(viewOf(Uint8Array.of(type, reference, ...body)));
          if (!result.ok) {
            expect(result.error.code).toMatch(/^decode-/);
            continue;
          }
          for (const reading of result.value.readings) {
            if (reading.kind === 'numeric') expect(reading.values.every(Number.isFinite)).toBe(true);
            if (reading.timing.kind === 'device') expect(reading.timing.times.every(Number.isFinite)).toBe(true);
          }
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe('times', () => {
  it('ascend, follow the sensor’s true rate, and find no loss where there is none', () => {
    fc.assert(
      fc.property(fc.double({ min: 119, max: 137, noNaN: true }), u32Start(), (rate, start) => {
        const decode = connection();
        const all: number[] = [];
        for (let packet = 0; packet < 60; packet++) {
          const stamp = Math.round(start + (packet * ECG_SAMPLES * 1000) / rate) % 2 ** 32;
          const value = decoded(decode, encodeEcg(ECG, stamp, zeros));
          expect(value.facts).toEqual([]);
          all.push(...timesOf(value, 'ecg'));
        }
        expect(all.every((time, i) => i === 0 || time > (all[i - 1] ?? 0))).toBe(true);
        const last = all.at(-1) ?? 0;
        // The last sample of packet 59 is sample 959 of the recording, whose time the true rate gives.
        expect(Math.abs(last - start - (959 * 1000) / rate)).toBeLessThan(4);
      }),
    );
  });

  it('tell how many samples are missing', () => {
    for (let missing = 1; missing <= 5; missing++) {
      const decode = connection();
      decoded(decode, encodeEcg(ECG, 0, zeros));
      decoded(decode, encodeEcg(ECG, 125, zeros));
      const value = decoded(decode, encodeEcg(ECG, 125 * (2 + missing), zeros));
      expect(value.facts).toEqual([{ kind: 'lost', attribute: 'ecg', samples: 16 * missing }]);
    }
  });

  it('of streams with one clock go together over the wrap, and on when the sensor starts again', () => {
    const decode = connection();
    decoded(decode, encodeEcg(ECG, 2 ** 32 - 10, zeros));
    const vectors = Array.from({ length: 12 }, () => 1);
    const motion = decoded(decode, encodeMotion(IMU9, 5, [vectors, vectors, vectors]));
    expect(timesOf(motion, 'accelerometer')[0]).toBe(2 ** 32 + 5);
    expect(timesOf(decoded(decode, encodeTemperature(TEMPERATURE, 9, 300)), 'device_temperature')).toEqual([
      2 ** 32 + 9,
    ]);
    expect(timesOf(decoded(decode, encodeEcg(ECG, 115, zeros)), 'ecg')[0]).toBe(2 ** 32 + 115);
    const restarted = decoded(decode, encodeEcg(ECG, 20, zeros));
    expect(restarted.facts).toEqual([]);
    expect(timesOf(restarted, 'ecg')[0]).toBeCloseTo(2 ** 32 + 240, 0);
  });
});

/** Starts of a recording, some just before the stamp wraps around. */
function u32Start() {
  return fc.oneof(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 2 ** 32 - 5000, max: 2 ** 32 - 1 }));
}
