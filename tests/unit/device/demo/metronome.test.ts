/** One timer for all a device does: dated by when things were due, made up within a bound, silent when stopped. */
import { describe, expect, it } from 'vitest';
import { createMetronome, type Beat } from '../../../../src/device/demo/metronome.ts';
import { manualTime } from '../support/time.ts';

function setUp() {
  const time = manualTime();
  let shift = 0;
  let turns = 0;
  const timers = {
    after: (ms: number, task: () => void) =>
      time.timers.after(ms, () => {
        turns += 1;
        task();
      }),
  };
  const metronome = createMetronome(() => time.now() + shift, timers);
  return { time, metronome, turns: () => turns, setClock: (by: number) => (shift += by) };
}

describe('a metronome', () => {
  it('beats at its period, dated by when it was due, with at most twenty turns a second', async () => {
    const { time, metronome, turns } = setUp();
    const start = time.now();
    const beats: Beat[] = [];
    metronome.every({ period: () => 5 }, (beat) => beats.push(beat), new AbortController().signal);
    await time.advance(10_000);
    // What fell due since the last turn comes with the next.
    expect(beats.length).toBeGreaterThanOrEqual(1990);
    expect(beats.length).toBeLessThanOrEqual(2000);
    beats.forEach(({ at, arrival }, i) => {
      expect(arrival).toBeCloseTo(start + 5 * (i + 1), 3);
      expect(at).toBeCloseTo(0.005 * (i + 1), 6);
    });
    expect(turns()).toBeLessThanOrEqual(201);
  });

  it('keeps the order of what falls due, and asks for each period anew', async () => {
    const { time, metronome } = setUp();
    const { signal } = new AbortController();
    const all: (Beat & { readonly name: string })[] = [];
    let slow = 100;
    metronome.every({ period: () => slow, first: 10 }, (beat) => all.push({ ...beat, name: 'a' }), signal);
    metronome.every({ period: () => 40 }, (beat) => all.push({ ...beat, name: 'b' }), signal);
    await time.advance(1000);
    const count = (name: string): number => all.filter((one) => one.name === name).length;
    expect([count('a'), count('b')]).toEqual([10, 24]);
    expect(all.map(({ arrival }) => arrival)).toEqual(all.map(({ arrival }) => arrival).sort((x, y) => x - y));
    slow = 20;
    await time.advance(1000);
    expect(count('a')).toBeGreaterThan(50);
    expect(count('b')).toBeGreaterThanOrEqual(48);
  });

  it('makes up what a late timer missed, but not a night', async () => {
    for (const [sleep, expected] of [
      [60_000, 61],
      [8 * 3_600_000, 2],
    ] as const) {
      const { time, metronome, setClock } = setUp();
      const beats: Beat[] = [];
      metronome.every({ period: () => 1000 }, (beat) => beats.push(beat), new AbortController().signal);
      setClock(sleep);
      await time.advance(1000);
      expect(Math.abs(beats.length - expected)).toBeLessThanOrEqual(1);
      const [first, last] = [beats[0], beats.at(-1)];
      expect(first?.at).toBe(1);
      // What was made up lies before now, and nothing lies after it.
      expect(last?.arrival).toBeLessThanOrEqual(time.now() + sleep);
      expect(last?.arrival).toBeGreaterThan(time.now() + sleep - 1001);
    }
  });

  it('beats on when the clock is set back', async () => {
    const { time, metronome, setClock } = setUp();
    const beats: Beat[] = [];
    metronome.every({ period: () => 1000 }, (beat) => beats.push(beat), new AbortController().signal);
    await time.advance(3000);
    setClock(-3_600_000);
    await time.advance(5000);
    expect(beats.length).toBeGreaterThanOrEqual(7);
    expect(beats.map(({ at }) => at)).toEqual(beats.map((_, i) => i + 1));
  });

  it('is silent after the end, leaves no timer, and goes on where it was', async () => {
    const { time, metronome } = setUp();
    const first = new AbortController();
    const beats: Beat[] = [];
    metronome.every({ period: () => 100 }, (beat) => beats.push(beat), first.signal);
    await time.advance(1000);
    first.abort();
    await time.advance(60_000);
    expect(beats).toHaveLength(10);
    expect(time.pending()).toBe(0);
    metronome.once(100, (beat) => beats.push(beat), new AbortController().signal);
    await time.advance(1000);
    expect(beats).toHaveLength(11);
    expect(beats.at(-1)?.at).toBeCloseTo(1.1, 6);
    expect(time.pending()).toBe(0);
    metronome.every({ period: () => 1 }, () => expect.unreachable(), AbortSignal.abort());
    expect(time.pending()).toBe(0);
  });
});
