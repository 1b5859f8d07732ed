/** Notices that an answer does not come. */
import type { Clock } from '../lib/timers.ts';

/** Time is looked at this often, ms, and no more of it counts at once. */
const STEP = 1000;

/**
 * Counts waking time only: a computer that slept for an hour has not waited for an hour, and an answer may be on its way.
 * Hidden pages get few timers, so whoever has another rhythm calls `tick` as well.
 */
export class Watchdog {
  readonly #clock: Clock;
  readonly #onHung: () => void;
  #limit = Infinity;
  #waited = 0;
  #looked = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, onHung: () => void) {
    this.#clock = clock;
    this.#onHung = onHung;
  }

  /** Starts to wait. @param limit ms */
  arm(limit: number): void {
    this.disarm();
    this.#limit = limit;
    this.#waited = 0;
    this.#looked = this.#clock.now();
    this.#next();
  }

  /** The answer came, or is not waited for any more. */
  disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Looks how long it has been. */
  tick(): void {
    if (!this.#cancel) return;
    const now = this.#clock.now();
    this.#waited += Math.min(STEP, Math.max(0, now - this.#looked));
    this.#looked = now;
    if (this.#waited < this.#limit) return;
    this.disarm();
    this.#onHung();
  }

  #next(): void {
    this.#cancel = this.#clock.after(STEP, () => {
      this.tick();
      if (this.#cancel) this.#next();
    });
  }
}
