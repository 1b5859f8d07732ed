/** The other timings: device clocks, times of this machine, calendars. Intervals are in device-clock.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NumericReading, Timing } from '../../../src/model/reading.ts';
import { createDeviceClock } from '../../../src/stream/device-clock.ts';
import { clockWorld, T0, type ClockWorld } from '../../fixtures/signal/clocks.ts';

const YEAR = 365.25 * 86_400_000;

function reading(timing: Timing, count: number, attribute = 'ecg'): NumericReading {
  return { kind: 'numeric', attribute, values: new Float32Array(count), timing };
}

function byDevice(times: readonly number[] | Float64Array, attribute = 'ecg', clock = 'pmd'): NumericReading {
  return reading({ kind: 'device', clock, times: Float64Array.from(times) }, times.length, attribute);
}

describe('device clock, samples that the device dates', () => {
  /** Errors of all samples that arrived later than `from` seconds after the start, ms. */
  function errors(world: ClockWorld, from: number): number[] {
    const clock = createDeviceClock();
    return clockWorld(world).flatMap(({ device, truth, arrival }) => {
      const { times } = clock.date(byDevice(device), arrival);
      return arrival < T0 + from * 1000 ? [] : [...times].map((time, i) => Math.abs(time - (truth[i] ?? NaN)));
    });
  }

  it.each([200, -200])('places every sample within 5 ms after a minute, at %i ppm and 30 ms of jitter', (ppm) => {
    for (let seed = 1; seed <= 8; seed++) expect(Math.max(...errors({ seed, ppm, seconds: 150 }, 60))).toBeLessThan(5);
  });

  it('places the samples of a backlog where they belong, not where they arrived', () => {
    const late = errors({ seed: 5, ppm: 60, seconds: 150, burstEvery: 20_000, hold: 4000 }, 60);
    expect(Math.max(...late)).toBeLessThan(8);
  });

  it('shares a clock between attributes that name the same, and keeps others apart', () => {
    const clock = createDeviceClock();
    clock.date(byDevice([1000], 'ecg', 'a'), T0 + 80);
    clock.date(byDevice([1010], 'accelerometer', 'a'), T0 + 10);
    expect([...clock.date(byDevice([1200, 1300], 'ecg', 'a'), T0 + 400).times]).toEqual([T0 + 200, T0 + 300]);
    expect([...clock.date(byDevice([1200], 'ppg', 'b'), T0 + 300).times]).toEqual([T0 + 300]);
    expect(clock.report().map((one) => one.clock)).toEqual(['a', 'b']);
  });

  it('goes on at half pace when an early packet pulls the clock back: in order, none doubled', () => {
    const clock = createDeviceClock();
    clock.date(byDevice([0, 10, 20, 30]), T0 + 130);
    const { times } = clock.date(byDevice([40, 50, 60, 70]), T0 + 150);
    expect([...times]).toEqual([T0 + 135, T0 + 140, T0 + 145, T0 + 150]);
    const next = clock.date(byDevice([180]), T0 + 400);
    expect([...next.times]).toEqual([T0 + 260]);
  });

  it('reports uncertainty and drift', () => {
    const clock = createDeviceClock();
    for (const { device, arrival } of clockWorld({ seed: 2, ppm: 80, seconds: 120 })) {
      clock.date(byDevice(device), arrival);
    }
    const [report] = clock.report();
    expect(report?.clock).toBe('pmd');
    expect(report?.uncertainty).toBeLessThan(5);
    expect(Math.abs((report?.driftPpm ?? NaN) - 80)).toBeLessThan(25);
    clock.reset();
    expect(clock.report()).toEqual([]);
  });

  it('passes fields on and dates each sample once', () => {
    const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7);
    const timing: Timing = { kind: 'device', clock: 'c', times: Float64Array.of(5, 15) };
    const fields = ['x', 'y', 'z'];
    const block = createDeviceClock().date({ kind: 'numeric', attribute: 'accelerometer', values, fields, timing }, T0);
    expect([...block.times]).toEqual([T0 - 10, T0]);
    expect(block).toMatchObject({ fields });
    expect(block.kind === 'numeric' && block.values.length).toBe(6);
  });

  it('dates at arrival what has no number, and counts it', () => {
    const clock = createDeviceClock();
    expect([...clock.date(byDevice([NaN, Infinity]), T0).times]).toEqual([T0, T0]);
    expect(clock.refused).toBe(2);
    // Fewer times than samples.
    const short = reading({ kind: 'device', clock: 'pmd', times: Float64Array.of(7) }, 2);
    expect([...clock.date(short, T0 + 5).times]).toEqual([T0 + 5, T0 + 5]);
    expect(clock.refused).toBe(3);
  });

  it('never dates later than arrival and never backwards, for any packets in order of arrival', () => {
    const packet = fc.record({
      wait: fc.double({ min: 0, max: 20_000, noNaN: true }),
      jump: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.double({ noNaN: true }) }),
      steps: fc.array(fc.double({ min: -50, max: 3000 }), { maxLength: 9 }),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 60 }), (packets) => {
        const clock = createDeviceClock();
        let device = 0;
        let arrival = T0;
        let previous = -Infinity;
        for (const { wait, jump, steps } of packets) {
          arrival += wait;
          device += jump;
          const times = steps.map((step) => (Number.isNaN(step) ? NaN : (device += step)));
          for (const time of clock.date(byDevice(times), arrival).times) {
            expect(time).toBeLessThanOrEqual(arrival);
            expect(time).toBeGreaterThanOrEqual(previous);
            previous = time;
          }
        }
      }),
    );
  });
});

describe('device clock, times of this machine and calendars', () => {
  const dated = (kind: 'host' | 'calendar', times: readonly number[]): number[] => [
    ...createDeviceClock().date(reading({ kind, times: Float64Array.from(times) }, times.length), T0).times,
  ];

  it('takes times of this machine as given, but not later than arrival', () => {
    expect(dated('host', [T0 - 5, T0 - 90_000, T0 + 3, NaN])).toEqual([T0 - 5, T0 - 90_000, T0, T0]);
  });

  it('believes a calendar of the last ten years, and no date to come', () => {
    const nine = T0 - 9 * YEAR;
    expect(dated('calendar', [nine, T0 - 1, T0 + 60_000, T0 + YEAR])).toEqual([nine, T0 - 1, T0, T0]);
    expect(dated('calendar', [0, 946_684_800_000, T0 - 11 * YEAR, -1, NaN])).toEqual([T0, T0, T0, T0, T0]);
  });

  it('counts dates that cannot be true', () => {
    const clock = createDeviceClock();
    clock.date(reading({ kind: 'calendar', times: Float64Array.of(0, T0) }, 2), T0);
    expect(clock.refused).toBe(1);
  });
});

describe('device clock, beats of lost packets', () => {
  it('finds its way back when the chain stays behind: one lost beat does not put all later ones late', () => {
    const clock = createDeviceClock();
    let time = NaN;
    for (let beat = 0; beat < 40; beat++) {
      if (beat === 5) continue;
      const timing: Timing = { kind: 'intervals', intervals: Float64Array.of(800) };
      time = clock.date(reading(timing, 1, 'rr_interval'), T0 + beat * 800 + 20).times[0] ?? NaN;
    }
    expect(T0 + 39 * 800 + 20 - time).toBeLessThan(1);
  });
});
