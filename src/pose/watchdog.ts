/** Notices that an answer does not come. */
import type { Clock } from '../lib/timers.ts';

/** Time is looked at this often, ms. */
const EVERY = 250;

/** No more than this counts at once, ms: hidden pages get a timer a second. */
const MOST = 1000;

/**
 * Counts waking time only: a computer that slept for an hour has not waited for an hour, and an answer may be on its way.
 * Hidden pages get few timers, so whoever has another rhythm calls `tick` as well. It is armed for every frame, so its timer
 * runs on from one to the next, and ends by itself once nothing is waited for.
 */
export class Watchdog {
  readonly #clock: Clock;
  readonly #onHung: () => void;
  /** ms; undefined: nothing is waited for. */
  #limit: number | undefined;
  #waited = 0;
  #looked = 0;
  #isTiming = false;

  constructor(clock: Clock, onHung: () => void) {
    this.#clock = clock;
    this.#onHung = onHung;
  }

  /** Starts to wait. @param limit ms */
  arm(limit: number): void {
    this.#limit = limit;
    this.#waited = 0;
    this.#looked = this.#clock.now();
    if (!this.#isTiming) this.#time();
  }

  /** The answer came, or is not waited for any more. */
  disarm(): void {
    this.#limit = undefined;
  }

  /** Looks how long it has been. */
  tick(): void {
    if (this.#limit === undefined) return;
    const now = this.#clock.now();
    this.#waited += Math.min(MOST, Math.max(0, now - this.#looked));
    this.#looked = now;
    if (this.#waited < this.#limit) return;
    this.disarm();
    this.#onHung();
  }

  #time(): void {
    this.#isTiming = true;
    this.#clock.after(EVERY, () => {
      this.#isTiming = false;
      this.tick();
      // What was hung may have been armed anew meanwhile.
      if (this.#limit !== undefined && !this.#isTiming) this.#time();
    });
  }
}
