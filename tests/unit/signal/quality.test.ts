import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../src/lib/random.ts';
import { fade, SignalQuality, worstOf, type Quality, type QualityOptions } from '../../../src/signal/quality.ts';
import { WaveQuality, type Surroundings } from '../../../src/signal/wave-quality.ts';
import { gaussian, makeEcg } from '../../fixtures/signal/ecg.ts';
import { RR_START } from '../../fixtures/signal/rr.ts';

function qualityOf(values: Iterable<number>, options?: QualityOptions, expected?: number): Quality {
  const quality = new SignalQuality({ stillAtMost: 1, clips: true, ...options });
  let count = 0;
  for (const value of values) {
    quality.add(value);
    count += 1;
  }
  return quality.take(expected ?? count);
}

const sine = Array.from({ length: 130 }, (_, i) => Math.sin((2 * Math.PI * i * 1.3) / 130));

describe('quality of a second of samples', () => {
  it('a plain wave and an ECG are good', () => {
    expect(qualityOf(sine)).toEqual({ score: 1, cause: 'good' });
    expect(qualityOf(makeEcg({ seed: 1, rate: 130, seconds: 1, noise: 0.01 }).values)).toEqual({
      score: 1,
      cause: 'good',
    });
  });

  it.each([
    ['a flat line', new Array<number>(130).fill(0.3), {}, 'flat'],
    [
      'a wave cut off at 0.6',
      Array.from({ length: 130 }, (_, i) => Math.min(0.6, Math.sin((2 * Math.PI * i * 2) / 130))),
      {},
      'clipped',
    ],
    ['half of it beyond what is possible', sine.map((v, i) => (i % 2 === 0 ? v : 99)), { range: [-5, 5] }, 'range'],
    ['no numbers', sine.map((v, i) => (i % 2 === 0 ? v : NaN)), {}, 'range'],
  ] as const)('%s is poor', (_, values, options, cause) => {
    const quality = qualityOf(values, options);
    expect(quality.cause).toBe(cause);
    expect(quality.score).toBeLessThan(0.1);
  });

  it('falls with missing samples: a few are forgiven, half are not', () => {
    expect(qualityOf(sine.slice(5), {}, 130).score).toBe(1);
    const half = qualityOf(sine.slice(65), {}, 130);
    expect(half).toMatchObject({ cause: 'loss' });
    expect(half.score).toBeLessThan(0.25);
    expect(qualityOf([], {}, 130)).toEqual({ score: 0, cause: 'loss' });
  });

  it('takes the noise of a smooth wave for what it is, and of others not', () => {
    const random = mulberry32(3);
    const noisy = sine.map((value) => value + 0.8 * gaussian(random));
    expect(qualityOf(noisy, { smooth: true })).toMatchObject({ cause: 'noise' });
    expect(qualityOf(noisy, { smooth: true }).score).toBeLessThan(0.3);
    expect(qualityOf(noisy).score).toBe(1);
    expect(qualityOf(sine, { smooth: true }).score).toBe(1);
  });

  it('does not take a coarse resolution for clipping', () => {
    const random = mulberry32(5);
    const coarse = Array.from({ length: 50 }, () => Math.round(64 + gaussian(random)));
    expect(qualityOf(coarse)).toEqual({ score: 1, cause: 'good' });
  });

  it('lets stand still what may', () => {
    const still = new Array<number>(60).fill(180);
    expect(qualityOf(still, { stillAtMost: Infinity })).toEqual({ score: 1, cause: 'good' });
    const breath = new SignalQuality({ stillAtMost: 3 });
    const scores = Array.from({ length: 6 }, () => {
      for (const value of still) breath.add(value);
      return breath.take(still.length).score;
    });
    expect(scores).toEqual([1, 1, 1, 0, 0, 0]);
  });

  it('multiplies factors and names the lowest', () => {
    const factors = [
      ['noise', 0.8],
      ['motion', 0.5],
    ] as const;
    expect(worstOf(factors)).toEqual({ score: 0.4, cause: 'motion' });
    expect([fade(0, [1, 2]), fade(1.5, [1, 2]), fade(3, [1, 2]), fade(4, [5, 3]), fade(NaN, [1, 2])]).toEqual([
      1, 0.5, 0, 0.5, 0,
    ]);
  });

  it('never throws and stays within 0 … 1', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 200 }), fc.boolean(), fc.nat(300), (values, smooth, expected) => {
        const { score } = qualityOf(values, { smooth }, expected);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('quality of a waveform over time', () => {
  const fine: Surroundings = { contrast: undefined, calm: 1, touches: true };

  function add(wave: WaveQuality, from: number, seconds: number, rate = 130, around = fine): void {
    const n = Math.round(seconds * rate);
    const times = Float64Array.from({ length: n }, (_, i) => RR_START + from * 1000 + (i * 1000) / rate);
    const values = Float32Array.from({ length: n }, (_, i) => Math.sin(i / 9));
    wave.add({ kind: 'numeric', attribute: 'ecg', times, values }, around);
  }

  it('comes once a second', () => {
    const wave = new WaveQuality('ecg', 1);
    add(wave, 0, 10.5);
    const taken = wave.taken();
    expect(taken.map(({ time }) => time - RR_START)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((s) => s * 1000));
    expect(taken.every(({ quality }) => quality.score === 1)).toBe(true);
    expect(wave.taken()).toEqual([]);
    expect(wave.recent).toBe(1);
  });

  it('falls with a hole, and once only', () => {
    const wave = new WaveQuality('ecg', 1);
    add(wave, 0, 3.5);
    add(wave, 13.5, 3);
    const scores = wave.taken().map(({ quality }) => quality.score);
    expect(scores.filter((score) => score === 0)).toHaveLength(1);
    expect(scores).toHaveLength(3 + 2 + 2);
  });

  it('falls with motion, lost contact and noise in the beats, and says why', () => {
    for (const [around, cause] of [
      [{ ...fine, calm: 0.2 }, 'motion'],
      [{ ...fine, touches: false }, 'contact'],
      [{ ...fine, contrast: 3 }, 'noise'],
    ] as const) {
      const wave = new WaveQuality('ecg', 1);
      add(wave, 0, 1.5, 130, around);
      const [first] = wave.taken();
      expect(first?.quality.cause).toBe(cause);
      expect(first?.quality.score).toBeLessThan(0.3);
    }
  });

  it('has none for a value each second', () => {
    const wave = new WaveQuality('heartrate', 1);
    add(wave, 0, 30, 1);
    expect(wave.taken()).toEqual([]);
  });

  it('judges every field, and the worst counts', () => {
    const wave = new WaveQuality('eeg', 2);
    const times = Float64Array.from({ length: 300 }, (_, i) => RR_START + i * 10);
    const values = Float32Array.from({ length: 600 }, (_, i) => (i % 2 === 0 ? Math.sin(i / 20) : 7));
    wave.add({ kind: 'numeric', attribute: 'eeg', times, values, fields: ['a', 'b'] }, fine);
    expect(wave.taken().map(({ quality }) => quality)).toEqual([
      { score: 0, cause: 'flat' },
      { score: 0, cause: 'flat' },
    ]);
  });
});
