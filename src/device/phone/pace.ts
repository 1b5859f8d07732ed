/** How often the phone's fast sensors are read: less while nobody looks, as reading costs battery. Pure. */
import type { AttentionLevel } from '../../model/backpressure.ts';

/** Samples a second by attention; never 0, as what is measured is kept also while nobody looks. */
const RATE: Readonly<Record<AttentionLevel, number>> = { high: 50, medium: 25, low: 10, none: 5 };

/** Fewer than this say nothing about movement, samples a second. */
const FLOOR = 2;

export interface PaceFacts {
  readonly attention: AttentionLevel;
  readonly loadMultiplier: number;
}

/** Samples a second that are enough now. */
export function paceFor({ attention, loadMultiplier }: PaceFacts): number {
  return Math.max(FLOOR, RATE[attention] / Math.max(1, loadMultiplier));
}
