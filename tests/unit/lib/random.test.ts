import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../src/lib/random.ts';

const take = (random: () => number, count: number): number[] => Array.from({ length: count }, random);

describe('mulberry32', () => {
  it('repeats itself by its seed, and differs between seeds', () => {
    expect(take(mulberry32(7), 50)).toEqual(take(mulberry32(7), 50));
    expect(take(mulberry32(7), 5)).not.toEqual(take(mulberry32(8), 5));
    expect(take(mulberry32(-1), 5)).toEqual(take(mulberry32(0xffffffff), 5));
  });

  it('gives the published first numbers for seed 0', () => {
    // uint32 outputs of the reference C code for seed 0.
    expect(take(mulberry32(0), 3).map((one) => one * 2 ** 32)).toEqual([1144304738, 1416247, 958946056]);
  });

  it('is uniform enough to shape a signal', () => {
    const numbers = take(mulberry32(1), 20_000);
    expect(numbers.every((one) => one >= 0 && one < 1)).toBe(true);
    expect(numbers.reduce((sum, one) => sum + one, 0) / numbers.length).toBeCloseTo(0.5, 2);
    const bins = new Array<number>(10).fill(0);
    for (const one of numbers) bins[Math.floor(one * 10)] = (bins[Math.floor(one * 10)] ?? 0) + 1;
    for (const bin of bins) expect(Math.abs(bin - 2000)).toBeLessThan(200);
  });
});
