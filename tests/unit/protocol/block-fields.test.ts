/** Blocks whose samples are several numbers: literal bytes, any numbers back bit for bit, and as JSON. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NumericBlock } from '../../../src/model/block.ts';
import { decodeBlock, encodeBlock, MAX_BLOCK_SAMPLES } from '../../../src/protocol/block-codec.ts';
import { parseBlocks } from '../../../src/protocol/ingest.ts';
import { wireMeasurements } from '../../../src/protocol/sensor.ts';

const T = 1_700_000_000_000;
const motion: NumericBlock = {
  kind: 'numeric',
  attribute: 'accelerometer',
  times: Float64Array.of(T, T + 20),
  values: Float32Array.of(1, -2, 1000, 2, -2, 1002),
  fields: ['x', 'y', 'z'],
};
/** Two samples, 20 ms apart. */
const BYTES =
  'f9b101 3c0000 8f1d 2b 02 0d616363656c65726f6d65746572 ac02 02 00008056febc7842 02 a09c01 03 0178 0179 017a ' +
  '0101 0101 0101 0002 200282 0003 20d00f0301 f99fc574';
const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);

describe('a block with fields', () => {
  it('has these bytes', () => {
    const bytes = encodeBlock(motion, { firstSeq: 300 });
    expect(Buffer.from(bytes).toString('hex')).toBe(BYTES.replaceAll(' ', ''));
    expect(decodeBlock(bytes)).toEqual({ ok: true, value: { block: motion, firstSeq: 300 } });
  });

  it('comes back bit for bit, whatever its numbers and names', () => {
    const anyBlock = fc
      .tuple(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 16 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 40 }),
      )
      .chain(([fields, count]) =>
        fc
          .uint32Array({ minLength: count * fields.length, maxLength: count * fields.length })
          .map((raw): NumericBlock => {
            const times = Float64Array.from({ length: count }, (_, i) => T + i * 20);
            return { ...motion, times, values: new Float32Array(raw.buffer), fields };
          }),
      );
    fc.assert(
      fc.property(anyBlock, (block) => {
        const read = decodeBlock(encodeBlock(block, { firstSeq: 7 }));
        if (!read.ok || read.value.block.kind !== 'numeric') return expect.fail(JSON.stringify(read));
        expect(read.value.block.fields).toEqual(block.fields);
        expect(bits(read.value.block.values)).toEqual(bits(block.values));
      }),
    );
  });

  it('is an object of its fields as JSON, the same on both ways', () => {
    const measurements = wireMeasurements(motion, 300);
    expect(measurements[1]).toEqual({
      attribute_id: 'accelerometer',
      payload: { x: 2, y: -2, z: 1002 },
      timestamp: T + 20,
      seq: 301,
    });
    expect(parseBlocks(encodeBlock(motion, { firstSeq: 300 }))).toEqual({ samples: measurements, failed: 0 });
  });

  it('costs motion at 50 Hz less than two bytes a number', () => {
    const count = 500;
    const times = Float64Array.from({ length: count }, (_, i) => T + i * 20);
    const values = Float32Array.from({ length: 3 * count }, (_, i) =>
      Math.round(1000 * Math.sin(i / 40) + 30 * Math.sin(i * 12.9898)),
    );
    expect(encodeBlock({ ...motion, times, values }, { firstSeq: 0 }).length).toBeLessThan(2 * values.length);
  });

  it.each<[string, Partial<NumericBlock>]>([
    ['no field', { fields: [], values: new Float32Array(0) }],
    ['a name twice', { fields: ['x', 'x', 'z'] }],
    ['a name without letters', { fields: ['x', '', 'z'] }],
    ['a name that is no text', { fields: ['x', '\ud800', 'z'] }],
    ['values that do not fill its fields', { values: Float32Array.of(1, 2, 3, 4) }],
    [
      'more numbers than a record holds',
      { times: new Float64Array(MAX_BLOCK_SAMPLES / 2), values: new Float32Array(1.5 * MAX_BLOCK_SAMPLES) },
    ],
  ])('with %s is not written', (_name, change) => {
    expect(() => encodeBlock({ ...motion, ...change }, { firstSeq: 0 })).toThrow(RangeError);
  });

  it('cut or changed anywhere is found out', () => {
    const bytes = encodeBlock(motion, { firstSeq: 300 });
    for (let i = 0; i < bytes.length; i++) {
      expect(decodeBlock(bytes.subarray(0, i)).ok).toBe(false);
      const changed = bytes.slice();
      changed[i] = (changed[i] ?? 0) ^ 0x10;
      expect(decodeBlock(changed).ok).toBe(false);
    }
  });
});
