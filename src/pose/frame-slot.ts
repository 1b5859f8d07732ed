/** One frame at work, the newest one waiting: older ones are closed. */

/** A picture and when it was captured, Unix ms. Who holds it passes it on or closes it. */
export interface GrabbedFrame {
  readonly frame: VideoFrame | ImageBitmap;
  readonly time: number;
}

/** A waiting frame older than this is not worth the work, ms: the camera has a newer one in a moment. */
const FRESH = 100;

export interface FrameSlotDeps<T extends GrabbedFrame> {
  /** Passes a frame on; false if that was not possible, and the frame is closed. */
  readonly send: (frame: T) => boolean;
  /** The waiting frame was too old: the next one is wanted at once. */
  readonly onStale: () => void;
  /** Unix ms. */
  readonly now: () => number;
}

export class FrameSlot<T extends GrabbedFrame = GrabbedFrame> {
  readonly #deps: FrameSlotDeps<T>;
  #isBusy = false;
  #held: T | undefined;

  constructor(deps: FrameSlotDeps<T>) {
    this.#deps = deps;
  }

  /** Takes a frame over. */
  offer(frame: T): void {
    if (!this.#isBusy) {
      this.#isBusy = this.#deps.send(frame);
      return;
    }
    this.#held?.frame.close();
    this.#held = frame;
  }

  /** The frame at work is done with. */
  answered(): void {
    const held = this.#held;
    this.#held = undefined;
    this.#isBusy = false;
    if (!held) return;
    if (this.#deps.now() - held.time <= FRESH) return this.offer(held);
    held.frame.close();
    this.#deps.onStale();
  }

  /** Nothing waits and nothing is at work any more. */
  clear(): void {
    this.#held?.frame.close();
    this.#held = undefined;
    this.#isBusy = false;
  }
}
