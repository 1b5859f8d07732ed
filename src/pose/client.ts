/**
 * Supervises the pose worker: starts it, feeds it one frame at a time, notices when it hangs or breaks and starts another
 * one on the CPU, and gives up with a reason when that does not help either.
 */
import { backoffDelay } from '../lib/backoff.ts';
import { createStore, type Readable } from '../lib/store.ts';
import type { Clock } from '../lib/timers.ts';
import { appError, describeThrown, type AppError } from '../model/errors.ts';
import type { Delegate, PoseOptions, PoseReport, PoseStage } from '../model/pose.ts';
import type { PoseAnswer, PoseOrder } from '../../workers/pose/api.ts';
import { FrameSlot, type GrabbedFrame } from './frame-slot.ts';
import { Watchdog } from './watchdog.ts';

/** The part of a worker that is used. */
export type WorkerLike = Pick<Worker, 'postMessage' | 'terminate' | 'addEventListener'>;

/** What a worker is started with. Blobs are handed over by reference: a new worker gets the same. */
export interface PoseSetup {
  readonly wasm: Blob;
  readonly model: Blob;
  readonly faceModel?: Blob | undefined;
  readonly delegate: Delegate;
  readonly options: PoseOptions;
}

export interface PoseClientDeps {
  readonly makeWorker: () => WorkerLike;
  /** A new way to the sensor worker for each pose worker: a port dies with the worker it was given to. */
  readonly openOutput: () => MessagePort;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** The frame that waited for the worker had grown too old: the next one is wanted at once. */
  readonly onHurry?: () => void;
}

/** For the runtime, a large model and the warm-up on a slow phone, ms. */
const START_LIMIT = 30_000;

/** A frame that takes longer has hung: after some failures of WebAssembly the next call never returns, ms. */
const FRAME_LIMIT = 5000;

/** What a worker may take to close its things, ms. */
const STOP_LIMIT = 500;

/** So many failures within so many ms are not mended by one more start. */
const FAILURES = 3;
const WITHIN = 60_000;

const RESTART = { base: 2000, cap: 10_000 };

type PoseFrame = GrabbedFrame & { readonly wantedFps: number };

interface Run {
  readonly worker: WorkerLike;
  readonly delegate: Delegate;
  /** Aborted when nothing it says counts any more. */
  readonly ending: AbortController;
  isReady: boolean;
  hasCanvas: boolean;
}

export class PoseClient {
  readonly #deps: PoseClientDeps;
  readonly #stage = createStore<PoseStage>({ at: 'off' });
  readonly #report = createStore<PoseReport | undefined>(undefined);
  readonly #faceError = createStore<AppError | undefined>(undefined);
  readonly #overlaysLost = createStore(0);
  readonly #slot: FrameSlot<PoseFrame>;
  readonly #watchdog: Watchdog;
  #setup: PoseSetup | undefined;
  #run: Run | undefined;
  /** Unix ms. */
  #failures: number[] = [];
  #hasGpuFailed = false;
  #cancelRestart: (() => void) | undefined;
  #nextCanvas: OffscreenCanvas | undefined;
  #size: { readonly width: number; readonly height: number } | undefined;
  #lastDone: number | undefined;

