import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelay } from '../../../src/lib/backoff.ts';
import { mulberry32 } from '../../../src/lib/random.ts';

describe('backoffDelay', () => {
  it('doubles from half of the base and stops at the cap', () => {
    const at = (attempt: number) => backoffDelay(attempt, { base: 500, cap: 30_000, random: () => 0 });
    expect([1, 2, 3, 4, 7, 8, 5000].map(at)).toEqual([250, 500, 1000, 2000, 15_000, 15_000, 15_000]);
  });

  it('stays within half and the whole of its window for any attempt', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5, max: 1e6 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, luck) => {
          const delay = backoffDelay(attempt, { base: 500, cap: 30_000, random: () => luck });
          expect(delay).toBeGreaterThanOrEqual(250);
          expect(delay).toBeLessThanOrEqual(30_000);
        },
      ),
    );
  });
});

describe('mulberry32', () => {
  it('repeats for a seed and differs between seeds', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, mulberry32(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('is uniform enough in [0, 1)', () => {
    const random = mulberry32(42);
    const bins = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const value = random();
      expect(value >= 0 && value < 1).toBe(true);
      const bin = Math.floor(value * 10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    for (const count of bins) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
