import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseEncoding, compress } from '../../../../server/http/compress.ts';

describe('chooseEncoding', () => {
  it.each([
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['GZIP;q=0.5', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0, gzip;q=0', 'identity'],
    ['*', 'br'],
    ['br;q=0, *', 'gzip'],
    ['identity', 'identity'],
    ['br;q=nonsense', 'identity'],
  ] as const)('%j → %s', (header, encoding) => expect(chooseEncoding(header)).toBe(encoding));

  it('answers any header', () => {
    fc.assert(fc.property(fc.string(), (header) => ['br', 'gzip', 'identity'].includes(chooseEncoding(header))));
  });
});

describe('compress', () => {
  it('can be undone, small and large', async () => {
    for (const size of [0, 1000, 700_000]) {
      const plain = Buffer.alloc(size, 'sensor ');
      expect(brotliDecompressSync(await compress(plain, 'br')).equals(plain)).toBe(true);
      expect(gunzipSync(await compress(plain, 'gzip')).equals(plain)).toBe(true);
      expect(await compress(plain, 'identity')).toBe(plain);
    }
  });
});
