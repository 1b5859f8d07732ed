import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeAnswer,
  encodeEeg,
  encodeMotion,
  encodePpg,
  encodeTelemetry,
} from '../../../../src/device/demo/muse-packets.ts';
import {
  encodeCommand,
  MUSE_ACCELEROMETER,
  MUSE_CONTROL,
  MUSE_EEG,
  MUSE_GYROSCOPE,
  MUSE_PPG,
  MUSE_TELEMETRY,
} from '../../../../src/device/profiles/muse/headband.ts';
import { museProfile } from '../../../../src/device/profiles/muse/profile.ts';
import type { Decoded, Fact, Uuid } from '../../../../src/device/profiles/profile.ts';
import { createDecoders } from '../../../../src/device/profiles/registry.ts';
import type { NumericReading } from '../../../../src/model/reading.ts';
import { bytesOf } from '../../../fixtures/golden.ts';
import { talkingDevice, viewOf, type TalkingDevice } from '../support/talking-device.ts';

const [TP9, AF7] = [MUSE_EEG[0].uuid, MUSE_EEG[1].uuid];
const DATA = [...MUSE_EEG, ...MUSE_PPG].map(({ uuid }) => uuid).concat(MUSE_ACCELEROMETER, MUSE_GYROSCOPE);

function connection(): (uuid: Uuid, bytes: Uint8Array) => Decoded {
  const decoders = createDecoders();
  return (uuid, bytes) => {
    const result = decoders(uuid)?.(viewOf(bytes));
    if (!result?.ok) throw new Error(result?.error.detail);
    return result.value;
  };
}

function first({ readings }: Decoded): NumericReading {
  const reading = readings[0];
  if (reading?.kind !== 'numeric') throw new Error('no numbers');
  return reading;
}

function timesOf(value: Decoded): number[] {
  const { timing } = first(value);
  return timing.kind === 'device' ? [...timing.times] : [];
}

const zeros = Array.from({ length: 12 }, () => 0);
const text = (bytes: readonly number[]): string => new TextDecoder().decode(Uint8Array.from(bytes.slice(1, -1)));

describe('start', () => {
  /** A band that answers every command with a return code and ends when told to keep alive. */
  function band(characteristics: readonly Uuid[], code: (command: string) => string, keepAlives = 1): TalkingDevice {
    let left = keepAlives;
    return talkingDevice({
      characteristics,
      answer(bytes, device) {
        const command = text([...bytes]);
        if (command === 'k') {
          left -= 1;
          if (left === 0) device.hangUp();
        }
        return encodeAnswer(code(command));
      },
    });
  }
  const commands = (device: TalkingDevice): string[] => device.written.map(({ bytes }) => text(bytes));
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

  it('writes commands as length, text, new line', () => {
    expect([...encodeCommand('p21')]).toEqual([4, 0x70, 0x32, 0x31, 0x0a]);
    expect([...encodeCommand('d')]).toEqual([2, 0x64, 0x0a]);
  });

  it('halts, sets the preset with PPG where the band has it, asks, goes on, and keeps alive while connected', async () => {
    const device = band([MUSE_CONTROL, MUSE_PPG[1].uuid], () => '{"rc":0}', 3);
    expect(await museProfile.start?.(device)).toEqual({ ok: true, value: undefined });
    await settled();
    expect(commands(device)).toEqual(['h', 'p50', 's', 'd', 'k', 'k', 'k']);
  });

  it('sets the preset without PPG on older bands, and on those that refuse the other', async () => {
    const old = band([MUSE_CONTROL], () => '{"rc":0}');
    await museProfile.start?.(old);
    expect(commands(old).slice(0, 4)).toEqual(['h', 'p21', 's', 'd']);
    const refusing = band([MUSE_CONTROL, MUSE_PPG[0].uuid], (command) => (command === 'p50' ? '{"rc":1}' : '{"rc":0}'));
    await museProfile.start?.(refusing);
    expect(commands(refusing).slice(0, 5)).toEqual(['h', 'p50', 'p21', 's', 'd']);
    await settled();
  });

  it('goes on without answers, as some firmware is silent', async () => {
    let left = 2;
    const device = talkingDevice({
      characteristics: [MUSE_CONTROL],
      answer(bytes, self) {
        if (text([...bytes]) === 'k' && --left === 0) self.hangUp();
        return [];
      },
    });
    expect(await museProfile.start?.(device)).toMatchObject({ ok: true });
    await settled();
    expect(commands(device)).toEqual(['h', 'p21', 's', 'd', 'k', 'k']);
  });

  it('fails where it cannot write, and keeps nothing alive then', async () => {
    for (const last of ['h', 'p21', 's', 'd']) {
      const device = talkingDevice({
        characteristics: [MUSE_CONTROL],
        answer: (bytes) => (text([...bytes]) === last ? new Error('gone') : encodeAnswer('{"rc":0}')),
      });
      expect(await museProfile.start?.(device)).toMatchObject({ ok: false, error: { code: 'bluetooth-gatt' } });
      await settled();
      expect(commands(device).at(-1)).toBe(last);
    }
  });

  it('stops keeping alive when that cannot be written', async () => {
    const device = talkingDevice({
      characteristics: [MUSE_CONTROL],
      answer: (bytes) => (text([...bytes]) === 'k' ? new Error('gone') : encodeAnswer('{"rc":0}')),
    });
    expect(await museProfile.start?.(device)).toMatchObject({ ok: true });
    await settled();
    expect(commands(device)).toEqual(['h', 'p21', 's', 'd', 'k']);
  });
});

