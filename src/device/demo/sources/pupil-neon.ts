/** An eye tracker like the Pupil Neon: the platform's scenario `pupil_neon`. */
import { mulberry32 } from '../../../lib/random.ts';
import type { Json } from '../../../model/block.ts';
import { rounded } from '../signals/drift.ts';
import { createEvents } from '../signals/events.ts';
import { createEyes } from '../signals/gaze.ts';
import { createMotion, STYLE, type Vector } from '../signals/motion.ts';
import { batteryPlan } from './battery-plan.ts';
import { trickle, vectorWave, wave, type Plan } from './plan.ts';
import { SIMULATOR, type ScriptModel } from './script-model.ts';

const GAZE_RATE = 200;
const GAZE_BATCH = 10;
const LID_RATE = 30;
const IMU_RATE = 110;
const IMU_BATCH = 5;
/** s for which it is taken off now and then. */
const OFF_SECONDS = 2;

export function createPupilNeon(seed: number): ScriptModel {
  const eyes = createEyes(seed);
  const motion = createMotion(seed + 1, STYLE.head);
  const takenOff = createEvents(mulberry32(seed + 2), 60, 180);
  const isWorn = (t: number): boolean => t - takenOff.last(t) > OFF_SECONDS;
  return {
    sensorType: SIMULATOR,
    plans: [
      vectorWave(
        { attribute: 'eye_gaze', rate: GAZE_RATE, batch: GAZE_BATCH, fields: ['x', 'y', 'confidence'] },
        (t) => {
          const { x, y, confidence } = eyes.gaze(t);
          return [rounded(x, 4), rounded(y, 4), rounded(confidence, 3)];
        },
      ),
      vectorWave({ attribute: 'eye_aperture', rate: LID_RATE, batch: 1, fields: ['left', 'right'] }, (t) =>
        eyes.aperture(t).map((degrees) => rounded(degrees, 2)),
      ),
      wave({ attribute: 'eye_blink', rate: LID_RATE, batch: 1 }, (t) => (eyes.isBlinking(t) ? 1 : 0)),
      trickle({ attribute: 'eye_worn', every: 1 }, (t) => (isWorn(t) ? 1 : 0)),
      imuPlan((t) => motion(t)),
      batteryPlan(seed + 3),
    ],
  };
}

/** Motion in the shape the platform has for it: an object of vectors, m/s² and rad/s. */
function imuPlan(motion: (t: number) => { readonly acceleration: Vector; readonly rotation: Vector }): Plan {
  const vector = ([x, y, z]: Vector): Json => ({ x: rounded(x, 3), y: rounded(y, 3), z: rounded(z, 3) });
  return {
    kind: 'imu',
    attributes: [{ attribute: 'imu', attributeType: 'imu', samplingRate: IMU_RATE }],
    period: (1000 * IMU_BATCH) / IMU_RATE,
    make(at, arrival) {
      const behind = Array.from({ length: IMU_BATCH }, (_, i) => (IMU_BATCH - 1 - i) / IMU_RATE);
      const payloads = behind.map((seconds): Json => {
        const { acceleration, rotation } = motion(at - seconds);
        return { accelerometer: vector(acceleration), gyroscope: vector(rotation) };
      });
      const times = Float64Array.from(behind, (seconds) => arrival - 1000 * seconds);
      return [{ kind: 'structured', attribute: 'imu', payloads, timing: { kind: 'host', times } }];
    },
  };
}
