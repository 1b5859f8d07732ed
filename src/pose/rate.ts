/** How many frames a second are looked at, and why not more. Everything here is pure. */
import type { AttentionLevel } from '../model/backpressure.ts';
import type { PoseCap } from '../model/pose.ts';

/** Frames a second by the attention the sensor has. */
const RATE: Readonly<Record<AttentionLevel, number>> = { high: 30, medium: 15, low: 5, none: 2 };

/** What all there is means, frames a second. */
export const FULL_RATE = RATE.high;

/** Fewer say nothing about movement, frames a second. */
export const FLOOR = RATE.none;

/** The person looks at their own skeleton: fewer would look broken, frames a second. */
const PREVIEW = 15;

/** At most while battery or data are to be spared, frames a second. */
const SPARING = 10;

/** A battery that is not charged is low up to here, 0–1. */
const LOW_BATTERY = 0.2;

export interface RateFacts {
  /** What the server says; being looked at on this very screen does not change it. */
  readonly attention: AttentionLevel;
  /** How many times less the server wants because of its load. */
  readonly loadMultiplier: number;
  /** The server takes nothing for now. */
  readonly paused: boolean;
  /** The Pose screen shows the skeleton to the person now. */
  readonly previewed: boolean;
  /** The page is hidden and the browser gives it no pictures. */
  readonly blind: boolean;
  /** Undefined where the browser does not say. `level`: 0–1. */
  readonly battery: { readonly level: number; readonly charging: boolean } | undefined;
  /** The person asked the browser to spare data. */
  readonly saveData: boolean;
  /** What this device can do without getting hotter, frames a second; see heat.ts. */
  readonly heat: number | undefined;
}

export interface PoseRate {
  /** 0, or 2–30. */
  readonly fps: number;
  /** What holds it below 30; undefined: nothing. */
  readonly cap: PoseCap | undefined;
}

/**
 * Attention gives the rate, load divides it, a person who looks raises it to 15; then battery, data saver and heat each
 * hold it down, and nothing at all is looked at while the server has paused the sensor or the browser shows nothing. Named
 * is what holds it down most.
 */
export function poseRate(facts: RateFacts): PoseRate {
  if (facts.paused) return { fps: 0, cap: 'paused' };
  if (facts.blind) return { fps: 0, cap: 'hidden' };
  let rate = asked(facts);
  const hold = (cap: PoseCap, limit: number | undefined): void => {
    if (limit !== undefined && limit < rate.fps) rate = { fps: Math.max(FLOOR, limit), cap };
  };
  hold('battery', isLow(facts.battery) ? SPARING : undefined);
  hold('saver', facts.saveData ? SPARING : undefined);
  hold('heat', facts.heat);
  return rate;
}

function asked({ attention, loadMultiplier, previewed }: RateFacts): PoseRate {
  const full = RATE[attention];
  // A server that says nonsense is a server without load.
  const loaded = Number.isFinite(loadMultiplier) && loadMultiplier > 1 ? full / loadMultiplier : full;
  const fps = Math.max(FLOOR, loaded, previewed ? PREVIEW : 0);
  if (fps >= FULL_RATE) return { fps, cap: undefined };
  return { fps, cap: loaded < full && fps < full ? 'load' : 'attention' };
}

function isLow(battery: RateFacts['battery']): boolean {
  return battery !== undefined && !battery.charging && battery.level <= LOW_BATTERY;
}
