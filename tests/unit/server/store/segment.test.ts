import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../../../server/store/bytes.ts';
import { readColumn, writeColumn } from '../../../../server/store/columns.ts';
import { decodeSegment, encodeSegment } from '../../../../server/store/segment.ts';
import type { WireSample } from '../../../../src/protocol/ingest.ts';

function columnSize(values: unknown[]): { size: number; back: unknown[] } {
  const out = new ByteWriter();
  writeColumn(out, values);
  const bytes = out.finish();
  return { size: bytes.length, back: readColumn(new ByteReader(bytes), values.length) };
}

function throughSegment(samples: WireSample[]) {
  return decodeSegment(encodeSegment(new ByteWriter(), samples), 's', 'a');
}

describe('bytes', () => {
  it('gives back every varint up to 53 bits', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), (values) => {
        const out = new ByteWriter();
        for (const value of values) out.varint(value);
        const input = new ByteReader(out.finish());
        expect(values.map(() => input.varint())).toEqual(values);
      }),
    );
  });

  it('refuses to read past the end', () => {
    expect(() => new ByteReader(Uint8Array.of(0x80)).varint()).toThrow(RangeError);
    expect(() => new ByteReader(Uint8Array.of(9, 65)).text()).toThrow(RangeError);
  });
});

describe('columns', () => {
  it('gives back any doubles exactly, zero signs included', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true })), (values) => {
        const { back } = columnSize(values);
        expect(back.every((value, i) => Object.is(value, values[i]))).toBe(true);
      }),
    );
  });

  it('gives back decimals as they were written', () => {
    const decimals = fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 6 }));
    fc.assert(
      fc.property(fc.array(decimals), (pairs) => {
        const values = pairs.map(([integer, digits]) => Number(`${integer}e-${digits}`)).map((v) => v + 0);
        expect(columnSize(values).back).toEqual(values.map((v) => (Object.is(v, -0) ? 0 : v)));
      }),
    );
  });

  it('keeps a steady signal in few bytes and noise in eight', () => {
    const times = Array.from({ length: 100 }, (_, i) => 1_706_000_000_000 + i * 4);
    expect(columnSize(times).size).toBeLessThan(110);
    const ecg = times.map((_, i) => Math.round(Math.sin(i / 8) * 512) / 1000);
    expect(columnSize(ecg).size).toBeLessThan(210);
    expect(columnSize(times.map((_, i) => Math.sin(i))).size).toBe(801);
  });

  it('keeps what went through a 32-bit float as small as what did not', () => {
    const ecg = Array.from({ length: 100 }, (_, i) => Math.fround(Math.round(Math.sin(i / 8) * 512) / 1000));
    const { size, back } = columnSize(ecg);
    expect(back).toEqual(ecg);
    expect(size).toBeLessThan(210);
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true })), (values) => {
        expect(columnSize(values).back.every((value, i) => Object.is(value, values[i]))).toBe(true);
      }),
    );
  });

  it('gives back any JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        const json: unknown[] = JSON.parse(JSON.stringify(values)) as unknown[];
        expect(columnSize(json).back).toEqual(json);
      }),
    );
  });
});

describe('segment', () => {
  const sample = fc.record({
    attribute_id: fc.constant('a'),
    payload: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.jsonValue()),
    timestamp: fc.oneof(fc.maxSafeInteger(), fc.jsonValue()),
  });
  const extras = fc.oneof(
    fc.constant({}),
    fc.record({ seq: fc.nat() }),
    fc.dictionary(
      fc.string({ unit: 'binary' }).filter((key) => !['attribute_id', 'payload', 'timestamp'].includes(key)),
      fc.jsonValue(),
    ),
  );

  it('gives back any samples with payload, timestamp and extra keys', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(sample, extras), { minLength: 1, maxLength: 20 }), (pairs) => {
        // As they would come off the wire.
        const samples = pairs.map(([s, x]) => JSON.parse(JSON.stringify({ ...x, ...s })) as WireSample);
        const back = throughSegment(samples).map(({ payload, timestamp, extra }) => ({
          attribute_id: 'a',
          payload,
          timestamp,
          ...extra,
        }));
        expect(back).toEqual(samples);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps an own key named __proto__', () => {
    const odd = JSON.parse('{"attribute_id":"a","payload":1,"timestamp":2,"__proto__":{"x":1}}') as WireSample;
    const [back] = throughSegment([odd]);
    expect(Object.getOwnPropertyDescriptor(back?.extra ?? {}, '__proto__')?.value).toEqual({ x: 1 });
  });

  it('tells damage apart from data', () => {
    const good = encodeSegment(new ByteWriter(), [{ attribute_id: 'a', payload: 'x', timestamp: 1 }]);
    for (let cut = 0; cut < good.length; cut++) {
      expect(() => decodeSegment(good.subarray(0, cut), 's', 'a')).toThrow();
    }
    expect(() => decodeSegment(Uint8Array.of(9, ...good.subarray(1)), 's', 'a')).toThrow('unknown segment version');
  });
});
