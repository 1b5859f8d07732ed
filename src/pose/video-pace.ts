/**
 * Notices a video that starves. Browsers slow one down when they think that nobody sees it, also on a page that they call
 * visible (Chromium behind another tab: three pictures in 130 ms, then none for a second); the track itself goes on. Time is
 * given, ms.
 */

/** Pictures are counted over so many ms. A busy page is not late for so long. */
const WINDOW = 2000;

/** Pictures so many wanted intervals apart on average, or so many ms, are no camera's rhythm. */
const INTERVALS = 2.5;
const GAP = 300;

/** None at all for so long, ms. */
const SILENCE = 2000;

export class VideoPace {
  #began = 0;
  #count = 0;
  /** When the last picture was shown; until the first one it is the camera that is slow. */
  #shown: number | undefined;
  #looked = -Infinity;

  /**
   * A picture was shown. True: they come too slowly.
   * @param wanted pictures a second; 0: none
   */
  show(now: number, wanted: number): boolean {
    const isNew = this.#shown === undefined || now - this.#shown > SILENCE;
    this.#shown = now;
    if (isNew) return this.#begin(now);
    this.#count += 1;
    const span = now - this.#began;
    if (span < WINDOW) return false;
    const isSlow = wanted > 0 && span > this.#count * Math.min(GAP, (1000 * INTERVALS) / wanted);
    this.#begin(now);
    return isSlow;
  }

  /** To be asked about once a second. True: some are wanted, and there have been none for long. */
  standsStill(now: number, wanted: number): boolean {
    const wasAsleep = now - this.#looked > SILENCE;
    this.#looked = now;
    // The first picture after that is on its way.
    if (wasAsleep && this.#shown !== undefined) this.#shown = now;
    return wanted > 0 && this.#shown !== undefined && now - this.#shown > SILENCE;
  }

  #begin(now: number): false {
    this.#began = now;
    this.#count = 0;
    return false;
  }
}
