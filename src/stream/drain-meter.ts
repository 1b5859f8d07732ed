/** How fast a backlog gets smaller, over the last seconds. */
import type { DrainProgress } from '../model/proof.ts';

/** Confirmations older than this say nothing any more, ms. */
const MEMORY = 10_000;
/** A rate over less than this is a guess, ms. */
const MIN_SPAN = 500;

export interface DrainMeter {
  /** So many samples of the backlog were confirmed. */
  confirmed(samples: number, now: number): void;
  reset(now: number): void;
  progress(left: number, now: number): DrainProgress;
}

export function createDrainMeter(): DrainMeter {
  let startedAt = -Infinity;
  let recent: { readonly at: number; readonly samples: number }[] = [];
  return {
    confirmed(samples, now) {
      recent = recent.filter(({ at }) => now - at <= MEMORY);
      recent.push({ at: now, samples });
    },
    reset(now) {
      startedAt = now;
      recent = [];
    },
    progress(left, now) {
      const fresh = recent.filter(({ at }) => now - at <= MEMORY);
      const samples = fresh.reduce((sum, one) => sum + one.samples, 0);
      const span = Math.min(MEMORY, now - startedAt);
      if (samples === 0 || span < MIN_SPAN) return { left, secondsLeft: undefined };
      return { left, secondsLeft: (left * span) / (samples * 1000) };
    },
  };
}
