/** The platform's delta format: vectors as literal bytes, a second codec as an opinion, any bytes at all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeDelta,
  decodeDeltaCarrier,
  decodeDeltaInto,
  deltaCapacity,
  encodeDelta,
  encodeDeltaInto,
  isDeltaCarrier,
} from '../../../src/protocol/delta.ts';
import { decodeObjects, encodeObjects } from '../../support/delta-objects.ts';

type Pairs = readonly (readonly [time: number, value: number])[];

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const columns = (pairs: Pairs) =>
  [Float64Array.from(pairs, ([time]) => time), Float64Array.from(pairs, ([, value]) => value)] as const;

const V1: Pairs = [
  [1700000000000, 0.5],
  [1700000000010, 0.51],
  [1700000000020, 0.52],
  [1700000000030, 0.49],
];
const V1_BYTES = '010068e5cf8b0100000000003f010a00010a00fd0a00';

/** Samples, their bytes, and what the bytes decode to where that is not the samples themselves. */
const VECTORS: readonly { name: string; samples: Pairs; bytes: string; decoded?: Pairs }[] = [
  { name: 'small steps', samples: V1, bytes: V1_BYTES },
  {
    name: 'reset',
    samples: [
      [1000, 0],
      [1010, 2],
      [1020, 1.99],
    ],
    bytes: '01e8030000000000000000000080000000400a00ff0a00',
  },
  {
    name: '±127 steps and one more',
    samples: [
      [1000, 1.27],
      [1002, 0],
      [1004, 1.28],
      [1006, 0],
    ],
    bytes: '01e8030000000000005c8fa23f810200800ad7a33f020080000000000200',
  },
  {
    name: 'closed loop',
    samples: [
      [1000, 0.1],
      [1010, 0.104],
      [1020, 0.108],
      [1030, 0.112],
      [1040, 0.116],
    ],
    bytes: '01e803000000000000cdcccc3d000a00010a00000a00010a00',
    decoded: [
      [1000, 0.1],
      [1010, 0.1],
      [1020, 0.11],
      [1030, 0.11],
      [1040, 0.12],
    ],
  },
  {
    name: 'bad clocks',
    samples: [
      [1000, 75.25],
      [900, 75.26],
      [1010, 75.24],
      [200000, 75.24],
      [200020, 75.3],
    ],
    bytes: '01e80300000000000000809642010000fe6e0000ffff061400',
    decoded: [
      [1000, 75.25],
      [1000, 75.26],
      [1110, 75.24],
      [66645, 75.24],
      [66665, 75.3],
    ],
  },
  {
    name: 'negative and whole numbers',
    samples: [
      [1700000000000, -1],
      [1700000000020, 0],
      [1700000000040, -2],
    ],
    bytes: '010068e5cf8b010000000080bf64140080000000c01400',
  },
  { name: 'a single sample', samples: [[-1, 72]], bytes: '01ffffffffffffffff00009042' },
];

describe.each(VECTORS)('vector: $name', ({ samples, bytes, decoded = samples }) => {
  it('encodes to these bytes', () => {
    expect(Buffer.from(encodeDelta(...columns(samples))).toString('hex')).toBe(bytes);
  });

  it('decodes from these bytes', () => {
    const result = decodeDelta(hex(bytes));
    if (!result.ok) throw new Error(result.error.detail);
    const { times, values, complete } = result.value;
    expect(complete).toBe(true);
    expect([...times]).toEqual(decoded.map(([time]) => time));
    for (const [i, [, value]] of decoded.entries()) expect(values[i]).toBeCloseTo(value, 5);
  });
});

