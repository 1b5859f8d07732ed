import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeAnswer,
  encodeDeltaFrame,
  encodeEcgFrame,
  encodeFeatures,
  encodePulseFrame,
  encodeRawFrame,
  encodeSettings,
  type EncodedSettings,
} from '../../../../src/device/demo/polar-frames.ts';
import type { Decoded, Decoder, Uuid } from '../../../../src/device/profiles/profile.ts';
import { parseDelta } from '../../../../src/device/profiles/polar/delta.ts';
import {
  chooseSettings,
  MEASUREMENTS,
  parseFeatures,
  parseSettings,
  PMD_CONTROL,
  PMD_DATA,
  startCommand,
  type Measurement,
} from '../../../../src/device/profiles/polar/pmd.ts';
import { polarProfile } from '../../../../src/device/profiles/polar/profile.ts';
import { createDecoders } from '../../../../src/device/profiles/registry.ts';
import type { NumericReading } from '../../../../src/model/reading.ts';
import { bytesOf } from '../../../fixtures/golden.ts';
import { talkingDevice, viewOf, type TalkingDevice } from '../support/talking-device.ts';

/** A connection's decoders; throws on what is not decoded. */
function connection(): (uuid: Uuid, bytes: Uint8Array) => Decoded {
  const decoders = createDecoders();
  return (uuid, bytes) => {
    const result = decoders(uuid)?.(viewOf(bytes));
    if (!result?.ok) throw new Error(result?.error.detail);
    return result.value;
  };
}

function numeric({ readings }: Decoded, attribute: string): NumericReading | undefined {
  return readings.find((one): one is NumericReading => one.kind === 'numeric' && one.attribute === attribute);
}

function timesOf(decoded: Decoded, attribute: string): number[] {
  const timing = numeric(decoded, attribute)?.timing;
  return timing?.kind === 'device' ? [...timing.times] : [];
}

function dataDecoder(): Decoder {
  const decoder = createDecoders()(PMD_DATA);
  if (!decoder) throw new Error('no decoder');
  return decoder;
}

const at = (ms: number): bigint => BigInt(Math.round(ms * 1e6));
const offer = (settings: EncodedSettings, measurement: Measurement = 'acceleration') =>
  parseSettings(viewOf(encodeSettings(measurement, settings).slice(5))).settings;

describe('choice of settings', () => {
  it('is 52 Hz, 16 bit, 8 g, 3 channels of what a Verity Sense offers in its SDK mode', () => {
    const offered = offer({ rates: [26, 52, 104, 208, 416], resolutions: [16], ranges: [2, 4, 8, 16], channels: 3 });
    // The command published for exactly this in issue 443 of the Polar BLE SDK.
    expect([...startCommand('acceleration', chooseSettings('acceleration', offered))]).toEqual([
      0x02, 0x02, 0x00, 0x01, 0x34, 0x00, 0x01, 0x01, 0x10, 0x00, 0x02, 0x01, 0x08, 0x00, 0x04, 0x01, 0x03,
    ]);
  });

  it('is 130 Hz, 14 bit for the ECG of an H10', () => {
    const offered = offer({ rates: [130], resolutions: [14] }, 'ecg');
    expect([...startCommand('ecg', chooseSettings('ecg', offered))]).toEqual([
      0x02, 0x00, 0x00, 0x01, 0x82, 0x00, 0x01, 0x01, 0x0e, 0x00,
    ]);
  });

  it('is 50 Hz for the acceleration of an H10, and the lowest rate where all are too high', () => {
    expect(chooseSettings('acceleration', offer({ rates: [25, 50, 100, 200] })).get(0)).toEqual([50]);
    expect(chooseSettings('ppg', offer({ rates: [176, 135] }, 'ppg')).get(0)).toEqual([135]);
  });

  it('leaves out factors and keys, and needs nothing for pulses', () => {
    const withFactor = parseSettings(bytesOf('05 01 00 00 80 3f 00 01 34 00')).settings;
    expect([...chooseSettings('gyroscope', withFactor)]).toEqual([[0, [52]]]);
    expect([...startCommand('ppi', chooseSettings('ppi', new Map()))]).toEqual([0x02, 0x03]);
  });

  it('stops reading settings at what nobody has published, and keeps those before', () => {
    const parsed = parseSettings(bytesOf('00 01 34 00 2a 01 10'));
    expect([...parsed.settings]).toEqual([[0, [52]]]);
    expect(parsed.error?.code).toBe('decode-reserved');
    expect(parseSettings(bytesOf('00 02 34 00')).error?.code).toBe('decode-truncated');
  });

  it('knows every measurement by its bit', () => {
    const all = Object.keys(MEASUREMENTS) as Measurement[];
    for (let bits = 0; bits < 2 ** all.length; bits++) {
      const some = all.filter((_, i) => (bits >> i) & 1);
      expect(parseFeatures(viewOf(encodeFeatures(some)))).toEqual({ ok: true, value: some });
    }
    // What an H10 reads as, published in issue 360 of the Polar BLE SDK.
    expect(parseFeatures(bytesOf(`0f 05 ${'00'.repeat(15)}`))).toEqual({ ok: true, value: ['ecg', 'acceleration'] });
    expect(parseFeatures(bytesOf('0e 05'))).toMatchObject({ ok: false, error: { code: 'decode-reserved' } });
    expect(parseFeatures(bytesOf('0f'))).toMatchObject({ ok: false, error: { code: 'decode-truncated' } });
  });
});

