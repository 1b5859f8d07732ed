/** Measured sample rate over a sliding window: what arrives, not what was asked for. */

/** ms. */
const WINDOW = 10_000;

export interface RateMeter {
  add(time: number, samples: number): void;
  /** Samples a second over the last 10 s (or since the first sample, if that is less); 0 when nothing came. */
  rate(now: number): number;
  clear(): void;
}

export function createRateMeter(): RateMeter {
  let arrivals: { time: number; samples: number }[] = [];
  let startedAt: number | undefined;
  return {
    add(time, samples) {
      startedAt ??= time;
      arrivals.push({ time, samples });
    },
    rate(now) {
      arrivals = arrivals.filter((arrival) => now - arrival.time < WINDOW);
      if (startedAt === undefined || arrivals.length === 0) return 0;
      const samples = arrivals.reduce((sum, arrival) => sum + arrival.samples, 0);
      // One packet says nothing about a rate; a second is the least span to divide by.
      const span = Math.min(WINDOW, Math.max(1000, now - startedAt));
      return (samples * 1000) / span;
    },
    clear() {
      arrivals = [];
      startedAt = undefined;
    },
  };
}
