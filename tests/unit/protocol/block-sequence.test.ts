/** Records in a row: damage costs the damaged record and nothing else, and never more time than the bytes deserve. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block } from '../../../src/model/block.ts';
import { encodeBlock, type BlockRecord } from '../../../src/protocol/block-codec.ts';
import { writeEnvelope } from '../../../src/protocol/block-codec/envelope.ts';
import { crc32c } from '../../../src/protocol/block-codec/crc32c.ts';
import { decodeBlocks, encodeBlocks } from '../../../src/protocol/block-sequence.ts';

const samples = (seq: number, count = 5): BlockRecord => ({
  block: {
    kind: 'numeric',
    attribute: 'ecg',
    times: Float64Array.from({ length: count }, (_, i) => 1000 + i),
    values: Float32Array.from({ length: count }, (_, i) => i * seq),
  },
  firstSeq: seq,
});
const note = (seq: number): BlockRecord => ({
  block: { kind: 'structured', attribute: 'note', times: Float64Array.of(seq), payloads: [`ù±\u{f9}${seq}`] },
  firstSeq: seq,
});
const FIVE = [samples(1), note(2), samples(3), note(4), samples(5)];
const seqs = (records: readonly BlockRecord[]): number[] => records.map(({ firstSeq }) => firstSeq);
const join = (...parts: readonly ArrayLike<number>[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => Array.from(part)));
const encoded = ({ block, firstSeq }: BlockRecord): Uint8Array => encodeBlock(block, { firstSeq });

/** Start and end of each record in `encodeBlocks(records)`. */
function spans(records: readonly BlockRecord[]): [from: number, to: number][] {
  let at = 0;
  return records.map((record) => [at, (at += encoded(record).length)]);
}

describe('decodeBlocks', () => {
  it('brings all records back in order', () => {
    const bytes = encodeBlocks(FIVE);
    expect(decodeBlocks(bytes)).toEqual({ records: FIVE, corrupt: 0, newer: 0, read: bytes.length });
    expect(decodeBlocks(new Uint8Array(0))).toEqual({ records: [], corrupt: 0, newer: 0, read: 0 });
  });

  it('loses only the record in which a bit flips, whichever bit it is', () => {
    const bytes = encodeBlocks(FIVE);
    for (const [index, [from, to]] of spans(FIVE).entries()) {
      for (let bit = 8 * from; bit < 8 * to; bit++) {
        const flipped = bytes.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const { records, corrupt, newer } = decodeBlocks(flipped);
        expect({ seqs: seqs(records), corrupt, newer }, `bit ${bit}`).toEqual({
          seqs: [1, 2, 3, 4, 5].filter((seq) => seq !== index + 1),
          corrupt: 1,
          newer: 0,
        });
      }
    }
  });

  it('finds the records behind one that was cut off, wherever the cut', () => {
    const [first, second, third] = [encoded(samples(1)), encoded(samples(2)), encoded(samples(3))];
    for (let cut = 1; cut < second.length; cut++) {
      const { records, corrupt } = decodeBlocks(join(first, second.subarray(0, cut), third));
      expect({ seqs: seqs(records), corrupt }, `cut at ${cut}`).toEqual({ seqs: [1, 3], corrupt: 1 });
    }
  });

  it('counts a cut at the end, and a stretch of other bytes, once each', () => {
    const bytes = join([7, 7, 0xf9, 0xb1, 7], encoded(samples(1)), encoded(samples(2)).subarray(0, 20));
    const result = decodeBlocks(bytes);
    expect(seqs(result.records)).toEqual([1]);
    expect(result.corrupt).toBe(2);
  });

  it('steps over records of a later version and says how many', () => {
    const later = Uint8Array.of(0xf9, 0xb1, 9, 6, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6);
    new DataView(later.buffer).setUint16(6, crc32c(later, 0, 6) & 0xffff, true);
    const result = decodeBlocks(join(encoded(samples(1)), later, later, encoded(samples(2))));
    expect({ seqs: seqs(result.records), newer: result.newer, corrupt: result.corrupt }).toEqual({
      seqs: [1, 2],
      newer: 2,
      corrupt: 0,
    });
  });

  it('takes any bytes between sound records without losing one of them', () => {
    const junk = fc.uint8Array({ maxLength: 50 });
    const nearly = junk.map((body) => join(writeEnvelope(Math.max(4, body.length)), body));
    fc.assert(
      fc.property(fc.array(fc.oneof(junk, nearly), { minLength: 3, maxLength: 3 }), ([a = [], b = [], c = []]) => {
        const { records, read } = decodeBlocks(join(a, encoded(samples(1)), b, encoded(note(2)), c));
        expect(seqs(records)).toEqual([1, 2]);
        expect(read).toBeGreaterThan(0);
      }),
    );
  });

  it('stops after the record that reaches the limit, and goes on from there', () => {
    const huge: Block = {
      kind: 'numeric',
      attribute: 'a',
      times: new Float64Array(1000),
      values: new Float32Array(1000),
    };
    const bytes = encodeBlocks([1, 2, 3].map((firstSeq) => ({ block: huge, firstSeq })));
    expect(bytes.length).toBeLessThan(120);
    const first = decodeBlocks(bytes, 1500);
    expect(seqs(first.records)).toEqual([1, 2]);
    const rest = decodeBlocks(bytes.subarray(first.read), 1500);
    expect(seqs(rest.records)).toEqual([3]);
    expect(first.read + rest.read).toBe(bytes.length);
  });

  it('does not check the same bytes again and again for a stranger', () => {
    // 128 kB of envelopes, each claiming all that follows: naive searching would checksum 1 GB.
    const count = 16_000;
    const bytes = new Uint8Array(8 * count + 100);
    for (let i = 0; i < count; i++) bytes.set(writeEnvelope(bytes.length - 8 * i - 60 - (i % 40)), 8 * i);
    const started = performance.now();
    const { records, corrupt } = decodeBlocks(bytes);
    expect(records).toEqual([]);
    expect(corrupt).toBeLessThan(20);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
