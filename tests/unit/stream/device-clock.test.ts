import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NumericReading } from '../../../src/model/reading.ts';
import { createDeviceClock } from '../../../src/stream/device-clock.ts';

const T0 = 1_700_000_000_000;

function rr(...intervals: number[]): NumericReading {
  const columns = Float64Array.from(intervals);
  return {
    kind: 'numeric',
    attribute: 'rr_interval',
    values: Float32Array.from(intervals),
    timing: { kind: 'intervals', intervals: columns },
  };
}

function rate(bpm: number): NumericReading {
  return { kind: 'numeric', attribute: 'heartrate', values: Float32Array.of(bpm), timing: { kind: 'arrival' } };
}

describe('device clock', () => {
  it('dates what has no timing of its own at arrival', () => {
    expect([...createDeviceClock().date(rate(61), T0 + 0.25).times]).toEqual([T0 + 0.25]);
  });

  it('dates all intervals of a packet backwards from arrival, and passes values on', () => {
    const block = createDeviceClock().date(rr(800, 810, 790), T0);
    expect([...block.times]).toEqual([T0 - 790 - 810, T0 - 790, T0]);
    expect(block).toMatchObject({ kind: 'numeric', attribute: 'rr_interval' });
    expect(block.kind === 'numeric' && [...block.values]).toEqual([800, 810, 790]);
  });

  it('chains beats by their intervals exactly, whatever the arrivals jitter', () => {
    const clock = createDeviceClock();
    const beats = [812.5, 799.8046875, 830.078125, 805.6640625, 791.015625];
    const jitter = [0, 31, 12, 55, 4];
    let beat = T0;
    const times = beats.map((interval, i) => {
      beat += i === 0 ? 0 : interval;
      return clock.date(rr(interval), beat + (jitter[i] ?? 0)).times[0] ?? NaN;
    });
    for (let i = 1; i < times.length; i++) expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBe(beats[i]);
  });

  it('is pulled back when the chain would run ahead of arrival', () => {
    const clock = createDeviceClock();
    clock.date(rr(800), T0 + 90); // this one was late by 90 ms
    expect([...clock.date(rr(800), T0 + 800).times]).toEqual([T0 + 800]);
  });

  it('starts a new chain after a gap, and after a new connection', () => {
    const clock = createDeviceClock();
    clock.date(rr(800), T0);
    expect([...clock.date(rr(800), T0 + 10_000).times]).toEqual([T0 + 10_000]);
    clock.reset();
    expect([...clock.date(rr(800), T0 + 11_000).times]).toEqual([T0 + 11_000]);
  });

  it('keeps attributes apart and dates structured values', () => {
    const clock = createDeviceClock();
    clock.date(rr(800), T0);
    const battery = {
      kind: 'structured',
      attribute: 'battery',
      payloads: [{ level: 80 }],
      timing: { kind: 'arrival' },
    };
    expect(clock.date(battery as Parameters<typeof clock.date>[0], T0 + 1)).toEqual({
      kind: 'structured',
      attribute: 'battery',
      times: Float64Array.of(T0 + 1),
      payloads: [{ level: 80 }],
    });
  });

  it('never dates later than arrival and never backwards, for any packets in order of arrival', () => {
    const packet = fc.record({
      wait: fc.double({ min: 0, max: 6000, noNaN: true }),
      intervals: fc.array(fc.double({ min: 1, max: 3000, noNaN: true }), { maxLength: 9 }),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 40 }), (packets) => {
        const clock = createDeviceClock();
        let arrival = T0;
        let previous = -Infinity;
        for (const { wait, intervals } of packets) {
          arrival += wait;
          for (const time of clock.date(rr(...intervals), arrival).times) {
            expect(time).toBeLessThanOrEqual(arrival);
            expect(time).toBeGreaterThanOrEqual(previous);
            previous = time;
          }
        }
      }),
    );
  });
});