describe('encodeDelta', () => {
  it('rounds ties away from zero, both ways', () => {
    // 0.125 / 0.01 is 12.5 exactly in floating point, as is −12.5.
    const bytes = encodeDelta(Float64Array.of(0, 1, 2), Float32Array.of(0, 0.125, 0.13 - 0.125));
    expect([...bytes.slice(13)]).toEqual([13, 1, 0, 0x100 - 13, 1, 0]);
  });

  it('writes whole milliseconds and clamps gaps', () => {
    const bytes = encodeDelta(Float64Array.of(9.6, 20.4, 19, 90_000), new Float32Array(4));
    expect(bytes[1]).toBe(10);
    expect([...bytes.slice(13)]).toEqual([0, 10, 0, 0, 0, 0, 0, 255, 255]);
  });

  it('has nothing to say about no samples', () => {
    expect(encodeDelta(new Float64Array(0), new Float32Array(0))).toHaveLength(0);
  });
});

/** Samples of a waveform with 5 µV steps around whole hundredths: ties everywhere. */
const tied = fc.array(fc.integer({ min: -600, max: 600 }), { minLength: 1, maxLength: 80 }).map((halves) => {
  const values = Float64Array.from(halves, (half) => half * 0.005);
  return [values.map((_, i) => 1e12 + i * 8), values] as const;
});

describe('encodeDeltaInto', () => {
  it('writes the same bytes into memory that was used before, and says when there is no room for them', () => {
    fc.assert(
      fc.property(tied, ([times, values]) => {
        const bytes = encodeDelta(times, values);
        const target = new Uint8Array(bytes.length + 3).fill(0xee);
        expect(encodeDeltaInto(times, values, target)).toBe(bytes.length);
        expect([...target]).toEqual([...bytes, 0xee, 0xee, 0xee]);
        expect(encodeDeltaInto(times, values, new Uint8Array(bytes.length))).toBe(bytes.length);
        expect(encodeDeltaInto(times, values, new Uint8Array(bytes.length - 1))).toBeUndefined();
      }),
    );
    expect(encodeDeltaInto(new Float64Array(0), new Float64Array(0), new Uint8Array(0))).toBe(0);
    expect(encodeDeltaInto(Float64Array.of(1), Float64Array.of(1), new Uint8Array(0))).toBeUndefined();
  });

  it('takes the steps of the description, divided and rounded as it says, also where two are equally near', () => {
    fc.assert(
      fc.property(tied, ([times, values]) => {
        let previous = Math.fround(values[0] ?? 0);
        const steps = Array.from(values.subarray(1), (value) => {
          const exact = (value - previous) / 0.01;
          const step = Math.sign(exact) * Math.round(Math.abs(exact));
          previous = Math.abs(step) > 127 ? Math.fround(value) : previous + step * 0.01;
          return Math.abs(step) > 127 ? 'reset' : step + 0;
        });
        const bytes = encodeDelta(times, values);
        const got: unknown[] = [];
        for (let at = 13; at < bytes.length; at += bytes[at] === 0x80 ? 7 : 3) {
          got.push(bytes[at] === 0x80 ? 'reset' : ((bytes[at] ?? 0) << 24) >> 24);
        }
        expect(got).toEqual(steps);
      }),
    );
  });
});

