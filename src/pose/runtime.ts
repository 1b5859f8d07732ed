/**
 * The runtime's WebAssembly: 11 MB from our own server, fetched when a person says so and kept beside the models. Its name
 * carries a hash of its content, so another version is another file.
 */
import { appError, type AppError } from '../model/errors.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { download, type OnProgress } from './download.ts';
import { FileCache, MODELS_BELOW, readable, sumOf } from './file-cache.ts';

/** Of the version that package.json names: progress needs it, as compressed answers do not say it. Checked by a test. */
export const RUNTIME_BYTES = 11_153_641;

/** `\0asm` (WebAssembly core specification §5.5.16). */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];

export interface RuntimeEdges {
  /** Undefined on plain http. */
  readonly caches: CacheStorage | undefined;
  readonly fetch: typeof globalThis.fetch;
  /** Undefined on plain http, where there is no camera either. */
  readonly subtle: SubtleCrypto | undefined;
  /** Another file than the one of the build; tests. */
  readonly file?: { readonly url: string; readonly bytes: number };
}

export class RuntimeStore {
  readonly #edges: RuntimeEdges;
  readonly #files: FileCache;
  readonly #file: { readonly url: string; readonly bytes: number };
  /** Read and found whole since the page was loaded. */
  #verified = false;

  constructor(edges: RuntimeEdges) {
    this.#edges = edges;
    this.#files = new FileCache(edges.caches);
    this.#file = edges.file ?? { url: runtimeUrl(), bytes: RUNTIME_BYTES };
  }

  /** Whether it is held for this page only, as the browser would not keep it. */
  get memoryOnly(): boolean {
    return this.#files.memoryOnly;
  }

  /** Its size in bytes once it is on this device. */
  async kept(): Promise<number | undefined> {
    return (await this.#files.find(this.#file.url))?.facts?.bytes;
  }

  /**
   * Fetches and keeps it, and removes those of other versions. Asks nobody when it is here.
   * @returns its bytes; undefined when the signal ended it. Error: `pose-runtime`
   */
  async fetchRuntime(onProgress: OnProgress, signal: AbortSignal): Promise<Result<number | undefined>> {
    const { fetch, subtle } = this.#edges;
    const { url, bytes } = this.#file;
    const kept = await this.kept();
    if (kept !== undefined) return ok(kept);
    if (!subtle) return fail(appError('camera-insecure', 'no SubtleCrypto'));
    const got = await download(fetch, url, { limit: bytes, total: bytes, onProgress, signal });
    if (got.at === 'cancelled') return ok(undefined);
    if (got.at !== 'done') return fail(broken(got.at === 'failed' ? got.detail : 'larger than it should be'));
    const sum = await sumOf(subtle, got.blob);
    if (!sum || !isRuntime(sum.bytes, bytes)) return fail(broken('not the file it should be'));
    await this.#files.put(url, got.blob, { bytes, sha256: sum.sha256, from: new URL(url).pathname });
    await this.#files.removeWhere((other) => other !== url && !new URL(other).pathname.startsWith(MODELS_BELOW));
    return ok(bytes);
  }

  /** The file. Error: `pose-runtime`; when it is damaged it is forgotten, so that it can be fetched anew. */
  async blob(): Promise<Result<Blob>> {
    const { url } = this.#file;
    const file = await this.#files.find(url);
    if (!file) return fail(broken('not on this device'));
    const blob = await readable(file.blob());
    if (blob && (this.#verified || (await this.#isWhole(blob, file.facts?.sha256)))) return ok(blob);
    await this.#files.remove(url);
    return fail(broken('damaged on this device'));
  }

  /** Looked at once: reading 11 MB takes a while. */
  async #isWhole(blob: Blob, sha256: string | undefined): Promise<boolean> {
    const sum = this.#edges.subtle && (await sumOf(this.#edges.subtle, blob));
    this.#verified = sum !== undefined && sum.sha256 === sha256;
    return this.#verified;
  }
}

/** Where the build put it. */
function runtimeUrl(): string {
  return new URL('@mediapipe/tasks-vision/vision_wasm_module_internal.wasm', import.meta.url).href;
}

function isRuntime(file: ArrayBuffer, bytes: number): boolean {
  const start = new Uint8Array(file, 0, Math.min(MAGIC.length, file.byteLength));
  return file.byteLength === bytes && MAGIC.every((byte, index) => start[index] === byte);
}

function broken(detail: string): AppError {
  return appError('pose-runtime', detail);
}