describe('start', () => {
  const SETTINGS: Readonly<Partial<Record<Measurement, EncodedSettings>>> = {
    ecg: { rates: [130], resolutions: [14] },
    acceleration: { rates: [25, 50, 100, 200], resolutions: [16], ranges: [2, 4, 8] },
  };
  const NUMBERS = Object.entries(MEASUREMENTS) as [Measurement, number][];

  /** An H10 whose answer to starts is `status` of the measurement, in turn. */
  function strap(status: (measurement: Measurement, tries: number) => number, features = ['ecg', 'acceleration']) {
    const tries = new Map<string, number>();
    return talkingDevice({
      characteristics: [PMD_CONTROL, PMD_DATA],
      reads: new Map([[PMD_CONTROL, encodeFeatures(features as Measurement[])]]),
      answer(bytes) {
        const measurement = NUMBERS.find(([, number]) => number === bytes[1])?.[0] ?? 'ecg';
        if (bytes[0] === 1) return [encodeSettings(measurement, SETTINGS[measurement] ?? {})];
        if (bytes[0] === 3) return [encodeAnswer('stop', measurement, 0)];
        const count = (tries.get(measurement) ?? 0) + 1;
        tries.set(measurement, count);
        const code = status(measurement, count);
        return [encodeAnswer('start', measurement, code, code === 0 ? 1 : undefined)];
      },
    });
  }

  const commands = (device: TalkingDevice): string[] => device.written.map(({ bytes }) => bytes.slice(0, 2).join(' '));

  it('asks for settings and starts, one measurement after the other', async () => {
    const device = strap(() => 0);
    expect(await polarProfile.start?.(device)).toEqual({ ok: true, value: undefined });
    expect(commands(device)).toEqual(['1 0', '2 0', '1 2', '2 2']);
    expect(device.written.every(({ to }) => to === PMD_CONTROL)).toBe(true);
    expect(device.written[3]?.bytes).toEqual([2, 2, 0, 1, 50, 0, 1, 1, 16, 0, 2, 1, 8, 0]);
  });

  it('stops what still runs, and starts it anew', async () => {
    const device = strap((measurement, tries) => (measurement === 'ecg' && tries === 1 ? 6 : 0));
    expect(await polarProfile.start?.(device)).toMatchObject({ ok: true });
    expect(commands(device)).toEqual(['1 0', '2 0', '3 0', '2 0', '1 2', '2 2']);
  });

  it('goes on where one is refused, and fails where all are, saying why', async () => {
    expect(await polarProfile.start?.(strap((one) => (one === 'ecg' ? 3 : 0)))).toMatchObject({ ok: true });
    expect(await polarProfile.start?.(strap(() => 13))).toEqual({
      ok: false,
      error: {
        code: 'bluetooth-gatt',
        detail: 'PMD: ecg: device in charger, acceleration: device in charger',
      },
    });
    expect(await polarProfile.start?.(strap(() => 6))).toMatchObject({ ok: false });
  });

  it('says so where nothing is known, nothing answers, or the control point cannot be read', async () => {
    expect(await polarProfile.start?.(strap(() => 0, []))).toMatchObject({ error: { code: 'bluetooth-gatt' } });
    const silent = talkingDevice({
      characteristics: [PMD_CONTROL],
      reads: new Map([[PMD_CONTROL, encodeFeatures(['ecg'])]]),
      answer: () => [],
    });
    expect(await polarProfile.start?.(silent)).toMatchObject({ error: { detail: 'PMD: ecg: bluetooth-timeout' } });
    const mute = talkingDevice({ characteristics: [PMD_CONTROL], answer: () => [] });
    expect(await polarProfile.start?.(mute)).toMatchObject({ error: { code: 'bluetooth-gatt' } });
    const odd = talkingDevice({
      characteristics: [PMD_CONTROL],
      reads: new Map([[PMD_CONTROL, Uint8Array.of(1, 2, 3)]]),
      answer: () => [],
    });
    expect(await polarProfile.start?.(odd)).toMatchObject({ error: { code: 'bluetooth-gatt' } });
  });

  it('ends with the connection', async () => {
    const device = strap(() => 0);
    device.hangUp();
    expect(await polarProfile.start?.(device)).toMatchObject({ error: { code: 'bluetooth-cancelled' } });
    expect(device.written).toEqual([]);
  });

  it('tells the decoders all they need: what was answered gives rate and factor', async () => {
    const device = strap(() => 0);
    await polarProfile.start?.(device);
    const decode = connection();
    for (const answer of device.said) decode(PMD_CONTROL, answer);
    const frame = encodeDeltaFrame('acceleration', 0, at(1000), 2, [
      [1, 0, 0],
      [2, 0, 0],
    ]);
    const decoded = decode(PMD_DATA, frame);
    expect(numeric(decoded, 'accelerometer')?.values[0]).toBeCloseTo(9.80665, 5);
    expect(timesOf(decoded, 'accelerometer')).toEqual([980, 1000]);
  });
});

