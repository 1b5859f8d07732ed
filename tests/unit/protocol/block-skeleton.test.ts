/** Skeletons in the block form: literal bytes, the same JSON back, how small they are, and hostile bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, StructuredBlock } from '../../../src/model/block.ts';
import { decodeBlock, encodeBlock, MAX_BLOCK_SAMPLES } from '../../../src/protocol/block-codec.ts';
import { crc32c } from '../../../src/protocol/block-codec/crc32c.ts';
import { writeEnvelope } from '../../../src/protocol/block-codec/envelope.ts';
import { decodeBlocks } from '../../../src/protocol/block-sequence.ts';
import { inBlocks, skeletonMotion, type MotionOptions } from '../../support/skeleton-motion.ts';

const T = 1_700_000_000_000;
const KIND_AT = 9;
const JSON_KIND = 1;
const SKELETON_KIND = 3;

function block(payloads: readonly Json[], attribute = 'skeleton'): StructuredBlock {
  return { kind: 'structured', attribute, times: Float64Array.from(payloads, (_, i) => T + 40 * i), payloads };
}

/** What comes back, as JSON text: the order of keys counts. */
function there(payloads: readonly Json[]): { readonly kind: number | undefined; readonly json: string } {
  const bytes = encodeBlock(block(payloads), { firstSeq: 7 });
  const read = decodeBlock(bytes);
  if (!read.ok || read.value.block.kind !== 'structured') throw new Error(JSON.stringify(read));
  return { kind: bytes[KIND_AT], json: JSON.stringify(read.value.block.payloads) };
}

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** A record around any header and rest, with a sound envelope and checksum. */
function record(header: Uint8Array, rest: Uint8Array): Uint8Array {
  const content = Uint8Array.from([header.length, ...header, ...rest]);
  const bytes = Uint8Array.from([...writeEnvelope(content.length + 4), ...content, 0, 0, 0, 0]);
  new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32c(bytes, 0, bytes.length - 4), true);
  return bytes;
}

const errorOf = (bytes: Uint8Array): string | undefined => {
  const read = decodeBlock(bytes);
  return read.ok ? undefined : read.error.code;
};

/** Kind, id "s", seq 1, so many samples, first time, one instant. */
const start = (count: string): string => `03 0173 01 ${count} 0000000000001440 00`;

describe('bytes of skeletons', () => {
  const two = block([
    {
      mode: 'full',
      landmarks: [
        { x: 0.5, y: 0.115 },
        { x: 0.512, y: 0.1 },
      ],
    },
    {
      mode: 'full',
      landmarks: [
        { x: 0.501, y: 0.113 },
        { x: 0.512, y: 0.1 },
      ],
    },
  ]);
  // Checked by hand against docs/block-form.md.
  const BYTES =
    'f9b101 280000 1fc4 1b 03 08736b656c65746f6e ac02 02 00008056febc7842 02 c0b802 01 02 0002 00f817d04118 8a5b070c';

  it('are these', () => {
    const bytes = encodeBlock(two, { firstSeq: 300 });
    expect(Buffer.from(bytes).toString('hex')).toBe(BYTES.replaceAll(' ', ''));
    expect(decodeBlock(hex(BYTES))).toEqual({ ok: true, value: { block: two, firstSeq: 300 } });
  });

  it('lose no bit unnoticed, and cannot be cut', () => {
    const sound = hex(BYTES);
    for (let bit = 0; bit < 8 * sound.length; bit++) {
      const flipped = sound.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(errorOf(flipped), `bit ${bit}`).toBe('block-corrupt');
    }
    for (let end = 0; end < sound.length; end++) expect(errorOf(sound.subarray(0, end))).toBe('block-corrupt');
  });
});

/** Skeletons of one form: any thousandths within 16 bits, near to each other or not. */
const form = fc.record({
  mode: fc.option(fc.oneof(fc.constant('full'), fc.string({ maxLength: 12 })), { nil: undefined }),
  aspect: fc.option(
    fc.oneof(
      fc.constant(1.333),
      fc.integer({ min: 0, max: 0x7fff }).map((n) => n / 1000),
    ),
    { nil: undefined },
  ),
  landmarks: fc.oneof(fc.constant(33), fc.integer({ min: 1, max: 40 })),
  frames: fc.integer({ min: 1, max: 8 }),
  z: fc.boolean(),
  v: fc.boolean(),
  world: fc.boolean(),
});
type Form = typeof form extends fc.Arbitrary<infer One> ? One : never;

