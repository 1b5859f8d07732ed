import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coolAt, heatAfter, type HeatState } from '../../../src/pose/heat.ts';
import { poseRate, type RateFacts } from '../../../src/pose/rate.ts';

const FACTS: RateFacts = {
  attention: 'high',
  loadMultiplier: 1,
  paused: false,
  previewed: false,
  blind: false,
  battery: undefined,
  saveData: false,
  heat: undefined,
};

describe('frames a second', () => {
  it.each<[Partial<RateFacts>, number, string | undefined]>([
    [{}, 30, undefined],
    [{ attention: 'medium' }, 15, 'attention'],
    [{ attention: 'low' }, 5, 'attention'],
    [{ attention: 'none' }, 2, 'attention'],
    [{ loadMultiplier: 1.5 }, 20, 'load'],
    [{ attention: 'medium', loadMultiplier: 3 }, 5, 'load'],
    [{ attention: 'none', loadMultiplier: 5 }, 2, 'attention'],
    [{ loadMultiplier: 100 }, 2, 'load'],
    [{ loadMultiplier: 0.5 }, 30, undefined],
    [{ loadMultiplier: NaN }, 30, undefined],
    [{ loadMultiplier: Infinity }, 30, undefined],
    [{ paused: true }, 0, 'paused'],
    [{ paused: true, previewed: true, blind: true }, 0, 'paused'],
    [{ blind: true }, 0, 'hidden'],
    [{ attention: 'none', previewed: true }, 15, 'attention'],
    [{ attention: 'medium', loadMultiplier: 3, previewed: true }, 15, 'attention'],
    [{ previewed: true }, 30, undefined],
    [{ battery: { level: 0.2, charging: false } }, 10, 'battery'],
    [{ battery: { level: 0.2, charging: true } }, 30, undefined],
    [{ battery: { level: 0.21, charging: false } }, 30, undefined],
    [{ attention: 'low', battery: { level: 0.1, charging: false } }, 5, 'attention'],
    [{ attention: 'none', previewed: true, battery: { level: 0.1, charging: false } }, 10, 'battery'],
    [{ saveData: true }, 10, 'saver'],
    [{ heat: 12 }, 12, 'heat'],
    [{ heat: 12, saveData: true }, 10, 'saver'],
    [{ heat: 0 }, 2, 'heat'],
  ])('%o: %d, held down by %s', (facts, fps, cap) => {
    expect(poseRate({ ...FACTS, ...facts })).toEqual({ fps, cap });
  });

  it('are none or 2 to 30, and below 30 there is a reason', () => {
    const facts = fc.record({
      attention: fc.constantFrom('high', 'medium', 'low', 'none'),
      loadMultiplier: fc.double(),
      paused: fc.boolean(),
      previewed: fc.boolean(),
      blind: fc.boolean(),
      battery: fc.option(fc.record({ level: fc.double(), charging: fc.boolean() }), { nil: undefined }),
      saveData: fc.boolean(),
      heat: fc.option(fc.double({ min: 0, max: 60, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(facts as fc.Arbitrary<RateFacts>, (all) => {
        const { fps, cap } = poseRate(all);
        expect(fps === 0 || (fps >= 2 && fps <= 30)).toBe(true);
        expect(cap === undefined).toBe(fps === 30);
      }),
    );
  });
});

/** Reports four times a second for a while. */
function after(state: HeatState, from: number, seconds: number, work: number, reached: number, wanted = 30): HeatState {
  let felt = state;
  for (let i = 0; i < seconds * 4; i += 1) felt = heatAfter(felt, { now: from + i * 250, wanted, reached, work });
  return felt;
}

describe('heat', () => {
  const warm = after(coolAt(0), 0, 61, 10, 30);

  it('is not felt in the first minute, nor when only the work or only the rate changes', () => {
    expect(after(coolAt(0), 0, 59, 40, 5).cap).toBeUndefined();
    expect(after(warm, 61_000, 60, 20, 30).cap).toBeUndefined();
    expect(after(warm, 61_000, 60, 11, 10).cap).toBeUndefined();
  });

  it('holds the rate to two thirds of what is reached, after ten seconds of it', () => {
    expect(after(warm, 61_000, 10, 20, 18).cap).toBeUndefined();
    expect(after(warm, 61_000, 11, 20, 18).cap).toBe(12);
  });

  it('that comes and goes within ten seconds does not count', () => {
    let state = warm;
    for (let i = 0; i < 20; i += 1) {
      state = after(state, 61_000 + i * 9000, 8, 20, 18);
      state = after(state, 61_000 + i * 9000 + 8000, 1, 10, 30);
    }
    expect(state.cap).toBeUndefined();
  });

  it('that goes on holds it further, and gives it back slowly', () => {
    const held = after(after(warm, 61_000, 11, 20, 18), 72_000, 11, 20, 6, 12);
    expect(held.cap).toBeCloseTo(4);
    const calm = after(held, 83_000, 31, 12, 4, 4);
    expect(calm.cap).toBeCloseTo(4.6);
    expect(after(held, 83_000, 600, 12, 30, 30).cap).toBeUndefined();
  });

  it('is never below 2, and no number breaks it', () => {
    expect(after(warm, 61_000, 12, 500, 0).cap).toBe(2);
    const sight = fc.record({ now: fc.double(), wanted: fc.double(), reached: fc.double(), work: fc.double() });
    fc.assert(
      fc.property(fc.array(sight), (sights) => {
        const { cap } = sights.reduce(heatAfter, warm);
        expect(cap === undefined || (cap >= 2 && cap <= 30)).toBe(true);
      }),
    );
  });
});
