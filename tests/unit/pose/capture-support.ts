/** Fakes of camera, frames, page and worker, and one rig that joins them. */
import { createManualClock, turns, type ManualClock } from '../../support/manual-clock.ts';
import type { CameraEdges } from '../../../src/pose/camera.ts';
import type { PoseSetup, WorkerLike } from '../../../src/pose/client.ts';
import type { FrameEdges, FrameReader, VideoLike } from '../../../src/pose/frames.ts';
import type { PoseOptions, PoseReport } from '../../../src/model/pose.ts';
import type { PoseAnswer, PoseOrder } from '../../../workers/pose/api.ts';

/** A picture that knows what became of it. */
export class FakeFrame {
  closed = 0;
  transferred = 0;
  readonly timestamp: number;

  constructor(timestamp = 0) {
    this.timestamp = timestamp;
  }

  close(): void {
    this.closed += 1;
  }

  /** Whether it was dealt with exactly once. */
  get isSettled(): boolean {
    return this.closed + this.transferred === 1;
  }
}

export function asFrame(frame: FakeFrame): VideoFrame {
  return frame as unknown as VideoFrame;
}

export class FakeTrack extends EventTarget {
  readonly kind = 'video';
  stopped = 0;
  muted = false;
  readonly applied: MediaTrackConstraints[] = [];
  settings: MediaTrackSettings = {};
  capabilities: object | undefined = {};
  refuses = false;

  get isLive(): boolean {
    return this.stopped === 0;
  }

  stop(): void {
    this.stopped += 1;
  }

  getSettings(): MediaTrackSettings {
    return this.settings;
  }

  getCapabilities(): object {
    return this.capabilities ?? {};
  }

  applyConstraints(constraints: MediaTrackConstraints): Promise<void> {
    this.applied.push(constraints);
    return this.refuses ? Promise.reject(new DOMException('fake', 'OverconstrainedError')) : Promise.resolve();
  }

  fire(type: 'mute' | 'unmute' | 'ended'): void {
    if (type !== 'ended') this.muted = type === 'mute';
    this.dispatchEvent(new Event(type));
  }
}

/** Cameras by id; each opening gives a new track, as browsers do. */
export class FakeDevices extends EventTarget {
  readonly tracks: FakeTrack[] = [];
  readonly asked: MediaStreamConstraints[] = [];
  list: Partial<MediaDeviceInfo>[] = [{ kind: 'videoinput', deviceId: 'front', label: 'Front' }];
  /** Name of the exception that opening throws. */
  refuse: string | undefined;
  /** Holds answers back until it resolves. */
  gate: Promise<void> = Promise.resolve();
  /** What a new track is like. */
  shape: (track: FakeTrack, id: string) => void = () => undefined;

  async getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
    this.asked.push(constraints);
    await this.gate;
    if (this.refuse !== undefined) throw new DOMException('fake', this.refuse);
    const track = new FakeTrack();
    const wanted = constraints.video as { deviceId?: { exact: string } };
    track.settings = { deviceId: wanted.deviceId?.exact ?? 'front' };
    this.shape(track, track.settings.deviceId ?? '');
    this.tracks.push(track);
    return { getTracks: () => [track], getVideoTracks: () => [track] } as unknown as MediaStream;
  }

  enumerateDevices(): Promise<MediaDeviceInfo[]> {
    if (this.refuse !== undefined) return Promise.reject(new DOMException('fake', this.refuse));
    return Promise.resolve(this.list as MediaDeviceInfo[]);
  }

  edges(secure = true): CameraEdges {
    return { mediaDevices: this, secure };
  }

  get live(): number {
    return this.tracks.filter(({ isLive }) => isLive).length;
  }
}

export class FakePage extends EventTarget {
  isVisible = true;

  show(visible: boolean): void {
    this.isVisible = visible;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

type FrameCallback = (now: number, metadata: { captureTime?: number }) => void;

/** Frames are shown when a test says so, and only while the page is visible, as in browsers. */
export class FakeVideo {
  srcObject: unknown = null;
  muted = false;
  playsInline = false;
  plays = 0;
  pauses = 0;
  refusal: DOMException | undefined;
  readonly #waiting = new Map<number, FrameCallback>();
  #handle = 0;

  play(): Promise<void> {
    this.plays += 1;
    return this.refusal ? Promise.reject(this.refusal) : Promise.resolve();
  }

  pause(): void {
    this.pauses += 1;
  }

  requestVideoFrameCallback(callback: FrameCallback): number {
    this.#handle += 1;
    this.#waiting.set(this.#handle, callback);
    return this.#handle;
  }

  cancelVideoFrameCallback(handle: number): void {
    this.#waiting.delete(handle);
  }

  /** Callbacks that wait for a frame. */
  get waiting(): number {
    return this.#waiting.size;
  }

  present(captureTime?: number): void {
    const due = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const callback of due) callback(0, captureTime === undefined ? {} : { captureTime });
  }
}

export class FakeReader implements FrameReader {
  isCancelled = false;
  #wake: ((answer: { done: boolean; value?: VideoFrame }) => void) | undefined;
  readonly #queue: FakeFrame[] = [];

