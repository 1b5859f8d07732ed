/**
 * Files of the app that not everybody needs, for the service worker: not fetched when the app is installed, but kept from
 * their first use on. Their names carry a hash of what is in them, so what is kept never has to be asked for again.
 */

const CACHE = 'later-files';

export class LaterFiles {
  readonly #caches: CacheStorage;
  readonly #fetch: typeof fetch;
  readonly #urls: ReadonlySet<string>;

  /** @param urls of this version, absolute */
  constructor(caches: CacheStorage, fetch: typeof globalThis.fetch, urls: readonly string[]) {
    this.#caches = caches;
    this.#fetch = fetch;
    this.#urls = new Set(urls);
  }

  has(url: string): boolean {
    return this.#urls.has(url);
  }

  /** What is kept, or else what the server answers; a good answer is kept. Rejects when there is no network. */
  async answer(request: Request): Promise<Response> {
    const cache = await this.#caches.open(CACHE);
    const kept = await cache.match(request.url);
    if (kept) return kept;
    const response = await this.#fetch(request);
    if (response.status === 200) await keep(cache, request.url, response.clone());
    return response;
  }

  /** Keeps all that is not kept yet. What cannot be had now is kept at its next use. */
  async keepAll(): Promise<void> {
    await Promise.allSettled([...this.#urls].map((url) => this.answer(new Request(url))));
  }

  /** Removes what only older versions of the app used. */
  async removeOthers(): Promise<void> {
    const cache = await this.#caches.open(CACHE);
    const others = (await cache.keys()).filter(({ url }) => !this.#urls.has(url));
    await Promise.all(others.map((request) => cache.delete(request)));
  }
}

async function keep(cache: Cache, url: string, response: Response): Promise<void> {
  try {
    await cache.put(url, response);
  } catch {
    // A full disk: the file works all the same, and is fetched again the next time.
  }
}
