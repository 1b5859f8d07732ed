import { describe, expect, it } from 'vitest';
import { bytes, flatbuffer, i8, int32s, nodes, table, text, u32 } from '../../../support/pose-model/flatbuffer.ts';

const hex = (of: Uint8Array): string => Array.from(of, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

describe('flatbuffer', () => {
  it('writes a table: root, identifier, vtable, fields at their alignment', () => {
    const root = table({ 0: i8(-2), 2: u32(7) });
    expect(hex(flatbuffer(root, 'TEST'))).toBe(
      [
        '14 00 00 00', // root at 20
        '54 45 53 54', // TEST
        '00 00', // so that the table starts at a multiple of 4
        '0a 00 0c 00', // vtable of 10 bytes, table of 12
        '04 00 00 00 08 00', // slot 0 at 4, slot 1 absent, slot 2 at 8
        '0a 00 00 00', // back to the vtable: 10
        'fe 00 00 00', // -2
        '07 00 00 00', // 7
      ].join(' '),
    );
  });

  it('writes what a table leads to behind it: strings with their end, vectors with their length', () => {
    const root = table({ 0: text('ab'), 1: int32s([-1]) });
    expect(hex(flatbuffer(root, 'TEST').subarray(16))).toBe(
      [
        '08 00 00 00', // back to the vtable
        '08 00 00 00', // the string is 8 further
        '0c 00 00 00', // the vector is 12 further
        '02 00 00 00 61 62 00', // "ab"
        '00', // alignment
        '01 00 00 00 ff ff ff ff', // [-1]
      ].join(' '),
    );
  });

  it('aligns the first byte of a vector as asked, from the start of the buffer', () => {
    for (let before = 0; before < 20; before++) {
      const root = table({ 0: text('x'.repeat(before)), 1: bytes(Uint8Array.of(0xab, 0xcd), 16) });
      const buffer = flatbuffer(root, 'TEST');
      expect(buffer.indexOf(0xab) % 16).toBe(0);
    }
  });

  it('writes trees larger than its first room', () => {
    const leaf = (index: number) => table({ 0: u32(index), 1: text('leaf') });
    const buffer = flatbuffer(table({ 0: nodes(Array.from({ length: 500 }, (_, index) => leaf(index))) }), 'TEST');
    const view = new DataView(buffer.buffer);
    const follow = (at: number): number => at + view.getUint32(at, true);
    const root = follow(0);
    const vector = follow(root + 4);
    expect(view.getUint32(vector, true)).toBe(500);
    for (const index of [0, 1, 499]) {
      const table = follow(vector + 4 + 4 * index);
      expect(view.getUint32(table + 4, true)).toBe(index);
      const name = follow(table + 8);
      expect(new TextDecoder().decode(buffer.subarray(name + 4, name + 8))).toBe('leaf');
    }
  });
});
