import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bits, explicit, implicit, integer, octets, oid, sequence, time, utf8 } from '../../../../server/lan/der.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

// Expected bytes: worked out by hand from X.690, and checked with `openssl asn1parse`.
describe('DER', () => {
  it('writes integers without surplus zeros and never as negative', () => {
    expect(hex(integer(Uint8Array.of(0)))).toBe('020100');
    expect(hex(integer(Uint8Array.of(0, 0, 5)))).toBe('020105');
    expect(hex(integer(Uint8Array.of(0x80)))).toBe('02020080');
    expect(hex(integer(Uint8Array.of()))).toBe('020100');
  });
  it('writes object identifiers in base 128', () => {
    expect(hex(oid('1.2.840.10045.4.3.2'))).toBe('06082a8648ce3d040302');
    expect(hex(oid('2.5.29.17'))).toBe('0603551d11');
  });
  it('writes dates with two-digit years before 2050', () => {
    expect(time(new Date('2049-12-31T23:59:59Z')).toString()).toContain('491231235959Z');
    expect(hex(time(new Date('2049-12-31T23:59:59Z'))).slice(0, 4)).toBe('170d');
    expect(time(new Date('2050-01-01T00:00:00.5Z')).toString()).toContain('20500101000000Z');
    expect(hex(time(new Date('2050-01-01T00:00:00Z'))).slice(0, 4)).toBe('180f');
  });
  it('tags strings, bits and contexts', () => {
    expect(hex(utf8('a'))).toBe('0c0161');
    expect(hex(bits(Uint8Array.of(0x06), 1))).toBe('03020106');
    expect(hex(explicit(3, utf8('a')))).toBe('a3030c0161');
    expect(hex(implicit(2, Buffer.from('a')))).toBe('820161');
    expect(hex(sequence())).toBe('3000');
  });
  it('writes short and long lengths', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70_000 }), (length) => {
        const encoded = octets(new Uint8Array(length));
        const first = encoded[1] ?? 0;
        const count = first & 0x80 ? first & 0x7f : 0;
        const read = count === 0 ? first : encoded.readUIntBE(2, count);
        expect(read).toBe(length);
        expect(encoded.length).toBe(2 + count + length);
        if (count > 0) expect(encoded[2]).not.toBe(0);
      }),
    );
  });
});
