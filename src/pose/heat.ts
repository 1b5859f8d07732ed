/**
 * Heat, as far as a page can tell: browsers say nothing about temperature, but a device that gets hot slows its processors
 * down, so the same work takes longer and the wanted rate is not reached. Everything here is pure.
 */
import { FLOOR, FULL_RATE } from './rate.ts';

/** The first so many ms tell what a frame costs while the device is cool. */
const BASELINE = 60_000;

/** So many times the baseline is slow work. */
const SLOW_WORK = 1.5;

/** Less than this share of the wanted rate is reached. */
const SHORT = 0.7;

/** It has to last so long, ms. */
const LASTS = 10_000;

/** A device that keeps up for so long is given a little more, ms. */
const RECOVERS = 30_000;

/** How much more. */
const MORE = 1.15;

/** What is reached then is still too much: this share of it lets the device cool down. */
const SHARE = 2 / 3;

export interface HeatState {
  /** Unix ms of the first observation. */
  readonly since: number;
  /** ms of work of each observation of the first minute. */
  readonly works: readonly number[];
  /** ms; undefined until the first minute is over. */
  readonly baseline: number | undefined;
  /** Unix ms since when it is too slow, or undefined. */
  readonly slowSince: number | undefined;
  /** Unix ms of the last change of the cap, or of the last slow observation. */
  readonly calmSince: number;
  /** Frames a second at most; undefined: no limit. */
  readonly cap: number | undefined;
}

export interface HeatSight {
  /** Unix ms. */
  readonly now: number;
  /** Frames a second. */
  readonly wanted: number;
  readonly reached: number;
  /** ms on a frame. */
  readonly work: number;
}

/** Before the first observation, and after anything that changes what a frame costs (model, processor, persons). */
export function coolAt(now: number): HeatState {
  return { since: now, works: [], baseline: undefined, slowSince: undefined, calmSince: now, cap: undefined };
}

/** The state after one more report. Reports without numbers change nothing. */
export function heatAfter(state: HeatState, { now, wanted, reached, work }: HeatSight): HeatState {
  if (![now, wanted, reached, work].every(Number.isFinite) || wanted <= 0) return state;
  if (state.baseline === undefined) return learnt(state, now, work);
  const isSlow = reached < SHORT * wanted && work > SLOW_WORK * state.baseline;
  if (!isSlow) return recovered({ ...state, slowSince: undefined }, now);
  const slowSince = state.slowSince ?? now;
  if (now - slowSince < LASTS) return { ...state, slowSince, calmSince: now };
  const cap = Math.min(state.cap ?? FULL_RATE, Math.max(FLOOR, SHARE * reached));
  return { ...state, slowSince: undefined, calmSince: now, cap };
}

function learnt(state: HeatState, now: number, work: number): HeatState {
  const works = [...state.works, work];
  if (now - state.since < BASELINE) return { ...state, works };
  const sorted = works.sort((a, b) => a - b);
  return { ...state, works: [], baseline: sorted[Math.floor(sorted.length / 2)] ?? work, calmSince: now };
}

function recovered(state: HeatState, now: number): HeatState {
  if (state.cap === undefined || now - state.calmSince < RECOVERS) return state;
  const cap = state.cap * MORE;
  return { ...state, calmSince: now, cap: cap >= FULL_RATE ? undefined : cap };
}