describe('decodeDelta', () => {
  it.each([
    ['no bytes', ''],
    ['less than one sample', V1_BYTES.slice(0, 24)],
    ['version 2', `02${V1_BYTES.slice(2)}`],
    ['reserved bits set', `11${V1_BYTES.slice(2)}`],
    ['a time beyond 2^53', `01ffffffffffffff7f0000003f`],
    ['NaN first', `01e8030000000000000000c07f`],
    ['infinity after a reset', `01e80300000000000000000000800000807f0a00`],
  ])('refuses %s with a typed error', (_name, bytes) => {
    expect(decodeDelta(hex(bytes))).toMatchObject({ ok: false, error: { code: 'wire-shape' } });
  });

  it('keeps whole entries before a cut and says so', () => {
    const result = decodeDelta(hex(V1_BYTES.slice(0, 2 * 21)));
    expect(result).toMatchObject({ ok: true, value: { complete: false } });
    expect(result.ok && [...result.value.times]).toEqual(V1.slice(0, 3).map(([time]) => time));
  });

  it('does not take a reset cut to three bytes for a step of −128', () => {
    const result = decodeDelta(hex('01e80300000000000000000000800000'));
    expect(result.ok && result.value).toMatchObject({ complete: false, times: Float64Array.of(1000) });
  });

  it('reads a window of a larger buffer', () => {
    const bytes = hex(`ffff${V1_BYTES}ffff`).subarray(2, 24);
    expect(decodeDelta(bytes)).toEqual(decodeDelta(hex(V1_BYTES)));
  });

  it('takes any bytes: an error, or finite samples in order of time that agree with the second codec', () => {
    const body = fc.uint8Array({ maxLength: 60 });
    const nearly = fc.tuple(fc.constant(hex(V1_BYTES).slice(0, 13)), body).map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), nearly), (bytes) => {
        const result = decodeDelta(bytes);
        const second = decodeObjects(bytes);
        if (!result.ok) return true;
        const { times, values, complete } = result.value;
        expect(values.every(Number.isFinite)).toBe(true);
        expect([...times]).toEqual([...times].sort((a, b) => a - b));
        expect(complete).toBe(second !== null);
        second?.forEach(({ value }, i) =>
          expect(Math.abs((values[i] ?? NaN) - value)).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(value))),
        );
        return true;
      }),
      { numRuns: 1000 },
    );
  });
});

describe('decodeDeltaInto', () => {
  it('writes into arrays that were used before and leaves the rest of them alone', () => {
    const bytes = hex(V1_BYTES);
    expect(deltaCapacity(bytes.length)).toBe(4);
    const target = { times: new Float64Array(6).fill(-1), values: new Float32Array(6).fill(-1) };
    expect(decodeDeltaInto(bytes, target)).toEqual({ ok: true, value: { count: 4, complete: true } });
    expect([...target.times]).toEqual([...V1.map(([time]) => time), -1, -1]);
    expect(decodeDeltaInto(bytes.subarray(0, 14), target)).toEqual({ ok: true, value: { count: 1, complete: false } });
    expect(decodeDeltaInto(bytes.subarray(0, 12), target).ok).toBe(false);
  });

  it('needs no more room than it says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (body) => {
        const bytes = Uint8Array.from([...hex(V1_BYTES).slice(0, 13), ...body]);
        const result = decodeDelta(bytes);
        return !result.ok || result.value.times.length <= deltaCapacity(bytes.length);
      }),
    );
    expect([0, 12, 13, 15, 16].map(deltaCapacity)).toEqual([0, 0, 1, 1, 2]);
  });
});

/** Samples whose clock runs forwards, slowly enough for 16 bits. */
const honest = fc
  .tuple(
    fc.integer({ min: 0, max: 4e12 }),
    fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 65_535 }),
        fc.oneof(fc.float({ min: -500, max: 500, noNaN: true }), fc.float({ min: -1, max: 1, noNaN: true })),
      ),
      { minLength: 1, maxLength: 200 },
    ),
  )
  .map(([start, steps]) => {
    let time = start;
    return steps.map(([gap, value]) => [(time += gap), value] as const);
  });

