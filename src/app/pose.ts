/**
 * Movement by camera: joins settings, files, camera and pose worker with the list of devices. Fetched when the Pose screen
 * is opened. Skeletons never come through here: they go from the pose worker to the sensor worker over a port.
 */
import { createStore, type Readable } from '../lib/store.ts';
import { appError, describeThrown, type AppError } from '../model/errors.ts';
import type { ModelKind, PoseStage } from '../model/pose.ts';
import { fail, ok, type Result } from '../model/result.ts';
import type { Cameras } from '../pose/camera.ts';
import type { PoseSetup } from '../pose/client.ts';
import { PoseLink, type PoseLinkDeps } from '../pose/link.ts';
import { modelUrl, PUBLISHED } from '../pose/model-source.ts';
import { RUNTIME_BYTES } from '../pose/runtime.ts';
import type { DeviceOrigin, LinkHooks } from './device-origin.ts';
import type { Devices } from './devices.ts';
import { CAMERA_SIZES, type CameraView, type PoseActions, type PoseSettings, type PoseState } from './pose-api.ts';
import { PoseFiles, type PoseFilesDeps } from './pose-files.ts';
import {
  defaultSettings,
  mergeSettings,
  optionsOf,
  readSettings,
  writeSettings,
  type SettingsEdge,
} from './pose-settings.ts';

/** One installation has one camera that is captured. */
const CAMERA_ID = 'camera';

const MODELS: readonly ModelKind[] = ['lite', 'full', 'heavy', 'face'];

type LinkEdges = Pick<PoseLinkDeps, 'makeWorker' | 'clock' | 'random' | 'frames' | 'watchDevice'>;

export interface PoseDeps extends LinkEdges, PoseFilesDeps {
  readonly devices: Pick<Devices, 'views' | 'add' | 'stop'>;
  readonly cameras: Pick<Cameras, 'open' | 'list' | 'watch'>;
  readonly settings: SettingsEdge;
  /** Has the sensor worker take readings of this sensor from a port; transfers it. */
  readonly feed: (sensorId: string, port: MessagePort) => Promise<Result<void>>;
}

export class Pose implements PoseActions {
  readonly #deps: PoseDeps;
  readonly #files: PoseFiles;
  readonly #defaults: PoseSettings;
  readonly #state: ReturnType<typeof createStore<PoseState>>;
  #settings: PoseSettings;
  #cameras: readonly CameraView[] = [];
  #link: PoseLink | undefined;
  /** The worker has the face model. */
  #hasFace = false;
  /** Why the sensor worker takes no skeletons. */
  #feedError: AppError | undefined;
  #isLooking = false;

