/** Which encoding a client gets, and the bytes in it. Compression runs in Node's thread pool, not in the event loop. */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export type Encoding = 'br' | 'gzip' | 'identity';

const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzip);

/** Above this many bytes (WebAssembly, models) the slow brotli levels would keep the first visitor waiting. */
const LARGE = 512 * 1024;

/**
 * Picks from an `Accept-Encoding` header: brotli before gzip before plain, as far as the client does not refuse them
 * (`q=0`). Whatever the header says, an answer is possible: plain is always served.
 */
export function chooseEncoding(header: string | undefined): Encoding {
  const weights = new Map<string, number>();
  for (const part of (header ?? '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, q === undefined ? 1 : Number(q.slice(2)));
  }
  const accepts = (name: string): boolean => (weights.get(name) ?? weights.get('*') ?? 0) > 0;
  if (accepts('br')) return 'br';
  return accepts('gzip') ? 'gzip' : 'identity';
}

/** The bytes in an encoding. */
export async function compress(bytes: Buffer, encoding: Encoding): Promise<Buffer> {
  const large = bytes.length > LARGE;
  if (encoding === 'gzip') return gzipAsync(bytes, { level: large ? 6 : 9 });
  if (encoding === 'identity') return bytes;
  return brotliAsync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: large ? 5 : 9,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}
