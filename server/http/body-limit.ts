/** A bound on request bodies, announced or not. */
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { HttpEnv } from './context.ts';

/**
 * Refuses bodies over `maxSize` bytes with `onLarge`. A body that comes in chunks is gathered first, since nobody knows its
 * size before; hono's own limit hands such a request (and any DELETE) to a constructor that does not know Node's requests.
 */
export function limitBody(maxSize: number, onLarge: (c: Context<HttpEnv>) => Response) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    if (c.req.header('transfer-encoding') === undefined) {
      // Without either header there is no body, whatever the method.
      return Number(c.req.header('content-length') ?? 0) > maxSize ? onLarge(c) : next();
    }
    const body = await gather(c.req.raw.body, maxSize);
    if (!body) return onLarge(c);
    const { method, headers } = c.req.raw;
    const plain = method === 'GET' || method === 'HEAD';
    c.req.raw = new Request(c.req.url, { method, headers, ...(!plain && { body }) });
    return next();
  });
}

/** The whole body, or undefined as soon as it is too large; the rest is not read then. */
async function gather(
  stream: ReadableStream<Uint8Array> | null,
  maxSize: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = stream?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    size += read.value.length;
    if (size > maxSize) return undefined;
    chunks.push(read.value);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}
