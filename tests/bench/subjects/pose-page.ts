/**
 * A page that looks at its camera with the same landmarker in two ways: ours (frames to the pose worker, skeletons to another
 * worker) and the platform's client's (each frame in the callback, on the main thread). What the main thread has to do for a
 * frame is timed alike: every callback of ours that runs there. Nothing is drawn.
 */
import { PoseLandmarker } from '@mediapipe/tasks-vision';
import factory from '@mediapipe/tasks-vision/vision_wasm_module_internal.js';
import { systemClock } from '../../../src/lib/timers.ts';
import type { PoseOptions } from '../../../src/model/pose.ts';
import { browserFrameEdges, makePoseWorker } from '../../../src/pose/browser.ts';
import { PoseClient, type WorkerLike } from '../../../src/pose/client.ts';
import { FrameGrabber } from '../../../src/pose/frames.ts';

/** One way at work. */
interface Running {
  /** Pictures in which a person was found, so far. */
  frames(): Promise<number>;
  stop(): Promise<void>;
}

/** What the bench calls. */
interface PosePage {
  start(way: 'worker' | 'main'): Promise<void>;
  frames(): Promise<number>;
  /** Leaves out what was timed so far. */
  reset(): void;
  /** ms of main thread, of each frame since `reset`. */
  timed(): readonly number[];
  stop(): Promise<void>;
}

declare global {
  var posePage: PosePage;
}

const WANTED = 30;
const OPTIONS: PoseOptions = {
  persons: 1,
  world: false,
  smoothing: false,
  confidence: 0.5,
  face: false,
  mirror: false,
};

/** Adds up what callbacks take; a frame ends where the next one's callback begins. */
class Meter {
  readonly #frames: number[] = [];
  #now = 0;

  /** The same callback, timed. `begins`: with it the next frame does. */
  timed<A extends unknown[]>(callback: (...given: A) => void, begins: boolean): (...given: A) => void {
    return (...given) => {
      const began = performance.now();
      if (begins) this.#end();
      callback(...given);
      this.#now += performance.now() - began;
    };
  }

  reset(): void {
    this.#frames.length = 0;
    this.#now = 0;
  }

  get frames(): readonly number[] {
    // The first one began before.
    return this.#frames.slice(1);
  }

  #end(): void {
    this.#frames.push(this.#now);
    this.#now = 0;
  }
}

const meter = new Meter();
let running: Running | undefined;

async function fetched(path: string): Promise<Blob> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${String(answer.status)}`);
  return answer.blob();
}

const openCamera = (): Promise<MediaStream> =>
  navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });

function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** An element whose frame callbacks are timed. */
function timedVideo(): HTMLVideoElement {
  const video = document.createElement('video');
  const ask = video.requestVideoFrameCallback.bind(video);
  video.requestVideoFrameCallback = (callback) => ask(meter.timed(callback, true));
  return video;
}

/** The pose worker, whose answers are timed. */
function timedWorker(): WorkerLike {
  const worker = makePoseWorker();
  return {
    postMessage: worker.postMessage.bind(worker),
    terminate: () => worker.terminate(),
    addEventListener(type: string, listener: EventListener, options?: AddEventListenerOptions) {
      worker.addEventListener(type, meter.timed(listener, false), options);
    },
  };
}

/** Stands for the sensor worker: takes skeletons and counts them. */
class Sink {
  readonly #worker: Worker;

  constructor() {
    const script = `let count = 0;
      onmessage = ({ data }) => {
        if (data instanceof MessagePort) data.onmessage = ({ data: { readings } }) => (count += readings.length);
        else postMessage(count);
      };`;
    this.#worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));
  }

  open(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#worker.postMessage(port2, [port2]);
    return port1;
  }

  count(): Promise<number> {
    return new Promise((resolve) => {
      this.#worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
      this.#worker.postMessage('count');
    });
  }

  close(): void {
    this.#worker.terminate();
  }
}

async function inWorker(): Promise<Running> {
  const [wasm, model] = await Promise.all([fetched('/runtime.wasm'), fetched('/body.task')]);
  const sink = new Sink();
  const { now } = systemClock;
  const client = new PoseClient({
    makeWorker: timedWorker,
    openOutput: () => sink.open(),
    clock: systemClock,
    random: () => 0.5,
    onHurry: () => grabber.hurry(),
  });
  const grabber = new FrameGrabber(
    { ...browserFrameEdges(), makeVideo: timedVideo, now },
    { onFrame: (frame) => client.offer(frame, WANTED), onTrouble: (error) => error && reportError(error) },
  );
  client.start({ wasm, model, delegate: 'CPU', options: OPTIONS });
  grabber.setRate(WANTED);
  const stream = await openCamera();
  const ending = new AbortController();
  grabber.run(stream, ending.signal);
  return {
    frames: () => sink.count(),
    async stop() {
      ending.abort();
      release(stream);
      await client.stop();
      sink.close();
    },
  };
}

async function onMainThread(): Promise<Running> {
  const landmarker = await openLandmarker();
  const stream = await openCamera();
  const video = timedVideo();
  video.muted = true;
  video.srcObject = stream;
  let count = 0;
  let isOn = true;
  const next = (): void => {
    video.requestVideoFrameCallback((time) => {
      if (!isOn) return;
      count += landmarker.detectForVideo(video, time).landmarks.length;
      next();
    });
  };
  next();
  await video.play();
  return {
    frames: () => Promise.resolve(count),
    stop() {
      isOn = false;
      release(stream);
      landmarker.close();
      return Promise.resolve();
    },
  };
}

/** As MediaPipe's own examples do, with the loader of our worker. */
async function openLandmarker(): Promise<PoseLandmarker> {
  const model = await fetched('/body.task');
  const scope = globalThis as { ModuleFactory?: typeof factory };
  scope.ModuleFactory = factory;
  return PoseLandmarker.createFromOptions(
    { wasmLoaderPath: '', wasmBinaryPath: '/runtime.wasm' },
    {
      baseOptions: { modelAssetBuffer: new Uint8Array(await model.arrayBuffer()), delegate: 'CPU' },
      runningMode: 'VIDEO',
      numPoses: OPTIONS.persons,
    },
  );
}

globalThis.posePage = {
  async start(way) {
    running = await (way === 'worker' ? inWorker() : onMainThread());
  },
  frames: async () => running?.frames() ?? 0,
  reset: () => meter.reset(),
  timed: () => meter.frames,
  async stop() {
    await running?.stop();
    running = undefined;
  },
};
