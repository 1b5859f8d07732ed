/** EEG at four places of the head: rhythms, a slow background, and blinks at the forehead. µV; times in seconds. */
import { mulberry32 } from '../../../lib/random.ts';
import { createDrift, noise } from './drift.ts';
import { createEvents, hump } from './events.ts';

/** Height of a blink at the forehead, µV, and how long it lasts, s. */
const BLINK = 140;
const BLINK_SECONDS = 0.3;

export type Electrode = 'tp9' | 'af7' | 'af8' | 'tp10';

interface Place {
  readonly alpha: number;
  readonly beta: number;
  /** Share of a blink that is seen there. */
  readonly blink: number;
}

/** Alpha is strongest at the back, blinks at the front. */
const PLACES: Readonly<Record<Electrode, Place>> = {
  tp9: { alpha: 22, beta: 4, blink: 0.1 },
  af7: { alpha: 9, beta: 6, blink: 1 },
  af8: { alpha: 9, beta: 6, blink: 1 },
  tp10: { alpha: 22, beta: 4, blink: 0.1 },
};

export function createBrain(seed: number): (electrode: Electrode, t: number) => number {
  const random = mulberry32(seed);
  const alphaHz = 9 + 2 * random();
  const betaHz = 18 + 6 * random();
  // Alpha comes and goes in spindles.
  const spindles = createDrift(random, 0.55, 0.45, 3);
  const blinks = createEvents(random, 2.5, 6);
  const background = Object.fromEntries(Object.keys(PLACES).map((place) => [place, createDrift(random, 0, 18, 0.9)]));

  return (electrode, t) => {
    const { alpha, beta, blink } = PLACES[electrode];
    const theta = 6 * Math.sin(2 * Math.PI * 5.6 * t);
    const rhythm =
      alpha * spindles(t) * Math.sin(2 * Math.PI * alphaHz * t) + beta * Math.sin(2 * Math.PI * betaHz * t) + theta;
    const eyes = BLINK * blink * hump(t - blinks.last(t), BLINK_SECONDS);
    return rhythm + (background[electrode]?.(t) ?? 0) + eyes + noise(random, 6);
  };
}
