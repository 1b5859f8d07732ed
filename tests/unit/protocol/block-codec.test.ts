/** The block form: literal bytes of every coding, any block back bit for bit, no change of any bit unnoticed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block, Json } from '../../../src/model/block.ts';
import { decodeBlock, encodeBlock, MAX_BLOCK_SAMPLES } from '../../../src/protocol/block-codec.ts';
import { crc32c } from '../../../src/protocol/block-codec/crc32c.ts';
import { writeEnvelope } from '../../../src/protocol/block-codec/envelope.ts';
import { ECG_RATE, noiseSource, syntheticEcg } from '../../support/ecg.ts';

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const grid = (count: number, time: (i: number) => number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => time(i));
const numeric = (attribute: string, times: Float64Array, values: readonly number[]): Block => ({
  kind: 'numeric',
  attribute,
  times,
  values: Float32Array.from(values),
});

/** Memory of the values, so that NaN, −0 and every last bit count. */
function bits(values: Float32Array): number[] {
  return [...new Uint32Array(values.buffer, values.byteOffset, values.length)];
}

function decoded(bytes: Uint8Array): { block: Block; firstSeq: number } {
  const result = decodeBlock(bytes);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`);
  return result.value;
}

function errorOf(bytes: Uint8Array): string | undefined {
  const result = decodeBlock(bytes);
  return result.ok ? undefined : result.error.code;
}

/** A record around any header and rest, with a sound envelope and checksum. */
function record(header: string, rest = ''): Uint8Array {
  const body = hex(header);
  const content = Uint8Array.from([body.length, ...body, ...hex(rest)]);
  const bytes = Uint8Array.from([...writeEnvelope(content.length + 4), ...content, 0, 0, 0, 0]);
  new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32c(bytes, 0, bytes.length - 4), true);
  return bytes;
}

interface Golden {
  readonly name: string;
  readonly block: Block;
  readonly firstSeq: number;
  readonly unit?: number;
  readonly bytes: string;
}

const GOLDEN: readonly Golden[] = [
  {
    name: 'one heart rate: one instant, constant column',
    block: numeric('heartrate', Float64Array.of(1_700_000_000_000), [72]),
    firstSeq: 300,
    bytes: 'f9b101 210000 a468 19 00 09686561727472617465 ac02 01 00008056febc7842 00 0101 009001 e15a345a',
  },
  {
    name: 'regular times, Rice-coded differences with an outlier',
    block: numeric(
      'ecg',
      grid(10, (i) => 1_700_000_000_000 + i * 7.6875),
      [12, 14, 13, 11, 900, -300, 10, 12, 13, 11],
    ),
    firstSeq: 0,
    bytes:
      'f9b101 2d0000 7bf2 1a 00 03656367 00 0a 00008056febc7842 01 0000000000c01e40 0101 4018 080101013ff8bd1900400004 66a33a21',
  },
  {
    name: 'packed to a common width',
    block: numeric(
      'ecg',
      grid(10, (i) => 1000 + i * 8),
      [0, 1, 3, 2, 0, 1, 3, 2, 0, 1],
    ),
    firstSeq: 0,
    bytes:
      'f9b101 260000 cd0c 1a 00 03656367 00 0a 0000000000408f40 01 0000000000002040 0101 24 00 834cc88400 4f7276c0',
  },
  {
    name: 'irregular times in ticks of 10 ms, RR intervals in 1/1024 s',
    block: numeric('rr', Float64Array.of(1000, 1850, 2710, 3550), [850.5859375, 859.375, 840.8203125, 860.3515625]),
    firstSeq: 1,
    bytes: 'f9b101 230000 a93a 13 00 027272 01 04 0000000000408f40 02904e 0105 20aa01 8201 20ce0d 859c14 011f963c',
  },
  {
    name: 'raw times, integers with a negative zero',
    block: numeric('a', Float64Array.of(0, 1e15), [0.5, -0]),
    firstSeq: 1,
    bytes: 'f9b101 230000 a93a 10 00 0161 01 02 0000000000000000 03 0302 00003426f56b0c43 200a 4402 0101 f9a0b88d',
  },
  {
    name: 'bits of floats as integers',
    block: numeric(
      'a',
      grid(3, (i) => i * 2),
      [Math.PI, Math.fround(Math.PI) + 3e-7, Math.fround(Math.PI) - 3e-7],
    ),
    firstSeq: 1,
    bytes: 'f9b101 200000 dafa 11 00 0161 01 03 0000000000000000 02d00f 02 0002 20b6bfc88408 8201 54e8a9fd',
  },
  {
    name: 'raw floats at one instant',
    block: numeric('a', Float64Array.of(5, 5), [Math.PI, -1e30]),
    firstSeq: 1,
    bytes: 'f9b101 1c0000 9be6 0f 00 0161 01 02 0000000000001440 00 00 db0f4940 caf249f1 91959c0e',
  },
  {
    name: 'a scale of the device’s own',
    block: numeric('a', Float64Array.of(5, 5), [0.0488, 0.0976]),
    firstSeq: 1,
    unit: 0.0488,
    bytes: 'f9b101 200000 dafa 18 00 0161 01 02 0000000000001440 00 0100 07f0164850fca83f 2002 82 7e223289',
  },
  {
    name: 'structured values as JSON',
    block: {
      kind: 'structured',
      attribute: 'battery',
      times: Float64Array.of(5),
      payloads: [{ level: 80, charging: true }],
    },
    firstSeq: 2 ** 53 - 2,
    bytes:
      'f9b101 3e0000 824f 1b 01 0762617474657279 feffffffffffff0f 01 0000000000001440 00 ' +
      '5b7b226c6576656c223a38302c226368617267696e67223a747275657d5d 98b68019',
  },
  {
    name: 'nothing at all',
    block: numeric('a', new Float64Array(0), []),
    firstSeq: 0,
    bytes: 'f9b101 140000 5ed8 0f 00 0161 00 00 0000000000000000 00 00 705a6eeb',
  },
];

describe.each(GOLDEN)('bytes: $name', ({ block, firstSeq, unit, bytes }) => {
  it('are these', () => {
    const encoded = encodeBlock(block, unit === undefined ? { firstSeq } : { firstSeq, unit });
    expect(toHex(encoded)).toBe(bytes.replaceAll(' ', ''));
    expect(encoded.buffer.byteLength).toBe(encoded.length);
  });

  it('hold the block', () => {
    expect(decoded(hex(bytes))).toEqual({ block, firstSeq });
  });

  it('lose no bit unnoticed', () => {
    const sound = hex(bytes);
    for (let bit = 0; bit < 8 * sound.length; bit++) {
      const flipped = sound.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(errorOf(flipped), `bit ${bit}`).toBe('block-corrupt');
    }
  });

  it('cannot be cut or lengthened unnoticed', () => {
    const sound = hex(bytes);
    for (let end = 0; end < sound.length; end++) expect(errorOf(sound.subarray(0, end))).toBe('block-corrupt');
    expect(errorOf(Uint8Array.from([...sound, 0]))).toBe('block-corrupt');
  });
});

const attribute = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$/);
const firstSeq = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 53 - 1000 }));

/** Values of many kinds of sources; all of Float32 but NaN, which sources exclude. */
const value = fc.float({ noNaN: true });
const scaled = fc
  .tuple(
    fc.constantFrom(1, 0.1, 0.01, 0.001, 125 / 128, 1 / 1024, 0.0488),
    fc.array(fc.integer({ min: -4000, max: 4000 })),
  )
  .map(([unit, integers]) => integers.map((integer) => integer * unit));
const smooth = fc
  .tuple(fc.double({ min: -100, max: 100, noNaN: true }), fc.array(fc.double({ min: -1, max: 1, noNaN: true })))
  .map(([start, steps]) => steps.map((step) => (start += step)));
const spiky = fc.array(fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -3, max: 3 }) }, fc.maxSafeInteger()));
const values = fc.oneof(fc.array(value), scaled, smooth, spiky, fc.array(fc.constantFrom(0, -0, 1)));

/** Whole microseconds of this century, in any order, near or far apart. */
const microseconds = (count: number) =>
  fc
    .tuple(
      fc.integer({ min: -1e15, max: 2e15 }),
      fc.array(fc.oneof(fc.integer({ min: -5, max: 2e6 }), fc.integer({ min: -1e13, max: 1e13 })), {
        minLength: count,
        maxLength: count,
      }),
    )
    .map(([start, gaps]) => Float64Array.from(gaps, (gap) => (start += gap) / 1000));

const numericBlock = values.chain((list) =>
  fc.tuple(attribute, microseconds(list.length)).map(([id, times]) => numeric(id, times, list)),
);
const structuredBlock = fc.array(fc.jsonValue()).chain((list) =>
  fc.tuple(attribute, microseconds(list.length)).map(([id, times]): Block => {
    // What JSON can say, as JSON says it: no negative zero.
    const payloads = JSON.parse(JSON.stringify(list)) as Json[];
    return { kind: 'structured', attribute: id, times, payloads };
  }),
);

describe('round trip', () => {
  it('brings any numbers back bit for bit, and whole microseconds that are not regular', () => {
    fc.assert(
      fc.property(numericBlock, firstSeq, (block, seq) => {
        const back = decoded(encodeBlock(block, { firstSeq: seq }));
        if (back.block.kind !== 'numeric' || block.kind !== 'numeric') return false;
        expect(back.firstSeq).toBe(seq);
        expect(back.block.attribute).toBe(block.attribute);
        expect(bits(back.block.values)).toEqual(bits(block.values));
        // Three or more random gaps of whole microseconds may happen to be regular within half of one.
        return block.times.every((time, i) => Math.abs(time - (back.block.times[i] ?? NaN)) <= 0.0005);
      }),
      { numRuns: 1000 },
    );
  });

  it('brings whole microseconds of irregular streams back exactly', () => {
    const irregular = microseconds(20).map((times) => {
      // An early sample that is 2 µs late: no period fits.
      times[1] = (Math.round(((times[0] ?? 0) + ((times[19] ?? 0) - (times[0] ?? 0)) / 19) * 1000) + 2) / 1000;
      return times;
    });
    fc.assert(
      fc.property(irregular, (times) => {
        const block = numeric('a', times, [...times].fill(1));
        expect(decoded(encodeBlock(block, { firstSeq: 0 })).block.times).toEqual(times);
      }),
    );
  });

  it('brings any JSON back', () => {
    fc.assert(
      fc.property(structuredBlock, firstSeq, (block, seq) => {
        const back = decoded(encodeBlock(block, { firstSeq: seq })).block;
        expect(back.kind === 'structured' && back.payloads).toEqual(block.kind === 'structured' && block.payloads);
      }),
    );
  });

  it('keeps a stream of constant period bit for bit, whatever the period', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1.5e12, max: 2e12, noNaN: true }),
        fc.double({ min: 0.5, max: 5000, noNaN: true }),
        fc.integer({ min: 4, max: 800 }),
        (start, period, count) => {
          const times = grid(count, (i) => start + i * period);
          const bytes = encodeBlock(numeric('ecg', times, [...times].fill(7)), { firstSeq: 0 });
          expect(bytes.length).toBeLessThan(52);
          const back = decoded(bytes).block.times;
          return times.every((time, i) => Math.abs(time - (back[i] ?? NaN)) <= 0.0005);
        },
      ),
    );
  });

  it('keeps times that are no microseconds of this century, NaN among them', () => {
    for (const times of [
      [NaN, 1, 2, 3],
      [0, Infinity],
      [1e300, 2, 5],
      [0, 5e9, 7, 1e12],
    ]) {
      const block = numeric('a', Float64Array.from(times), [...times].fill(1));
      expect(decoded(encodeBlock(block, { firstSeq: 0 })).block.times).toEqual(block.times);
    }
  });

  it('keeps NaN values with their bits, though sources send none', () => {
    const floats = new Float32Array(new Uint32Array([0x7fc00001, 0xffc00000, 0x3f800000]).buffer);
    const block: Block = { kind: 'numeric', attribute: 'a', times: Float64Array.of(1, 2, 3), values: floats };
    const back = decoded(encodeBlock(block, { firstSeq: 0 })).block;
    expect(back.kind === 'numeric' && bits(back.values)).toEqual(bits(floats));
  });

  it('reads a record inside a larger buffer', () => {
    const block = numeric('ecg', Float64Array.of(1, 2), [3, 4]);
    const bytes = encodeBlock(block, { firstSeq: 5 });
    const larger = Uint8Array.from([1, 2, 3, ...bytes, 9]);
    expect(decoded(larger.subarray(3, 3 + bytes.length))).toEqual({ block, firstSeq: 5 });
  });
});

describe('what the encoder refuses', () => {
  const times = Float64Array.of(1);
  it.each<[string, Block, number]>([
    ['an attribute id the server would not take', numeric('not an id', times, [1]), 0],
    ['columns of different lengths', numeric('a', times, [1, 2]), 0],
    [
      'too many samples',
      numeric('a', new Float64Array(MAX_BLOCK_SAMPLES + 1), Array<number>(MAX_BLOCK_SAMPLES + 1).fill(0)),
      0,
    ],
    ['too much JSON', { kind: 'structured', attribute: 'a', times, payloads: ['x'.repeat(2 ** 24)] }, 0],
    ['a negative sequence number', numeric('a', times, [1]), -1],
    ['a fraction of a sequence number', numeric('a', times, [1]), 0.5],
    ['a sequence number beyond 2^53', numeric('a', times, [1]), 2 ** 53],
  ])('%s', (_name, block, seq) => {
    expect(() => encodeBlock(block, { firstSeq: seq })).toThrow(RangeError);
  });
});

describe('what the decoder makes of other writers', () => {
  // kind, id "a", seq 1, count 2, first time, one instant, raw floats
  const HEADER = '00 0161 01 02 0000000000001440 00 00';
  const FLOATS = '0000803f 00000040';

  it('skips header fields it does not know', () => {
    const later = record(`${HEADER} 01020304`, FLOATS);
    expect(decoded(later)).toEqual(decoded(record(HEADER, FLOATS)));
  });

  it.each([
    ['kind', '07 0161 01 02 0000000000001440 00 00', FLOATS],
    ['timing', '00 0161 01 02 0000000000001440 09 00', FLOATS],
    ['coding', '00 0161 01 02 0000000000001440 00 09', FLOATS],
    ['scale', '00 0161 01 02 0000000000001440 00 01c8', FLOATS],
    ['column method', '00 0161 01 02 0000000000001440 00 02', 'e000'],
  ])('says that an unknown %s is of a later version', (_name, header, rest) => {
    expect(errorOf(record(header, rest))).toBe('block-version');
  });

  it('says that an unknown version is of a later version, whatever is inside', () => {
    const bytes = Uint8Array.from([0xf9, 0xb1, 2, 5, 0, 0, 0, 0, 1, 2, 3, 4, 5]);
    new DataView(bytes.buffer).setUint16(6, crc32c(bytes, 0, 6) & 0xffff, true);
    expect(errorOf(bytes)).toBe('block-version');
  });

  it.each([
    ['a header longer than the record', '00', ''],
    ['more samples than allowed', '00 0161 01 818040 0000000000001440 00 00', ''],
    ['sequence numbers beyond 2^53', '00 0161 ffffffffffffff0f 02 0000000000001440 00 00', FLOATS],
    ['a number longer than 2^53', '00 0161 ffffffffffffffffff01 02 0000000000001440 00 00', FLOATS],
    ['values missing', HEADER, '0000803f'],
    ['bytes left over', HEADER, `${FLOATS} 00`],
    ['times missing', '00 0161 01 02 0000000000001440 03 00', '00'],
    ['a column that ends early', '00 0161 01 20 0000000000001440 00 02', '4000ff'],
    ['a width over 32 bits', '00 0161 01 02 0000000000001440 00 02', '20003f'],
    ['negative zeros beyond the end', '00 0161 01 02 0000000000001440 00 0301', '00 00 01 02'],
    ['JSON that is none', '01 0161 01 01 0000000000001440 00', '7b'],
    ['text that is no UTF-8', '01 0161 01 01 0000000000001440 00', '5b 22ff22 5d'],
    ['too few payloads', '01 0161 01 02 0000000000001440 00', '5b 31 5d'],
    ['payloads that are no list', '01 0161 01 01 0000000000001440 00', '7b7d'],
  ])('refuses %s, though the checksum holds', (_name, header, rest) => {
    expect(errorOf(record(header, rest))).toBe('block-corrupt');
  });

  it('refuses an attribute id that the server would not take', () => {
    expect(errorOf(record('00 015f 01 02 0000000000001440 00 00', FLOATS))).toBe('attribute-id-invalid');
  });

  it('never throws: any bytes, and any content behind a sound checksum', () => {
    const content = fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 60 }));
    const start = fc.constantFrom('00 0161 01', '01 0161 01', '03 0161 01', '');
    fc.assert(fc.property(fc.uint8Array(), (bytes) => errorOf(bytes) === 'block-corrupt'));
    fc.assert(
      fc.property(start, content, (head, [header, rest]) => {
        const result = decodeBlock(record(head + toHex(header), toHex(rest)));
        return result.ok ? result.value.block.times.length <= MAX_BLOCK_SAMPLES : result.error.code.length > 0;
      }),
      { numRuns: 2000 },
    );
  });
});

describe('size of an ECG of 130 Hz, all overhead included', () => {
  const noise = noiseSource(7);
  const signals = {
    'noise of 3 µV': syntheticEcg(60 * ECG_RATE, () => noise.gauss(3)),
    'noise of ±20 µV': syntheticEcg(60 * ECG_RATE, () => noise.uniform(20)),
  };
  const inMillivolts = signals['noise of 3 µV'].map((microvolts) => microvolts / 1000);

  /** Mean bytes per sample over blocks of the given length, each of which is checked. */
  function bytesPerSample(signal: Float32Array, length: number): number {
    let bytes = 0;
    let samples = 0;
    for (let from = 0; from + length <= signal.length; from += length) {
      const start = 1_700_000_000_123 + (from * 1000) / 130.07;
      const times = grid(length, (i) => start + (i * 1000) / 130.07);
      const slice = signal.slice(from, from + length);
      const record = encodeBlock({ kind: 'numeric', attribute: 'ecg', times, values: slice }, { firstSeq: 1e6 + from });
      const back = decoded(record).block;
      expect(back.kind === 'numeric' && back.values).toEqual(slice);
      bytes += record.length;
      samples += length;
    }
    return bytes / samples;
  }

  it.each([
    [73, 1.45, 1.6],
    [130, 1.2, 1.35],
    [650, 0.92, 1.06],
  ])('in blocks of %i', (length, quiet, noisy) => {
    expect(bytesPerSample(signals['noise of 3 µV'], length)).toBeLessThan(quiet);
    expect(bytesPerSample(inMillivolts, length)).toBeLessThan(quiet);
    expect(bytesPerSample(signals['noise of ±20 µV'], length)).toBeLessThan(noisy);
  });
});

it('uses the checksum it says (RFC 3720, B.4)', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
});
