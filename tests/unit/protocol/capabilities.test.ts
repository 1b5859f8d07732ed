import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Capabilities,
  capabilitiesToWire,
  GATEWAY_CAPABILITIES,
  NO_CAPABILITIES,
  parseCapabilities,
} from '../../../src/protocol/capabilities.ts';
import { parseReceipt, parseReceiptRequest } from '../../../src/protocol/receipt.ts';

const KEYS = ['binary', 'out_of_order', 'dedup', 'history', 'receipt'];

describe('capabilities', () => {
  it('are announced as agreed, and nothing by the stock server', () => {
    const wire = { binary: 1, out_of_order: true, dedup: true, history: true, receipt: true };
    expect(capabilitiesToWire(GATEWAY_CAPABILITIES)).toEqual(wire);
    expect(capabilitiesToWire(NO_CAPABILITIES)).toEqual({});
    expect(parseCapabilities({})).toEqual(NO_CAPABILITIES);
  });

  it('come back as they were announced, whatever else is said', () => {
    const each = fc.boolean();
    const some: fc.Arbitrary<Capabilities> = fc.record({
      ...{ binary: each, outOfOrder: each, dedup: each, history: each, receipt: each },
    });
    const further = fc.dictionary(
      fc.string().filter((key) => !KEYS.includes(key)),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(some, further, (capabilities, more) => {
        expect(parseCapabilities({ ...more, ...capabilitiesToWire(capabilities) })).toEqual(capabilities);
      }),
    );
  });

  it('are never read into what is odd', () => {
    const odd = fc.jsonValue().filter((value) => value !== true && value !== 1);
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...KEYS), odd)), (raw) => {
        const parsed = parseCapabilities(raw);
        if (typeof raw === 'object' && raw !== null && KEYS.some((key) => Object.hasOwn(raw, key))) {
          expect(parsed).toEqual(NO_CAPABILITIES);
        }
        expect(Object.values(parsed).every((can) => typeof can === 'boolean')).toBe(true);
      }),
    );
    expect(parseCapabilities({ binary: 2 }).binary).toBe(false);
  });
});

describe('receipts', () => {
  it('are read as they are written, and refused when a field is odd', () => {
    const ecg = { count: 3, durable: 2, ranges: [[0, 2]] };
    expect(parseReceipt({ attributes: { ecg, hr: { ...ecg, truncated: true } } })).toEqual({
      ok: true,
      value: { attributes: { ecg, hr: { ...ecg, truncated: true } } },
    });
    const bad = [
      { ...ecg, count: -1 },
      { ...ecg, durable: '2' },
      { ...ecg, ranges: [[2, 0]] },
      { ...ecg, ranges: [[0]] },
      { ...ecg, ranges: null },
      7,
    ];
    for (const entry of bad) expect(parseReceipt({ attributes: { ecg: entry } })).toMatchObject({ ok: false });
    fc.assert(fc.property(fc.jsonValue(), (raw) => typeof parseReceipt(raw).ok === 'boolean'));
  });

  it('are asked for by attribute, or for all', () => {
    expect(parseReceiptRequest({ attributes: ['ecg', 5, 'a b', 'hr'] })).toEqual(['ecg', 'hr']);
    expect(parseReceiptRequest({ attributes: [] })).toEqual([]);
    for (const all of [{}, null, [], 'ecg', { attributes: 'ecg' }]) expect(parseReceiptRequest(all)).toBeUndefined();
  });
});