describe('round trips', () => {
  const u16 = fc.integer({ min: 0, max: 0xffff });
  const i16 = fc.integer({ min: -0x8000, max: 0x7fff });

  it('EEG: µV to half a step of the converter, cut to its range', () => {
    const microvolts = fc.array(fc.double({ min: -1200, max: 1200, noNaN: true }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(...MUSE_EEG), u16, microvolts, ({ uuid, attribute }, count, samples) => {
        const value = connection()(uuid, encodeEeg(count, samples));
        expect(first(value).attribute).toBe(attribute);
        [...first(value).values].forEach((got, i) => {
          const wanted = Math.min(Math.max(samples[i] ?? 0, -1000), 999.51171875);
          expect(Math.abs(got - wanted)).toBeLessThanOrEqual(0.48828125 / 2 + 1e-9);
        });
        expect(timesOf(value)[0]).toBeCloseTo(count * 46.875, 6);
      }),
    );
  });

  it('motion: any counts of 16 bits', () => {
    fc.assert(
      fc.property(u16, fc.array(i16, { minLength: 9, maxLength: 9 }), (count, counts) => {
        const decode = connection();
        const acceleration = decode(MUSE_ACCELEROMETER, encodeMotion(count, counts));
        const rotation = decode(MUSE_GYROSCOPE, encodeMotion(count, counts));
        counts.forEach((raw, i) => {
          expect(first(acceleration).values[i]).toBeCloseTo((raw * 9.80665) / 16384, 4);
          expect(first(rotation).values[i]).toBeCloseTo((raw * 0.0074768 * Math.PI) / 180, 5);
        });
      }),
    );
  });

  it('PPG: any counts of 24 bits', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 0xffffff }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...MUSE_PPG), u16, counts, ({ uuid, attribute }, count, samples) => {
        const value = connection()(uuid, encodePpg(count, samples));
        expect(first(value)).toMatchObject({ attribute, values: Float32Array.from(samples) });
      }),
    );
  });

  it('telemetry', () => {
    fc.assert(
      fc.property(
        u16,
        fc.integer({ min: 0, max: 100 }),
        fc.double({ min: 3, max: 4.3, noNaN: true }),
        fc.integer({ min: -20, max: 60 }),
        (count, percent, voltage, temperature) => {
          const value = connection()(MUSE_TELEMETRY, encodeTelemetry(count, percent, voltage, temperature));
          expect(value.facts).toEqual([{ kind: 'battery', percent }]);
          const [, volts, degrees] = value.readings;
          expect(volts?.kind === 'numeric' && Math.abs((volts.values[0] ?? 0) - voltage)).toBeLessThan(1.2e-3);
          expect(degrees?.kind === 'numeric' && degrees.values[0]).toBe(temperature);
        },
      ),
    );
  });

  it('answers of any length, cut anywhere into pieces; what identifies the band is left out', () => {
    // The status that muse-js publishes.
    const status =
      '{"hn":"Muse-1324","sn":"2031-TZRW-1324","ma":"00-55-da-b0-13-24","id":"07473435 32313630 004f003a",' +
      '"bp":82,"ts":0,"ps":32,"rc":0}';
    const version =
      '{"ap":"headset","sp":"RevE","tp":"consumer","hw":"3.1","bn":27,"fw":"1.2.13","bl":"1.2.3","pv":1,"rc":0}';
    const all = `${version}{"rc":0}${status}`;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 19 }), { minLength: 20 }), (lengths) => {
        const decode = connection();
        const facts: Fact[] = [];
        let at = 0;
        for (let i = 0; at < all.length; i++) {
          const piece = all.slice(at, at + (lengths[i % lengths.length] ?? 1));
          at += piece.length;
          const bytes = [...new TextEncoder().encode(piece)];
          facts.push(...decode(MUSE_CONTROL, Uint8Array.from([bytes.length, ...bytes, 0x7d, 0x7b])).facts);
        }
        expect(facts).toEqual([
          { kind: 'device', label: 'hardware', text: '3.1' },
          { kind: 'device', label: 'firmware', text: '1.2.13' },
          { kind: 'battery', percent: 82 },
        ]);
      }),
    );
  });

  it('answers that lost a piece are an error, the next one is read again', () => {
    const decoders = createDecoders();
    const pieces = [...encodeAnswer('{"fw":"1.2.13","bp":50,"rc":0}').slice(1), ...encodeAnswer('{"bp":51,"rc":0}')];
    const results = pieces.map((piece) => decoders(MUSE_CONTROL)?.(viewOf(piece)));
    expect(results[0]).toMatchObject({ ok: false, error: { code: 'decode-truncated' } });
    expect(results[1]).toMatchObject({ ok: true, value: { facts: [{ kind: 'battery', percent: 51 }] } });
  });

  it('answers without an end are given up', () => {
    const decoders = createDecoders();
    const results = Array.from({ length: 60 }, () =>
      decoders(MUSE_CONTROL)?.(viewOf(encodeAnswer('aaaaaaaaaaaaaaaaaaa')[0] ?? new Uint8Array())),
    );
    expect(results.filter((result) => result?.ok === false)).toHaveLength(1);
    expect(results.find((result) => result?.ok === false)).toMatchObject({ error: { code: 'decode-oversized' } });
  });
});

