import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClockFit } from '../../../src/stream/clock-fit.ts';
import { clockWorld, T0, type ClockWorld } from '../../fixtures/signal/clocks.ts';

interface Seen {
  /** Seconds since the start. */
  readonly at: number;
  readonly error: number;
  readonly stated: number;
}

function run(world: ClockWorld, fit = new ClockFit()): { readonly seen: Seen[]; readonly fit: ClockFit } {
  const seen = clockWorld(world).map(({ device, truth, arrival }) => {
    const newest = device.at(-1) ?? NaN;
    fit.observe(newest, arrival);
    const error = fit.hostTime(newest) - (truth.at(-1) ?? NaN);
    return { at: (arrival - T0) / 1000, error, stated: fit.uncertainty ?? NaN };
  });
  return { seen, fit };
}

function worst(seen: readonly Seen[], from: number): number {
  return Math.max(...seen.filter(({ at }) => at >= from).map(({ error }) => Math.abs(error)));
}

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);

describe('clock fit, exponential delays of 30 ms, 1.8 packets a second', () => {
  it.each([
    ['+200 ppm', { ppm: 200 }],
    ['−200 ppm', { ppm: -200 }],
    ['a counter 2 % off', { ppm: 20_000 }],
    ['a counter −2 % off', { ppm: -20_000 }],
  ])('%s: within 5 ms after a minute, 3 ms after two; the drift within 20 ppm', (_, { ppm }) => {
    for (const seed of SEEDS) {
      const { seen, fit } = run({ seed, ppm, seconds: 180 });
      expect(worst(seen, 60), `seed ${seed}`).toBeLessThan(5);
      expect(worst(seen, 120), `seed ${seed}`).toBeLessThan(3);
      expect(Math.abs((fit.driftPpm ?? NaN) - ppm), `seed ${seed}`).toBeLessThan(20);
    }
  });

  it('holds with one packet in five lost, and with the radio held for 2 s every 7 s', () => {
    for (const seed of SEEDS) {
      expect(worst(run({ seed, ppm: 200, seconds: 180, loss: 0.2 }).seen, 60), `seed ${seed}`).toBeLessThan(8);
      const bursts = run({ seed, ppm: 200, seconds: 180, burstEvery: 7000, hold: 2000 });
      expect(worst(bursts.seen, 60), `seed ${seed}`).toBeLessThan(8);
    }
  });

  it('is better with more packets: an IMU at 26 packets a second is within 1 ms after 20 s', () => {
    const { seen } = run({ seed: 3, ppm: -100, rate: 104, perPacket: 4, seconds: 60 });
    expect(worst(seen, 20)).toBeLessThan(2);
    expect(worst(seen, 40)).toBeLessThan(1);
  });

  it('states an uncertainty that holds in 97 of 100 cases, from the second second on', () => {
    const all = SEEDS.flatMap((seed) => run({ seed, ppm: 150, seconds: 120 }).seen).filter(({ at }) => at > 2);
    const held = all.filter(({ error, stated }) => Math.abs(error) <= stated).length;
    expect(held / all.length).toBeGreaterThan(0.97);
    // And it is not just large: 5 ms after a minute.
    expect(Math.max(...all.filter(({ at }) => at > 60).map(({ stated }) => stated))).toBeLessThan(5);
  });
});

describe('clock fit, what happens to clocks', () => {
  /** A packet every 500 ms without delay. `device`: of the packet that arrives `at` ms after T0. */
  function feed(fit: ClockFit, from: number, to: number, device: (at: number) => number): void {
    for (let at = from; at < to; at += 500) fit.observe(device(at), T0 + at);
  }

  it('knows nothing before the first packet, and little after it', () => {
    const fit = new ClockFit();
    expect([fit.anchored, fit.hostTime(5), fit.uncertainty, fit.driftPpm]).toEqual([false, NaN, undefined, undefined]);
    fit.observe(100, T0);
    expect(fit.hostTime(90)).toBe(T0 - 10);
    expect(fit.uncertainty).toBeGreaterThan(100);
    expect(fit.driftPpm).toBeUndefined();
  });

  it('anchors anew when the device was restarted, and keeps its rate', () => {
    const fit = new ClockFit();
    feed(fit, 0, 60_000, (at) => 1e6 + at * 1.0002);
    fit.observe(12, T0 + 60_000);
    expect(fit.hostTime(12)).toBe(T0 + 60_000);
    expect(fit.uncertainty).toBeGreaterThan(100);
    expect(fit.hostTime(12 + 10_002) - fit.hostTime(12)).toBeCloseTo(10_000, 0);
  });

  it('anchors anew at once when the clock jumped ahead, and soon when it stood still', () => {
    const ahead = new ClockFit();
    feed(ahead, 0, 30_000, (at) => at);
    ahead.observe(40_000, T0 + 30_000);
    expect(ahead.hostTime(40_000)).toBe(T0 + 30_000);

    const still = new ClockFit();
    feed(still, 0, 30_000, (at) => at);
    feed(still, 30_000, 45_000, (at) => at - 900);
    expect(still.hostTime(44_500 - 900)).toBeCloseTo(T0 + 44_500, 6);
  });

  it('keeps its line through a link pause whose backlog comes in a burst', () => {
    const fit = new ClockFit();
    feed(fit, 0, 30_000, (at) => at);
    for (let at = 30_000; at < 42_000; at += 500) fit.observe(at, T0 + 42_000 + (at - 30_000) / 50);
    feed(fit, 42_500, 60_000, (at) => at);
    expect(Math.abs(fit.hostTime(35_000) - (T0 + 35_000))).toBeLessThan(1);
    expect(Math.abs(fit.hostTime(59_500) - (T0 + 59_500))).toBeLessThan(1);
  });

  it('is anchored anew within seconds after a pause in which the device lost count', () => {
    const fit = new ClockFit();
    feed(fit, 0, 30_000, (at) => at);
    feed(fit, 50_000, 53_500, (at) => at - 20_000);
    expect(fit.hostTime(33_000)).toBeCloseTo(T0 + 53_000, 6);
  });

  it('anchors anew after minutes of silence', () => {
    const fit = new ClockFit();
    feed(fit, 0, 30_000, (at) => at);
    fit.observe(1_000_000 - 300, T0 + 1_000_000);
    expect(fit.hostTime(1_000_000 - 300)).toBe(T0 + 1_000_000);
  });

  it('never puts a newest sample after its arrival, and never says NaN, for any packets', () => {
    const packet = fc.record({
      device: fc.double({ noNaN: true, min: -1e12, max: 1e12 }),
      step: fc.double({ noNaN: true, min: -2000, max: 5000 }),
      wait: fc.double({ noNaN: true, min: 0, max: 5000 }),
      jump: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1, maxLength: 300 }), (packets) => {
        const fit = new ClockFit();
        let device = 0;
        let arrival = T0;
        for (const { device: anywhere, step, wait, jump } of packets) {
          device = jump && step > 4500 ? anywhere : device + step;
          arrival += wait;
          fit.observe(device, arrival);
          // Device times of 1e12 ms next to Unix times leave 0.1 µs of a double.
          expect(fit.hostTime(device)).toBeLessThanOrEqual(arrival + 1e-3);
          expect(fit.uncertainty).toBeGreaterThan(0);
          expect(fit.driftPpm ?? 0).not.toBeNaN();
        }
      }),
    );
  });
});
