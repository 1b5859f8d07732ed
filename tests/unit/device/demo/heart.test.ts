import { describe, expect, it } from 'vitest';
import { createHeart } from '../../../../src/device/demo/heart.ts';

function run(seed: number, seconds: number) {
  const heart = createHeart(seed);
  return Array.from({ length: seconds }, () => heart.second());
}

describe('scripted heart', () => {
  it('repeats for a seed and differs between seeds', () => {
    expect(run(7, 120)).toEqual(run(7, 120));
    expect(run(7, 120)).not.toEqual(run(8, 120));
  });

  it.each([1, 2, 3, 7920, 99_999])('stays plausible for an hour (seed %i)', (seed) => {
    const seconds = run(seed, 3600);
    const rates = seconds.map((second) => second.rate);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(54);
    expect(Math.max(...rates)).toBeLessThanOrEqual(151);
    // It drifts: rest and effort are far apart.
    expect(Math.max(...rates) - Math.min(...rates)).toBeGreaterThan(20);
    const ticks = seconds.flatMap((second) => second.ticks);
    // Every beat is reported once: the intervals add up to the hour, but for the beat under way.
    const total = ticks.reduce((sum, one) => sum + one, 0) / 1024;
    expect(total).toBeGreaterThan(3598);
    expect(total).toBeLessThanOrEqual(3600);
    expect(Math.max(...seconds.map((second) => second.ticks.length))).toBeLessThanOrEqual(3);
  });

  it('agrees with itself: the rate is that of the intervals', () => {
    const seconds = run(3, 600);
    for (let i = 30; i < 600; i++) {
      const recent = seconds
        .slice(0, i + 1)
        .flatMap((second) => second.ticks)
        .slice(-5);
      const mean = recent.reduce((sum, one) => sum + one, 0) / recent.length;
      expect(seconds[i]?.rate).toBe(Math.round((60 * 1024) / mean));
    }
  });

  it('varies from beat to beat as breathing makes it: RMSSD between 8 and 120 ms', () => {
    const ms = run(3, 600)
      .flatMap((second) => second.ticks)
      .map((tick) => (tick * 1000) / 1024);
    const squares = ms.slice(1).map((value, index) => (value - (ms[index] ?? value)) ** 2);
    const rmssd = Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / squares.length);
    expect(rmssd).toBeGreaterThan(8);
    expect(rmssd).toBeLessThan(120);
  });

  it('counts energy up, and from 0 after a reset', () => {
    const heart = createHeart(1);
    const spent = Array.from({ length: 600 }, () => heart.second().energy);
    expect(spent.every((value, index) => index === 0 || value > (spent[index - 1] ?? 0))).toBe(true);
    expect(spent.at(-1)).toBeGreaterThan(25);
    heart.resetEnergy();
    expect(heart.second().energy).toBeLessThan(1);
  });
});
