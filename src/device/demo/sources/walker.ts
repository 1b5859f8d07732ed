/** Somebody who walks along the Reuss with a phone: the platform's scenario `gps_tracking`. */
import { mulberry32 } from '../../../lib/random.ts';
import { createDrift, noise, rounded, wrap } from '../signals/drift.ts';
import { createPulse } from '../signals/pulse.ts';
import { batteryPlan } from './battery-plan.ts';
import { structured, trickle } from './plan.ts';
import { SIMULATOR, type ScriptModel } from './script-model.ts';

/** Where the walk begins: Lucerne, at the Reuss. */
const START = { latitude: 47.0527, longitude: 8.3014, altitude: 436 };
const METRES_PER_DEGREE = 111_320;
/** s of a step in which the heading stays. */
const STEP = 0.5;
const STEP_LENGTH = 0.72;

export function createWalker(seed: number): ScriptModel {
  const pulse = createPulse(seed);
  const random = mulberry32(seed + 1);
  const speed = createDrift(random, 1.35, 0.3, 60);
  const heading = createDrift(random, 360 * random(), 110, 150);
  const accuracy = createDrift(random, 6, 3, 80);
  const climb = createDrift(random, START.altitude, 6, 300);
  let now = 0;
  let north = 0;
  let east = 0;
  let walked = 0;

  function walk(t: number): void {
    for (; now + STEP <= t; now += STEP) {
      const metres = speed(now) * STEP;
      const angle = (heading(now) * Math.PI) / 180;
      north += metres * Math.cos(angle);
      east += metres * Math.sin(angle);
      walked += metres;
    }
  }
  const eastDegree = METRES_PER_DEGREE * Math.cos((START.latitude * Math.PI) / 180);
  return {
    sensorType: SIMULATOR,
    plans: [
      structured({ attribute: 'geolocation', every: 1 }, (t) => {
        walk(t);
        const error = accuracy(t);
        return {
          latitude: rounded(START.latitude + (north + noise(random, error / 4)) / METRES_PER_DEGREE, 6),
          longitude: rounded(START.longitude + (east + noise(random, error / 4)) / eastDegree, 6),
          accuracy: rounded(error, 1),
          altitude: rounded(climb(t), 1),
          speed: rounded(speed(t), 2),
          heading: rounded(wrap(heading(t), 360), 1) % 360,
          status: 'high_accuracy',
        };
      }),
      trickle({ attribute: 'steps', every: 2 }, (t) => {
        walk(t);
        return Math.floor(walked / STEP_LENGTH);
      }),
      trickle({ attribute: 'heartrate', every: 5 }, (t) => rounded(pulse.rate(t), 1)),
      batteryPlan(seed + 2),
    ],
  };
}
