/**
 * Model files: fetched when a person says so, checked, and kept on this device with their sum, so that pose works without
 * a network and a file that changed behind an address is noticed.
 */
import { appError, type AppError, type ErrorCode } from '../model/errors.ts';
import type { ModelKind } from '../model/pose.ts';
import { fail, ok, type Result } from '../model/result.ts';
import { download, type Download, type OnProgress } from './download.ts';
import { FileCache, MODELS_BELOW, readable, sumOf, type FileFacts } from './file-cache.ts';
import { fetchOffer, mayFetch, modelUrl, NO_OFFER, serverPath, type ServerOffer } from './model-source.ts';
import { taskFileProblem } from './task-file.ts';

/** Twice the largest published one; what is larger is something else. */
export const MAX_MODEL_BYTES = 64 * 1024 * 1024;

const NO_SUMS = appError('camera-insecure', 'no SubtleCrypto');
const UNREADABLE = 'it cannot be read';

export type KeptModel = FileFacts;

export interface ModelEdges {
  /** Undefined on plain http. */
  readonly caches: CacheStorage | undefined;
  readonly fetch: typeof globalThis.fetch;
  /** Undefined on plain http, where there is no camera either. */
  readonly subtle: SubtleCrypto | undefined;
  /** Our own, e.g. `https://sensors.example`. */
  readonly origin: string;
}

/** Where a file is fetched from, and what it must be. */
interface Way {
  readonly url: URL;
  /** As remembered: an address, or a path of this server. */
  readonly from: string;
  readonly expected?: { readonly bytes: number; readonly sha256: string };
}

export class ModelStore {
  readonly #edges: ModelEdges;
  readonly #files: FileCache;
  /** Read and found whole since the page was loaded. */
  readonly #verified = new Set<ModelKind>();
  readonly #problems = new Map<ErrorCode, number>();
  #offer = NO_OFFER;

  constructor(edges: ModelEdges) {
    this.#edges = edges;
    this.#files = new FileCache(edges.caches);
  }

  /** Whether a model is held for this page only, as the browser would not keep it. */
  get memoryOnly(): boolean {
    return this.#files.memoryOnly;
  }

