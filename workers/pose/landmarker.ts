/**
 * MediaPipe Tasks Vision 0.10.35: the only file that knows it. (1.0 and later report usage to Google and cannot be told
 * not to.) Frames are uploaded through WebGL 2 even when the CPU computes.
 */
import { FaceLandmarker as MediaPipeFace, PoseLandmarker as MediaPipePose } from '@mediapipe/tasks-vision';
import factory from '@mediapipe/tasks-vision/vision_wasm_module_internal.js';
import { appError, describeThrown, type ErrorCode } from '../../src/model/errors.ts';
import type { Delegate } from '../../src/model/pose.ts';
import { fail, ok, type Result } from '../../src/model/result.ts';
import type { BodyLandmarker, FaceLandmarker, Picture, PoseRuntime } from './ports.ts';
import { RuntimeClock } from './runtime-clock.ts';

/** Size of the blank picture a new landmarker looks at first. Pixels. */
const BLANK = [320, 240] as const;

/** Globals through which MediaPipe and its loader speak to each other. */
interface LoaderScope {
  /** Looked for each time an instance is made, and removed then. */
  ModuleFactory?: (module: object) => Promise<object>;
  /** Takes warnings, besides `printErr`. */
  custom_dbg?: (line: string) => void;
}

/** A part of MediaPipe's Module object. `time`: ms. */
interface RuntimeModule {
  _addBoolToInputStream(value: boolean, stream: number, time: number): void;
}

/** What both kinds of landmarker are made with. */
interface TaskOptions {
  readonly baseOptions: { readonly modelAssetBuffer: Uint8Array; readonly delegate: Delegate };
  readonly runningMode: 'VIDEO';
}

/** Before pictures come it looks at a blank one, which is made from nothing. */
type WithBlank<L extends BodyLandmarker | FaceLandmarker> = L & {
  detect(picture: Picture | ImageData, time: number, smoothing: boolean): ReturnType<L['detect']>;
};

/** Nothing is fetched: the loader is part of this bundle, and we instantiate the WebAssembly ourselves. */
const FILESET = { wasmLoaderPath: '', wasmBinaryPath: '' };

/**
 * Compiles the runtime once, for all landmarkers. Errors: `pose-unsupported` (no WebAssembly or WebGL 2),
 * `pose-runtime` (the file is damaged).
 */
export async function openRuntime(wasm: Blob): Promise<Result<PoseRuntime>> {
  if (new OffscreenCanvas(1, 1).getContext('webgl2') === null) return fail(appError('pose-unsupported', 'no WebGL 2'));
  try {
    const compiled = await WebAssembly.compile(await wasm.arrayBuffer());
    return ok({
      openBody: (model, delegate, persons) =>
        open(compiled, model, delegate, async (options) => {
          const task = await MediaPipePose.createFromOptions(FILESET, { ...options, numPoses: persons });
          return bodyLandmarker(task);
        }),
      openFace: (model, delegate) =>
        open(compiled, model, delegate, async (options) => {
          const task = await MediaPipeFace.createFromOptions(FILESET, { ...options, outputFaceBlendshapes: true });
          return faceLandmarker(task);
        }),
    });
  } catch (thrown) {
    return fail(appError('pose-runtime', describeThrown(thrown)));
  }
}

/**
 * Makes a landmarker and lets it look at a blank picture. Errors: `pose-unsupported` (no instance of the runtime),
 * `pose-model-corrupt`, `pose-inference` (it fails on the blank picture).
 */
async function open<L extends BodyLandmarker | FaceLandmarker>(
  compiled: WebAssembly.Module,
  model: Blob,
  delegate: Delegate,
  create: (options: TaskOptions) => Promise<WithBlank<L>>,
): Promise<Result<L>> {
  let blame: ErrorCode = 'pose-unsupported';
  const scope = globalThis as LoaderScope;
  scope.custom_dbg = ignore;
  scope.ModuleFactory = async (module) => {
    const instance = await factory({
      ...module,
      // Emscripten wants exports handed to `done`; what is thrown here it passes on.
      instantiateWasm: (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => {
        done(new WebAssembly.Instance(compiled, imports));
        return {};
      },
      // Its log lines are for its own developers.
      print: ignore,
      printErr: ignore,
    });
    blame = 'pose-model-corrupt';
    countTurns(instance as RuntimeModule);
    return instance;
  };
  try {
    const modelAssetBuffer = new Uint8Array(await model.arrayBuffer());
    const made = await create({ baseOptions: { modelAssetBuffer, delegate }, runningMode: 'VIDEO' });
    blame = 'pose-inference';
    made.detect(new ImageData(...BLANK), 0, false);
    return ok(made);
  } catch (thrown) {
    // A trace of its source follows in further lines.
    return fail(appError(blame, describeThrown(thrown).split('\n', 1)[0]));
  } finally {
    delete scope.ModuleFactory;
  }
}

/**
 * After each picture the package tells the graph to free memory, through the one stream of booleans there is, and dates that
 * with a result's time, which it gets as an int32 of ms. Our times go beyond that (see `RuntimeClock`), and a time that does
 * not rise breaks the graph. The stream feeds nothing that looks at times: pictures are counted instead.
 */
function countTurns(module: RuntimeModule): void {
  const add = module._addBoolToInputStream.bind(module);
  let turn = 0;
  module._addBoolToInputStream = (value, stream) => {
    turn += 1;
    add(value, stream, turn);
  };
}

/** The part of a MediaPipe task that both kinds use. */
interface Task<R> {
  detectForVideo(picture: Picture | ImageData, time: number): R;
  close(): void;
}

/** Gives the task rising times, and leaves it alone after a trap: calls into a trapped instance may never return. */
class Guarded<R> {
  readonly #task: Task<R>;
  readonly #clock = new RuntimeClock();
  #trapped = false;

  constructor(task: Task<R>) {
    this.#task = task;
  }

  detect(picture: Picture | ImageData, time: number, smoothing: boolean): R {
    try {
      return this.#task.detectForVideo(picture, this.#clock.next(time, smoothing));
    } catch (thrown) {
      this.#trapped = thrown instanceof WebAssembly.RuntimeError;
      throw thrown;
    }
  }

  spent(): boolean {
    return this.#clock.ended;
  }

  close(): void {
    if (!this.#trapped) this.#task.close();
  }
}

function bodyLandmarker(task: MediaPipePose): WithBlank<BodyLandmarker> {
  const guarded = new Guarded(task);
  return {
    detect(picture, time, smoothing) {
      const { landmarks, worldLandmarks } = guarded.detect(picture, time, smoothing);
      return landmarks.map((person, i) => ({
        landmarks: person.map(({ x, y, z, visibility }) => ({ x, y, z, v: visibility })),
        world: (worldLandmarks[i] ?? []).map(({ x, y, z }) => ({ x, y, z })),
      }));
    },
    // The graph starts anew; it goes on with the same clock.
    setPersons: (persons) => task.setOptions({ numPoses: persons }),
    spent: () => guarded.spent(),
    close: () => guarded.close(),
  };
}

function faceLandmarker(task: MediaPipeFace): WithBlank<FaceLandmarker> {
  const guarded = new Guarded(task);
  return {
    detect(picture, time, smoothing) {
      const [face] = guarded.detect(picture, time, smoothing).faceBlendshapes;
      return face && new Map(face.categories.map(({ categoryName, score }) => [categoryName, score]));
    },
    spent: () => guarded.spent(),
    close: () => guarded.close(),
  };
}

function ignore(): void {
  return undefined;
}
