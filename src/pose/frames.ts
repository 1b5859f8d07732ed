/**
 * Takes frames from a running camera. While the page is visible they come from a detached video element
 * (requestVideoFrameCallback, WICG), as that costs the main thread least; while it is hidden browsers show no video, so
 * they are read from the track itself where the window can do that (MediaStreamTrackProcessor, W3C). So they are when the
 * video starves, until the page is hidden or shown the next time.
 */
import { appError, describeThrown, type AppError } from '../model/errors.ts';
import type { GrabbedFrame } from './frame-slot.ts';
import { RateGate } from './rate-gate.ts';
import { VideoPace } from './video-pace.ts';

/** The part of a video element that is used. Old browsers have no frame callbacks. */
export type VideoLike = Pick<HTMLVideoElement, 'srcObject' | 'muted' | 'playsInline' | 'play' | 'pause'> &
  Partial<Pick<HTMLVideoElement, 'requestVideoFrameCallback' | 'cancelVideoFrameCallback'>>;

/** The part of a track processor's reader that is used. */
export interface FrameReader {
  read(): Promise<{ readonly done: boolean; readonly value?: VideoFrame | undefined }>;
  cancel(): Promise<void>;
}

export interface PageEdge {
  visible(): boolean;
  /** Where `visibilitychange` arrives. */
  readonly events: Pick<EventTarget, 'addEventListener'>;
}

export interface FrameEdges {
  readonly makeVideo: () => VideoLike;
  /** `timestamp`: µs. Undefined where the browser has no `VideoFrame`. */
  readonly makeFrame: ((video: VideoLike, timestamp: number) => VideoFrame) | undefined;
  readonly makeBitmap: (video: VideoLike) => Promise<ImageBitmap>;
  /** Undefined where the window cannot read tracks. */
  readonly openReader: ((track: MediaStreamTrack) => FrameReader) | undefined;
  readonly page: PageEdge;
  /** Unix ms with fractions. */
  readonly now: () => number;
  /** Unix ms at which the page's own clock was 0. */
  readonly timeOrigin: number;
}

export interface FrameOutput {
  /** Takes the frame over: it is transferred or closed there. */
  readonly onFrame: (frame: GrabbedFrame) => void;
  /** Why no frame can come (`camera-hidden`, `camera-unsupported`, `pose-frame`); undefined: they can again. */
  readonly onTrouble: (error: AppError | undefined) => void;
}

/** A capture time further back than this is not believed, ms. */
const OLDEST = 1000;

/** How fast the guess of a track's own clock gives way, ms a frame: faster than any two clocks drift apart. */
const CREEP = 0.02;

export class FrameGrabber {
  readonly #edges: FrameEdges;
  readonly #output: FrameOutput;
  readonly #gate = new RateGate();
  /** Frames a second. */
  #wanted = 0;
  #newest = -Infinity;
  #unusable = 0;
  /** Of the video that is watched: looks whether it stands still. */
  #lookAtVideo: (() => void) | undefined;

  constructor(edges: FrameEdges, output: FrameOutput) {
    this.#edges = edges;
    this.#output = output;
  }

  /** Pictures that could not be taken (`pose-frame`) since this was made. */
  get unusable(): number {
    return this.#unusable;
  }

  /** Whether frames can come while the page is hidden. */
  get worksHidden(): boolean {
    return this.#edges.openReader !== undefined;
  }

  /** @param fps frames a second that are taken from now on; 0: none */
  setRate(fps: number): void {
    this.#wanted = fps;
    this.#gate.setRate(fps);
  }

  /** To be called now and then: that no frame comes makes no event. */
  tick(): void {
    this.#lookAtVideo?.();
  }

  /** The next frame is wanted, whatever the rate. */
  hurry(): void {
    this.#gate.hurry();
  }

  /** Takes frames of this stream until `signal` is aborted. The stream's tracks stay as they are. */
  run(stream: MediaStream, signal: AbortSignal): void {
    if (signal.aborted) return;
    const { page, makeVideo } = this.#edges;
    const video = makeVideo();
    video.muted = true;
    video.playsInline = true;
    video.srcObject = stream;
    let part = new AbortController();
    const begin = (fromVideo: boolean): void => {
      part.abort();
      part = new AbortController();
      if (fromVideo) this.#watchVideo(video, part.signal, () => begin(false));
      else void this.#readTrack(stream, part.signal);
    };
    const choose = (): void => begin(page.visible());
    page.events.addEventListener('visibilitychange', choose, { signal });
    const end = (): void => {
      part.abort();
      video.pause();
      video.srcObject = null;
    };
    signal.addEventListener('abort', end, { once: true });
    choose();
  }

