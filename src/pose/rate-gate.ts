/** Which of a camera's frames are looked at, so that a wanted rate comes out evenly. Time is given. */

/** Until the camera has shown its own rhythm, ms between frames. */
const USUAL_PERIOD = 1000 / 30;

/** A pause longer than this says nothing about the camera's rhythm, ms. */
const PAUSE = 500;

/** A wanted rate this close to the camera's own, or above it, takes every frame. */
const CLOSE = 1.1;

/**
 * Takes the frame nearest to each due time, and counts due times from due times, so that jitter neither adds up nor costs
 * frames. After a pause it starts afresh instead of catching up.
 */
export class RateGate {
  #interval = Infinity;
  #due = -Infinity;
  #seen = -Infinity;
  #period = USUAL_PERIOD;

  /** @param fps frames a second; 0 or none at all: no frame passes */
  setRate(fps: number): void {
    this.#interval = fps > 0 ? 1000 / fps : Infinity;
    if (this.#interval !== Infinity) this.#due = Math.min(this.#due, this.#seen + this.#interval);
  }

  /** The next frame passes, whenever it comes. */
  hurry(): void {
    this.#due = -Infinity;
  }

  /**
   * Whether the frame captured at `time` is to be taken; asked once for each frame.
   * @param time ms, any origin; a frame not newer than the one before never passes
   */
  take(time: number): boolean {
    if (!(time > this.#seen)) return false;
    const since = time - this.#seen;
    if (since < PAUSE) this.#period += (since - this.#period) / 8;
    this.#seen = time;
    const interval = this.#interval;
    if (interval === Infinity) return false;
    const isEach = interval <= this.#period * CLOSE;
    if (!isEach && time < this.#due - Math.min(this.#period, interval) / 2) return false;
    const isLate = time - this.#due > interval;
    this.#due = isLate ? time + interval : Math.min(this.#due + interval, time + 1.5 * interval);
    return true;
  }
}
