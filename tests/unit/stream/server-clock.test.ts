import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createServerClock } from '../../../src/stream/server-clock.ts';
import { mulberry32 } from '../../../src/lib/random.ts';

const T0 = 1_700_000_000_000;

describe('server clock', () => {
  it('is unknown without a time of the server, however many pings are answered', () => {
    const clock = createServerClock();
    expect(clock.offset(T0)).toEqual({ known: false });
    for (let i = 0; i < 100; i++) clock.roundTrip(T0 + i * 1000, T0 + i * 1000 + 20 + (i % 7));
    expect(clock.offset(T0 + 100_000)).toEqual({ known: false });
    expect(clock.roundTripTime(T0 + 100_000)).toBe(20);
  });

  it('is unknown with a stamped message but nothing that says how long messages take', () => {
    const clock = createServerClock();
    clock.heard(T0 + 500, T0);
    expect(clock.offset(T0)).toEqual({ known: false });
  });

  it('places a stamp between question and answer', () => {
    const clock = createServerClock();
    clock.heard(T0 + 5020, T0 + 40, T0);
    // 4980 … 5021 (the stamp is cut off to whole ms)
    expect(clock.offset(T0 + 40)).toEqual({ known: true, offset: 5000.5, uncertainty: 20.5, assumed: false });
  });

  it('takes the width from the fastest ping for messages that come by themselves, and says so', () => {
    const clock = createServerClock();
    clock.roundTrip(T0, T0 + 80);
    clock.roundTrip(T0 + 100, T0 + 130);
    clock.heard(T0 - 2000 + 200, T0 + 215);
    expect(clock.offset(T0 + 215)).toEqual({ known: true, offset: -1999.5, uncertainty: 15.5, assumed: true });
  });

  it('trusts the fastest: slow answers widen nothing', () => {
    const clock = createServerClock();
    clock.heard(T0 + 5010, T0 + 20, T0);
    clock.heard(T0 + 8900, T0 + 4000, T0 + 1000);
    const offset = clock.offset(T0 + 4000);
    expect(offset.known && offset.uncertainty).toBeLessThan(12);
  });

  it('grows less certain with time and forgets after ten minutes', () => {
    const clock = createServerClock();
    clock.heard(T0 + 10, T0 + 20, T0);
    const early = clock.offset(T0 + 20);
    const late = clock.offset(T0 + 300_000);
    expect(early.known && late.known && late.uncertainty - early.uncertainty).toBeGreaterThan(29);
    expect(clock.offset(T0 + 601_000)).toEqual({ known: false });
  });

  it('follows a clock that was set, and forgets on reset', () => {
    const clock = createServerClock();
    clock.heard(T0 + 10, T0 + 20, T0);
    clock.heard(T0 + 61_010, T0 + 1020, T0 + 1000);
    const set = clock.offset(T0 + 1020);
    expect(set.known && Math.abs(set.offset - 60_000)).toBeLessThanOrEqual(1);
    clock.reset();
    expect(clock.offset(T0 + 1020)).toEqual({ known: false });
  });

  it('counts times that cannot be', () => {
    const clock = createServerClock();
    clock.roundTrip(T0, T0 - 1);
    clock.roundTrip(NaN, T0);
    clock.heard(0, T0);
    clock.heard(Infinity, T0);
    clock.heard(T0, T0, T0 + 5);
    expect(clock.refused).toBe(5);
    expect(clock.offset(T0)).toEqual({ known: false });
  });

  it('has the truth within its uncertainty, for any delays and offset', () => {
    const world = fc.record({
      seed: fc.integer(),
      offset: fc.integer({ min: -1e8, max: 1e8 }),
      mean: fc.double({ min: 0.1, max: 500, noNaN: true }),
    });
    fc.assert(
      fc.property(world, ({ seed, offset, mean }) => {
        const random = mulberry32(seed);
        const delay = (): number => -mean * Math.log(1 - random());
        const clock = createServerClock();
        let now = T0;
        for (let i = 0; i < 50; i++) {
          const sent = now;
          const stamped = sent + delay();
          now = stamped + delay();
          clock.heard(Math.floor(stamped + offset), now, sent);
          const known = clock.offset(now);
          expect(known.known && Math.abs(known.offset - offset) <= known.uncertainty + 1e-3).toBe(true);
          now += 1000;
        }
      }),
    );
  });
});
