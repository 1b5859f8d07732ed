import { describe, expect, it } from 'vitest';
import { VideoPace } from '../../../src/pose/video-pace.ts';

/** Whether it starves at any of these gaps, ms. */
function starves(gaps: readonly number[], wanted: number): boolean {
  const pace = new VideoPace();
  let now = 1000;
  return [0, ...gaps].map((gap) => pace.show((now += gap), wanted)).some(Boolean);
}

const times = (count: number, ...gaps: readonly number[]): number[] => Array.from({ length: count }, () => gaps).flat();

/** As Chromium was seen to do behind another tab. */
const BURSTS = times(5, 1016, 72, 62);

describe('the pace of a video', () => {
  it.each([30, 15, 5])('starves in bursts and at one picture a second, with %i wanted', (wanted) => {
    expect(starves(BURSTS, wanted)).toBe(true);
    expect(starves(times(6, 1000), wanted)).toBe(true);
  });

  it('is a camera’s, also in the dark, or with a page that is busy for a moment', () => {
    expect(starves(times(300, 33), 30)).toBe(false);
    expect(starves(times(100, 70), 30)).toBe(false);
    expect(starves(times(60, 100), 15)).toBe(false);
    expect(starves([...times(40, 33), 900, ...times(60, 33)], 30)).toBe(false);
  });

  it('does not matter while none are wanted, nor over a sleep', () => {
    expect(starves(BURSTS, 0)).toBe(false);
    expect(starves([...times(90, 33), 3_600_000, ...times(90, 33)], 30)).toBe(false);
  });

  it('is noticed within four seconds', () => {
    expect(starves([...times(30, 33), ...times(4, 1016, 72, 62)], 30)).toBe(true);
  });
});

describe('a video that stands still', () => {
  it('is noticed by asking, once it has shown a picture and while some are wanted', () => {
    const pace = new VideoPace();
    for (let now = 0; now <= 10_000; now += 1000) expect(pace.standsStill(now, 30)).toBe(false);
    pace.show(10_000, 30);
    expect([11_000, 12_000].map((now) => pace.standsStill(now, 30))).toEqual([false, false]);
    expect(pace.standsStill(12_500, 0)).toBe(false);
    expect(pace.standsStill(12_600, 30)).toBe(true);
  });

  it('is given time after a sleep', () => {
    const pace = new VideoPace();
    pace.show(0, 30);
    pace.standsStill(500, 30);
    const asked = Array.from({ length: 4 }, (_, i) => pace.standsStill(3_600_000 + 900 * i, 30));
    expect(asked).toEqual([false, false, false, true]);
  });
});
