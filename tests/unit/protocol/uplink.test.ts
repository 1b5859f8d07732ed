import { describe, expect, it } from 'vitest';
import type { Block } from '../../../src/model/block.ts';
import { parseBlocks } from '../../../src/protocol/ingest.ts';
import { encodeUplink } from '../../../src/protocol/uplink.ts';

const ecg: Block = {
  kind: 'numeric',
  attribute: 'ecg',
  times: Float64Array.of(1000.4, 1008.6),
  values: Float32Array.of(0.5, NaN),
};
const battery: Block = {
  kind: 'structured',
  attribute: 'battery',
  times: Float64Array.of(5),
  payloads: [{ level: 80 }],
};
const records = [
  { block: ecg, firstSeq: 7 },
  { block: battery, firstSeq: 0 },
];

describe('a batch', () => {
  it('is an array of measurements for the platform’s own server', () => {
    expect(encodeUplink(records, false)).toEqual({
      event: 'measurements_batch',
      payload: [
        { attribute_id: 'ecg', payload: 0.5, timestamp: 1000, seq: 7 },
        { attribute_id: 'ecg', payload: null, timestamp: 1009, seq: 8 },
        { attribute_id: 'battery', payload: { level: 80 }, timestamp: 5, seq: 0 },
      ],
      bytes: expect.any(Number) as number,
    });
  });

  it('is bytes where they were announced, and says the same', () => {
    const { event, payload, bytes } = encodeUplink(records, true);
    expect(event).toBe('blocks');
    if (!(payload instanceof ArrayBuffer)) return expect.fail('no buffer');
    expect(payload.byteLength).toBe(bytes);
    expect(parseBlocks(new Uint8Array(payload)).samples).toEqual(encodeUplink(records, false).payload);
  });

  it('goes as JSON after all if the block form cannot hold it', () => {
    const odd = { block: { ...ecg, attribute: 'not an id' }, firstSeq: 0 };
    expect(encodeUplink([odd], true).event).toBe('measurements_batch');
  });

  it('is not larger on the wire than estimated', () => {
    const large: Block = {
      ...battery,
      payloads: [{ landmarks: Array.from({ length: 33 }, (_, x) => ({ x, y: x / 3 })) }],
    };
    for (const block of [ecg, battery, large]) {
      const { payload, bytes } = encodeUplink([{ block, firstSeq: 0 }], false);
      expect(bytes).toBeGreaterThanOrEqual(JSON.stringify(payload).length - 2);
    }
  });
});
