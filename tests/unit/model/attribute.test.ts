import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAttributeId } from '../../../src/model/attribute.ts';

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
