/** A sensor on the back of somebody who swims crawl: motion at 104 Hz, strokes, pulse. */
import { mulberry32 } from '../../../lib/random.ts';
import { createDrift, rounded } from '../signals/drift.ts';
import { createMotion, STYLE, type MotionSample } from '../signals/motion.ts';
import { createPulse } from '../signals/pulse.ts';
import { batteryPlan } from './battery-plan.ts';
import { samples, trickle, type Plan } from './plan.ts';
import { SIMULATOR, type ScriptModel } from './script-model.ts';

const RATE = 104;
const BATCH = 13;
const XYZ = ['x', 'y', 'z'] as const;
/** Two strokes a roll of the body. */
const STROKES_PER_SECOND = 2 * STYLE.swim.frequency;

export function createSwimmer(seed: number): ScriptModel {
  const pulse = createPulse(seed);
  const water = createDrift(mulberry32(seed + 1), 26.5, 0.3, 600);
  return {
    sensorType: SIMULATOR,
    plans: [
      motionPlan(createMotion(seed + 2, STYLE.swim)),
      trickle({ attribute: 'strokes', every: 2 }, (t) => Math.floor(STROKES_PER_SECOND * t)),
      trickle({ attribute: 'heartrate', every: 1 }, (t) => rounded(pulse.rate(t), 0)),
      trickle({ attribute: 'water_temperature', every: 30 }, (t) => rounded(water(t), 1)),
      batteryPlan(seed + 3),
    ],
  };
}

/** Three sensors that measure at the same times. */
function motionPlan(motion: (t: number) => MotionSample): Plan {
  const parts = [
    ['accelerometer', ({ acceleration }: MotionSample) => acceleration],
    ['gyroscope', ({ rotation }: MotionSample) => rotation],
    ['magnetometer', ({ field }: MotionSample) => field],
  ] as const;
  return {
    kind: 'motion',
    attributes: parts.map(([attribute]) => ({ attribute, attributeType: attribute, samplingRate: RATE })),
    period: (1000 * BATCH) / RATE,
    make(at, arrival) {
      const all = samples('', { at, arrival, rate: RATE, batch: BATCH }, (t) => {
        const sample = motion(t);
        return parts.flatMap(([, of]) => of(sample));
      });
      return parts.map(([attribute], part) => ({
        ...all,
        attribute,
        fields: XYZ,
        values: all.values.filter((_, i) => Math.floor(i / 3) % parts.length === part),
      }));
    },
  };
}
