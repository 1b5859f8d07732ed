/** The large files of pose capture: what is here, and one download at a time. */
import { createStore, type Readable } from '../lib/store.ts';
import type { Clock } from '../lib/timers.ts';
import type { ModelKind } from '../model/pose.ts';
import { ok, type Result } from '../model/result.ts';
import { ABOUT_BYTES, strangerAt, type ServerOffer } from '../pose/model-source.ts';
import type { KeptModel, ModelStore } from '../pose/models.ts';
import { RUNTIME_BYTES, type RuntimeStore } from '../pose/runtime.ts';
import type { ModelView, PoseDownload } from './pose-api.ts';

/** Progress is told so often at most, ms. */
const PROGRESS_EVERY = 100;

/** How long a screen waits for the server's word on what it has, ms; later it is shown when it comes. */
const OFFER_WAIT = 2000;

const KINDS: readonly ModelKind[] = ['lite', 'full', 'heavy', 'face'];

type Progress = (received: number, total: number | undefined) => void;

export interface PoseFilesDeps {
  readonly models: Pick<ModelStore, 'lookAtServer' | 'kept' | 'blob' | 'fetchModel' | 'useFile' | 'remove'>;
  readonly runtime: Pick<RuntimeStore, 'kept' | 'fetchRuntime' | 'blob'>;
  readonly clock: Clock;
  /** Our own, e.g. `https://sensors.example`. */
  readonly origin: string;
}

export interface PoseFilesView {
  /** Bytes; undefined: not here. */
  readonly runtime: number | undefined;
  readonly kept: Readonly<Partial<Record<ModelKind, KeptModel>>>;
  readonly offer: ServerOffer;
  readonly download: PoseDownload | undefined;
}

export class PoseFiles {
  readonly #deps: PoseFilesDeps;
  readonly #view = createStore<PoseFilesView>({
    runtime: undefined,
    kept: {},
    offer: { models: {}, origins: undefined },
    download: undefined,
  });
  #running: AbortController | undefined;

  constructor(deps: PoseFilesDeps) {
    this.#deps = deps;
  }

  get view(): Readable<PoseFilesView> {
    return this.#view;
  }

  /** What is on this device; and, where something is missing, what this server has. */
  async look(): Promise<void> {
    await this.#lookHere();
    const { models, clock } = this.#deps;
    const offered = models.lookAtServer().then((offer) => this.#change({ offer }));
    // With everything here nobody waits for a server.
    const { runtime, kept } = this.#view.get();
    if (runtime !== undefined && Object.keys(kept).length > 0) return;
    const late = new Promise<void>((resolve) => clock.after(OFFER_WAIT, resolve));
    await Promise.race([offered, late]);
  }

  /** @param address where it is fetched from, as set */
  modelView(kind: ModelKind, address: string): ModelView {
    const { kept, offer } = this.#view.get();
    const onServer = offer.models[kind]?.bytes;
    return {
      kind,
      kept: kept[kind],
      onServer,
      about: ABOUT_BYTES[kind],
      address,
      stranger: onServer === undefined ? strangerAt(address, this.#deps.origin) : undefined,
    };
  }

  readonly fetchRuntime = (): Promise<Result<void>> =>
    this.#download('runtime', RUNTIME_BYTES, (onProgress, signal) =>
      this.#deps.runtime.fetchRuntime(onProgress, signal),
    );

  readonly fetchModel = (kind: ModelKind, address: string): Promise<Result<void>> =>
    this.#download(kind, this.#view.get().offer.models[kind]?.bytes, (onProgress, signal) =>
      this.#deps.models.fetchModel(kind, address, onProgress, signal),
    );

  async useFile(kind: ModelKind, file: File): Promise<Result<void>> {
    const used = await this.#deps.models.useFile(kind, file);
    await this.#lookHere();
    return used.ok ? ok(undefined) : used;
  }

  async remove(kind: ModelKind): Promise<Result<void>> {
    await this.#deps.models.remove(kind);
    await this.#lookHere();
    return ok(undefined);
  }

  cancel(): void {
    this.#running?.abort();
  }

  model(kind: ModelKind): Promise<Result<Blob>> {
    return this.#deps.models.blob(kind);
  }

  /** Damaged files are forgotten while they are read. */
  async wasm(): Promise<Result<Blob>> {
    const wasm = await this.#deps.runtime.blob();
    if (!wasm.ok) await this.#lookHere();
    return wasm;
  }

  async #download<T>(
    what: PoseDownload['what'],
    total: number | undefined,
    run: (onProgress: Progress, signal: AbortSignal) => Promise<Result<T>>,
  ): Promise<Result<void>> {
    // One at a time: the one that was asked for last.
    this.cancel();
    const running = new AbortController();
    this.#running = running;
    this.#change({ download: { what, received: 0, total } });
    const fetched = await run(this.#progress(what, running.signal), running.signal);
    await this.#lookHere();
    if (this.#running === running) {
      this.#running = undefined;
      this.#change({ download: undefined });
    }
    return fetched.ok ? ok(undefined) : fetched;
  }

  #progress(what: PoseDownload['what'], signal: AbortSignal): Progress {
    const { clock } = this.#deps;
    let toldAt = -Infinity;
    return (received, total) => {
      if (signal.aborted || clock.now() - toldAt < PROGRESS_EVERY) return;
      toldAt = clock.now();
      this.#change({ download: { what, received, total } });
    };
  }

  async #lookHere(): Promise<void> {
    const { runtime, models } = this.#deps;
    const [wasm, ...found] = await Promise.all([runtime.kept(), ...KINDS.map((kind) => models.kept(kind))]);
    const kept = Object.fromEntries(KINDS.flatMap((kind, place) => (found[place] ? [[kind, found[place]]] : [])));
    this.#change({ runtime: wasm, kept });
  }

  #change(part: Partial<PoseFilesView>): void {
    this.#view.set({ ...this.#view.get(), ...part });
  }
}
