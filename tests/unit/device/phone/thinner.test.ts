import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Thinner } from '../../../../src/device/phone/thinner.ts';

/** Samples of value i, `step` ms apart. */
function feed(thinner: Thinner, count: number, step: number, from = 0) {
  return Array.from({ length: count }, (_, i) => thinner.push({ time: from + i * step, values: [i] })).flat();
}

describe('thinning', () => {
  it('passes everything that is not faster than wanted', () => {
    expect(feed(new Thinner(50, true), 10, 1000 / 60)).toHaveLength(10);
    expect(feed(new Thinner(50, true), 10, 100)).toHaveLength(10);
  });

  it('averages values and times of a group', () => {
    const out = feed(new Thinner(10, true), 13, 20);
    // The first has no interval yet and stands alone; then groups of five.
    expect(out).toEqual([
      { time: 0, values: [0] },
      { time: 60, values: [3] },
      { time: 160, values: [8] },
    ]);
  });

  it('passes the last of a group where there is no average', () => {
    expect(feed(new Thinner(10, false), 11, 20).map(({ values }) => values[0])).toEqual([0, 5, 10]);
  });

  it('does not average across a break, and loses nothing before it', () => {
    const thinner = new Thinner(10, true);
    feed(thinner, 9, 20);
    const [first, ...rest] = thinner.push({ time: 5000, values: [100] });
    expect(first).toEqual({ time: 140, values: [7] });
    expect(rest).toEqual([]);
  });

  it('follows another rate', () => {
    const thinner = new Thinner(5, true);
    feed(thinner, 100, 10);
    thinner.setRate(100);
    expect(feed(thinner, 10, 10, 1000)).toHaveLength(10);
  });

  it('yields what lies between the numbers that came, in order, for any times', () => {
    const sample = fc.record({
      step: fc.double({ min: 0, max: 3000, noNaN: true }),
      value: fc.integer({ min: -50, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 80 }), fc.integer({ min: 1, max: 100 }), (samples, rate) => {
        const thinner = new Thinner(rate, true);
        let time = 0;
        const out = samples.flatMap(({ step, value }) => thinner.push({ time: (time += step), values: [value] }));
        for (const { time: at, values } of out) {
          expect(at).toBeLessThanOrEqual(time);
          expect(Math.abs(values[0] ?? NaN)).toBeLessThanOrEqual(50);
        }
        expect(out.every((one, i) => i === 0 || one.time >= (out[i - 1]?.time ?? 0))).toBe(true);
      }),
    );
  });
});