  /** What went wrong since the page was loaded, by error code. */
  get problems(): Readonly<Partial<Record<ErrorCode, number>>> {
    return Object.fromEntries(this.#problems);
  }

  /** Asks this server, and nobody else, what it has; without a network, what it said last. */
  async lookAtServer(signal?: AbortSignal): Promise<ServerOffer> {
    this.#offer = (await fetchOffer(this.#edges.fetch, this.#edges.origin, signal)) ?? this.#offer;
    return this.#offer;
  }

  /** What is on this device. */
  async kept(kind: ModelKind): Promise<KeptModel | undefined> {
    return (await this.#files.find(this.#key(kind)))?.facts;
  }

  /**
   * The file itself. Errors: `pose-model-missing`; `pose-model-corrupt` when it is no longer what was kept, which is
   * looked at once.
   */
  async blob(kind: ModelKind): Promise<Result<Blob>> {
    const file = await this.#files.find(this.#key(kind));
    if (!file) return this.#failed(appError('pose-model-missing'));
    const blob = await readable(file.blob());
    if (!blob || !file.facts) return this.#failed(appError('pose-model-corrupt', UNREADABLE));
    if (this.#verified.has(kind)) return ok(blob);
    if (!this.#edges.subtle) return this.#failed(NO_SUMS);
    const sum = await sumOf(this.#edges.subtle, blob);
    if (sum?.sha256 !== file.facts.sha256)
      return this.#failed(appError('pose-model-corrupt', `sha-256 was ${file.facts.sha256}, is ${sum?.sha256}`));
    this.#verified.add(kind);
    return ok(blob);
  }

  /**
   * Fetches a model and keeps it: from this server if it has one, else from the address.
   * @param address https, or a path of this server
   * @returns undefined when the signal ended it: nothing has changed then
   */
  async fetchModel(
    kind: ModelKind,
    address: string,
    onProgress: OnProgress,
    signal: AbortSignal,
  ): Promise<Result<KeptModel | undefined>> {
    const promised = this.#offer.models[kind] !== undefined;
    const way = this.#wayTo(kind, address, await this.lookAtServer(signal), promised);
    if (!way.ok) return this.#failed(way.error);
    const { url, from, expected } = way.value;
    const total = expected && { total: expected.bytes };
    const options = { limit: MAX_MODEL_BYTES, onProgress, signal, ...total };
    const got = await download(this.#edges.fetch, url.href, options);
    if (got.at === 'cancelled') return ok(undefined);
    if (got.at !== 'done') return this.#failed(downloadError(got));
    const checked = await this.#check(kind, got.blob, from);
    if (!checked.ok) return this.#failed(checked.error);
    const { facts } = checked.value;
    const sums = `sha-256 is ${facts.sha256}, was to be `;
    if (expected && expected.sha256 !== facts.sha256)
      return this.#failed(appError('pose-model-corrupt', sums + expected.sha256));
    const old = await this.kept(kind);
    if (old?.from === from && old.sha256 !== facts.sha256)
      return this.#failed(appError('pose-model-changed', sums + old.sha256));
    return signal.aborted ? ok(undefined) : ok(await this.#keep(kind, got.blob, facts));
  }

  /** Keeps a file that a person picked. Errors as for a fetched one. */
  async useFile(kind: ModelKind, file: File): Promise<Result<KeptModel>> {
    const checked = await this.#check(kind, file, file.name);
    if (!checked.ok) return this.#failed(checked.error);
    // The file may change on disk: what is kept is a copy of what was checked.
    return ok(await this.#keep(kind, new Blob([checked.value.bytes]), checked.value.facts));
  }

  /** Removes it, and what was remembered of the address it came from. */
  async remove(kind: ModelKind): Promise<void> {
    this.#verified.delete(kind);
    await this.#files.remove(this.#key(kind));
  }

  #key(kind: ModelKind): string {
    return new URL(`${MODELS_BELOW}${kind}`, this.#edges.origin).href;
  }

  /** @param promised whether a person was told before that this server has it, so that nobody else will be asked */
  #wayTo(kind: ModelKind, address: string, offer: ServerOffer, promised: boolean): Result<Way> {
    const { origin, subtle } = this.#edges;
    if (!subtle) return fail(NO_SUMS);
    const expected = offer.models[kind];
    if (expected) return ok({ url: new URL(serverPath(kind), origin), from: serverPath(kind), expected });
    const url = modelUrl(address, origin);
    if (!url) return fail(appError('pose-model-address', 'neither a path of this server nor plain https'));
    if (!mayFetch(url, origin, offer)) return fail(appError('pose-model-address', `not allowed here: ${url.origin}`));
    if (promised && url.origin !== origin)
      return fail(appError('pose-model-unreachable', 'this server does not have it any more'));
    return ok({ url, from: url.origin === origin ? url.pathname + url.search : url.href });
  }

  /** What a file is, unless it cannot be a model of this kind. */
  async #check(
    kind: ModelKind,
    blob: Blob,
    from: string,
  ): Promise<Result<{ readonly bytes: ArrayBuffer; readonly facts: KeptModel }>> {
    const { subtle } = this.#edges;
    if (!subtle) return fail(NO_SUMS);
    if (blob.size > MAX_MODEL_BYTES) return fail(appError('pose-model-too-large', `${blob.size} bytes`));
    const sum = await sumOf(subtle, blob);
    const problem = sum ? taskFileProblem(sum.bytes, kind) : UNREADABLE;
    if (!sum || problem !== undefined) return fail(appError('pose-model-corrupt', problem));
    return ok({ bytes: sum.bytes, facts: { bytes: blob.size, sha256: sum.sha256, from } });
  }

  async #keep(kind: ModelKind, blob: Blob, facts: KeptModel): Promise<KeptModel> {
    await this.#files.put(this.#key(kind), blob, facts);
    this.#verified.delete(kind);
    return facts;
  }

  #failed(error: AppError): { readonly ok: false; readonly error: AppError } {
    this.#problems.set(error.code, (this.#problems.get(error.code) ?? 0) + 1);
    return fail(error);
  }
}

function downloadError(got: Extract<Download, { at: 'too-large' | 'failed' }>): AppError {
  if (got.at === 'too-large') return appError('pose-model-too-large', `more than ${MAX_MODEL_BYTES} bytes`);
  return appError('pose-model-unreachable', got.detail);
}
