import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SensorRow } from '../../../src/outbox/ports.ts';
import { emptyRow, isAside, isGap, parseRecord, parseRow } from '../../../src/outbox/row.ts';

const row: SensorRow = {
  ...emptyRow('s1'),
  nextId: 4096,
  gone: [[0, 1700]],
  oldestUnsentAt: 1_700_000_000_000,
  clean: false,
  attributes: { ecg: { nextSeq: 9, measured: 9, confirmed: 2, setAside: 1, evicted: 0, bytes: 300 } },
  descriptor: { sensorId: 's1', name: 'Strap', sensorType: 'strap', demo: false },
  registrations: [{ attribute: 'ecg', attributeType: 'ecg', samplingRate: 130, ring: 900 }],
  marks: [['tab', 3]],
  unknownAsides: 2,
};

describe('what is read back from disk', () => {
  it('is believed when it has the shape', () => {
    expect(parseRow('s1', structuredClone(row))).toEqual(row);
    expect(parseRow('s1', emptyRow('s1'))).toEqual(emptyRow('s1'));
  });

  it.each([
    ['not an object', 'junk'],
    ['no counts', { ...row, attributes: undefined }],
    ['a negative count', { ...row, attributes: { ecg: { ...row.attributes['ecg'], measured: -1 } } }],
    ['a sequence number that is none', { ...row, attributes: { ecg: { ...row.attributes['ecg'], nextSeq: 0.5 } } }],
    ['no next number', { ...row, nextId: 'x' }],
  ])('is not believed with %s', (_what, value) => {
    expect(parseRow('s1', value)).toBeUndefined();
  });

  it('drops what is broken beside the counts, and keeps the counts', () => {
    const broken = {
      ...row,
      descriptor: { name: 1 },
      registrations: [7, row.registrations[0], { ...row.registrations[0], ring: -1 }],
      marks: 'x',
      gone: [[1]],
    };
    expect(parseRow('s1', broken)).toEqual({ ...row, descriptor: undefined, marks: [], gone: [] });
  });

  it('is understood as earlier versions wrote it', () => {
    const { unknownAsides: _later, ...earlier } = row;
    expect(parseRow('s1', earlier)).toEqual({ ...row, unknownAsides: 0 });
    const record = { attribute: 'ecg', samples: 2, from: 1, to: 2, bytes: Uint8Array.of(1) };
    expect(parseRecord(record)).toEqual(record);
    expect(parseRecord({ ...record, firstSeq: 7 })).toEqual({ ...record, firstSeq: 7 });
    expect(parseRecord({ ...record, firstSeq: -1 })).toEqual(record);
  });

  it('whatever it is, never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(parseRow(value, value) === undefined || typeof value === 'string').toBe(true);
        expect(parseRecord(value)).toBeUndefined();
        expect([isGap(value), isAside(value)]).toEqual([false, false]);
      }),
    );
  });
});