describe('bad packets', () => {
  it.each([
    [MUSE_TELEMETRY, `0000 c801 ${'00'.repeat(16)}`, 'decode-reserved'],
    [MUSE_TELEMETRY, '00'.repeat(21), 'decode-oversized'],
    [TP9, '00'.repeat(21), 'decode-oversized'],
    [MUSE_CONTROL, '00', 'decode-truncated'],
    [MUSE_CONTROL, '02 7d 7d', 'decode-truncated'],
    [MUSE_CONTROL, '03 31 32 7d', 'decode-truncated'],
  ])('%s "%s": %s', (uuid, hex, code) => {
    expect(createDecoders()(uuid)?.(bytesOf(hex))).toMatchObject({ ok: false, error: { code } });
  });

  it('any bytes: a value or a typed error, finite numbers only', () => {
    const uuids = [...DATA, MUSE_TELEMETRY, MUSE_CONTROL];
    const size = fc.oneof(fc.constant(20), fc.integer({ min: 0, max: 30 }));
    const packet = fc.tuple(
      fc.constantFrom(...uuids),
      size.chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
    );
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 8 }), (packets) => {
        const decoders = createDecoders();
        for (const [uuid, bytes] of packets) {
          const result = decoders(uuid)?.(viewOf(bytes));
          if (!result?.ok) {
            expect(result?.error.code).toMatch(/^decode-/);
            continue;
          }
          for (const reading of result.value.readings) {
            if (reading.kind === 'numeric') expect(reading.values.every(Number.isFinite)).toBe(true);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('times', () => {
  it('ascend over any number of wraps, every electrode on one clock, losses counted', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 2, maxLength: 20 }), (gaps) => {
        const decode = connection();
        let number = 65_000;
        let last = -Infinity;
        gaps.forEach((missing, i) => {
          number += missing + 1;
          const packet = encodeEeg(number % 0x10000, zeros);
          const tp9 = decode(TP9, packet);
          expect(tp9.facts).toEqual(
            i > 0 && missing > 0 ? [{ kind: 'lost', attribute: 'eeg_tp9', samples: 12 * missing }] : [],
          );
          expect(timesOf(decode(AF7, packet))).toEqual(timesOf(tp9));
          const times = timesOf(tp9);
          expect(times.every((time, k) => time > (times[k - 1] ?? last))).toBe(true);
          last = times.at(-1) ?? last;
        });
      }),
    );
  });

  it('go on where a band began to count anew', () => {
    const decode = connection();
    decode(TP9, encodeEeg(500, zeros));
    const again = decode(TP9, encodeEeg(0, zeros));
    expect(again.facts).toEqual([]);
    expect(timesOf(again)[0]).toBeCloseTo(501 * 46.875, 6);
    expect(timesOf(decode(AF7, encodeEeg(0, zeros)))).toEqual(timesOf(again));
  });
});
