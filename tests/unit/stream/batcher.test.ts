import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { singleValue, type Block, type Json } from '../../../src/model/block.ts';
import { createBatcher, SPOOL_INTERVAL } from '../../../src/stream/batcher.ts';
import { createManualClock } from '../../support/manual-clock.ts';

function setUp() {
  const clock = createManualClock(0);
  const blocks: Block[] = [];
  return { clock, blocks, batcher: createBatcher({ clock, onBlock: (block) => blocks.push(block) }) };
}

function structured(attribute: string, time: number, payload: Json): Block {
  return { kind: 'structured', attribute, times: Float64Array.of(time), payloads: [payload] };
}

describe('batcher', () => {
  it('holds nothing longer than the spool interval, counted from the oldest', async () => {
    const { clock, blocks, batcher } = setUp();
    batcher.add(singleValue('heartrate', 0, 60));
    await clock.advance(SPOOL_INTERVAL - 1);
    batcher.add(singleValue('heartrate', 249, 61));
    expect(blocks).toEqual([]);
    expect(batcher.held).toBe(2);
    await clock.advance(1);
    expect(blocks).toEqual([
      { kind: 'numeric', attribute: 'heartrate', times: Float64Array.of(0, 249), values: Float32Array.of(60, 61) },
    ]);
    expect(batcher.held).toBe(0);
    await clock.advance(10_000);
    expect(blocks).toHaveLength(1);
  });

  it('hands over attributes in the order in which they came', () => {
    const { blocks, batcher } = setUp();
    batcher.add(singleValue('heartrate', 1, 60));
    batcher.add(singleValue('rr_interval', 1, 1000));
    batcher.add(singleValue('heartrate', 2, 61));
    batcher.flush();
    expect(blocks.map((block) => [block.attribute, block.times.length])).toEqual([
      ['heartrate', 2],
      ['rr_interval', 1],
    ]);
  });

  it('does not mix numbers and objects of one attribute', () => {
    const { blocks, batcher } = setUp();
    batcher.add(singleValue('battery', 1, 80));
    batcher.add(structured('battery', 2, { level: 79 }));
    batcher.add(structured('battery', 3, { level: 78 }));
    batcher.add(singleValue('battery', 4, 77));
    batcher.flush();
    expect(blocks.map((block) => [block.kind, [...block.times]])).toEqual([
      ['numeric', [1]],
      ['structured', [2, 3]],
      ['numeric', [4]],
    ]);
    expect(blocks[1]).toMatchObject({ payloads: [{ level: 79 }, { level: 78 }] });
  });

  it('ignores empty blocks and an empty flush', () => {
    const { clock, blocks, batcher } = setUp();
    batcher.add({ kind: 'numeric', attribute: 'ecg', times: new Float64Array(), values: new Float32Array() });
    batcher.flush();
    expect(blocks).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  it('passes every sample on exactly once, in order per attribute', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), attribute: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ do: fc.constant('flush' as const) }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 400 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { clock, blocks, batcher } = setUp();
        const sent = new Map<string, number[]>();
        let next = 0;
        for (const one of steps) {
          if (one.do === 'flush') batcher.flush();
          else if (one.do === 'wait') await clock.advance(one.ms);
          else {
            batcher.add(singleValue(one.attribute, clock.now(), (next += 1)));
            sent.set(one.attribute, [...(sent.get(one.attribute) ?? []), next]);
          }
        }
        batcher.flush();
        const got = new Map<string, number[]>();
        for (const block of blocks) {
          const values = block.kind === 'numeric' ? [...block.values] : [];
          got.set(block.attribute, [...(got.get(block.attribute) ?? []), ...values]);
        }
        expect(Object.fromEntries(got)).toEqual(Object.fromEntries(sent));
        expect(batcher.held).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
