import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeMapping, parseMapping, readMapping, servicesOf, writeMapping } from '../../../src/model/mapping.ts';

const SERVICE = '0000fff0-0000-1000-8000-00805f9b34fb';
const CHARACTERISTIC = '0000fff1-0000-1000-8000-00805f9b34fb';
const reading = { attribute: 'grip', attributeType: 'force', offset: 2, type: 'uint16' } as const;
const draft = {
  name: 'Grip meter',
  characteristics: [{ service: SERVICE, characteristic: CHARACTERISTIC, readings: [reading] }],
};

describe('a mapping', () => {
  it('fills in what was not said, and comes back from its own file', () => {
    const made = makeMapping(draft);
    if (!made.ok) throw new Error(made.error.code);
    expect(made.value.characteristics[0]?.readings[0]).toEqual({
      ...reading,
      ...{ unit: '', endian: 'little', scale: 1, add: 0, samplingRate: 0 },
    });
    expect(readMapping(writeMapping(made.value))).toEqual(made);
    expect(servicesOf(made.value)).toEqual([SERVICE]);
  });

  it.each([
    { attributeType: 'temperature', unit: '°C' },
    { attributeType: 'temperature', unit: '' },
    { attributeType: 'ph', unit: 'pH' },
    { attributeType: 'soil', unit: '%' },
  ])('takes $attributeType in “$unit”', (change) => {
    const readings = [{ ...reading, ...change }];
    const characteristics = [{ service: SERVICE, characteristic: CHARACTERISTIC, readings }];
    expect(makeMapping({ ...draft, characteristics })).toMatchObject({ ok: true });
  });

  it.each([
    ['an attribute id the server would refuse', { attribute: 'two words' }],
    ['a place before the packet', { offset: -1 }],
    ['a place beyond any packet', { offset: 512 }],
    ['a type that is none', { type: 'uint12' }],
    ['a known reading in a unit that is not its own', { attributeType: 'temperature', unit: '°F' }],
    ['a scale of nothing', { scale: 0 }],
    ['a scale without end', { scale: Infinity }],
  ])('refuses %s', (_, change) => {
    const readings = [{ ...reading, ...change }];
    const made = parseMapping({
      ...{ format: 'sensocto-device-mapping', version: 1, name: 'x' },
      characteristics: [{ service: SERVICE, characteristic: CHARACTERISTIC, readings }],
    });
    expect(made).toMatchObject({ ok: false, error: { code: 'mapping-invalid' } });
  });

  it('refuses two readings of one name', () => {
    const characteristics = [{ service: SERVICE, characteristic: CHARACTERISTIC, readings: [reading, reading] }];
    expect(makeMapping({ ...draft, characteristics })).toMatchObject({ error: { code: 'mapping-duplicate' } });
  });

  it('is made of no file that is none of ours', () => {
    fc.assert(fc.property(fc.json(), (text) => !readMapping(text).ok));
    fc.assert(fc.property(fc.string(), (text) => !readMapping(text).ok));
    expect(readMapping('x'.repeat(200_001))).toMatchObject({ error: { detail: 'too large' } });
  });
});
