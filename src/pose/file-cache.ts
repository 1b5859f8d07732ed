/**
 * The large files of pose capture, in Cache Storage: it takes megabytes as they are, and hands them out as blobs that stay
 * on disk. Where it is refused (private windows, plain http, a full disk) a file is held for as long as this page lives.
 */

const CACHE = 'pose-files';

/** Under what models are kept: addresses that nobody ever asks a server for. Other files are kept under their own. */
export const MODELS_BELOW = '/pose-files/';

export interface FileFacts {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Address or name of the file it came from. */
  readonly from: string;
}

export interface CachedFile {
  /** Undefined: what is kept with the file cannot be read. */
  readonly facts: FileFacts | undefined;
  blob(): Promise<Blob>;
}

export class FileCache {
  readonly #caches: CacheStorage | undefined;
  readonly #memory = new Map<string, { readonly blob: Blob; readonly facts: FileFacts }>();

  /** @param caches undefined where there is none (plain http) */
  constructor(caches: CacheStorage | undefined) {
    this.#caches = caches;
  }

  /** Whether something is held for this page only and will be gone with it. */
  get memoryOnly(): boolean {
    return this.#memory.size > 0;
  }

  /** Keeps a file under a URL, instead of what was there. When that is refused what was there stays on disk, behind it. */
  async put(url: string, blob: Blob, facts: FileFacts): Promise<void> {
    const kept = await this.#try(async (cache) => {
      await cache.put(url, new Response(blob, { headers: headersOf(facts) }));
      return true;
    });
    if (kept === true) this.#memory.delete(url);
    else this.#memory.set(url, { blob, facts });
  }

  async find(url: string): Promise<CachedFile | undefined> {
    const held = this.#memory.get(url);
    if (held) return { facts: held.facts, blob: () => Promise.resolve(held.blob) };
    const response = await this.#try((cache) => cache.match(url));
    return response && { facts: factsOf(response.headers), blob: () => response.blob() };
  }

  async remove(url: string): Promise<void> {
    this.#memory.delete(url);
    await this.#try((cache) => cache.delete(url));
  }

  /** Removes what is kept under URLs that are not wanted any more. */
  async removeWhere(unwanted: (url: string) => boolean): Promise<void> {
    const kept = (await this.#try((cache) => cache.keys())) ?? [];
    const urls = [...this.#memory.keys(), ...kept.map((request) => request.url)].filter(unwanted);
    await Promise.all(urls.map((url) => this.remove(url)));
  }

  /** Undefined when there is no cache or it refuses. */
  async #try<T>(use: (cache: Cache) => Promise<T>): Promise<T | undefined> {
    if (!this.#caches) return undefined;
    try {
      return await use(await this.#caches.open(CACHE));
    } catch {
      // Refused is as good as absent: what is held in memory instead shows in `memoryOnly`.
      return undefined;
    }
  }
}

/** A file's bytes and their sum (lower-case hex), computed off this thread by the browser. Undefined: it cannot be read. */
export async function sumOf(
  subtle: SubtleCrypto,
  blob: Blob,
): Promise<{ readonly bytes: ArrayBuffer; readonly sha256: string } | undefined> {
  const bytes = await readable(blob.arrayBuffer());
  return bytes && { bytes, sha256: hex(await subtle.digest('SHA-256', bytes)) };
}

/** Undefined: the bytes have gone or may not be read any more (a picked file that was moved, a cache that was cleared). */
export async function readable<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch {
    // Why does not matter: nobody can do anything but bring the file again.
    return undefined;
  }
}

function hex(digest: ArrayBuffer): string {
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function headersOf({ bytes, sha256, from }: FileFacts): Record<string, string> {
  return {
    'content-type': 'application/octet-stream',
    'x-bytes': String(bytes),
    'x-sha256': sha256,
    // Names of files may hold letters that a header cannot.
    'x-from': encodeURIComponent(from),
  };
}

function factsOf(headers: Headers): FileFacts | undefined {
  const bytes = Number(headers.get('x-bytes') ?? NaN);
  const sha256 = headers.get('x-sha256') ?? '';
  const from = headers.get('x-from');
  if (!Number.isSafeInteger(bytes) || !/^[0-9a-f]{64}$/.test(sha256) || from === null) return undefined;
  try {
    return { bytes, sha256, from: decodeURIComponent(from) };
  } catch {
    // Not written by us: as good as no facts.
    return undefined;
  }
}