function skeletons({ mode, aspect, landmarks, frames, z, v, world }: Form, next: () => number): Json[] {
  const number = (): number => next() / 1000 + 0;
  const list = (more: readonly string[]): Json =>
    Array.from({ length: landmarks }, () =>
      Object.fromEntries(['x', 'y', ...more].map((key) => [key, number()] as const)),
    );
  return Array.from({ length: frames }, () => ({
    ...(mode !== undefined && { mode }),
    ...(aspect !== undefined && { aspect }),
    landmarks: list([...(z ? ['z'] : []), ...(v ? ['v'] : [])]),
    ...(world && { worldLandmarks: list(['z']) }),
  }));
}

function numbers({ landmarks, frames }: Form): fc.Arbitrary<number[]> {
  const most = 7 * landmarks * frames;
  const wild = fc.oneof(
    fc.integer({ min: -0x8000, max: 0x7fff }),
    fc.integer({ min: 490, max: 510 }),
    fc.constantFrom(-0x8000, 0x7fff),
  );
  return fc.array(wild, { minLength: most, maxLength: most, size: 'max' });
}

describe('round trip', () => {
  it('brings the very same JSON back', () => {
    const any = form.chain((one) => numbers(one).map((list) => ({ one, list })));
    fc.assert(
      fc.property(any, ({ one, list }) => {
        let at = 0;
        const payloads = skeletons(one, () => list[at++] ?? 0);
        expect(there(payloads)).toEqual({ kind: SKELETON_KIND, json: JSON.stringify(payloads) });
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, MotionOptions]>([
    ['without metres', {}],
    ['with metres', { world: true }],
  ])('brings a moving person back, %s', (_name, options) => {
    const { payloads } = skeletonMotion(90, options);
    expect(there(payloads)).toEqual({ kind: SKELETON_KIND, json: JSON.stringify(payloads) });
  });

  it('brings times back as those of any block', () => {
    const motion = skeletonMotion(60);
    const read = decodeBlock(encodeBlock(motion, { firstSeq: 0 }));
    expect(read.ok && [...read.value.block.times]).toEqual([...motion.times]);
  });

  const POINT = { x: 0.5, y: 0.25 };
  const like = (landmarks: Json, more: object = {}): Json => ({ mode: 'full', landmarks, ...more });
  it.each<[string, readonly Json[]]>([
    ['four digits', [like([{ x: 0.5001, y: 0 }])]],
    ['more than 16 bits', [like([{ x: 32.768, y: 0 }])]],
    ['a number that is none', [like([{ x: null, y: 0 }])]],
    ['keys in another order', [like([{ y: 0, x: 0 }])]],
    ['keys that nobody expects', [like([{ ...POINT, name: 'nose' }])]],
    ['other keys besides', [like([POINT], { faceLandmarks: [] })]],
    ['landmarks before the mode', [{ landmarks: [POINT], mode: 'full' }]],
    ['a mode that is no text', [{ mode: 3, landmarks: [POINT] }]],
    ['a mode that is half a character', [{ mode: '\ud800', landmarks: [POINT] }]],
    ['modes that differ', [like([POINT]), { mode: 'face', landmarks: [POINT] }]],
    ['a mode only now and then', [like([POINT]), { landmarks: [POINT] }]],
    ['an aspect of four digits', [{ mode: 'full', aspect: 1.3333, landmarks: [POINT] }]],
    ['an aspect below 0', [{ aspect: -1, landmarks: [POINT] }]],
    ['an aspect that is no number', [{ aspect: null, landmarks: [POINT] }]],
    ['an aspect behind the landmarks', [like([POINT], { aspect: 1 })]],
    ['aspects that differ', [1, 2].map((aspect) => ({ aspect, landmarks: [POINT] }))],
    ['an aspect only now and then', [{ aspect: 1, landmarks: [POINT] }, { landmarks: [POINT] }]],
    ['depth only now and then', [like([POINT]), like([{ ...POINT, z: 0 }])]],
    ['numbers of landmarks that differ', [like([POINT]), like([POINT, POINT])]],
    ['metres of another number', [like([POINT], { worldLandmarks: [] })]],
    ['metres only now and then', [like([POINT], { worldLandmarks: [{ ...POINT, z: 0 }] }), like([POINT])]],
    ['no landmarks', [like([])]],
    ['501 landmarks', [like(Array<Json>(501).fill(POINT))]],
    ['text', ['{"landmarks":[]}']],
    ['something else', [{ level: 80 }]],
    ['nothing', []],
  ])('leaves %s to JSON, which comes back too', (_name, payloads) => {
    expect(there(payloads)).toEqual({ kind: JSON_KIND, json: JSON.stringify(payloads) });
  });

  it('leaves more numbers than a record may hold to JSON', () => {
    const many = Array<Json>(Math.ceil((MAX_BLOCK_SAMPLES + 1) / 1000)).fill(like(Array<Json>(500).fill(POINT)));
    expect(there(many).kind).toBe(JSON_KIND);
  });
});

describe('bytes of a skeleton of somebody who walks and waves, all overhead included', () => {
  function measured(frames: number, options: MotionOptions = {}): { readonly bytes: number; readonly times: number } {
    let [bytes, json, count] = [0, 0, 0];
    for (const seed of [1, 2, 3]) {
      for (const one of inBlocks(skeletonMotion(240, { seed, from: 5, ...options }), frames)) {
        bytes += encodeBlock(one, { firstSeq: 1e6 }).length;
        json += JSON.stringify(one.payloads).length;
        count += one.payloads.length;
      }
    }
    return { bytes: bytes / count, times: json / bytes };
  }

  it.each([
    [1, 156, 9],
    [3, 95, 15],
    [8, 73, 19.5],
    [15, 67, 21],
    [60, 61, 23],
  ])('in blocks of %i: below %i, and JSON more than %f times as large', (frames, most, least) => {
    const { bytes, times } = measured(frames);
    expect(bytes).toBeLessThan(most);
    expect(times).toBeGreaterThan(least);
  });

  it('is 15 times smaller than JSON with metres too', () => {
    expect(measured(8, { world: true }).times).toBeGreaterThan(15);
  });
});

describe('what the decoder makes of other writers', () => {
  it('reports what is of a later version as such', () => {
    expect(errorOf(record(hex(`${start('01')} 43 01`), hex('00')))).toBe('block-version');
    expect(errorOf(record(hex(`${start('01')} 03 01`), hex('00')))).toBe('block-version');
  });

  it('skips header fields that it does not know', () => {
    expect(errorOf(record(hex(`${start('01')} 01 01 09 09`), hex('00 00')))).toBeUndefined();
  });

  it.each([
    ['no landmarks', `${start('01')} 01 00`, '00'],
    ['501 landmarks', `${start('01')} 01 f503`, '00'],
    ['a mode that is too long', `${start('01')} 02 01 41 ${'61'.repeat(65)}`, '00'],
    ['a mode that is no text', `${start('01')} 02 01 01 ff`, '00'],
    ['an aspect beyond 16 bits', `${start('01')} 21 01 808002`, '00'],
    ['an aspect that is not there', `${start('01')} 21 01`, '00'],
    ['more numbers than allowed', `${start('818040')} 01 01`, '00'],
    ['more numbers than there are bits', `${start('64')} 01 21`, '00'.repeat(100)],
    ['numbers that end early', `${start('01')} 01 21`, 'ff'.repeat(9)],
    ['bytes left over', `${start('01')} 01 01`, '00 00 00 00 00 00'],
    ['a number beyond 16 bits', `${start('01')} 01 01`, 'ffff ffff ff7f 00 00 00'],
  ])('refuses %s, though the checksum holds', (_name, header, rest) => {
    expect(errorOf(record(hex(header), hex(rest)))).toBe('block-corrupt');
  });

  it('never throws and holds no more numbers than bits, whatever stands behind a sound checksum', () => {
    const rest = fc.uint8Array({ maxLength: 200 });
    const head = fc.tuple(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 72 }),
      fc.integer({ min: 1, max: 40 }),
    );
    fc.assert(
      fc.property(head, rest, ([count, flags, landmarks], bytes) => {
        const header = hex(start(count.toString(16).padStart(2, '0')));
        const read = decodeBlock(record(Uint8Array.from([...header, flags, landmarks]), bytes));
        if (!read.ok) return ['block-corrupt', 'block-version'].includes(read.error.code);
        const { block: found } = read.value;
        const json = found.kind === 'structured' ? JSON.stringify(found.payloads) : '';
        expect(there(JSON.parse(json) as Json[]).json).toBe(json);
        return (json.match(/[\d.]+/g) ?? []).length <= 8 * bytes.length;
      }),
      { numRuns: 2000 },
    );
  });

  it('stops reading a buffer of many landmarks early', () => {
    const one = encodeBlock(block(Array<Json>(50).fill(skeletonMotion(1).payloads[0] ?? null)), { firstSeq: 0 });
    const many = Uint8Array.from(Array.from({ length: 10 }, () => [...one]).flat());
    const { records, read } = decodeBlocks(many, 3 * 50 * 33);
    expect(records).toHaveLength(3);
    expect(read).toBe(3 * one.length);
  });
});
