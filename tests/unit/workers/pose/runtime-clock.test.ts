import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RuntimeClock } from '../../../../workers/pose/runtime-clock.ts';

const START = 1_700_000_000_000;

describe('times for the landmarker', () => {
  it('rise by at least a millisecond, whatever the times of the pictures do', () => {
    const step = fc.record({
      time: fc.oneof(fc.double({ min: START, max: START + 1e6 }), fc.constantFrom(START, NaN, Infinity, -Infinity, 0)),
      smoothing: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const clock = new RuntimeClock();
        let last = 0;
        for (const { time, smoothing } of steps) {
          const next = clock.next(time, smoothing);
          expect(next).toBeGreaterThanOrEqual(last + 1);
          expect(Number.isFinite(next)).toBe(true);
          last = next;
        }
      }),
    );
  });

  it('pass as the pictures came while it smooths, 1 ms for a picture that is no later', () => {
    const clock = new RuntimeClock();
    const first = clock.next(START, true);
    const rest = [START + 33.5, START + 33.5, START, START + 40].map((time) => clock.next(time, true) - first);
    expect(rest).toEqual([33.5, 34.5, 35.5, 75.5]);
  });

  it('lie hours apart while it does not: the filter forgets', () => {
    const clock = new RuntimeClock();
    const times = [0, 33, 66].map((after) => clock.next(START + after, false));
    const [a = NaN, b = NaN, c = NaN] = times;
    // Weight of the old value with the slowest filter there is, 0.05 Hz.
    const tau = 1000 / (2 * Math.PI * 0.05);
    for (const gap of [b - a, c - b]) expect(1 - 1 / (1 + tau / gap)).toBeLessThan(0.0004);
  });

  it('forget when smoothing is switched on: the first smoothed picture follows the last as it came', () => {
    const clock = new RuntimeClock();
    const last = clock.next(START, false);
    expect(clock.next(START + 33, true)).toBe(last + 33);
  });

  it('end before the filter’s own count of nanoseconds does, after hours', () => {
    const clock = new RuntimeClock();
    let pictures = 0;
    let last = 0;
    while (!clock.ended) {
      last = clock.next(START + pictures * 33, false);
      pictures += 1;
    }
    expect(pictures / 30 / 3600).toBeGreaterThan(8);
    expect(last * 1e6).toBeLessThan(2 ** 63);
    // Whole microseconds are still told apart.
    expect(Number.isSafeInteger(last * 1000)).toBe(true);
  });
});
