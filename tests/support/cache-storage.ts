/** Cache Storage in memory, as far as the app uses it; can be made to refuse, as browsers do. */

export interface MemoryCaches {
  readonly storage: CacheStorage;
  /** URLs kept in the cache of this name. */
  urls(name: string): string[];
  /** Replaces the bytes kept under a URL and leaves its headers, as a bad disk would. */
  damage(name: string, url: string, bytes: Uint8Array<ArrayBuffer>): void;
  /** From now on opening or writing fails with this; undefined: not any more. */
  refuse: { readonly at: 'open' | 'put'; readonly error: DOMException } | undefined;
}

interface Kept {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Blob;
}

export function memoryCaches(): MemoryCaches {
  const caches = new Map<string, Map<string, Kept>>();
  const cacheOf = (name: string): Map<string, Kept> => {
    const cache = caches.get(name) ?? new Map<string, Kept>();
    caches.set(name, cache);
    return cache;
  };
  const double: MemoryCaches = {
    refuse: undefined,
    storage: {
      open(name: string) {
        if (double.refuse?.at === 'open') return Promise.reject(double.refuse.error);
        return Promise.resolve(openCache(cacheOf(name), double));
      },
    } as CacheStorage,
    urls: (name) => [...cacheOf(name).keys()],
    damage(name, url, bytes) {
      const kept = cacheOf(name).get(url);
      if (!kept) throw new Error(`nothing is kept under ${url}`);
      cacheOf(name).set(url, { ...kept, body: new Blob([bytes]) });
    },
  };
  return double;
}

function openCache(kept: Map<string, Kept>, { refuse }: MemoryCaches): Cache {
  const urlOf = (request: RequestInfo | URL): string => new Request(request).url;
  const cache: Pick<Cache, 'put' | 'match' | 'delete' | 'keys'> = {
    async put(request, response) {
      const body = await response.blob();
      if (refuse?.at === 'put') throw refuse.error;
      kept.set(urlOf(request), { headers: [...response.headers], body });
    },
    match(request) {
      const found = kept.get(urlOf(request));
      const headers = found?.headers.map(([name, value]): [string, string] => [name, value]);
      return Promise.resolve(found && new Response(found.body, { headers: headers ?? [] }));
    },
    delete: (request) => Promise.resolve(kept.delete(urlOf(request as string))),
    keys: () => Promise.resolve([...kept.keys()].map((url) => new Request(url))),
  };
  return cache as Cache;
}
