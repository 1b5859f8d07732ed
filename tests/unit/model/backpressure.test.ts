import { describe, expect, it } from 'vitest';
import { backpressureFor, DEFAULT_BACKPRESSURE, type AttentionLevel } from '../../../src/model/backpressure.ts';

const LOADS = ['normal', 'elevated', 'high', 'critical'] as const;

/** Windows in ms by load, as the platform computes them: plain, then while it protects its memory. */
const TABLE: readonly [AttentionLevel, number, readonly number[], readonly number[]][] = [
  ['high', 1, [100, 150, 300, 500], [500, 750, 1500, 2500]],
  ['medium', 5, [500, 750, 1500, 2500], [2500, 3750, 7500, 12500]],
  ['low', 10, [2000, 3000, 6000, 10000], [10000, 15000, 30000, 50000]],
  ['none', 20, [5000, 7500, 15000, 25000], [25000, 37500, 75000, 125000]],
];

describe('backpressureFor', () => {
  it.each(TABLE)('%s', (attention, size, plain, protecting) => {
    const windows = (memory: boolean): number[] =>
      LOADS.map((load) => backpressureFor(attention, load, memory, 0).batchWindow);
    expect(windows(false)).toEqual(plain);
    expect(windows(true)).toEqual(protecting);
    expect(LOADS.map((load) => backpressureFor(attention, load, true, 0).batchSize)).toEqual([size, size, size, size]);
  });

  it('pauses only what nobody looks at, and only under critical load or memory protection', () => {
    for (const [attention] of TABLE) {
      const unwatched = attention === 'low' || attention === 'none';
      for (const load of LOADS) {
        expect(backpressureFor(attention, load, true, 0).paused).toBe(unwatched);
        expect(backpressureFor(attention, load, false, 0).paused).toBe(unwatched && load === 'critical');
      }
    }
  });

  it('tells multiplier and time', () => {
    expect(LOADS.map((load) => backpressureFor('high', load, true, 5).loadMultiplier)).toEqual([5, 7.5, 15, 25]);
    expect(backpressureFor('high', 'normal', false, 1_795_428_484_382).timestamp).toBe(1_795_428_484_382);
  });

  it('starts as none under normal load', () => {
    expect(DEFAULT_BACKPRESSURE).toEqual(backpressureFor('none', 'normal', false, 0));
  });
});
