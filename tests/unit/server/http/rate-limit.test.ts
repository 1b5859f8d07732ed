import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimiter, WINDOW } from '../../../../server/http/rate-limit.ts';

describe('the rate limiter', () => {
  it('allows the limit, refuses the next, and allows again when the oldest leaves the window', () => {
    const limiter = createRateLimiter(2);
    expect(limiter.take('a', 1000)).toEqual({ allowed: true, limit: 2, remaining: 1, resetAt: 1000 + WINDOW });
    expect(limiter.take('a', 2000)).toMatchObject({ allowed: true, remaining: 0 });
    expect(limiter.take('a', 3000)).toMatchObject({ allowed: false, remaining: 0, resetAt: 1000 + WINDOW });
    expect(limiter.take('b', 3000)).toMatchObject({ allowed: true });
    expect(limiter.take('a', 1000 + WINDOW)).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('never lets more than the limit through in any 60 s', () => {
    const steps = fc.array(fc.nat(20_000), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), steps, (limit, gaps) => {
        const limiter = createRateLimiter(limit);
        const passed: number[] = [];
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          if (limiter.take('a', now).allowed) passed.push(now);
          const recent = passed.filter((time) => time > now - WINDOW);
          expect(recent.length).toBeLessThanOrEqual(limit);
          // A request is refused only when the window is really full.
          if (passed.at(-1) !== now) expect(recent.length).toBe(limit);
        }
      }),
    );
  });

  it('remembers a bounded number of clients and forgets the one silent longest', () => {
    const limiter = createRateLimiter(1, 3);
    for (const client of ['a', 'b', 'c']) limiter.take(client, 0);
    limiter.take('a', 1);
    limiter.take('d', 2);
    expect(limiter.size).toBe(3);
    expect(limiter.take('a', 3).allowed).toBe(false);
    expect(limiter.take('b', 3).allowed).toBe(true);
    for (let i = 0; i < 1000; i++) limiter.take(`flood ${i}`, 4);
    expect(limiter.size).toBe(3);
  });
});
