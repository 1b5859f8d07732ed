/** How often the phone's fast sensors are read: less while nobody looks, as reading costs battery. Pure. */
import type { AttentionLevel } from '../../model/backpressure.ts';

/** Samples a second by attention; never 0, as what is measured is kept also while nobody looks. */
const RATE: Readonly<Record<AttentionLevel, number>> = { high: 50, medium: 25, low: 10, none: 5 };

/** Fewer than this say nothing about movement, samples a second. */
const FLOOR = 2;

/** Samples a second at most while the battery is to be spared. */
const SPARING = 10;

export interface PaceFacts {
  readonly attention: AttentionLevel;
  readonly loadMultiplier: number;
  /** The server takes nothing for now: all goes to the log. */
  readonly paused?: boolean;
  /** The battery is low and not charged. */
  readonly sparing?: boolean;
  /** A person wants all there is, whoever looks and whatever it costs. */
  readonly fullRate?: boolean;
}

/** Samples a second that are enough now, from 2 to 50. */
export function paceFor({ attention, loadMultiplier, paused, sparing, fullRate }: PaceFacts): number {
  if (fullRate === true) return RATE.high;
  const asked = paused === true ? RATE.none : RATE[attention];
  const multiplier = Number.isFinite(loadMultiplier) ? Math.max(1, loadMultiplier) : 1;
  const rate = Math.max(FLOOR, asked / multiplier);
  return sparing === true ? Math.min(SPARING, rate) : rate;
}
