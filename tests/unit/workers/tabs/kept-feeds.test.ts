import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeptFeeds } from '../../../../workers/sensor/tabs/kept-feeds.ts';

const bytes = (length: number) =>
  ({ kind: 'bytes', characteristic: 'c', bytes: new ArrayBuffer(length), arrival: 0 }) as const;
const numbers = (kept: KeptFeeds, sensor: string, after = 0): number[] =>
  kept.after(sensor, after).map((item) => item.number);

describe('kept feeds', () => {
  it('number each sensor on its own, from 1', () => {
    const kept = new KeptFeeds();
    expect([kept.add('a', bytes(4)), kept.add('a', { kind: 'link-lost' }), kept.add('b', bytes(4))]).toMatchObject([
      { number: 1, kind: 'bytes' },
      { number: 2, kind: 'link-lost' },
      { number: 1, kind: 'bytes' },
    ]);
  });

  it('go on numbering after everything was logged or cleared', () => {
    const kept = new KeptFeeds();
    kept.add('a', bytes(4));
    kept.logged('a', 1);
    expect(kept.add('a', bytes(4)).number).toBe(2);
    kept.clear('a');
    expect(kept.count('a')).toBe(0);
    expect(kept.add('a', bytes(4)).number).toBe(3);
  });

  it('hold what no log has: everything added after the last that was logged', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant('add' as const), fc.nat(60)), { maxLength: 60 }), (steps) => {
        const kept = new KeptFeeds();
        let [added, logged] = [0, 0];
        for (const step of steps) {
          if (step === 'add') {
            added += 1;
            kept.add('a', bytes(4));
          } else {
            logged = Math.max(logged, Math.min(step, added));
            kept.logged('a', step);
          }
          expect(numbers(kept, 'a')).toEqual(Array.from({ length: added - logged }, (_, i) => logged + 1 + i));
          expect(numbers(kept, 'a', added - 1)).toEqual(added > logged ? [added] : []);
        }
      }),
    );
  });

  it('give up the oldest of the hungriest sensor beyond the bound, and count it', () => {
    const kept = new KeptFeeds(20_000);
    for (let i = 0; i < 5; i++) kept.add('small', bytes(4));
    for (let i = 0; i < 100; i++) kept.add('large', bytes(1000));
    expect(numbers(kept, 'small')).toEqual([1, 2, 3, 4, 5]);
    const left = numbers(kept, 'large');
    expect(left.at(-1)).toBe(100);
    expect(left).toEqual(Array.from({ length: left.length }, (_, i) => 101 - left.length + i));
    expect(kept.dropped('large')).toBe(100 - left.length);
    expect(kept.dropped('small')).toBe(0);
    expect(left.length * 1128).toBeLessThanOrEqual(20_000);
  });
});
