/**
 * Eyes that read a scene: fixations of 200–800 ms with a little drift, saccades of 20–80 ms between them, blinks of 250 ms
 * every two to five seconds. Gaze in shares of the scene camera's picture (x right, y down); times in seconds, ascending.
 */
import { mulberry32 } from '../../../lib/random.ts';
import { clamp, noise } from './drift.ts';
import { createEvents, hump } from './events.ts';

const BLINK_SECONDS = 0.25;
/** An open eye, degrees between the lids. */
const OPEN = 17.5;

export interface Gaze {
  readonly x: number;
  readonly y: number;
  readonly confidence: number;
}

export interface Eyes {
  gaze(t: number): Gaze;
  /** Degrees between the lids, left and right. */
  aperture(t: number): readonly [left: number, right: number];
  isBlinking(t: number): boolean;
}

interface Move {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  /** The saccade. */
  readonly start: number;
  readonly landed: number;
  /** End of the fixation after it. */
  readonly end: number;
}

export function createEyes(seed: number): Eyes {
  const random = mulberry32(seed);
  const blinks = createEvents(random, 2, 5);
  // Most of what people look at is in the middle.
  const place = (): readonly [number, number] => [0.5 + noise(random, 0.42), 0.5 + noise(random, 0.36)];
  let move = next(0, [0.5, 0.5]);

  function next(start: number, from: readonly [number, number]): Move {
    const landed = start + 0.02 + 0.06 * random();
    return { from, to: place(), start, landed, end: landed + 0.2 + 0.6 * random() };
  }

  const lids = (t: number): number => hump(t - blinks.last(t), BLINK_SECONDS);
  return {
    gaze(t) {
      while (t >= move.end) move = next(move.end, move.to);
      const done = clamp((t - move.start) / (move.landed - move.start), 0, 1);
      // Fast in the middle of the way.
      const part = done * done * (3 - 2 * done);
      const at = (axis: 0 | 1): number =>
        clamp(move.from[axis] + part * (move.to[axis] - move.from[axis]) + noise(random, 0.004), 0, 1);
      const confidence = clamp(0.96 - 0.34 * lids(t) + noise(random, 0.02), 0.6, 0.99);
      return { x: at(0), y: at(1), confidence };
    },
    aperture(t) {
      const open = OPEN * (1 - lids(t));
      const side = (): number => clamp(open + noise(random, 0.6), 0, 22);
      return [side(), side()];
    },
    isBlinking: (t) => lids(t) > 0.5,
  };
}