describe('frames', () => {
  it('without a factor that belongs to their unit are refused: no number is better than a wrong one', () => {
    for (const [measurement, size] of [
      ['acceleration', 2],
      ['gyroscope', 2],
      ['magnetometer', 2],
    ] as const) {
      const frame = encodeDeltaFrame(measurement, 0, at(1), size, [[1, 2, 3]]);
      expect(dataDecoder()(viewOf(frame))).toMatchObject({ ok: false, error: { code: 'decode-reserved' } });
    }
  });

  it('take no factor that is no number, and forget one that a new start does not name', () => {
    const frame = encodeDeltaFrame('acceleration', 0, at(1), 2, [[1, 2, 3]]);
    for (const factor of [NaN, Infinity, -1, 0]) {
      const decoders = createDecoders();
      decoders(PMD_CONTROL)?.(viewOf(encodeAnswer('start', 'acceleration', 0, 1)));
      decoders(PMD_CONTROL)?.(viewOf(encodeAnswer('start', 'acceleration', 0, factor)));
      expect(decoders(PMD_DATA)?.(viewOf(frame))).toMatchObject({ ok: false });
    }
  });

  it('without compression are in whole units, whatever factor the start named', () => {
    const decode = connection();
    decode(PMD_CONTROL, encodeAnswer('start', 'acceleration', 0, 2));
    const decoded = decode(PMD_DATA, encodeRawFrame('acceleration', 1, at(1), 2, [[1000, 0, 0]]));
    expect(numeric(decoded, 'accelerometer')?.values[0]).toBeCloseTo(9.80665, 5);
  });

  it('add differences up in 32 bits, wrapping around', () => {
    expect(parseDelta(bytesOf('ffffff7f 02 02 05'), 1, 4)).toEqual({
      ok: true,
      value: Int32Array.of(2147483647, -2147483648, -2147483647),
    });
  });

  it('with differences of more than 32 bits are refused, of none repeat the sample', () => {
    expect(parseDelta(bytesOf('05 21 01 0000000000'), 1, 1)).toMatchObject({ error: { code: 'decode-reserved' } });
    expect(parseDelta(bytesOf('05 00 02'), 1, 1)).toEqual({ ok: true, value: Int32Array.of(5, 5, 5) });
  });

  it('of types nobody has published are refused', () => {
    for (const hex of ['00 00 01', '02 00 03', '05 00 00', '01 00 8a', '03 00 80', '04 00 00', '09 00 00']) {
      const [type, , frameType] = hex.split(' ');
      const result = dataDecoder()(bytesOf(`${type} 0100000000000000 ${frameType} 000000000000000000000000`));
      expect(result, hex).toMatchObject({ ok: false, error: { code: 'decode-reserved' } });
    }
  });

  it('with floats that are no numbers are refused', () => {
    const decode = dataDecoder();
    expect(decode(bytesOf('07 0100000000000000 00 0000c07f'))).toMatchObject({ error: { code: 'decode-not-finite' } });
    expect(decode(bytesOf('05 0100000000000000 81 0000807f 00000000 00000000'))).toMatchObject({
      error: { code: 'decode-not-finite' },
    });
  });

  it('mean the same whatever the upper bits of the type byte say', () => {
    const decode = connection();
    const frame = encodeEcgFrame(at(10), [7]);
    frame[0] = 0x80;
    expect(numeric(decode(PMD_DATA, frame), 'ecg')?.values).toEqual(Float32Array.of(0.007));
  });

  it('read a whole published frame of 57 samples: all within 8 g, the second as published', () => {
    // AccDataTest of the Polar BLE SDK, compressed type 0, factor 2.44e-4.
    const content =
      '7107F06A9E8D0A38BE5CBEBA2F96B3EE4BE5ADFB42B9EBBE4CFEBA2F92BFEE4BE4B1FB12B9ECBD3C3EBB2F8FD3DE4BE3B5F7D2B8EDBD307E7B' +
      '2F8BE3CE8BE2BAF7A2B8EEBC20BE7B2F88F3CECBE1BDEF52F8EFBC18FE3B2F8403BFCBE0C2EF32B8F0BB044EBC2E8113AF0BE0C6EFF2F7F1B9' +
      'FC7DBC2E7D279F4BDFCAEBC2F7F2B8ECCD7C2E7B378F4BDECEE392F7F3B8E00DFD2D774B7FCBDDD2DF6237F5B7D44DBD2D745B6FCBDCD7D732' +
      '37F6B5C88D7D2D716B4F4BDCDCD3F236F7B4BCDDFD2C6F7B3F4BDBE0CFD236F8B2B02DBE2C6C8F1FCBDAE3C7A276F9';
    const decoders = createDecoders();
    decoders(PMD_CONTROL)?.(viewOf(encodeAnswer('start', 'acceleration', 0, 2.44e-4)));
    const result = decoders(PMD_DATA)?.(bytesOf(`02 0094357700000000 80 ${content}`));
    if (!result?.ok) throw new Error(result?.error.detail);
    const values = [...(numeric(result.value, 'accelerometer')?.values ?? [])].map((value) => value / 9.80665);
    expect(values.length).toBe(57 * 3);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(8);
    [2095, 27271, -29367].forEach((raw, i) => expect(values[3 + i]).toBeCloseTo(raw * 2.44e-4, 4));
  });
});

