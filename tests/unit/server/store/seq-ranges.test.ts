import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../../server/store/bytes.ts';
import { SeqRanges } from '../../../../server/store/seq-ranges.ts';

const MAX = Number.MAX_SAFE_INTEGER;
/** Single numbers and stretches, close together so that they touch and overlap. */
const additions = fc.array(fc.tuple(fc.nat(60), fc.nat(6)), { maxLength: 40 });

function build(pairs: readonly (readonly [number, number])[]): { ranges: SeqRanges; set: Set<number> } {
  const ranges = new SeqRanges();
  const set = new Set<number>();
  for (const [first, more] of pairs) {
    if (more === 0) ranges.add(first);
    else ranges.addRange(first, first + more);
    for (let seq = first; seq <= first + more; seq++) set.add(seq);
  }
  return { ranges, set };
}

describe('SeqRanges', () => {
  it('holds what was added and nothing else, sorted, disjoint and joined where ranges touch', () => {
    fc.assert(
      fc.property(additions, (pairs) => {
        const { ranges, set } = build(pairs);
        for (let seq = 0; seq < 70; seq++) expect(ranges.has(seq)).toBe(set.has(seq));
        expect(ranges.count).toBe(set.size);
        expect(ranges.newest).toBe(Math.max(-1, ...set));
        const array = ranges.toArray();
        expect(array.length).toBe(ranges.size);
        array.forEach(([first, last], i) => {
          expect(first).toBeLessThanOrEqual(last);
          expect(first).toBeGreaterThan((array[i - 1]?.[1] ?? -2) + 1);
        });
      }),
      { numRuns: 1000 },
    );
  });

  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.maxSafeNat(), fc.nat(9)), { maxLength: 30 }), (pairs) => {
        const ranges = new SeqRanges();
        for (const [first, more] of pairs) ranges.addRange(first, Math.min(first + more, MAX));
        const back = SeqRanges.decode(ranges.encode(new ByteWriter()));
        expect(back.toArray()).toEqual(ranges.toArray());
        expect(back.count).toBe(ranges.count);
      }),
    );
  });

  it('never takes damaged bytes for an endless loop or odd numbers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          for (const [first, last] of SeqRanges.decode(bytes).toArray()) {
            expect(Number.isSafeInteger(first) && Number.isSafeInteger(last) && first <= last).toBe(true);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is a few bytes for a stream in order', () => {
    const ranges = new SeqRanges();
    for (let seq = 0; seq < 1_000_000; seq++) ranges.add(seq);
    expect(ranges.toArray()).toEqual([[0, 999_999]]);
    expect(ranges.encode(new ByteWriter()).length).toBeLessThan(8);
  });

  it('forgets its lowest range when it is full, and says no more than it knows', () => {
    const ranges = new SeqRanges(3);
    for (const seq of [10, 20, 30, 40]) ranges.add(seq);
    ranges.add(5);
    expect(ranges.toArray()).toEqual([
      [20, 20],
      [30, 30],
      [40, 40],
    ]);
    expect([ranges.count, ranges.has(10), ranges.has(5)]).toEqual([3, false, false]);
    expect(ranges.toArray(2)).toEqual([
      [30, 30],
      [40, 40],
    ]);
  });
});