describe('round trip', () => {
  it('keeps times exactly and values within half a step, without drift', () => {
    fc.assert(
      fc.property(honest, (pairs) => {
        const [times, values] = columns(pairs);
        const result = decodeDelta(encodeDelta(times, Float32Array.from(values)));
        if (!result.ok) return false;
        expect(result.value.times).toEqual(times);
        expect(result.value.complete).toBe(true);
        const float32Error = 500 * 2 ** -23;
        return values.every((value, i) => Math.abs(value - (result.value.values[i] ?? NaN)) <= 0.005 + float32Error);
      }),
    );
  });

  it('stays near over 100,000 samples that all lie between two steps', () => {
    const values = Float64Array.from({ length: 100_000 }, (_, i) => 0.0037 * (i % 300) + 0.0049);
    const result = decodeDelta(
      encodeDelta(
        values.map((_, i) => i),
        values,
      ),
    );
    if (!result.ok) throw new Error(result.error.detail);
    const worst = values.reduce((max, value, i) => Math.max(max, Math.abs(value - (result.value.values[i] ?? NaN))), 0);
    expect(worst).toBeLessThan(0.00501);
  });

  it('keeps the largest gaps apart over many samples', () => {
    const times = Float64Array.from({ length: 40_000 }, (_, i) => 1e12 + i * 65_535);
    const values = Float32Array.from({ length: 40_000 }, (_, i) => i * 1.27);
    const result = decodeDelta(encodeDelta(times, values));
    if (!result.ok) throw new Error(result.error.detail);
    expect(result.value.times).toEqual(times);
    expect(result.value.values.at(-1)).toBeCloseTo(39_999 * 1.27, 1);
  });

  it('is read the same by the second codec, and reads what that one writes', () => {
    fc.assert(
      fc.property(honest, (pairs) => {
        const [times, values] = columns(pairs);
        const ours = decodeObjects(encodeDelta(times, values)) ?? [];
        const theirs = decodeDelta(encodeObjects(pairs.map(([timestamp, value]) => ({ timestamp, value }))));
        if (!theirs.ok) return false;
        expect(ours.map(({ timestamp }) => timestamp)).toEqual([...times]);
        expect(theirs.value.times).toEqual(times);
        return ours.every(({ value }, i) => Math.abs(value - (theirs.value.values[i] ?? NaN)) < 0.0102);
      }),
    );
  });

  it('survives a cut anywhere: the samples before it are unchanged', () => {
    fc.assert(
      fc.property(honest, fc.double({ min: 0, max: 1, noNaN: true }), (pairs, share) => {
        const bytes = encodeDelta(...columns(pairs));
        const whole = decodeDelta(bytes);
        const cut = decodeDelta(bytes.subarray(0, Math.floor(share * bytes.length)));
        if (!whole.ok) return false;
        if (!cut.ok) return share * bytes.length < 13;
        const { length } = cut.value.times;
        expect(cut.value.times).toEqual(whole.value.times.subarray(0, length));
        expect(cut.value.values).toEqual(whole.value.values.subarray(0, length));
        return true;
      }),
    );
  });
});

describe('the JSON around it', () => {
  const data = 'AQBo5c+LAQAAAAAAPwEKAAEKAP0KAA==';

  it('yields the samples', () => {
    const result = decodeDeltaCarrier({ __delta_encoded__: true, data, sample_count: 4 });
    expect(result.ok && [...result.value.times]).toEqual(V1.map(([time]) => time));
    expect(base64(encodeDelta(...columns(V1)))).toBe(data);
  });

  it.each([
    ['a wrong count', { __delta_encoded__: true, data, sample_count: 5 }],
    ['no count', { __delta_encoded__: true, data }],
    ['a cut after one sample', { __delta_encoded__: true, data: data.slice(0, 19) + '=', sample_count: 1 }],
    ['no base64', { __delta_encoded__: true, data: '@@@@', sample_count: 4 }],
    ['no text', { __delta_encoded__: true, data: 7, sample_count: 4 }],
    ['no data', { __delta_encoded__: true }],
    ['a list', []],
    ['nothing', null],
  ])('refuses %s', (_name, raw) => {
    expect(decodeDeltaCarrier(raw)).toMatchObject({ ok: false, error: { code: 'wire-shape' } });
  });

  it('is recognised by its mark alone', () => {
    expect([{ __delta_encoded__: true }, { __delta_encoded__: 1 }, [], null, 'x'].map(isDeltaCarrier)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('takes any JSON without throwing', () => {
    const nearly = fc.record({ __delta_encoded__: fc.constant(true), data: fc.string(), sample_count: fc.jsonValue() });
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), nearly), (raw) => !decodeDeltaCarrier(raw).ok));
  });
});