describe('round trips', () => {
  const signed = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
  const vectors = (bits: number, channels: number) =>
    fc.array(fc.array(signed(bits), { minLength: channels, maxLength: channels }), { minLength: 1, maxLength: 40 });

  it('ECG: any µV of 24 bits', () => {
    fc.assert(
      fc.property(fc.array(signed(24), { minLength: 1, maxLength: 80 }), (microvolts) => {
        const values = numeric(connection()(PMD_DATA, encodeEcgFrame(at(5000), microvolts)), 'ecg')?.values;
        expect(values).toEqual(Float32Array.from(microvolts, (value) => value * 1e-3));
      }),
    );
  });

  it.each([0, 1, 2])('acceleration, uncompressed, frame type %i', (type) => {
    fc.assert(
      fc.property(vectors(8 * (type + 1), 3), (samples) => {
        const frame = encodeRawFrame('acceleration', type, at(5000), type + 1, samples);
        expect(numeric(connection()(PMD_DATA, frame), 'accelerometer')?.values).toEqual(
          Float32Array.from(samples.flat(), (value) => value * 9.80665e-3),
        );
      }),
    );
  });

  it('compressed frames: any samples, any size of groups, every width of difference', () => {
    fc.assert(
      fc.property(vectors(24, 4), fc.integer({ min: 1, max: 255 }), (samples, group) => {
        const frame = encodeDeltaFrame('ppg', 0, at(5000), 3, samples, group);
        const values = numeric(connection()(PMD_DATA, frame), 'ppg')?.values;
        expect(values).toEqual(Float32Array.from(samples.flat()));
      }),
    );
  });

  it('compressed floats: their bits, added up in 32 bits', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -2000, max: 2000 });
    fc.assert(
      fc.property(fc.array(float, { minLength: 1, maxLength: 20 }), (temperatures) => {
        const bits = [...new Int32Array(Float32Array.from(temperatures).buffer)];
        // Differences of bits wrap around in 32 bits, as the device's do.
        const steps = bits.map((value, i) => (i === 0 ? value : (value - (bits[i - 1] ?? 0)) | 0));
        let sum = 0;
        const unwrapped = steps.map((step) => [(sum += step)]);
        const frame = encodeDeltaFrame('skinTemperature', 0, at(5000), 4, unwrapped);
        const values = numeric(connection()(PMD_DATA, frame), 'skin_temperature')?.values;
        expect(values).toEqual(Float32Array.from(temperatures));
      }),
    );
  });

  it('pulses: every combination of flags', () => {
    for (let flags = 0; flags < 8; flags++) {
      const moved = (flags & 1) !== 0;
      const away = (flags & 4) !== 0 && (flags & 2) === 0;
      const frame = encodePulseFrame(0n, [
        { rate: 60, interval: 1000, error: 5, flags },
        { rate: 60, interval: 900, error: 6, flags: 0 },
        { rate: 0, interval: 0, error: 7, flags: 0 },
      ]);
      const decoded = connection()(PMD_DATA, frame);
      const good = !moved && !away;
      expect([...(numeric(decoded, 'pp_interval')?.values ?? [])], `flags ${flags}`).toEqual(
        good ? [1000, 900] : [900],
      );
      expect([...(numeric(decoded, 'pp_error')?.values ?? [])]).toEqual(good ? [5, 6] : [6]);
      expect(numeric(decoded, 'pp_interval')?.timing).toEqual({
        kind: 'intervals',
        intervals: Float64Array.from(good ? [1000, 900] : [1900]),
      });
    }
  });

  it('pulses left out at the end of a frame are part of the next interval; on the device’s clock they take their time', () => {
    const bad = { rate: 60, interval: 700, error: 5, flags: 1 };
    const good = { rate: 60, interval: 1000, error: 5, flags: 0 };
    const decode = connection();
    expect(decode(PMD_DATA, encodePulseFrame(0n, [bad])).readings).toEqual([]);
    const next = decode(PMD_DATA, encodePulseFrame(0n, [good]));
    expect(numeric(next, 'pp_interval')?.timing).toEqual({ kind: 'intervals', intervals: Float64Array.of(1700) });
    const dated = connection()(PMD_DATA, encodePulseFrame(at(10_000), [good, good, bad]));
    expect(timesOf(dated, 'pp_interval')).toEqual([8300, 9300]);
  });

  it('any bytes: a value or a typed error, finite numbers only', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(PMD_CONTROL, PMD_DATA), fc.uint8Array({ maxLength: 120 })), { maxLength: 6 }),
        fc.constantFrom(0, 1, 2, 3, 5, 6, 7),
        (packets, type) => {
          const decoders = createDecoders();
          for (const [uuid, bytes] of packets) {
            // Half of the frames are of a measurement there is.
            if (uuid === PMD_DATA && bytes.length > 9) {
              bytes[0] = type;
              bytes[9] = (bytes[9] ?? 0) & 0x81;
            }
            const result = decoders(uuid)?.(viewOf(Uint8Array.from(bytes)));
            if (!result?.ok) {
              expect(result?.error.code).toMatch(/^decode-/);
              continue;
            }
            for (const reading of result.value.readings) {
              if (reading.kind === 'numeric') expect(reading.values.every(Number.isFinite)).toBe(true);
              if (reading.timing.kind === 'device') expect(reading.timing.times.every(Number.isFinite)).toBe(true);
            }
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
});

