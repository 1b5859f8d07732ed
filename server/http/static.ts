/** Serves the built app: negotiated encodings, revalidation, strict policy on every file. */
import type { Handler } from 'hono';
import type { Catalog, CatalogEntry, Representation } from './catalog.ts';
import { chooseEncoding } from './compress.ts';
import type { HttpEnv } from './context.ts';
import { hostname } from './hosts.ts';
import { appPolicy } from './security.ts';

/** Answers GET and HEAD for files of the catalog, and passes everything else on. */
export function serveApp(catalog: Catalog, secure: boolean, modelOrigins: readonly string[]): Handler<HttpEnv> {
  return async (c, next) => {
    const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
    const entry = isRead ? catalog.find(new URL(c.req.url).pathname) : undefined;
    if (!entry) return next();
    const file = await entry.load(chooseEncoding(c.req.header('accept-encoding')));
    if (!file) return next();
    const host = c.req.header('host');
    const headers = headersFor(entry, file);
    const named = hostname(host) === undefined ? undefined : host;
    headers.set('content-security-policy', appPolicy(named, secure, modelOrigins));
    if (matches(c.req.header('if-none-match'), file.etag)) return c.body(null, 304, Object.fromEntries(headers));
    headers.set('content-length', String(file.body.length));
    return new Response(new Uint8Array(file.body), { headers });
  };
}

function headersFor(entry: CatalogEntry, file: Representation): Headers {
  const headers = new Headers({
    'content-type': entry.type,
    'cache-control': entry.cacheControl,
    etag: file.etag,
    vary: 'accept-encoding',
  });
  if (file.encoding !== 'identity') headers.set('content-encoding', file.encoding);
  return headers;
}

/** `If-None-Match` compares weakly (RFC 9110 §13.1.2): a `W/` in front does not matter. */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