  /** @param onStarved frames come far too slowly this way */
  #watchVideo(video: VideoLike, signal: AbortSignal, onStarved: () => void): void {
    if (!video.requestVideoFrameCallback) {
      this.#output.onTrouble(appError('camera-unsupported', 'requestVideoFrameCallback'));
      return;
    }
    this.#output.onTrouble(undefined);
    // Some browsers pause it while the page is hidden.
    void this.#play(video, signal);
    let isMaking = false;
    let handle: number | undefined;
    const pace = new VideoPace();
    const look = (captureTime: number | undefined, now: number): void => {
      const time = this.#captured(captureTime, now);
      // A bitmap of the moment before is still being made: this one would come out the same or out of order.
      if (isMaking || !this.#take(time)) return;
      const { makeFrame } = this.#edges;
      if (makeFrame) return this.#takeFrame(makeFrame, video, time);
      isMaking = true;
      void this.#takeBitmap(video, time, signal).finally(() => (isMaking = false));
    };
    const next = (): void => {
      handle = video.requestVideoFrameCallback?.((_now, { captureTime }) => {
        if (signal.aborted) return;
        const now = this.#edges.now();
        if (pace.show(now, this.#wanted) && this.worksHidden) return onStarved();
        try {
          look(captureTime, now);
        } finally {
          // Asked for last: to ask first makes this thread wait for the one that shows the picture.
          if (!signal.aborted) next();
        }
      });
    };
    this.#lookAtVideo = () => {
      if (pace.standsStill(this.#edges.now(), this.#wanted) && this.worksHidden) onStarved();
    };
    const cancel = (): void => {
      this.#lookAtVideo = undefined;
      if (handle !== undefined) video.cancelVideoFrameCallback?.(handle);
    };
    signal.addEventListener('abort', cancel, { once: true });
    next();
  }

  async #play(video: VideoLike, signal: AbortSignal): Promise<void> {
    try {
      await video.play();
    } catch (thrown) {
      // An element that is let go of while it starts rejects too.
      if (!signal.aborted) this.#output.onTrouble(appError('pose-frame', describeThrown(thrown)));
    }
  }

  #takeFrame(makeFrame: NonNullable<FrameEdges['makeFrame']>, video: VideoLike, time: number): void {
    let frame: VideoFrame;
    try {
      frame = makeFrame(video, Math.round(time * 1000));
    } catch {
      // Nothing has been shown yet, or the camera changes its size at this moment. Counted; the next one comes.
      this.#unusable += 1;
      return;
    }
    this.#output.onFrame({ frame, time });
  }

  async #takeBitmap(video: VideoLike, time: number, signal: AbortSignal): Promise<void> {
    let frame: ImageBitmap;
    try {
      frame = await this.#edges.makeBitmap(video);
    } catch {
      this.#unusable += 1;
      return;
    }
    if (signal.aborted) frame.close();
    else this.#output.onFrame({ frame, time });
  }

  async #readTrack(stream: MediaStream, signal: AbortSignal): Promise<void> {
    const reader = this.#openReader(stream);
    if (!reader) {
      this.#output.onTrouble(appError('camera-hidden'));
      return;
    }
    this.#output.onTrouble(undefined);
    signal.addEventListener('abort', () => void quietly(reader.cancel()), { once: true });
    const clock = new TrackClock();
    for (;;) {
      const frame = await nextFrame(reader);
      // The track ended, or the page is visible again; what ended is said by the camera itself.
      if (!frame) return;
      if (signal.aborted) {
        frame.close();
        return;
      }
      const time = clock.time(frame.timestamp / 1000, this.#edges.now());
      if (this.#take(time)) this.#output.onFrame({ frame, time });
      else frame.close();
    }
  }

  #openReader(stream: MediaStream): FrameReader | undefined {
    const [track] = stream.getVideoTracks();
    if (!track) return undefined;
    try {
      return this.#edges.openReader?.(track);
    } catch {
      // A browser that has the name but not for this track: as if it had none.
      return undefined;
    }
  }

  /** Unix ms of a frame, from the page's clock where the browser says it; now where that cannot be. */
  #captured(captureTime: number | undefined, now: number): number {
    const time = this.#edges.timeOrigin + (captureTime ?? NaN);
    return time <= now && time > now - OLDEST && time > this.#newest ? time : now;
  }

  #take(time: number): boolean {
    this.#newest = Math.max(this.#newest, time);
    return this.#gate.take(time);
  }
}

/**
 * A track's own clock against ours. Frames are read some time after they were captured, never before, so the smallest
 * difference seen is the best guess; it gives way slowly, as clocks drift.
 */
class TrackClock {
  #offset = Infinity;

  /** Unix ms, at most `now`. @param stamp ms on the track's clock */
  time(stamp: number, now: number): number {
    const difference = now - stamp;
    const guess = this.#offset + CREEP;
    // A clock that was set anew is learnt anew.
    this.#offset = Math.abs(difference - guess) < OLDEST ? Math.min(difference, guess) : difference;
    return Number.isFinite(stamp) ? stamp + this.#offset : now;
  }
}

async function nextFrame(reader: FrameReader): Promise<VideoFrame | undefined> {
  try {
    const { done, value } = await reader.read();
    return done ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Waits for what may fail without anything being lost: the reader is let go of either way. */
async function quietly(ending: Promise<void>): Promise<void> {
  await Promise.allSettled([ending]);
}
