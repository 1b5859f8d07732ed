import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributeType, isAttributeId } from '../../../src/model/attribute.ts';

describe('isAttributeId', () => {
  it.each(['ecg', 'a', '9', '3d-accel', 'rr_interval', 'x'.repeat(64)])('takes %s', (id) => {
    expect(isAttributeId(id)).toBe(true);
  });

  it.each(['', '_x', '-x', 'bad id', 'a.b', 'x'.repeat(65), 'nl\n', 'ü', null, 7, {}, ['ecg']])('refuses %j', (id) => {
    expect(isAttributeId(id)).toBe(false);
  });

  it('takes exactly what its alphabet allows', () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
    const rest = fc.string({ unit: fc.constantFrom(...letters, '_', '-'), maxLength: 63 });
    fc.assert(fc.property(fc.constantFrom(...letters), rest, (first, tail) => isAttributeId(first + tail)));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (id) => isAttributeId(id) === /^[^\W_][\w-]{0,63}$/.test(id)));
  });
});

describe('attributeType', () => {
  it('knows the heart', () => {
    expect(attributeType('heartrate')).toMatchObject({ unit: 'bpm', category: 'health', digits: 0 });
    expect(attributeType('HeartRate')).toBe(attributeType('heartrate'));
  });

  it('passes unknown types as generic, also names of object members', () => {
    for (const type of ['made_up', 'constructor', '__proto__', '']) {
      expect(attributeType(type)).toEqual({ type, category: 'generic', unit: '', digits: 2 });
    }
  });
});
