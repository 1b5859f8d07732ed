/**
 * The built app as a fixed list of URL paths, made once at start. A request can only name an entry of the list, so no
 * path whatever leads outside the folder.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { compress, type Encoding } from './compress.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
/** Already compressed; doing it again only costs time. */
const DENSE = new Set(['.png', '.jpg', '.webp', '.woff2']);

export interface Representation {
  readonly body: Buffer;
  readonly encoding: Encoding;
  /** Strong, and different for each encoding. */
  readonly etag: string;
}

export interface CatalogEntry {
  readonly type: string;
  readonly cacheControl: string;
  /**
   * The file in an encoding, or plain where compressing it makes no sense. Kept in memory after the first call; undefined
   * when the file has gone since the start (the app was built anew underneath us).
   */
  load(encoding: Encoding): Promise<Representation | undefined>;
}

export interface Catalog {
  /** @param urlPath as in the request, percent-encoded; `/` is the app's page */
  find(urlPath: string): CatalogEntry | undefined;
}

/** Lists the files of `appDir` (missing folder: an empty catalog, as the app is not built). */
export async function openCatalog(appDir: string): Promise<Catalog> {
  const entries = new Map<string, CatalogEntry>();
  for (const relative of await filesBelow(appDir)) {
    const url = `/${relative.split(path.sep).join('/')}`;
    const entry = catalogEntry(path.join(appDir, relative), url);
    entries.set(url, entry);
    if (url === '/index.html') entries.set('/', entry);
  }
  return { find: (urlPath) => entries.get(decoded(urlPath)) };
}

async function filesBelow(dir: string): Promise<string[]> {
  try {
    const found = await readdir(dir, { recursive: true, withFileTypes: true });
    return found
      .filter((item) => item.isFile())
      .map((item) => path.relative(dir, path.join(item.parentPath, item.name)));
  } catch (thrown) {
    return undefinedIfMissing(thrown) ?? [];
  }
}

function undefinedIfMissing(thrown: unknown): undefined {
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
  throw thrown;
}

function catalogEntry(file: string, url: string): CatalogEntry {
  const extension = path.extname(file).toLowerCase();
  const loaded = new Map<Encoding, Promise<Representation | undefined>>();
  return {
    type: TYPES[extension] ?? 'application/octet-stream',
    // Names under /assets/ contain a hash of the content; everything else must be asked for again.
    cacheControl: url.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    load(wanted) {
      const encoding = DENSE.has(extension) ? 'identity' : wanted;
      const known = loaded.get(encoding) ?? represent(file, encoding);
      loaded.set(encoding, known);
      // A file that could not be read is tried again by the next request.
      known.catch(() => loaded.delete(encoding));
      return known;
    },
  };
}

async function represent(file: string, encoding: Encoding): Promise<Representation | undefined> {
  const plain = await readFile(file).catch(undefinedIfMissing);
  if (plain === undefined) return undefined;
  const hash = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
  return { body: await compress(plain, encoding), encoding, etag: `"${hash}-${encoding}"` };
}

function decoded(urlPath: string): string {
  try {
    return decodeURIComponent(urlPath);
  } catch {
    // Not decodable: looked up as it is, and not found.
    return urlPath;
  }
}
