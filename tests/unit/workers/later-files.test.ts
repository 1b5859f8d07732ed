/** Files that the service worker keeps from their first use on. */
import { describe, expect, it } from 'vitest';
import { LaterFiles } from '../../../workers/later-files.ts';
import { memoryCaches } from '../../support/cache-storage.ts';

const CACHE = 'later-files';
const WORKER = 'https://sensors.example/assets/pose-worker-1111.js';
const NEXT = 'https://sensors.example/assets/pose-worker-2222.js';

function lab(answer: () => Response | Error = () => new Response('script', { headers: { 'x-policy': 'strict' } })) {
  const caches = memoryCaches();
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = (input) => {
    asked.push(new Request(input).url);
    const given = answer();
    return given instanceof Error ? Promise.reject(given) : Promise.resolve(given);
  };
  const files = (urls = [WORKER]): LaterFiles => new LaterFiles(caches.storage, fetch, urls);
  return { caches, asked, files };
}

describe('a file that is needed later', () => {
  it('is fetched at its first use only, and answered with its headers', async () => {
    const { files, asked, caches } = lab();
    expect([files().has(WORKER), files().has(NEXT)]).toEqual([true, false]);
    expect(caches.urls(CACHE)).toEqual([]);
    expect(await (await files().answer(new Request(WORKER))).text()).toBe('script');
    const again = await files().answer(new Request(WORKER));
    expect([await again.text(), again.headers.get('x-policy')]).toEqual(['script', 'strict']);
    expect(asked).toEqual([WORKER]);
  });

  it('is not kept when it was none', async () => {
    const { files, caches } = lab(() => new Response('gone', { status: 404 }));
    expect((await files().answer(new Request(WORKER))).status).toBe(404);
    expect(caches.urls(CACHE)).toEqual([]);
    const offline = lab(() => new TypeError('Failed to fetch'));
    await expect(offline.files().answer(new Request(WORKER))).rejects.toThrow('Failed to fetch');
  });

  it('works with a full disk', async () => {
    const { files, caches, asked } = lab();
    caches.refuse = { at: 'put', error: new DOMException('full', 'QuotaExceededError') };
    for (let use = 0; use < 2; use += 1) {
      expect(await (await files().answer(new Request(WORKER))).text()).toBe('script');
    }
    expect(asked).toEqual([WORKER, WORKER]);
  });

  it('is kept unasked when a page used it past the service worker, once', async () => {
    const { files, asked, caches } = lab();
    await files().keepAll();
    await files().keepAll();
    expect(caches.urls(CACHE)).toEqual([WORKER]);
    expect(asked).toEqual([WORKER]);
    await lab(() => new TypeError('Failed to fetch'))
      .files()
      .keepAll();
  });

  it('goes with the version that used it', async () => {
    const { files, caches } = lab();
    await files([WORKER, NEXT]).answer(new Request(WORKER));
    await files([WORKER, NEXT]).answer(new Request(NEXT));
    await files([NEXT]).removeOthers();
    expect(caches.urls(CACHE)).toEqual([NEXT]);
  });
});