  read(): Promise<{ done: boolean; value?: VideoFrame }> {
    const queued = this.#queue.shift();
    if (queued) return Promise.resolve({ done: false, value: asFrame(queued) });
    if (this.isCancelled) return Promise.resolve({ done: true });
    return new Promise((resolve) => (this.#wake = resolve));
  }

  cancel(): Promise<void> {
    this.isCancelled = true;
    // What waits in a stream is let go of with it.
    for (const frame of this.#queue.splice(0)) frame.close();
    this.#answer({ done: true });
    return Promise.resolve();
  }

  push(frame: FakeFrame): void {
    if (this.isCancelled) return frame.close();
    if (this.#wake) this.#answer({ done: false, value: asFrame(frame) });
    else this.#queue.push(frame);
  }

  #answer(answer: { done: boolean; value?: VideoFrame }): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.(answer);
  }
}

export const REPORT: PoseReport = {
  fps: 30,
  persons: 1,
  work: 10,
  delegate: 'GPU',
  condition: 'good',
  angles: {},
  activity: 'still',
  problems: {},
};

/** A worker that answers when a test says so. */
export class FakeWorker extends EventTarget {
  readonly orders: PoseOrder[] = [];
  isTerminated = false;
  /** Orders of these types cannot be handed over. */
  refuses: PoseOrder['type'] | undefined;

  postMessage(order: PoseOrder, transfer: unknown[] = []): void {
    if (this.refuses === order.type) throw new DOMException('fake', 'DataCloneError');
    for (const one of transfer) if (one instanceof FakeFrame) one.transferred += 1;
    this.orders.push(order);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  answer(answer: PoseAnswer): void {
    if (!this.isTerminated) this.dispatchEvent(new MessageEvent('message', { data: answer }));
  }

  ready(): void {
    this.answer({ type: 'ready', delegate: 'GPU', took: 1 });
  }

  done(): void {
    this.answer({ type: 'done' });
  }

  crash(message: string): void {
    this.dispatchEvent(Object.assign(new Event('error'), { message }));
  }

  of<T extends PoseOrder['type']>(type: T): Extract<PoseOrder, { type: T }>[] {
    return this.orders.filter((order): order is Extract<PoseOrder, { type: T }> => order.type === type);
  }
}

export const OPTIONS: PoseOptions = {
  persons: 1,
  world: false,
  smoothing: false,
  confidence: 0.5,
  face: false,
  mirror: true,
};

export function setup(change: Partial<PoseSetup> = {}): PoseSetup {
  return { wasm: new Blob(['wasm']), model: new Blob(['model']), delegate: 'GPU', options: OPTIONS, ...change };
}

/** Where workers come from, and the ports they were given. */
export function workshop() {
  const workers: FakeWorker[] = [];
  const ports: MessagePort[] = [];
  return {
    workers,
    ports,
    /** The newest. */
    get worker(): FakeWorker {
      const worker = workers.at(-1);
      if (!worker) throw new Error('no worker was made');
      return worker;
    },
    makeWorker: (): WorkerLike => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker as unknown as WorkerLike;
    },
    openOutput: (): MessagePort => {
      const port = {} as unknown as MessagePort;
      ports.push(port);
      return port;
    },
  };
}

export interface FrameRig {
  readonly clock: ManualClock;
  readonly page: FakePage;
  readonly videos: FakeVideo[];
  readonly readers: FakeReader[];
  /** All that were ever made. */
  readonly frames: FakeFrame[];
  readonly edges: FrameEdges;
  /** One frame of the camera, wherever it is looked at now. */
  film(): void;
}

/** @param change replaces edges */
export function frameRig(change: Partial<FrameEdges> = {}): FrameRig {
  const clock = createManualClock();
  const timeOrigin = clock.now() - 10_000;
  const page = new FakePage();
  const videos: FakeVideo[] = [];
  const readers: FakeReader[] = [];
  const frames: FakeFrame[] = [];
  const made = (timestamp?: number): FakeFrame => {
    const frame = new FakeFrame(timestamp);
    frames.push(frame);
    return frame;
  };
  const edges: FrameEdges = {
    makeVideo: () => {
      const video = new FakeVideo();
      videos.push(video);
      return video as unknown as VideoLike;
    },
    makeFrame: (_video, timestamp) => asFrame(made(timestamp)),
    // Not at once, as in browsers.
    makeBitmap: () => turns().then(() => made() as unknown as ImageBitmap),
    openReader: () => {
      const reader = new FakeReader();
      readers.push(reader);
      return reader;
    },
    page: { visible: () => page.isVisible, events: page },
    now: () => clock.now(),
    timeOrigin,
    ...change,
  };
  return {
    ...{ clock, page, videos, readers, frames, edges },
    film() {
      // Captured 20 ms ago. A hidden page shows no video; a track is read whatever the page is.
      const captured = clock.now() - 20 - timeOrigin;
      if (page.isVisible) for (const video of videos) video.present(captured);
      for (const reader of readers) if (!reader.isCancelled) reader.push(made(captured * 1000));
    },
  };
}