  constructor(deps: PoseDeps) {
    this.#deps = deps;
    this.#files = new PoseFiles(deps);
    this.#defaults = defaultSettings(PUBLISHED);
    this.#settings = readSettings(deps.settings, this.#defaults);
    this.#state = createStore(this.#now());
    this.#files.view.subscribe(() => this.#show());
    deps.devices.views.subscribe(() => {
      if (this.#sensorId() !== this.#state.get().sensorId) this.#show();
    });
  }

  get pose(): Readable<PoseState> {
    return this.#state;
  }

  async openPose(): Promise<Result<void>> {
    if (!this.#isLooking) {
      this.#isLooking = true;
      // For as long as the page lives, as the screen may be opened again.
      this.#deps.cameras.watch(() => void this.#lookForCameras(), new AbortController().signal);
    }
    const [cameras] = await Promise.all([this.#lookForCameras(), this.#files.look()]);
    return cameras;
  }

  fetchRuntime(): Promise<Result<void>> {
    return this.#files.fetchRuntime();
  }

  fetchModel(kind: ModelKind): Promise<Result<void>> {
    return this.#files.fetchModel(kind, this.#settings.addresses[kind]);
  }

  useModelFile(kind: ModelKind, file: File): Promise<Result<void>> {
    return this.#files.useFile(kind, file);
  }

  async removeModel(kind: ModelKind): Promise<Result<void>> {
    // What runs has its file already; the next start would not.
    if (kind === 'face' && this.#settings.face) await this.setPose({ face: false });
    return this.#files.remove(kind);
  }

  cancelDownload(): void {
    this.#files.cancel();
  }

  async setPose(given: Partial<PoseSettings>): Promise<Result<void>> {
    const before = this.#settings;
    const wrong = Object.values(given.addresses ?? {}).find((address) => !modelUrl(address, this.#deps.origin));
    if (wrong !== undefined) return fail(appError('pose-model-address', wrong));
    const next = mergeSettings(before, { ...given });
    // A running capture goes on with what it has, rather than ending for want of a file.
    const isMissing = next.model !== before.model && this.#runs() && !this.#files.view.get().kept[next.model];
    if (isMissing) return fail(appError('pose-model-missing', next.model));
    const face = given.face === true ? await this.#files.model('face') : undefined;
    if (face && !face.ok) return face;
    // Another change may have come while the file was looked at.
    this.#settings = mergeSettings(this.#settings, { ...given });
    writeSettings(this.#deps.settings, this.#settings, this.#defaults);
    this.#hasFace ||= face !== undefined;
    this.#apply(before, face?.value);
    this.#show();
    return ok(undefined);
  }

  async startCamera(): Promise<Result<void>> {
    const here = await this.#missing();
    if (!here.ok) return here;
    const added = await this.#deps.devices.add(this.#origin());
    return added.ok ? this.#started() : added;
  }

  async stopCamera(): Promise<Result<void>> {
    return this.#link ? this.#deps.devices.stop(CAMERA_ID) : ok(undefined);
  }

  showOverlay(canvas: OffscreenCanvas | undefined): void {
    this.#link?.showOverlay(canvas);
    this.#link?.setPreviewed(canvas !== undefined);
  }

  sizeOverlay(width: number, height: number): void {
    this.#link?.sizeOverlay(width, height);
  }

  /** Nobody is asked for the camera, and no sensor is announced, before there is something to look with. */
  async #missing(): Promise<Result<void>> {
    await this.#files.look();
    const { runtime, kept } = this.#files.view.get();
    if (runtime === undefined) return fail(appError('pose-model-missing', 'runtime'));
    return kept[this.#settings.model] ? ok(undefined) : fail(appError('pose-model-missing', this.#settings.model));
  }

  #origin(): DeviceOrigin {
    return {
      id: CAMERA_ID,
      name: 'Camera',
      demo: false,
      kind: 'camera',
      sensorType: 'pose',
      makeLink: (hooks) => Promise.resolve(this.#makeLink(hooks)),
    };
  }

  #makeLink({ sensorId, onState }: LinkHooks): PoseLink {
    const { makeWorker, clock, random, frames, watchDevice, cameras } = this.#deps;
    const link = new PoseLink({
      ...{ makeWorker, clock, random, frames, watchDevice, cameras, onState },
      openOutput: () => this.#openOutput(sensorId),
      setup: () => this.#setup(),
      camera: () => {
        const [width, height] = CAMERA_SIZES[this.#settings.size];
        return { id: this.#settings.cameraId, width, height };
      },
    });
    this.#link = link;
    link.view.subscribe(() => {
      if (this.#link === link) this.#followLink();
    });
    return link;
  }

  /** One end for the pose worker; the other goes to the sensor worker. */
  #openOutput(sensorId: string): MessagePort {
    const { port1, port2 } = new MessageChannel();
    void this.#feed(sensorId, port2);
    return port1;
  }

  async #feed(sensorId: string, port: MessagePort): Promise<void> {
    let fed: Result<void>;
    try {
      fed = await this.#deps.feed(sensorId, port);
    } catch (thrown) {
      fed = fail(appError('unexpected', describeThrown(thrown)));
    }
    if (fed.ok) return;
    // Nothing would arrive: rather no camera than one that is on for nothing.
    this.#feedError = fed.error;
    await this.stopCamera();
    this.#show();
  }

  /** At each start, from here or from the card. */
  async #setup(): Promise<Result<PoseSetup>> {
    this.#feedError = undefined;
    const [wasm, model, face] = await Promise.all([
      this.#files.wasm(),
      this.#files.model(this.#settings.model),
      this.#settings.face ? this.#files.model('face') : undefined,
    ]);
    if (!wasm.ok) return wasm;
    if (!model.ok) return model;
    const faceModel = face?.ok === true ? face.value : undefined;
    this.#hasFace = faceModel !== undefined;
    const options = optionsOf(this.#settings, faceModel !== undefined);
    return ok({ wasm: wasm.value, model: model.value, faceModel, delegate: 'GPU', options });
  }

  #apply(before: PoseSettings, face: Blob | undefined): void {
    const [link, now] = [this.#link, this.#settings];
    if (!link || !this.#runs()) return;
    if (now.model !== before.model) {
      link.stop();
      link.start();
      return;
    }
    const options = optionsOf(now, this.#hasFace);
    const isNew = JSON.stringify(options) !== JSON.stringify(optionsOf(before, this.#hasFace));
    if (isNew || face) link.setOptions(options, face);
    if (now.cameraId !== before.cameraId || now.size !== before.size) link.changeCamera();
  }

  #runs(): boolean {
    const at = this.#link?.view.get().stage.at ?? 'off';
    return at !== 'off' && at !== 'trouble';
  }

  /** Settles when the camera runs or cannot; a start that was stopped is none that failed. */
  #started(): Promise<Result<void>> {
    const link = this.#link;
    return new Promise((resolve) => {
      const look = (): void => {
        const settled = link ? settledBy(this.#stage()) : ok(undefined);
        if (!settled) return;
        leave();
        resolve(settled);
      };
      const leave = link ? link.view.subscribe(look) : () => undefined;
      look();
    });
  }

  /** Names of cameras are told once one was allowed. */
  #followLink(): void {
    const before = this.#state.get().preview;
    this.#show();
    if (this.#state.get().preview !== before) void this.#lookForCameras();
  }

  async #lookForCameras(): Promise<Result<void>> {
    const listed = await this.#deps.cameras.list();
    if (!listed.ok) return listed;
    this.#cameras = listed.value;
    this.#show();
    return ok(undefined);
  }

  #sensorId(): string | undefined {
    return this.#deps.devices.views.get().find(({ deviceId }) => deviceId === CAMERA_ID)?.sensorId;
  }

  #stage(): PoseStage {
    if (this.#feedError) return { at: 'trouble', error: this.#feedError };
    return this.#link?.view.get().stage ?? { at: 'off' };
  }

  #show(): void {
    this.#state.set(this.#now());
  }

  #now(): PoseState {
    const view = this.#link?.view.get();
    const { runtime, download } = this.#files.view.get();
    return {
      stage: this.#stage(),
      settings: this.#settings,
      cameras: this.#cameras,
      models: MODELS.map((kind) => this.#files.modelView(kind, this.#settings.addresses[kind])),
      runtime,
      runtimeAbout: RUNTIME_BYTES,
      download,
      preview: view?.preview,
      canvas: view?.overlaysLost ?? 0,
      report: view?.report,
      wantedFps: view?.wantedFps ?? 0,
      cap: view?.cap,
      faceError: view?.faceError,
      sensorId: this.#sensorId(),
    };
  }
}

/** Undefined while a start is still under way. */
function settledBy(stage: PoseStage): Result<void> | undefined {
  switch (stage.at) {
    case 'running':
    case 'off':
      return ok(undefined);
    case 'trouble':
      return fail(stage.error);
    default:
      return undefined;
  }
}