describe('times', () => {
  const ecg = (samples: number): number[] => Array.from({ length: samples }, () => 0);

  it('of every frame lie between its stamp and the one before, ascending, whatever the true rate', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 125, max: 135, noNaN: true }),
        fc.array(fc.integer({ min: 10, max: 80 }), { minLength: 2, maxLength: 20 }),
        (rate, sizes) => {
          const decode = connection();
          let stamp = 1_000_000;
          let last = -Infinity;
          for (const size of sizes) {
            stamp += (size * 1000) / rate;
            const decoded = decode(PMD_DATA, encodeEcgFrame(at(stamp), ecg(size)));
            const times = timesOf(decoded, 'ecg');
            expect(decoded.facts).toEqual([]);
            expect(times.at(-1)).toBeCloseTo(stamp, 3);
            expect(times.every((time, i) => time > (times[i - 1] ?? last))).toBe(true);
            last = times.at(-1) ?? last;
          }
        },
      ),
    );
  });

  it('tell how many samples are missing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), (frames) => {
        const decode = connection();
        const period = 73 * (1000 / 130);
        for (let i = 0; i < 3; i++) decode(PMD_DATA, encodeEcgFrame(at(1000 + i * period), ecg(73)));
        const late = decode(PMD_DATA, encodeEcgFrame(at(1000 + (3 + frames) * period), ecg(73)));
        expect(late.facts).toEqual([{ kind: 'lost', attribute: 'ecg', samples: frames * 73 }]);
      }),
    );
  });

  it.each([
    ['forward', 3e11],
    ['back', -500_000],
  ])('go on evenly when somebody sets the clock %s', (_, jump) => {
    const decode = connection();
    const step = 10 * (1000 / 130);
    const first = timesOf(decode(PMD_DATA, encodeEcgFrame(at(1e6), ecg(10))), 'ecg');
    const second = decode(PMD_DATA, encodeEcgFrame(at(1e6 + step + jump), ecg(10)));
    expect(second.facts).toEqual([]);
    expect((timesOf(second, 'ecg').at(-1) ?? 0) - (first.at(-1) ?? 0)).toBeCloseTo(step, 2);
    // The other streams have the same clock and the same jump.
    const motion = decode(PMD_DATA, encodeRawFrame('acceleration', 1, at(1e6 + step + jump), 2, [[0, 0, 0]]));
    expect(timesOf(motion, 'accelerometer')[0]).toBeCloseTo(1e6 + step, 2);
  });
});
