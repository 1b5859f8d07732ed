import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { payloadAt } from '../../../src/model/block.ts';
import { countSamples, cut, fitting, halve, leading, runsOf, type Entries } from '../../../src/stream/parts.ts';
import type { OutboxEntry } from '../../../src/stream/ports.ts';

/** Entries as a log hands them out: numbers ascend, with holes between records. */
function entriesOf(sizes: readonly number[], fields?: readonly string[]): Entries {
  let id = 1000;
  let value = 0;
  return sizes.map((samples): OutboxEntry => {
    id += samples + 7;
    const width = fields?.length ?? 1;
    const values = Float32Array.from({ length: samples * width }, () => (value += 1));
    const times = Float64Array.from({ length: samples }, (_, i) => id + i);
    return {
      id,
      firstSeq: id,
      samples,
      block: { kind: 'numeric', attribute: 'ecg', times, values, ...(fields && { fields }) },
    };
  });
}

/** Number, sequence number and payload of each sample. */
const listed = (entries: Entries): unknown[] =>
  entries.flatMap(({ id, samples, block, firstSeq }) =>
    Array.from({ length: samples }, (_, i) => [
      id - samples + 1 + i,
      firstSeq + i,
      block.times[i],
      payloadAt(block, i),
    ]),
  );

const anyEntries = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }), fc.boolean())
  .map(([sizes, motion]) => entriesOf(sizes, motion ? ['x', 'y', 'z'] : undefined));

describe('cutting', () => {
  it('keeps every sample with its number, sequence number, time and payload', () => {
    fc.assert(
      fc.property(anyEntries, fc.integer({ min: 0, max: 200 }), (entries, count) => {
        const [head, tail] = cut(entries, count);
        expect(countSamples(head)).toBe(Math.min(count, countSamples(entries)));
        expect([...listed(head), ...listed(tail)]).toEqual(listed(entries));
      }),
    );
  });

  it('in halves ends at single samples', () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        let [part] = halve(entries);
        for (let rounds = 0; countSamples(part) > 1; rounds++) {
          expect(rounds).toBeLessThan(9);
          [part] = halve(part);
        }
        expect(listed(part)).toEqual(listed(entries).slice(0, 1));
        expect(halve(part)[1]).toEqual([]);
      }),
    );
  });

  it('names the samples of what is left', () => {
    const [, tail] = cut(entriesOf([5, 5]), 3);
    expect(runsOf(tail)).toEqual([
      { last: 1012, samples: 2 },
      { last: 1024, samples: 5 },
    ]);
  });
});

describe('fitting', () => {
  const skeletons = (samples: number): Entries =>
    entriesOf([samples]).map(({ block, ...entry }) => {
      const { attribute, times } = block;
      return { ...entry, block: { kind: 'structured', attribute, times, payloads: Array<null>(samples).fill(null) } };
    });

  it('takes eight samples of a number for one that is structured', () => {
    expect(countSamples(fitting(entriesOf([30, 30]), 40))).toBe(40);
    expect(countSamples(fitting(skeletons(30), 40))).toBe(5);
    expect(countSamples(fitting([...entriesOf([20]), ...skeletons(30)], 40))).toBe(22);
    expect(countSamples(fitting([...skeletons(2), ...entriesOf([30])], 40))).toBe(26);
  });

  it('takes the first ones in order, none behind one that did not fit, and one at least of any', () => {
    const all = [...entriesOf([3]), ...skeletons(2), ...entriesOf([100])];
    for (let room = 0; room < 130; room++) {
      const fit = listed(fitting(all, room));
      expect(fit).toEqual(listed(all).slice(0, Math.max(1, fit.length)));
    }
    expect(countSamples(fitting(skeletons(3), 7))).toBe(1);
    expect(fitting([], 40)).toEqual([]);
  });
});

describe('leading', () => {
  it('takes entries as long as their attribute ids are alike in being valid', () => {
    const [a, b, c] = entriesOf([1, 2, 3]);
    if (!a || !b || !c) throw new Error('three entries');
    const bad = { ...b, block: { ...b.block, attribute: '_x' } };
    expect(leading([a, b, c])).toEqual({ valid: true, run: [a, b, c] });
    expect(leading([a, bad, c])).toEqual({ valid: true, run: [a] });
    expect(leading([bad, c])).toEqual({ valid: false, run: [bad] });
  });
});
