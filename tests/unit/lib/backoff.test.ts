import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelay } from '../../../src/lib/backoff.ts';

describe('backoffDelay', () => {
  it('doubles up to the cap', () => {
    const delays = [1, 2, 3, 4, 5].map((attempt) => backoffDelay(attempt, { base: 500, cap: 3000, random: () => 0 }));
    expect(delays).toEqual([250, 500, 1000, 1500, 1500]);
  });

  it('is never at once, never beyond the cap, for any attempt', () => {
    const attempt = fc.oneof(fc.integer({ min: -5, max: 20 }), fc.constantFrom(1024, 1e9, Number.MAX_SAFE_INTEGER));
    const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(
        attempt,
        fc.integer({ min: 1, max: 9999 }),
        fc.integer({ min: 1, max: 99_999 }),
        share,
        (n, base, cap, r) => {
          const delay = backoffDelay(n, { base, cap, random: () => r });
          return delay >= Math.min(base, cap) / 2 && delay <= cap;
        },
      ),
    );
  });
});
