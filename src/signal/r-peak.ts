/** The R peak in the signal itself, near where the filtered signal peaks, between samples. */
import type { Recent } from './filters.ts';

// Times in seconds.
/** The pass band of 5–15 Hz delays a complex by about this. */
const FILTER_DELAY = 0.02;
/** The R peak is within this of where the filtered signal peaks. */
const SEARCH = 0.06;
/** What sticks out of the other side must be larger by this factor for a peak to count as pointing there. */
const FLIP = 1.4;

export interface RPeak {
  /** Samples since the start (with what `skip` left out), with a fraction: the top of the parabola through three samples. */
  readonly index: number;
  /** Height from the lowest to the highest point around it, in the unit of the signal. */
  readonly amplitude: number;
}

export class RPeakFinder {
  readonly #raw: Recent;
  readonly #rate: number;
  #upright = true;

  constructor(raw: Recent, rate: number) {
    this.#raw = raw;
    this.#rate = rate;
  }

  /**
   * @param filteredAt index at which the filtered signal peaks
   * @param first index of the first sample that may be looked at
   * @param last … and of the last that has a successor
   */
  find(filteredAt: number, first: number, last: number): RPeak {
    const raw = this.#raw;
    const centre = filteredAt - Math.round(FILTER_DELAY * this.#rate);
    const half = Math.round(SEARCH * this.#rate);
    const from = Math.max(centre - half, first);
    const to = Math.min(centre + half, last);
    let high = from;
    let low = from;
    let sum = 0;
    for (let n = from; n <= to; n++) {
      if (raw.at(n) > raw.at(high)) high = n;
      if (raw.at(n) < raw.at(low)) low = n;
      sum += raw.at(n);
    }
    const mean = sum / Math.max(1, to - from + 1);
    const up = raw.at(high) - mean;
    const down = mean - raw.at(low);
    // Electrodes the wrong way round: R points down. Stay with one side unless the other is clearly larger.
    this.#upright = this.#upright ? down < up * FLIP : up > down * FLIP;
    const at = this.#upright ? high : low;
    const [left, middle, right] = [raw.at(at - 1), raw.at(at), raw.at(at + 1)];
    const bend = left - 2 * middle + right;
    // The top of the parabola through three samples.
    const shift = bend === 0 ? 0 : Math.max(-0.5, Math.min(0.5, (left - right) / (2 * bend)));
    return { index: at + shift, amplitude: up + down };
  }
}
