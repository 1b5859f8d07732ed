import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomId, stableHash } from '../../../src/lib/hash.ts';

describe('stableHash', () => {
  it('is FNV-1a with 64 bits', () => {
    // Published test vectors: "" and "a" and "foobar".
    const hex = (text: string): string => BigInt(toInteger(stableHash(text))).toString(16);
    expect(hex('')).toBe('cbf29ce484222325');
    expect(hex('a')).toBe('af63dc4c8601ec8c');
    expect(hex('foobar')).toBe('85944171f73967e8');
  });

  it('is fit for an id: 13 characters, stable, different for different texts', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(stableHash(a)).toMatch(/^[0-9a-z]{13}$/);
        return a === b || stableHash(a) !== stableHash(b);
      }),
    );
  });
});

/** Base 36 to an integer without losing bits. */
function toInteger(text: string): bigint {
  return [...text].reduce((sum, digit) => sum * 36n + BigInt(parseInt(digit, 36)), 0n);
}

describe('randomId', () => {
  it('writes every byte as two digits', () => {
    expect(randomId(3, (target) => target.set([0, 10, 255]))).toBe('000aff');
  });
});