  constructor(deps: PoseClientDeps) {
    this.#deps = deps;
    this.#watchdog = new Watchdog(deps.clock, () => this.#recover(appError('pose-hung')));
    this.#slot = new FrameSlot({
      send: (frame) => this.#send(frame),
      onStale: () => deps.onHurry?.(),
      now: () => deps.clock.now(),
    });
  }

  /** `off`, `starting`, `running`, `restarting` or `trouble`. */
  get stage(): Readable<PoseStage> {
    return this.#stage;
  }

  /** The latest; undefined while no worker runs. */
  get report(): Readable<PoseReport | undefined> {
    return this.#report;
  }

  /** The face model does not work; the body goes on. */
  get faceError(): Readable<AppError | undefined> {
    return this.#faceError;
  }

  /** Grows when the canvas that was given is gone with its worker, and the screen has to give a new one. */
  get overlaysLost(): Readable<number> {
    return this.#overlaysLost;
  }

  /** When the last frame was finished, Unix ms; undefined before the first one of this start. */
  get lastDone(): number | undefined {
    return this.#lastDone;
  }

  /** Starts anew, whatever it did before. A GPU that failed once stays unused as long as this client lives. */
  start(setup: PoseSetup): void {
    this.#end();
    this.#setup = setup;
    this.#failures = [];
    this.#lastDone = undefined;
    this.#faceError.set(undefined);
    this.#stage.set({ at: 'starting' });
    this.#spawn();
  }

  /** Takes a frame over. While the worker is busy only the newest one waits. @param wantedFps frames a second */
  offer({ frame, time }: GrabbedFrame, wantedFps: number): void {
    // Frames have a rhythm of their own, also where timers hardly run.
    this.#watchdog.tick();
    if (this.#run?.isReady === true) this.#slot.offer({ frame, time, wantedFps });
    else frame.close();
  }

  /** Takes effect at once, and for every later worker. */
  setOptions(options: PoseOptions, faceModel?: Blob): void {
    if (!this.#setup) return;
    const face = faceModel ?? this.#setup.faceModel;
    this.#setup = { ...this.#setup, options, faceModel: face };
    if (!options.face) this.#faceError.set(undefined);
    this.#post({ type: 'options', options, ...(face && { faceModel: face }) });
  }

  /** Where to draw; undefined: nowhere. Waits for a worker if there is none. */
  showOverlay(canvas: OffscreenCanvas | undefined): void {
    this.#nextCanvas = canvas;
    if (this.#run) this.#giveCanvas(this.#run);
  }

  /** Device pixels. */
  sizeOverlay(width: number, height: number): void {
    this.#size = { width, height };
    this.#post({ type: 'overlay-size', width, height });
  }

  /** Nothing is looked at any more as soon as this is called; resolves when the worker is gone, 500 ms later at most. */
  async stop(): Promise<void> {
    const run = this.#letGo();
    this.#setup = undefined;
    this.#stage.set({ at: 'off' });
    if (!run) return;
    const stopped = this.#stopped(run.worker);
    post(run.worker, { type: 'stop' });
    await stopped;
    run.worker.terminate();
  }

  #spawn(): void {
    const setup = this.#setup;
    if (!setup) return;
    let worker: WorkerLike;
    try {
      worker = this.#deps.makeWorker();
    } catch (thrown) {
      return this.#giveUp(appError('pose-unsupported', describeThrown(thrown)));
    }
    const delegate = this.#hasGpuFailed ? 'CPU' : setup.delegate;
    const run: Run = { worker, delegate, ending: new AbortController(), isReady: false, hasCanvas: false };
    this.#run = run;
    this.#listen(run);
    const output = this.#deps.openOutput();
    const { wasm, model, faceModel, options } = setup;
    const order: PoseOrder = {
      ...{ type: 'start', wasm, model, delegate, options, output },
      ...(faceModel && { faceModel }),
    };
    if (!post(worker, order, [output])) return this.#giveUp(appError('pose-unsupported', 'start'));
    if (this.#nextCanvas) this.#giveCanvas(run);
    this.#watchdog.arm(START_LIMIT);
  }

  #listen(run: Run): void {
    const { worker, ending } = run;
    const { signal } = ending;
    worker.addEventListener('message', (event) => this.#take(run, (event as MessageEvent<PoseAnswer>).data), {
      signal,
    });
    worker.addEventListener(
      'error',
      (event) => {
        // Before it could say anything: its own file is missing or broken.
        const code = run.isReady ? 'pose-inference' : 'pose-runtime';
        this.#recover(appError(code, event.message));
      },
      { signal },
    );
    worker.addEventListener('messageerror', () => this.#recover(appError('pose-inference', 'messageerror')), {
      signal,
    });
  }

  #take(run: Run, answer: PoseAnswer): void {
    switch (answer.type) {
      case 'ready':
        run.isReady = true;
        this.#watchdog.disarm();
        this.#stage.set({ at: 'running' });
        return;
      case 'done':
        this.#lastDone = this.#deps.clock.now();
        this.#watchdog.disarm();
        this.#slot.answered();
        return;
      case 'report':
        this.#report.set(answer.report);
        return;
      case 'failed':
        // Only what another landmarker can mend is tried again.
        if (answer.error.code === 'pose-inference') this.#recover(answer.error);
        else this.#giveUp(answer.error);
        return;
      case 'face-failed':
        this.#faceError.set(answer.error);
        return;
      case 'stopped':
        return;
    }
  }

  #send({ frame, time, wantedFps }: PoseFrame): boolean {
    const isSent =
      this.#run !== undefined && post(this.#run.worker, { type: 'frame', frame, time, wantedFps }, [frame]);
    if (isSent) this.#watchdog.arm(FRAME_LIMIT);
    else frame.close();
    return isSent;
  }

  #recover(error: AppError): void {
    if (this.#run?.delegate === 'GPU') this.#hasGpuFailed = true;
    this.#end();
    const now = this.#deps.clock.now();
    this.#failures = [...this.#failures.filter((at) => now - at < WITHIN), now];
    const count = this.#failures.length;
    if (count >= FAILURES) return this.#giveUp(final(error));
    const delay = count === 1 ? 0 : backoffDelay(count - 1, { ...RESTART, random: this.#deps.random });
    this.#stage.set({ at: 'restarting', error });
    this.#cancelRestart = this.#deps.clock.after(delay, () => this.#spawn());
  }

  #giveUp(error: AppError): void {
    this.#end();
    this.#stage.set({ at: 'trouble', error });
  }

  #end(): void {
    this.#letGo()?.worker.terminate();
  }

  /** Nothing that the worker says counts any more. It is the caller's to end. */
  #letGo(): Run | undefined {
    this.#cancelRestart?.();
    this.#cancelRestart = undefined;
    this.#watchdog.disarm();
    this.#slot.clear();
    const run = this.#run;
    this.#run = undefined;
    run?.ending.abort();
    this.#report.set(undefined);
    if (run?.hasCanvas === true) this.#overlaysLost.set(this.#overlaysLost.get() + 1);
    return run;
  }

  #giveCanvas(run: Run): void {
    const canvas = this.#nextCanvas;
    this.#nextCanvas = undefined;
    const isGiven = post(run.worker, { type: 'overlay', canvas }, canvas ? [canvas] : []);
    run.hasCanvas = canvas !== undefined && isGiven;
    if (run.hasCanvas && this.#size) this.#post({ type: 'overlay-size', ...this.#size });
  }

  #post(order: PoseOrder): void {
    if (this.#run) post(this.#run.worker, order);
  }

  #stopped(worker: WorkerLike): Promise<void> {
    return new Promise((resolve) => {
      const heard = new AbortController();
      const end = (): void => {
        heard.abort();
        cancel();
        resolve();
      };
      const cancel = this.#deps.clock.after(STOP_LIMIT, end);
      const listen = (event: Event): void => {
        if ((event as MessageEvent<PoseAnswer>).data.type === 'stopped') end();
      };
      worker.addEventListener('message', listen, { signal: heard.signal });
    });
  }
}

/** False: something in the order cannot be handed over, such as a frame that is closed or a canvas that was given before. */
function post(worker: WorkerLike, order: PoseOrder, transfer: Transferable[] = []): boolean {
  try {
    worker.postMessage(order, transfer);
    return true;
  } catch {
    return false;
  }
}

/** What is said of a failure after which nothing is started again: the others already name what to do. */
function final(error: AppError): AppError {
  const startsAgain = error.code === 'pose-hung' || error.code === 'pose-inference';
  return startsAgain ? appError('pose-gave-up', error.detail ?? error.code) : error;
}
