import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block } from '../../../src/model/block.ts';
import { encodeBlocks } from '../../../src/protocol/block-sequence.ts';
import { asSeq, parseBlocks } from '../../../src/protocol/ingest.ts';
import { BLOCKS_SAMPLES_MAX, wireMeasurements } from '../../../src/protocol/sensor.ts';

const sample = fc.record({
  time: fc.double({ min: 0, max: 4e12, noNaN: true }),
  value: fc.float({ noNaN: true, noDefaultInfinity: true }),
});
const record = fc.record({ samples: fc.array(sample, { minLength: 1, maxLength: 20 }), firstSeq: fc.nat(2 ** 40) });

function numeric(samples: readonly { time: number; value: number }[]): Block {
  const times = Float64Array.from(samples, ({ time }) => time);
  return { kind: 'numeric', attribute: 'ecg', times, values: Float32Array.from(samples, ({ value }) => value) };
}

describe('a push of blocks', () => {
  it('holds the very measurements that its owner would have sent as JSON', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 4 }), (records) => {
        const blocks = records.map(({ samples, firstSeq }) => ({ block: numeric(samples), firstSeq }));
        const { samples, failed } = parseBlocks(encodeBlocks(blocks));
        expect(failed).toBe(0);
        const json = blocks.flatMap(({ block, firstSeq }) => wireMeasurements(block, firstSeq));
        // A time a microsecond off may round to the next millisecond; all else is the same.
        expect(samples.map((one) => ({ ...one, timestamp: 0 }))).toEqual(json.map((one) => ({ ...one, timestamp: 0 })));
        samples.forEach((one, i) =>
          expect(Math.abs(Number(one.timestamp) - (json[i]?.timestamp ?? 0))).toBeLessThan(2),
        );
      }),
    );
  });

  it('gives a button its number and what happened, as JSON does', () => {
    const times = Float64Array.of(1, 2);
    const block: Block = {
      kind: 'structured',
      attribute: 'button',
      times,
      payloads: [{ value: 3, event: 'press' }, 4],
    };
    const { samples } = parseBlocks(encodeBlocks([{ block, firstSeq: 7 }]));
    expect(samples).toEqual(wireMeasurements(block, 7));
    expect(samples[0]).toMatchObject({ payload: 3, event: 'press', seq: 7 });
  });

  it('never throws and never gives a part of what is damaged', () => {
    const good = encodeBlocks([{ block: numeric([{ time: 1, value: 2 }]), firstSeq: 0 }]);
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bytes = Uint8Array.of(...good, ...good);
      bytes.set([(bytes[good.length + (bit >> 3)] ?? 0) ^ (1 << (bit & 7))], good.length + (bit >> 3));
      expect(parseBlocks(bytes).samples).toEqual([]);
      expect(parseBlocks(bytes).failed).toBeGreaterThan(0);
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => parseBlocks(bytes).failed >= 0));
  });

  it('may hold many samples, but not any number', () => {
    const of = (count: number) => numeric(Array.from({ length: count }, (_, i) => ({ time: i, value: 0 })));
    const full = encodeBlocks([{ block: of(BLOCKS_SAMPLES_MAX), firstSeq: 0 }]);
    expect(parseBlocks(full).samples).toHaveLength(BLOCKS_SAMPLES_MAX);
    const one = encodeBlocks([{ block: of(1), firstSeq: 0 }]);
    expect(parseBlocks(Uint8Array.from([...full, ...one]))).toEqual({ samples: [], failed: 1 });
    expect(parseBlocks(Uint8Array.from([...one, ...full]))).toEqual({ samples: [], failed: 1 });
  });

  it('reads null for what is no number, and refuses a time that is none', () => {
    const odd = numeric([{ time: 1, value: NaN }]);
    expect(parseBlocks(encodeBlocks([{ block: odd, firstSeq: 0 }])).samples).toMatchObject([{ payload: null }]);
    const never = numeric([{ time: Infinity, value: 1 }]);
    expect(parseBlocks(encodeBlocks([{ block: never, firstSeq: 0 }]))).toEqual({ samples: [], failed: 1 });
  });
});

it('takes whole numbers from 0 as sequence numbers', () => {
  expect([0, 5, 2 ** 53 - 1].map(asSeq)).toEqual([0, 5, 2 ** 53 - 1]);
  for (const odd of [-1, 1.5, 2 ** 53, NaN, Infinity, '1', null, undefined, {}]) expect(asSeq(odd)).toBeUndefined();
});
