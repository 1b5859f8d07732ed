/** A ride on a bicycle: speed, cadence and power that fit together, and the counters sensors on it have. */
import { mulberry32 } from '../../../lib/random.ts';
import { createDrift, noise } from './drift.ts';

/** s of a step in which nothing changes. */
const STEP = 0.1;
/** Of the wind, W for (m/s)³, and of the wheels, W for m/s. */
const DRAG = 0.19;
const ROLLING = 3.6;

export interface Turns {
  readonly revolutions: number;
  /** Seconds, of the last revolution. */
  readonly at: number;
}

export interface RideState {
  /** W. */
  readonly power: number;
  /** Percent of the left pedal. */
  readonly balance: number;
  readonly wheel: Turns;
  readonly crank: Turns;
  /** kJ so far. */
  readonly energy: number;
}

/** @param circumference of the wheel, m @returns the state at a time, s; times must not go back */
export function createRide(seed: number, circumference: number): (t: number) => RideState {
  const random = mulberry32(seed);
  const speedAt = createDrift(random, 7.5, 2.2, 60);
  const cadenceAt = createDrift(random, 84, 10, 45);
  const balanceAt = createDrift(random, 49.5, 2, 80);
  let now = 0;
  let distance = 0;
  let turns = 0;
  let energy = 0;
  const powerAt = (t: number): number => DRAG * speedAt(t) ** 3 + ROLLING * speedAt(t);

  return (t) => {
    while (now + STEP <= t) {
      distance += speedAt(now) * STEP;
      turns += (cadenceAt(now) / 60) * STEP;
      energy += (powerAt(now) * STEP) / 1000;
      now += STEP;
    }
    const wheelTurns = distance / circumference;
    const last = (done: number, perSecond: number): Turns => {
      const revolutions = Math.floor(done);
      return { revolutions, at: Math.max(0, now - (done - revolutions) / perSecond) };
    };
    return {
      power: Math.round(powerAt(now) + noise(random, 12)),
      balance: balanceAt(now),
      wheel: last(wheelTurns, speedAt(now) / circumference),
      crank: last(turns, cadenceAt(now) / 60),
      energy,
    };
  };
}
