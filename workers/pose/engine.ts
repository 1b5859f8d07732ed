/** The landmarkers of a running capture: made, replaced when they break, given up when that does not help. */
import { appError, type AppError } from '../../src/model/errors.ts';
import type { Delegate, PoseOptions } from '../../src/model/pose.ts';
import { fail, ok, type Result } from '../../src/model/result.ts';
import type { Blendshapes, Body, BodyLandmarker, FaceLandmarker, OpenRuntime, Picture, PoseRuntime } from './ports.ts';
import { Renewing } from './renewing.ts';

/** Failures in a row after which a new landmarker will not help either. */
const GIVE_UP = 3;

export interface EngineStart {
  readonly wasm: Blob;
  readonly model: Blob;
  readonly faceModel?: Blob;
  readonly delegate: Delegate;
  readonly options: PoseOptions;
}

/** What one picture showed. `bodies` is an error when the landmarker threw or could not be made; so is `face`. */
export interface Sight {
  readonly bodies: Result<readonly Body[]>;
  /** Undefined: there is none, or it is not looked for. */
  readonly face: Result<Blendshapes | undefined>;
}

export class PoseEngine {
  readonly #runtime: PoseRuntime;
  readonly #delegate: Delegate;
  readonly #body: Renewing<BodyLandmarker>;
  readonly #faceFailed: (error: AppError) => void;
  #options: PoseOptions;
  #faceModel: Blob | undefined;
  #face: Renewing<FaceLandmarker> | undefined;
  /** Width and height of the pictures until now. */
  #shape: string | undefined;

  /**
   * Opens the runtime and the body model, on the CPU if the GPU will not, and the face model if it is wanted.
   * Errors: of `OpenRuntime` and `PoseRuntime`. The face failing is told to `faceFailed` and is no error.
   */
  static async start(
    open: OpenRuntime,
    order: EngineStart,
    faceFailed: (error: AppError) => void,
  ): Promise<Result<PoseEngine>> {
    const runtime = await open(order.wasm);
    if (!runtime.ok) return runtime;
    const delegates: readonly Delegate[] = order.delegate === 'GPU' ? ['GPU', 'CPU'] : ['CPU'];
    let error = appError('pose-unsupported');
    for (const delegate of delegates) {
      const engine = new PoseEngine(runtime.value, order, delegate, faceFailed);
      const made = await engine.#body.use(() => undefined);
      if (made.ok) {
        await engine.#openFace();
        return ok(engine);
      }
      error = made.error;
    }
    return fail(error);
  }

  private constructor(
    runtime: PoseRuntime,
    { model, faceModel, options }: EngineStart,
    delegate: Delegate,
    faceFailed: (error: AppError) => void,
  ) {
    this.#runtime = runtime;
    this.#delegate = delegate;
    this.#options = options;
    this.#faceModel = faceModel;
    this.#faceFailed = faceFailed;
    this.#body = new Renewing(() => runtime.openBody(model, delegate, this.#options.persons));
  }

  /** What computes. */
  get delegate(): Delegate {
    return this.#delegate;
  }

  /** The body landmarker broke so often in a row that a new one will not help. */
  get broken(): boolean {
    return this.#body.failures >= GIVE_UP;
  }

  /** New wishes. A number of persons that the landmarker does not take makes a new one with the next picture. */
  async setOptions(options: PoseOptions, faceModel?: Blob): Promise<void> {
    const before = this.#options;
    this.#options = options;
    if (options.persons !== before.persons) await this.#body.use((body) => body.setPersons(options.persons));
    if (faceModel) this.#faceModel = faceModel;
    if (options.face && (!before.face || faceModel)) await this.#openFace();
    if (!options.face) this.#closeFace();
  }

  /** @param time Unix ms of the picture */
  async look(picture: Picture, time: number): Promise<Sight> {
    const { smoothing, persons } = this.#options;
    const smooth = smoothing && persons === 1;
    this.#renewFor(picture);
    const bodies = await this.#body.use((body) => body.detect(picture, time, smooth));
    const face = this.#face
      ? await this.#face.use((landmarker) => landmarker.detect(picture, time, smooth))
      : ok(undefined);
    if (!face.ok && this.#face && this.#face.failures >= GIVE_UP) this.#dropFace(face.error);
    return { bodies, face };
  }

  close(): void {
    this.#body.close();
    this.#closeFace();
  }

  /** A phone was turned: landmarkers go on looking where the body was in a picture of another shape. */
  #renewFor(picture: Picture): void {
    const shape =
      'displayWidth' in picture
        ? `${picture.displayWidth}×${picture.displayHeight}`
        : `${picture.width}×${picture.height}`;
    if (this.#shape !== undefined && shape !== this.#shape) {
      this.#body.close();
      this.#face?.close();
    }
    this.#shape = shape;
  }

  async #openFace(): Promise<void> {
    this.#closeFace();
    if (!this.#options.face) return;
    const model = this.#faceModel;
    if (!model) return this.#faceFailed(appError('pose-model-missing'));
    this.#face = new Renewing(() => this.#runtime.openFace(model, this.#delegate));
    const made = await this.#face.use(() => undefined);
    if (!made.ok) this.#dropFace(made.error);
  }

  #dropFace(error: AppError): void {
    this.#closeFace();
    this.#faceFailed(error);
  }

  #closeFace(): void {
    this.#face?.close();
    this.#face = undefined;
  }
}
