import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paceFor } from '../../../../src/device/phone/pace.ts';
import type { AttentionLevel } from '../../../../src/model/backpressure.ts';

describe('how often fast sensors are read', () => {
  it.each<[AttentionLevel, number]>([
    ['high', 50],
    ['medium', 25],
    ['low', 10],
    ['none', 5],
  ])('attention %s: %d a second', (attention, hz) => {
    expect(paceFor({ attention, loadMultiplier: 1 })).toBe(hz);
  });

  it('less under load, while paused and with a low battery, and all there is where a person wants it', () => {
    expect(paceFor({ attention: 'high', loadMultiplier: 3 })).toBeCloseTo(16.7, 1);
    expect(paceFor({ attention: 'high', loadMultiplier: 1, paused: true })).toBe(5);
    expect(paceFor({ attention: 'high', loadMultiplier: 1, sparing: true })).toBe(10);
    expect(paceFor({ attention: 'none', loadMultiplier: 25, paused: true, sparing: true, fullRate: true })).toBe(50);
  });

  it('is never nothing, never more than 50', () => {
    const attention = fc.constantFrom<AttentionLevel>('high', 'medium', 'low', 'none');
    fc.assert(
      fc.property(attention, fc.double(), fc.boolean(), fc.boolean(), (level, loadMultiplier, paused, sparing) => {
        const hz = paceFor({ attention: level, loadMultiplier, paused, sparing });
        expect(hz).toBeGreaterThanOrEqual(2);
        expect(hz).toBeLessThanOrEqual(50);
      }),
    );
  });
});
