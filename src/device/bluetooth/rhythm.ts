/** How often a device sends, learnt from what it does, and so how long a silence means that something is wrong. */

/** A silence shorter than this is never called stale, ms. */
const FLOOR = 2000;
/** How many usual intervals may pass without a packet. */
const MISSED = 3;
/** Weight of the newest interval in the running mean. */
const WEIGHT = 0.2;

export interface Rhythm {
  /** Notes a packet at `now` (Unix ms). */
  packet(now: number): void;
  /** Longest silence that is still normal, ms: max(3 × interval, 2 s). */
  limit(): number;
}

/**
 * @param nominal expected packets a second (1 for heart rate); the mean starts there and follows what is measured
 */
export function createRhythm(nominal: number): Rhythm {
  let interval = 1000 / nominal;
  let last: number | undefined;
  return {
    packet(now) {
      const gap = last === undefined ? undefined : now - last;
      last = now;
      // A gap beyond the limit was a silence, not a rhythm: learning from it would make the next one go unnoticed.
      if (gap === undefined || gap < 0 || gap > Math.max(MISSED * interval, FLOOR)) return;
      interval += WEIGHT * (gap - interval);
    },
    limit: () => Math.max(MISSED * interval, FLOOR),
  };
}
