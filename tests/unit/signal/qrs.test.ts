import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../src/lib/random.ts';
import { QrsDetector } from '../../../src/signal/qrs.ts';
import { gaussian, makeEcg, type EcgWorld } from '../../fixtures/signal/ecg.ts';

const SECONDS = 120;
/** A found peak counts if it is this close to a true one (AAMI EC57 allows 150 ms), s. */
const CLOSE = 0.05;

interface Score {
  sensitivity: number;
  precision: number;
  /** Median distance of found peaks from true ones, ms. */
  offset: number;
  /** Of 20, how far off at most 1 is, ms. */
  offset95: number;
}

function find(values: Iterable<number>, rate: number): number[] {
  const detector = new QrsDetector(rate);
  const found: number[] = [];
  for (const value of values) for (const { index } of detector.push(value)) found.push(index / rate);
  return found;
}

/** Sensitivity and precision over three records; the last second is too young to be found in. */
function score(world: Omit<EcgWorld, 'seed' | 'seconds'>): Score {
  let hits = 0;
  let all = 0;
  let reported = 0;
  const offsets: number[] = [];
  for (const seed of [1, 2, 3]) {
    const ecg = makeEcg({ ...world, seed, seconds: SECONDS });
    const found = find(ecg.values, world.rate).filter((peak) => peak < SECONDS - 1);
    const left = new Set(found);
    const peaks = ecg.peaks.filter((peak) => peak < SECONDS - 1);
    for (const peak of peaks) {
      const match = [...left].find((one) => Math.abs(one - peak) < CLOSE);
      if (match === undefined) continue;
      left.delete(match);
      hits += 1;
      offsets.push(Math.abs(match - peak) * 1000);
    }
    all += peaks.length;
    reported += found.length;
  }
  offsets.sort((a, b) => a - b);
  const at = (share: number): number => offsets[Math.floor(offsets.length * share)] ?? Infinity;
  return { sensitivity: hits / all, precision: hits / reported, offset: at(0.5), offset95: at(0.95) };
}

describe.each([130, 250])('R peaks at %i Hz', (rate) => {
  it.each([
    ['clean', { noise: 0.01 }],
    ['fast, 170 bpm', { bpm: 170, noise: 0.03 }],
    ['slow, 38 bpm', { bpm: 38, noise: 0.03 }],
    ['electrodes the wrong way round', { gain: -1, noise: 0.03 }],
    ['a twentieth of the size', { gain: 0.05, noise: 0.001 }],
    ['wandering by half a millivolt', { wander: 0.5, noise: 0.03 }],
    ['8 % ventricular beats', { ectopic: 0.08, noise: 0.02, wander: 0.2 }],
  ])('%s: sensitivity and precision ≥ 0.99, half of the peaks within 2 ms, 19 of 20 within 5', (_, world) => {
    const result = score({ rate, ...world });
    expect(result.sensitivity).toBeGreaterThanOrEqual(0.99);
    expect(result.precision).toBeGreaterThanOrEqual(0.99);
    expect(result.offset).toBeLessThan(2);
    expect(result.offset95).toBeLessThan(5);
  });

  it.each([
    ['noise of 0.1 mV, mains hum and wandering', { noise: 0.1, mains: 0.1, wander: 0.4 }],
    ['noise of 0.2 mV', { noise: 0.2 }],
    ['noise, and ventricular beats', { noise: 0.08, ectopic: 0.08, wander: 0.3 }],
  ])('%s: ≥ 0.95', (_, world) => {
    const result = score({ rate, ...world });
    expect(result.sensitivity).toBeGreaterThanOrEqual(0.95);
    expect(result.precision).toBeGreaterThanOrEqual(0.95);
  });

  it('knows noise from beats', () => {
    const noise = new QrsDetector(rate);
    const random = mulberry32(7);
    for (let i = 0; i < 60 * rate; i++) noise.push(0.1 * gaussian(random));
    expect(noise.contrast).toBeLessThan(3.4);
    const beats = new QrsDetector(rate);
    for (const value of makeEcg({ seed: 7, rate, seconds: 60, noise: 0.1 }).values) beats.push(value);
    expect(beats.contrast).toBeGreaterThan(6);
  });

  it('finds the beats again after the signal shrank to a sixth, and after an artefact a hundred times as large', () => {
    const { values, peaks } = makeEcg({ seed: 3, rate, seconds: 60, noise: 0.005 });
    const shrunk = values.map((value, i) => (i > 30 * rate ? value / 6 : value));
    for (let i = 20 * rate; i < 20.2 * rate; i++) shrunk[i] = i % 2 === 0 ? 100 : -100;
    const late = (from: number, to: number, list: readonly number[]): number =>
      list.filter((one) => one > from && one < to).length;
    const found = find(shrunk, rate);
    expect(late(27, 30, found)).toBe(late(27, 30, peaks));
    expect(late(37, 59, found)).toBe(late(37, 59, peaks));
  });

  it('goes on after a hole', () => {
    const { values, peaks } = makeEcg({ seed: 5, rate, seconds: 40, noise: 0.01, wander: 0.5 });
    const detector = new QrsDetector(rate);
    const found: number[] = [];
    values.forEach((value, i) => {
      if (i >= 20 * rate && i < 23 * rate) return;
      if (i === 23 * rate) detector.skip(3 * rate);
      for (const { index } of detector.push(value)) found.push(index / rate);
    });
    const after = peaks.filter((peak) => peak > 23.3 && peak < 39);
    const seen = after.filter((peak) => found.some((one) => Math.abs(one - peak) < CLOSE));
    expect(seen).toHaveLength(after.length);
    expect(detector.count).toBe(values.length);
  });
});

describe('R peaks of anything', () => {
  it('finds none in a flat line', () => {
    expect(find(new Float32Array(2600).fill(0.7), 130)).toEqual([]);
  });

  it('never throws, and yields numbers in order, at most five a second', () => {
    const any = fc.array(fc.oneof(fc.float(), fc.double(), fc.float({ min: -1, max: 1, noNaN: true })), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(any, fc.integer({ min: 100, max: 512 }), (values, rate) => {
        const detector = new QrsDetector(rate);
        let previous = -Infinity;
        for (const value of [...values, ...values, ...values]) {
          for (const { index, amplitude } of detector.push(value)) {
            expect(index).toBeGreaterThan(previous);
            expect(Number.isFinite(amplitude)).toBe(true);
            previous = index;
          }
          expect(Number.isFinite(detector.contrast)).toBe(true);
        }
      }),
    );
  });
});
