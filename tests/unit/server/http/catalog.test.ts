import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCatalog, type Catalog } from '../../../../server/http/catalog.ts';

let dir: string;
let catalog: Catalog;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'catalog-'));
  await mkdir(path.join(dir, 'app', 'assets'), { recursive: true });
  await writeFile(path.join(dir, 'secret.txt'), 'not for you');
  await writeFile(path.join(dir, 'app', 'index.html'), '<p>app</p>');
  await writeFile(path.join(dir, 'app', 'assets', 'main-abc123.js'), 'export {}');
  await writeFile(path.join(dir, 'app', 'with space.svg'), '<svg/>');
  await writeFile(path.join(dir, 'app', 'icon.png'), Buffer.alloc(100));
  catalog = await openCatalog(path.join(dir, 'app'));
});
afterAll(() => rm(dir, { recursive: true }));

describe('the catalog', () => {
  it('finds files by their path, and the page at /', async () => {
    const page = await catalog.find('/')?.load('identity');
    expect(page?.body.toString()).toBe('<p>app</p>');
    expect(catalog.find('/index.html')?.type).toBe('text/html; charset=utf-8');
    expect(catalog.find('/with%20space.svg')?.type).toBe('image/svg+xml');
    expect(catalog.find('/nothing')).toBeUndefined();
    expect(catalog.find('/assets')).toBeUndefined();
  });

  it('caches names with a hash for ever and nothing else', () => {
    expect(catalog.find('/assets/main-abc123.js')?.cacheControl).toBe('public, max-age=31536000, immutable');
    expect(catalog.find('/')?.cacheControl).toBe('no-cache');
  });

  it('gives each encoding its own tag and leaves pictures alone', async () => {
    const entry = catalog.find('/');
    const tags = await Promise.all(
      (['br', 'gzip', 'identity'] as const).map(async (e) => (await entry?.load(e))?.etag),
    );
    expect(new Set(tags).size).toBe(3);
    expect((await catalog.find('/icon.png')?.load('br'))?.encoding).toBe('identity');
  });

  it('never leads outside the folder', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      '%2e',
      '%2E%2e',
      '%2f',
      '%5c',
      '%00',
      'secret.txt',
      'assets',
      '//',
      '%252e',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 10 }), (pieces) => {
        const found = catalog.find(`/${pieces.join('')}`);
        // Only the five paths of the list may be found, whatever the spelling.
        if (found)
          expect([
            'text/html; charset=utf-8',
            'image/svg+xml',
            'image/png',
            'text/javascript; charset=utf-8',
          ]).toContain(found.type);
      }),
      { numRuns: 2000 },
    );
    for (const attempt of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/assets/../../secret.txt',
      '//etc/passwd',
      '/%E0%A4%A',
    ]) {
      expect(catalog.find(attempt)).toBeUndefined();
    }
  });

  it('finds nothing any more when a file has gone', async () => {
    const file = path.join(dir, 'app', 'icon2.png');
    await writeFile(file, 'one');
    const entry = (await openCatalog(path.join(dir, 'app'))).find('/icon2.png');
    await rm(file);
    expect(await entry?.load('identity')).toBeUndefined();
  });

  it('is empty when the app is not built', async () => {
    expect((await openCatalog(path.join(dir, 'missing'))).find('/')).toBeUndefined();
  });
});
