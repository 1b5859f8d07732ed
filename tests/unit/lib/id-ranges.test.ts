import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdRanges } from '../../../src/lib/id-ranges.ts';

describe('ranges of numbers', () => {
  it('become one where they touch', () => {
    const ranges = new IdRanges([
      [5, 6],
      [1, 2],
      [9, 9],
    ]);
    ranges.add(3, 4);
    expect(ranges.toPairs()).toEqual([
      [1, 6],
      [9, 9],
    ]);
    ranges.add(0, 20);
    expect(ranges.toPairs()).toEqual([[0, 20]]);
  });

  it('agree with a set', () => {
    const range = fc
      .tuple(fc.nat(60), fc.integer({ min: -2, max: 12 }))
      .map(([from, more]) => [from, from + more] as const);
    fc.assert(
      fc.property(fc.array(range, { maxLength: 20 }), range, (added, [from, to]) => {
        const ranges = new IdRanges();
        const set = new Set<number>();
        for (const [first, last] of added) {
          ranges.add(first, last);
          for (let id = first; id <= last; id++) set.add(id);
        }
        const asked = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
        expect(ranges.count(from, to)).toBe(asked.filter((id) => set.has(id)).length);
        if (to >= from) expect(ranges.covers(from, to)).toBe(asked.every((id) => set.has(id)));
        const missing = ranges
          .missing(from, to)
          .flatMap((part) => Array.from({ length: part.to - part.from + 1 }, (_, i) => part.from + i));
        expect(missing).toEqual(asked.filter((id) => !set.has(id)));
        const rest = new IdRanges(ranges.toPairs());
        rest.remove(from, to);
        expect(rest.missing(-5, 80)).toEqual(
          new IdRanges([...set].filter((id) => id < from || id > to).map((id) => [id, id])).missing(-5, 80),
        );
        const pairs = ranges.toPairs();
        pairs.forEach(([first], i) => expect(first).toBeGreaterThan((pairs[i - 1]?.[1] ?? -2) + 1));
        expect(new IdRanges(pairs).toPairs()).toEqual(pairs);
      }),
    );
  });
});
