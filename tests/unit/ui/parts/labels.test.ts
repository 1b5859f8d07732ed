import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RingBuffer } from '../../../../src/lib/ring-buffer.ts';
import { axisDigits, jointExtent } from '../../../../src/ui/parts/trace/geometry.ts';
import { placeLabels } from '../../../../src/ui/parts/trace/labels.ts';

describe('letters at the heads of lines', () => {
  it('stand where their line ends', () => {
    expect(placeLabels([20, 80, undefined], 12, 100)).toEqual([20, 80, undefined]);
  });

  it('make room for each other, in the order of their lines', () => {
    expect(placeLabels([50, 50, 50], 12, 100)).toEqual([50, 62, 74]);
    expect(placeLabels([99, 98], 12, 100)).toEqual([94, 82]);
    expect(placeLabels([0], 12, 100)).toEqual([6]);
  });

  it('never overlap while there is room for all', () => {
    const heights = fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(heights, (wanted) => {
        const places = placeLabels(wanted, 12, 200).map((place) => place ?? NaN);
        const sorted = [...places].sort((a, b) => a - b);
        sorted.forEach((place, i) => {
          expect(place).toBeGreaterThanOrEqual(6 - 1e-9);
          expect(place).toBeLessThanOrEqual(194 + 1e-9);
          if (i > 0) expect(place - (sorted[i - 1] ?? NaN)).toBeGreaterThanOrEqual(12 - 1e-9);
        });
      }),
    );
  });
});

describe('axes', () => {
  it('say their ends with as many digits as they need', () => {
    expect(axisDigits({ min: 60, max: 85 })).toBe(0);
    expect(axisDigits({ min: -0.5, max: 1.5 })).toBe(1);
    expect(axisDigits({ min: 0.05, max: 0.15 })).toBe(2);
    expect(axisDigits({ min: 1e-9, max: 2e-9 })).toBe(6);
  });

  it('hold all lines together, and are none without a value', () => {
    const ring = (...values: number[]): RingBuffer => {
      const made = new RingBuffer(8);
      values.forEach((value, i) => made.push(1000 + i, value));
      return made;
    };
    expect(jointExtent([ring(1, 5), ring(-2), ring()], 0)).toEqual({ min: -2, max: 5 });
    expect(jointExtent([ring(1), ring()], 5000)).toBeUndefined();
  });
});
