/** Loudness of sound, window by window. Pure; runs where the sound is. */

/** Length of a window, s. */
export const WINDOW = 0.125;

/** Quieter than this is digital silence, dBFS: less than the last bit of 16. */
export const FLOOR_DB = -120;

export interface LevelWindow {
  /** Root of the mean square, 0–1. */
  readonly rms: number;
  /** Largest magnitude, 0–1 (above where sound is clipped). */
  readonly peak: number;
  /** End of the window, ms of sound since the meter began. */
  readonly time: number;
}

/** Collects sound until a window is full. Several channels are heard as one: their mean square, their largest peak. */
export class LevelMeter {
  readonly #rate: number;
  readonly #window: number;
  #frames = 0;
  #total = 0;
  #squares = 0;
  #peak = 0;

  /** @param rate frames a second */
  constructor(rate: number) {
    this.#rate = rate;
    this.#window = Math.max(1, Math.round(rate * WINDOW));
  }

  /** @param channels numbers from −1 to 1, as many in each; none: nothing was recorded, which is no silence */
  push(channels: readonly Float32Array[]): readonly LevelWindow[] {
    const done: LevelWindow[] = [];
    const frames = channels[0]?.length ?? 0;
    for (let i = 0; i < frames; i++) {
      let squares = 0;
      for (const channel of channels) {
        const value = channel[i] ?? 0;
        // A filter gone wrong upstream must not silence the rest of the window.
        if (!Number.isFinite(value)) continue;
        squares += value * value;
        this.#peak = Math.max(this.#peak, Math.abs(value));
      }
      this.#squares += squares / channels.length;
      this.#frames += 1;
      this.#total += 1;
      if (this.#frames === this.#window) done.push(this.#finish());
    }
    return done;
  }

  #finish(): LevelWindow {
    const rms = Math.sqrt(this.#squares / this.#frames);
    const window = { rms, peak: this.#peak, time: (this.#total / this.#rate) * 1000 };
    this.#frames = 0;
    this.#squares = 0;
    this.#peak = 0;
    return window;
  }
}

/** dBFS of a magnitude: 0 is full scale, so a sine of full scale reads −3.0 by its mean square. Never below the floor. */
export function decibels(magnitude: number): number {
  return magnitude > 0 ? Math.max(FLOOR_DB, 20 * Math.log10(magnitude)) : FLOOR_DB;
}
