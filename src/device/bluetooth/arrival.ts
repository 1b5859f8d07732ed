/** Turns the time stamp of an event into Unix milliseconds. */

export interface ArrivalSources {
  /** Milliseconds on the clock of event time stamps (`performance.now`). */
  readonly monotonic: () => number;
  /** Unix ms (`Date.now`). */
  readonly wall: () => number;
}

/** How far both clocks may part before the wall clock is believed anew, ms. */
const STEP = 50;

/**
 * A function from event time stamp to Unix ms with fractions.
 * `performance.timeOrigin + timeStamp` alone would do for a short visit; but the monotonic clock stands still while a
 * laptop sleeps and knows nothing of corrections of the wall clock, so after either everything would be dated wrongly.
 */
export function createArrivalClock({ monotonic, wall }: ArrivalSources): (timeStamp: number) => number {
  let origin = wall() - monotonic();
  return (timeStamp) => {
    const now = wall() - monotonic();
    if (Math.abs(now - origin) > STEP) origin = now;
    // Synthetic events may carry 0; then the present is the best guess.
    return origin + (timeStamp > 0 ? timeStamp : monotonic());
  };
}
